//! Every file in `tests/bad` is refused with the message in its snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use calloff_protocol::scenario::Scenario;
use calloff_protocol::scenario::language::BYTES_MAX;
use calloff_protocol::text::is_visible;

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bad");
    let entries = fs::read_dir(folder).expect("tests/bad exists");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a file has a name").to_string_lossy().into_owned()
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn every_bad_file_is_refused_with_a_message_that_says_what_to_do() {
    let files = bad_files();
    assert!(files.len() >= 140, "only {} bad files", files.len());
    settings().bind(|| {
        for path in files {
            let bytes = fs::read(&path).expect("the file can be read");
            let name = stem(&path);
            let Err(errors) = Scenario::parse(&format!("{name}.toml"), &bytes) else {
                panic!("{name}.toml is accepted");
            };
            insta::assert_snapshot!(name, errors.to_plain());
        }
    });
}

#[test]
fn a_file_over_the_limit_is_refused_by_its_size() {
    let bytes = vec![b'#'; BYTES_MAX + 1];
    let errors = Scenario::parse("large.toml", &bytes).expect_err("it is too large");
    settings().bind(|| insta::assert_snapshot!("too-large", errors.to_plain()));
}

#[test]
fn no_message_lets_a_control_character_through() {
    for path in bad_files() {
        let bytes = fs::read(&path).expect("the file can be read");
        let errors =
            Scenario::parse("bad\u{1b}[2J\u{202e}name.toml", &bytes).expect_err("it is bad");
        let text = errors.to_plain();
        let control = text.chars().find(|c| !is_visible(*c) && *c != '\n');
        assert_eq!(control, None, "{}: {text}", path.display());
    }
}

#[test]
fn every_message_fits_eighty_columns() {
    for path in bad_files() {
        let bytes = fs::read(&path).expect("the file can be read");
        let errors = Scenario::parse("bad.toml", &bytes).expect_err("it is bad");
        for line in errors.to_plain().lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", path.display());
        }
    }
}
