//! What the tests that cross crates share.

pub mod gate;
pub mod generated;
pub mod handmade;
pub mod litmus;

use std::path::{Path, PathBuf};

/// A file of the project, by its path from the root.
///
/// # Panics
///
/// Never: the tests are in a folder of the project.
pub fn project_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").join(name)
}

/// The `calloff` binary that cargo has built next to the tests.
///
/// # Panics
///
/// When it is not there: build the workspace first.
pub fn binary() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test is a program");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push(format!("calloff{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: run `cargo build --workspace`", path.display());
    path
}
