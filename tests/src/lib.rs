//! What the tests that cross crates share.

pub mod handmade;

use std::path::PathBuf;

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
