//! Writing counterexamples into a folder: one file for each, under a name that tells what it is.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use calloff_protocol::finding::Counterexample;

/// Writes the counterexample into the folder, which is made if it is not there; its path. A file
/// with the same content is left alone, and one with another finding is not overwritten: then a
/// number is added to the name.
///
/// # Errors
///
/// When it cannot be written. A file is there as a whole or not at all.
pub fn save(counterexample: &Counterexample, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (stem, json) = (counterexample.file_stem(), counterexample.to_json());
    for number in 1_u32.. {
        let name = match number {
            1 => format!("{stem}.json"),
            _ => format!("{stem}.{number}.json"),
        };
        let path = folder.join(name);
        if create(&path, &json)? || fs::read(&path)? == json.as_bytes() {
            return Ok(path);
        }
    }
    unreachable!("some number is free")
}

/// Writes a new file, as a whole or not at all; `false`: there is one already.
///
/// # Errors
///
/// When it cannot be written.
pub fn create(path: &Path, text: &str) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = write(&part, text).and_then(|()| match fs::hard_link(&part, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // A file system without links; that nobody else writes the same file now is all we know.
        Err(_) => fs::rename(&part, path).map(|()| true),
    });
    // After a rename it is gone.
    let _ = fs::remove_file(&part);
    written
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use calloff_model::Reading;
    use calloff_protocol::exploration::{Engine, Granularity};
    use calloff_protocol::faults;
    use calloff_protocol::finding::Shown;
    use calloff_protocol::program::Program;
    use calloff_protocol::scenario::Scenario;
    use calloff_protocol::trace::Schedule;

    use super::*;

    fn example() -> Counterexample {
        let file = calloff_scenarios::named("cancel-meets-reply").expect("one of the corpus");
        let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
        let names = ["caller", "caller"].map(str::to_owned);
        let schedule = Schedule::from_names(&Program::new(&scenario), &names).expect("its actors");
        Counterexample {
            scenario,
            reading: Reading::default(),
            engine: Engine::Protocol,
            granularity: Granularity::Step,
            fault: faults::find("complete-on-expiry"),
            claim: None,
            shown: Shown::Execution,
            schedule,
        }
    }

    #[test]
    fn a_different_finding_of_the_same_name_is_not_overwritten() {
        let folder = std::env::temp_dir().join(format!("calloff-save-{}", std::process::id()));
        let one = example();
        let first = save(&one, &folder).expect("written");
        assert_eq!(save(&one, &folder).expect("the same file"), first);
        let mut other = example();
        other.schedule.0.pop();
        let second = save(&other, &folder).expect("written");
        assert_ne!(first, second);
        assert!(second.to_string_lossy().ends_with(".complete-on-expiry.2.json"), "{second:?}");
        let files = std::fs::read_dir(&folder).expect("the folder").count();
        assert_eq!(files, 2, "nothing is left behind");
        let text = std::fs::read(&first).expect("readable");
        assert_eq!(Counterexample::parse(&text).expect("a good file"), one);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
