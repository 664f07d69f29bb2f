//! Checks that the names in a command exist, even if the command is not run: subcommands and flags
//! of `calloff`, targets of cargo, environment variables.

use std::fs;
use std::path::Path;

use calloff::Args;
use calloff_tests::console::words;
use calloff_tests::project_file;
use clap::CommandFactory;

/// Whether the words are a command that can be run. Otherwise they are the name of a command, or a
/// pattern such as `calloff check FILE`.
pub(crate) fn is_whole(text: &str) -> bool {
    let words = words(text);
    let stands_for_many = |word: &String| word.bytes().all(|b| b.is_ascii_uppercase());
    let is_calloff = words.first().is_some_and(|word| word == "calloff");
    is_calloff
        && !words.iter().any(|word| stands_for_many(word) || word.contains('…'))
        && Args::command().try_get_matches_from(words).is_ok()
}

/// Checks that all names in the command exist; an error says which one does not.
pub(crate) fn exist(text: &str) -> Result<(), String> {
    for text in text.split("&&").flat_map(|text| text.split('|')) {
        let words = words(text.trim());
        let (variables, words): (Vec<&String>, Vec<&String>) =
            words.iter().partition(|word| word.starts_with("CALLOFF_") && word.contains('='));
        let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
        match words.as_slice() {
            ["calloff", subcommand, rest @ ..] => of_calloff(subcommand, rest)?,
            ["cargo", "test" | "bench", rest @ ..] => of_cargo(rest, &variables)?,
            _ => {}
        }
    }
    Ok(())
}

fn of_calloff(subcommand: &str, rest: &[&str]) -> Result<(), String> {
    let mut calloff = Args::command();
    calloff.build();
    let Some(command) = calloff.find_subcommand(subcommand) else {
        return Err(format!("there is no `calloff {subcommand}`"));
    };
    let flags = rest.iter().take_while(|word| **word != "--");
    for flag in flags.filter_map(|word| word.strip_prefix("--")) {
        let is_it = |arg: &clap::Arg| {
            arg.get_long_and_visible_aliases().is_some_and(|names| names.contains(&flag))
        };
        if !command.get_arguments().any(is_it) {
            return Err(format!("`calloff {subcommand}` has no --{flag}"));
        }
    }
    Ok(())
}

/// `-p PACKAGE --test TARGET FILTER`, or `--bench`, with variables that the package reads. A filter
/// is part of the name of a test, or a module of the target: `litmus::`.
fn of_cargo(words: &[&str], variables: &[&String]) -> Result<(), String> {
    let behind = |flag: &str| {
        let at = words.iter().position(|word| *word == flag)?;
        words.get(at + 1).copied()
    };
    if let Some(manifest) = behind("--manifest-path") {
        return of_benchmarks(words, &project_file(manifest));
    }
    let package = behind("-p").and_then(|name| name.strip_prefix("calloff-"));
    let Some(package) = package else { return Err("no package of the project".to_owned()) };
    let folders = ["model", "scenarios", "tests", "sim/protocol", "sim/reports", "sim/engines"];
    let of = |folder: &&str| {
        let manifest = fs::read_to_string(project_file(folder).join("Cargo.toml")).ok()?;
        let is_it = manifest.contains(&format!("name = \"calloff-{package}\""));
        is_it.then(|| (project_file(folder), manifest))
    };
    let found = folders.iter().find_map(of);
    let (folder, manifest) = found.ok_or_else(|| format!("no package calloff-{package}"))?;
    let mut text = String::new();
    sources(&folder, &mut text);
    let target = behind("--test").or(behind("--bench")).ok_or("no target is named")?;
    let is_file = folder.join("tests").join(target).with_extension("rs").exists();
    if !is_file && !manifest.contains(&format!("name = \"{target}\"")) {
        return Err(format!("calloff-{package} has no target {target}"));
    }
    let filter = words.last().filter(|word| !word.starts_with('-') && **word != target);
    if let Some(filter) = filter {
        let is_test = |line: &str| line.starts_with("fn ") && line.contains(filter);
        let is_there = match filter.strip_suffix("::") {
            Some(module) => is_module(&folder.join(target), module),
            None => text.lines().any(is_test),
        };
        if !is_there {
            return Err(format!("no test is called `{filter}`"));
        }
    }
    for variable in variables {
        let name = variable.split('=').next().unwrap_or_default();
        if !text.contains(&format!("\"{name}\"")) {
            return Err(format!("calloff-{package} does not look at {name}"));
        }
    }
    Ok(())
}

/// The flags of the benchmarks, after a `--`. They have a workspace of their own, so that their
/// program is not here to be asked.
fn of_benchmarks(words: &[&str], manifest: &Path) -> Result<(), String> {
    let args = manifest.with_file_name("src").join("args.rs");
    let text = fs::read_to_string(&args).map_err(|error| format!("{}: {error}", args.display()))?;
    let flags = words.iter().skip_while(|word| **word != "--").skip(1);
    for flag in flags.filter_map(|word| word.strip_prefix("--")) {
        if !text.contains(&format!("    pub {flag}: ")) {
            return Err(format!("the benchmarks have no --{flag}"));
        }
    }
    Ok(())
}

/// Whether the folder of a test program has that module.
fn is_module(program: &Path, module: &str) -> bool {
    program.join(module).with_extension("rs").exists() || program.join(module).is_dir()
}

/// All Rust of a package.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("a file"));
        }
    }
}
