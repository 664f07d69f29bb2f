//! The corpus: the scenario files of this crate's folder, embedded, so that an installed binary has
//! them.

use include_dir::{Dir, include_dir};

static REGRESSIONS: Dir = include_dir!("$CARGO_MANIFEST_DIR/regressions");
static SEED: Dir = include_dir!("$CARGO_MANIFEST_DIR/seed");
static RACES: Dir = include_dir!("$CARGO_MANIFEST_DIR/races");
static READINGS: Dir = include_dir!("$CARGO_MANIFEST_DIR/readings");
static LIFETIMES: Dir = include_dir!("$CARGO_MANIFEST_DIR/lifetimes");
static LOOKS: Dir = include_dir!("$CARGO_MANIFEST_DIR/looks");
static CLIENTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/clients");

/// A scenario file of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path within the corpus, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: &'static [u8],
}

/// Every folder, with what it is for, in reading order.
pub const FOLDERS: [(&str, &str); 7] = [
    ("regressions", "findings that were kept"),
    ("seed", "each row of the page of ICancelMethodCalls::Cancel"),
    ("races", "pairs of events that race"),
    ("readings", "what differs between the readings"),
    ("lifetimes", "handles, nested and consecutive calls, late replies"),
    ("clients", "how real programs cancel calls"),
    ("looks", "who looks before and after each event"),
];

/// The content of each of [`FOLDERS`].
static DIRS: [&Dir; 7] = [&REGRESSIONS, &SEED, &RACES, &READINGS, &LIFETIMES, &CLIENTS, &LOOKS];

/// Every scenario file, by folder in reading order, then by name.
pub fn corpus() -> Vec<File> {
    let folders = FOLDERS.iter().zip(DIRS);
    folders.flat_map(|((name, _), dir)| files(name, dir)).collect()
}

/// Whether the scenario at that path within the corpus is one in which actors look at what happens,
/// mostly without a race: no example of anything else.
pub fn only_looks(path: &str) -> bool {
    path.starts_with("looks/")
}

/// The scenario with that name, or with that path within the corpus.
pub fn named(name: &str) -> Option<File> {
    let name = name.strip_suffix(".toml").unwrap_or(name);
    corpus().into_iter().find(|file| {
        let path = file.path.strip_suffix(".toml").unwrap_or(&file.path);
        path == name || path.rsplit('/').next() == Some(name)
    })
}

/// The content of a file that lies next to a scenario file of the corpus: the counterexample of a
/// regression.
pub fn next_to(path: &str, name: &str) -> Option<&'static [u8]> {
    let (folder, _) = path.split_once('/')?;
    let at = FOLDERS.iter().position(|(known, _)| *known == folder)?;
    DIRS[at].get_file(name).map(|file| file.contents())
}

fn files(folder: &str, dir: &Dir<'static>) -> Vec<File> {
    let mut files: Vec<File> = dir
        .files()
        .filter(|file| file.path().extension().is_some_and(|e| e == "toml"))
        .map(|file| File {
            path: format!("{folder}/{}", file.path().display()),
            bytes: file.contents(),
        })
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_has_at_least_thirty_files_and_something_in_every_folder() {
        let corpus = corpus();
        assert!(corpus.len() >= 30, "{} files", corpus.len());
        for (folder, _) in &FOLDERS {
            assert!(corpus.iter().any(|file| file.path.starts_with(folder)), "{folder} is empty");
        }
    }
}
