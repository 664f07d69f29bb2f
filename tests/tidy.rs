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
            && name != "sim/src/digest.rs"
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
    let clauses: Vec<_> =
        files().into_iter().filter(|(name, _)| name.starts_with("sim/src/clauses/")).collect();
    assert!(!clauses.is_empty());
    let words = ["Machine", "calloff_model::machine", "Op::", "crate::world", "crate::faults"];
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
