//! A reader at a shell, in a folder with the files that the pages assume, and with `calloff`
//! installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calloff_tests::shown::{Item, in_markdown};
use calloff_tests::{binary, project_file};

/// What single pages assume in addition, as commands that create it.
const GRANTED: &[(&str, &str)] = &[
    ("calloff --help", "mkdir dir && cp my-race.toml dir"),
    ("calloff --help", FINDING),
    ("calloff explore --help", FINDING),
    ("calloff --help", SHARDS),
    ("calloff merge --help", SHARDS),
    ("docs/scale.md", SHARDS),
    ("docs/explore.md", SAVED),
    ("docs/fuzzing.md", FINDING),
];
const SHARDS: &str = "mkdir shards; for i in 1 2; do \
    calloff check my-race.toml --engine protocol --shard $i/2 --results shard-$i.jsonl; \
    cp shard-$i.jsonl shards; done";
const SAVED: &str =
    "calloff check my-race.toml --fault complete-on-expiry --engine protocol --save found";
const FINDING: &str =
    "calloff fuzz --fault complete-on-expiry --save saved; mv saved/*.json finding.json";

/// The folder of a reader, which is removed at the end.
pub(crate) struct Reader {
    folder: PathBuf,
    is_checkout: bool,
}

/// The exit code and the output of a command.
pub(crate) struct Said {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its output.
    pub(crate) stdout: String,
    /// Its messages on standard error.
    pub(crate) stderr: String,
}

impl Reader {
    /// A reader of that page. Slow commands need a whole checkout; for the others the scenarios and
    /// the race at the start of the README are enough. The files of the course are copied as well.
    pub(crate) fn new(page: &str, is_slow_too: bool) -> Reader {
        let plain: String =
            page.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let name = format!("calloff-commands-{}-{plain}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let reader = Reader { folder, is_checkout: is_slow_too };
        fs::create_dir_all(reader.folder.join("bin")).expect("a folder");
        match is_slow_too {
            true => copy(&project_file(""), &reader.folder),
            false => copy(&project_file("scenarios"), &reader.folder.join("scenarios")),
        }
        let readme = fs::read_to_string(project_file("README.md")).expect("the README");
        for item in in_markdown(&readme) {
            if let Item::File(name, text) = item {
                reader.write(&name, &text);
            }
        }
        if page.starts_with("docs/course/") {
            copy(&project_file("docs/course"), &reader.folder);
        }
        reader.install();
        for (_, command) in GRANTED.iter().filter(|(of, _)| *of == page) {
            reader.run(command);
        }
        reader
    }

    /// Installs stand-ins for programs of the reader: `cargo run` runs what is already built, and
    /// the program that opens a browser opens none.
    fn install(&self) {
        let calloff = binary();
        let examples = calloff.with_file_name("examples");
        let (calloff, examples) = (calloff.display(), examples.display());
        self.program("calloff", &format!("exec '{calloff}' \"$@\""));
        self.program("xdg-open", "exit 0");
        self.program("open", "exit 0");
        let cargo = env!("CARGO");
        self.program(
            "cargo",
            &format!(
                "case \"$*\" in\n\
                 'run --release -- '*) shift 3; exec calloff \"$@\";;\n\
                 'run --release --example '*)\n\
                 example='{examples}'/$4; shift 4; [ \"$1\" = -- ] && shift\n\
                 [ -x \"$example\" ] || echo 'run `cargo build --workspace --examples`' >&2\n\
                 exec \"$example\" \"$@\";;\n\
                 esac\n\
                 exec '{cargo}' \"$@\""
            ),
        );
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.folder.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }

    /// Writes a file that the page shows.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).expect("a file");
    }

    /// Runs a line in the folder, with an empty standard input.
    pub(crate) fn run(&self, line: &str) -> Said {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("bash");
        shell.args(["-c", line]).current_dir(&self.folder).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CALLOFF_")) {
            shell.env_remove(name);
        }
        shell.env("PATH", format!("{}:{path}", self.folder.join("bin").display()));
        shell.env("COLUMNS", "80").env("NO_COLOR", "1");
        if self.is_checkout {
            shell.env("CARGO_TARGET_DIR", project_file("target/slow-commands"));
            shell.env("CARGO_INSTALL_ROOT", self.folder.join("installed"));
        }
        let output = shell.output().expect("bash runs");
        Said {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Copies a folder, without build outputs.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (name, path) = (entry.file_name(), entry.path());
        if path.is_dir() && name != "target" && name != ".git" {
            copy(&path, &to.join(name));
        } else if path.is_file() {
            fs::copy(&path, to.join(name)).expect("a file can be copied");
        }
    }
}
