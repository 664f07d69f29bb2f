//! The page that shows how a race is fixed: its commands, run one after the other in one folder,
//! print what the page says.
//!
//! To write the output anew: `CALLOFF_BLESS=1 cargo test -p calloff-tests --test walkthrough`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use calloff_tests::{binary, project_file};

const PAGE: &str = "docs/fixing-a-race.md";
const OPEN: &str = "```console\n";
const CLOSE: &str = "```\n";

/// The page with what its commands print.
fn run(page: &str, folder: &Path) -> (String, usize) {
    let (mut out, mut rest, mut commands) = (String::new(), page, 0);
    while let Some((text, block)) = rest.split_once(OPEN) {
        let (block, behind) = block.split_once(CLOSE).expect("a block ends");
        let command = block.lines().next().and_then(|line| line.strip_prefix("$ calloff "));
        let command = command.expect("a block begins with a command");
        let _ = write!(out, "{text}{OPEN}$ calloff {command}\n{}{CLOSE}", output(command, folder));
        commands += 1;
        rest = behind;
    }
    (out + rest, commands)
}

/// What the command prints, and how it ends if not well.
fn output(command: &str, folder: &Path) -> String {
    let mut calloff = Command::new(binary());
    calloff.args(command.split(' ')).current_dir(folder);
    calloff.env("COLUMNS", "80").env("NO_COLOR", "1").env_remove("CALLOFF_SEED");
    let output = calloff.output().expect("it runs");
    let mut text = String::from_utf8(output.stdout).expect("text").trim_end().to_owned();
    text.push('\n');
    if !output.status.success() {
        let code = output.status.code().expect("it ends by itself");
        let _ = writeln!(text, "[exit code {code}]");
    }
    text
}

#[test]
fn the_page_about_fixing_a_race_prints_what_it_says() {
    let folder = std::env::temp_dir().join(format!("calloff-walkthrough-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let text = fs::read_to_string(project_file(PAGE)).expect("a page");
    let (fresh, commands) = run(&text, &folder);
    fs::remove_dir_all(&folder).expect("it was made here");
    assert_eq!(commands, 5, "two from the bug to the reason, three from the fix to a test");
    if std::env::var_os("CALLOFF_BLESS").is_some() {
        fs::write(project_file(PAGE), fresh).expect("the page can be written");
    } else {
        assert_eq!(text, fresh, "{PAGE} is not up to date; see the top of tests/walkthrough.rs");
    }
}
