//! The project's rules about its own text, enforced by tests.

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 450;
const COLUMNS_MAX: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

/// Every text file of the project, by its path from the root.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    find(&root(), &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(root()).expect("below the root").to_owned();
    let read =
        |path: PathBuf| Some((name(&path).display().to_string(), fs::read_to_string(path).ok()?));
    found.into_iter().filter_map(read).collect()
}

fn find(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".ci") {
                find(&path, found);
            }
        } else if name != ".git" {
            // In a linked worktree `.git` is a file.
            found.push(path);
        }
    }
}

fn rust_files() -> Vec<(String, String)> {
    files().into_iter().filter(|(name, _)| name.ends_with(".rs")).collect()
}

/// The Rust files, and the files that pages consist of.
fn code_files() -> Vec<(String, String)> {
    let is_code = |name: &str| [".rs", ".js", ".css", ".html"].iter().any(|e| name.ends_with(e));
    files().into_iter().filter(|(name, _)| is_code(name)).collect()
}

/// Fails with a list of the lines that break a rule.
fn expect_none(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

fn lines_with(files: &[(String, String)], is_bad: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut bad = Vec::new();
    for (name, text) in files {
        for (number, line) in text.lines().enumerate() {
            if is_bad(name, line) {
                bad.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    bad
}

#[test]
fn the_rules_look_at_real_files() {
    let names: Vec<String> = files().into_iter().map(|(name, _)| name).collect();
    for expected in ["README.md", "model/src/machine/mod.rs", "tests/tidy.rs", "tests/run"] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not among them");
    }
    assert!(rust_files().len() > 30);
    assert!(code_files().len() > rust_files().len() + 10);
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long = code_files().into_iter().filter(|(_, text)| text.lines().count() > LINES_MAX);
    let long = long.map(|(name, text)| format!("{name}: {} lines", text.lines().count()));
    expect_none("files over the limit of lines", long.collect());
}

#[test]
fn a_line_of_code_is_at_most_a_hundred_columns_wide() {
    let is_table = |line: &str| line.starts_with("//! |");
    let wide =
        lines_with(&code_files(), |_, line| line.chars().count() > COLUMNS_MAX && !is_table(line));
    expect_none("lines over the limit of columns", wide);
}

#[test]
fn every_file_of_code_opens_with_what_it_is_for() {
    let opening = |name: &str| match name.rsplit('.').next() {
        Some("js") => "// ",
        Some("css") => "/* ",
        Some("html") => "<!doctype html>",
        _ => "//! ",
    };
    let bare = code_files().into_iter().filter(|(name, text)| !text.starts_with(opening(name)));
    expect_none("files without an opening comment", bare.map(|(name, _)| name).collect());
}

#[test]
fn nothing_is_left_unfinished() {
    let marks: Vec<String> = ["TODO", "FIXME", "XXX", "HACK", "todo!", "unimplemented!", "dbg!"]
        .map(|mark| format!("{mark}{}", if mark.ends_with('!') { "(" } else { "" }))
        .into();
    let bad = lines_with(&files(), |name, line| {
        name != "tests/tidy.rs"
            && name.ends_with(".rs")
            && marks.iter().any(|mark| line.contains(mark))
    });
    expect_none("unfinished work", bad);
}

#[test]
fn the_repository_stands_alone() {
    // Assembled from parts, so that this file does not contain the words.
    let words =
        [["../", "shared"], ["/", "work/"], ["/", "tmp/"], ["/", "home/"], ["hand", "book"]]
            .map(|parts| parts.concat());
    let bad = lines_with(&files(), |name, line| {
        name != "tests/tidy.rs"
            && name != "Cargo.lock"
            && words.iter().any(|word| line.contains(word))
    });
    expect_none("words that mean nothing to a reader elsewhere", bad);
}

#[test]
fn no_output_depends_on_the_order_of_a_hash_table() {
    let bad = lines_with(&rust_files(), |name, line| {
        name != "tests/tidy.rs"
            && name != "sim/protocol/src/digest.rs"
            && (line.contains("HashMap") || line.contains("HashSet"))
    });
    expect_none("hash tables outside of the set of fingerprints", bad);
}

#[test]
fn the_model_has_no_thread_clock_input_output_or_chance() {
    let words = [
        "std::thread",
        "Instant",
        "SystemTime",
        "std::fs",
        "std::io",
        "println!",
        "rand",
        "cfg(loom)",
    ];
    // Only one file of the model may use real time.
    let is_real = |name: &str| name == "model/src/std_runtime.rs";
    let model: Vec<_> =
        files().into_iter().filter(|(name, _)| name.starts_with("model/src/")).collect();
    assert!(model.iter().any(|(name, _)| is_real(name)));
    let bad = lines_with(&model, |name, line| {
        !is_real(name)
            && !line.trim_start().starts_with("//")
            && words.iter().any(|word| line.contains(word))
    });
    expect_none("the machine is pure", bad);
}

#[test]
fn the_clauses_share_no_code_with_the_machine() {
    let clauses: Vec<_> = files()
        .into_iter()
        .filter(|(name, _)| name.starts_with("sim/protocol/src/clauses/"))
        .collect();
    assert!(!clauses.is_empty());
    let words = [
        "Machine",
        "calloff_model::machine",
        "Op::",
        "calloff_protocol::world",
        "calloff_protocol::faults",
    ];
    let bad = lines_with(&clauses, |_, line| words.iter().any(|word| line.contains(word)));
    expect_none("clauses judge histories, not machines", bad);
}

#[test]
fn a_page_sets_text_and_never_markup_and_knows_nothing_but_its_data() {
    let scripts: Vec<_> = files().into_iter().filter(|(name, _)| name.ends_with(".js")).collect();
    assert!(scripts.len() > 5);
    let words = ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch("];
    let bad = lines_with(&scripts, |_, line| words.iter().any(|word| line.contains(word)));
    expect_none("ways for a scenario's text to become more than text", bad);
}

#[test]
fn the_page_of_unsafe_code_is_empty() {
    let word = concat!("un", "safe");
    let bad = lines_with(&rust_files(), |_, line| {
        line.contains(&format!("{word} {{")) || line.contains(&format!("{word} fn"))
    });
    expect_none("code that the compiler cannot check", bad);
}

/// The crates under `sim/`, the lowest first, each with the modules of it in their order: the block
/// in the architecture page that begins with a crate's name and a colon.
fn layers() -> Vec<(String, Vec<String>)> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page");
    let block = page.split("```text\n").find(|block| block.starts_with("protocol:"));
    let block = block.and_then(|block| block.split("```").next()).expect("the order of modules");
    let mut layers: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        let (head, modules) = line.split_once(':').unwrap_or(("", line));
        let modules = modules.split_whitespace().map(str::to_owned);
        match layers.last_mut().filter(|_| head.is_empty()) {
            Some((_, known)) => known.extend(modules),
            None => layers.push((head.to_owned(), modules.collect())),
        }
    }
    layers
}

/// The code of a file without its comments and without what only tests use.
fn code_of(name: &str, text: &str) -> String {
    if name.contains("/tests/") || name.ends_with("tests.rs") {
        return String::new();
    }
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules at the root of its crate that a file names, through `crate::` or, in a file that is
/// such a module itself, through `super::`.
fn uses(code: &str, is_at_root: bool) -> Vec<String> {
    let starts: &[&str] = if is_at_root { &["crate::", "super::"] } else { &["crate::"] };
    let name_of = |text: &str| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        text.trim_start().chars().take_while(|c| is_part(*c)).collect::<String>()
    };
    let mut found = Vec::new();
    for rest in starts.iter().flat_map(|start| code.split(start).skip(1)) {
        match rest.strip_prefix('{') {
            None => found.push(name_of(rest)),
            Some(list) => {
                let list = list.split(';').next().unwrap_or_default();
                found.extend(list.split([',', '{']).map(name_of));
            }
        }
    }
    found
}

#[test]
fn a_module_uses_only_those_before_it_in_its_crate() {
    let files = rust_files();
    let mut against = Vec::new();
    for (name, modules) in layers() {
        let source = format!("sim/{name}/src/");
        let top = |file: &str| {
            let path = file.strip_prefix(&source)?;
            let top = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            (!["lib", "main"].contains(&top)).then(|| top.to_owned())
        };
        for (file, text) in &files {
            let Some(own) = top(file) else { continue };
            let at = modules.iter().position(|module| *module == own);
            let at = at.unwrap_or_else(|| panic!("{file} is of no module in the order of {name}"));
            let is_at_root = !file[source.len()..].contains('/');
            let used = uses(&code_of(file, text), is_at_root).into_iter();
            let after = used.filter(|used| modules[at + 1..].contains(used));
            against.extend(after.map(|used| format!("{file} uses {used}")));
        }
        let has =
            |module: &&String| !files.iter().any(|(file, _)| top(file).as_ref() == Some(module));
        let gone: Vec<&String> = modules.iter().filter(has).collect();
        assert!(gone.is_empty(), "{name} has no {gone:?}");
    }
    expect_none("arrows against the order of modules", against);
}

#[test]
fn the_pure_crates_know_no_thread_clock_file_or_terminal() {
    let words = [
        "std::thread",
        "std::time",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "stdin",
        "stdout",
        "stderr",
        "println!",
        "Instant",
        "SystemTime",
        "loom::",
        "shuttle::",
        "clap",
    ];
    let mut bad = Vec::new();
    for (name, text) in rust_files() {
        let is_pure = ["sim/protocol/src/", "sim/reports/src/"].iter().any(|p| name.starts_with(p));
        let code = if is_pure { code_of(&name, &text) } else { String::new() };
        let named = words.iter().filter(|word| code.contains(**word));
        bad.extend(named.map(|word| format!("{name} names {word}")));
    }
    expect_none("the pure part runs in a browser", bad);
}

/// Every package that a package depends on, however far, by name.
fn dependencies(package: &str) -> Vec<String> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", package])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn whoever_verifies_an_implementation_gets_no_command_line_along() {
    let all = dependencies("calloff-sim");
    assert!(all.iter().any(|name| name == "shuttle"), "{all:?}");
    let unwanted =
        ["clap", "indicatif", "signal-hook", "quick-junit", "quick-xml", "calloff-reports"];
    let found = all.into_iter().filter(|name| unwanted.contains(&name.as_str()));
    expect_none("packages that a verifier does not need", found.collect());
}

#[test]
fn a_change_of_a_report_compiles_no_engine_and_the_pure_part_needs_none() {
    let engines = ["calloff-sim", "loom", "shuttle", "proptest"];
    for package in ["calloff-protocol", "calloff-reports"] {
        let all = dependencies(package);
        assert!(all.iter().any(|name| name == "calloff-model"), "{all:?}");
        let found = all.into_iter().filter(|name| engines.contains(&name.as_str()));
        expect_none(package, found.collect());
    }
}
