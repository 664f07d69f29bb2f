//! `calloff new` writes a crate that passes, and fails with its planted bug.

use std::fs;
use std::process::Command;

use calloff_model::StdRuntime;
use calloff_protocol::exploration::Engine;
use calloff_sim::exit::Exit;
use calloff_sim::verify::{Subject, verify};
use calloff_tests::{binary, project_file};

#[path = "../../sim/engines/examples/template/mine.rs"]
mod mine;

use mine::Mine;

fn small() -> Subject {
    Subject::corpus().actors_max(2).engines(&[Engine::Exhaustive, Engine::Shuttle])
}

#[test]
fn the_template_ends_as_the_machine_does_and_its_planted_bug_is_found() {
    let right = verify::<Mine<StdRuntime>>(&small());
    assert_eq!(right.exit(), Exit::Met, "{right}");
    let broken = verify::<Mine<StdRuntime, true>>(&small().end_at_first());
    assert_eq!(broken.exit(), Exit::Violated, "{broken}");
    assert!(broken.to_string().contains("takes lock `process`"), "{broken}");
}

#[test]
fn a_new_crate_has_the_template_and_depends_on_these_sources() {
    let name = format!("calloff-new-{}", std::process::id());
    let folder = std::env::temp_dir().join(&name);
    let write = || {
        let mut command = Command::new(binary());
        command.args(["new", "implementation"]).arg(&folder).output().expect("it runs")
    };
    assert_eq!(write().status.code(), Some(0));
    let read = |path: &str| fs::read_to_string(folder.join(path)).expect("it was written");
    for file in ["main.rs", "mine.rs"] {
        let template = project_file(&format!("sim/engines/examples/template/{file}"));
        let template = fs::read_to_string(template).expect("the template");
        assert_eq!(read(&format!("src/{file}")), template);
    }
    let manifest = read("Cargo.toml");
    assert!(manifest.contains(&format!("name = \"{name}\"")), "{manifest}");
    let paths = manifest.split('"').filter(|text| text.starts_with('/'));
    for path in paths {
        assert!(fs::exists(format!("{path}/Cargo.toml")).expect("readable"), "{path}");
    }
    let again = write();
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"));
    fs::remove_dir_all(&folder).expect("removed");
}
