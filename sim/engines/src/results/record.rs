//! Recording results while work goes on.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};

use calloff_protocol::exploration::Stop;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::line::{self, line};
use super::{BadResults, Header, Line, read};
use crate::pool;
use crate::shards::UnitId;

/// A file that results are appended to; no other process can in the meantime.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    /// The length of what is whole.
    bytes: u64,
}

/// A file that was opened, and what was in it.
#[derive(Debug)]
pub struct Opened<T> {
    /// The file.
    pub recorder: Recorder,
    /// The results that it has.
    pub done: BTreeMap<UnitId, T>,
    /// Whether something at its end was cut off, and is taken away.
    pub was_torn: bool,
}

impl Recorder {
    /// Opens the file for work of this kind alone, or creates it.
    ///
    /// # Errors
    ///
    /// If the file is there and `resumes` is not set; if it is of other work; if it is not
    /// understood; if it cannot be read or written. Then it is left as it was.
    pub fn open<T: DeserializeOwned>(
        path: &Path,
        header: &Header,
        resumes: bool,
    ) -> Result<Opened<T>, BadResults> {
        let is_new = !path.exists();
        if !is_new && !resumes && !line::is_empty(path).map_err(BadResults::Unreadable)? {
            return Err(BadResults::Exists);
        }
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(BadResults::Unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BadResults::Busy),
            // Some file systems of clusters have no locks.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(BadResults::Unwritable(error)),
        }
        let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let mut recorder = Recorder { file, bytes: 0 };
        if !is_regular {
            // A pipe or a device has nothing that could be gone on with.
            recorder.append(&line(header)).map_err(BadResults::Unwritable)?;
            return Ok(Opened { recorder, done: BTreeMap::new(), was_torn: false });
        }
        let whole = read::<T>(path)?;
        let another = whole.header.iter().flat_map(|there| other_shard(there, header));
        let another: Vec<String> = another.map(|line| format!("  {line}")).collect();
        if !another.is_empty() {
            return Err(BadResults::Another(another.join("\n")));
        }
        recorder.bytes = whole.bytes;
        if whole.is_torn {
            recorder.file.set_len(whole.bytes).map_err(BadResults::Unwritable)?;
        }
        if whole.header.is_none() {
            recorder.append(&line(header)).map_err(BadResults::Unwritable)?;
        }
        if is_new {
            sync_folder(path).map_err(BadResults::Unwritable)?;
        }
        let done = whole.lines.into_iter().map(|Line { unit, result }| (unit, result)).collect();
        Ok(Opened { recorder, done, was_torn: whole.is_torn })
    }

    /// Appends whole lines, and waits until they are on disk. If that fails, nothing of them stays.
    fn append(&mut self, lines: &str) -> io::Result<()> {
        let appended = self.file.write_all(lines.as_bytes()).and_then(|()| self.sync());
        match appended {
            Ok(()) => self.bytes += lines.len() as u64,
            // Where even this fails, the next run finds a line that was cut off.
            Err(_) => drop(self.file.set_len(self.bytes)),
        }
        appended
    }

    fn sync(&self) -> io::Result<()> {
        match self.file.sync_data() {
            // A pipe or a device.
            Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }

    /// Appends what comes, as much at once as has come meanwhile, until there are no senders left.
    /// At the first error it stops the work: what cannot be recorded is not worth doing.
    pub(crate) fn record(&mut self, heard: &Receiver<String>, stop: &Stop) -> io::Result<()> {
        let mut recorded = Ok(());
        while let Ok(mut lines) = heard.recv() {
            while let Ok(more) = heard.try_recv() {
                lines.push_str(&more);
            }
            if recorded.is_ok() {
                recorded = self.append(&lines);
                if recorded.is_err() {
                    stop.interrupt();
                }
            }
        }
        recorded
    }
}

/// How the file is not the one of this shard of this work.
fn other_shard(there: &Header, here: &Header) -> Vec<String> {
    let mut lines = there.differences(here);
    if there.shard != here.shard {
        lines.push(format!("shard: {} there, {} here", there.shard, here.shard));
    }
    if there.costs != here.costs {
        lines.push("costs: another record there than here".to_owned());
    }
    lines
}

/// A new file is in its folder only once that is on disk as well.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Elsewhere a folder cannot be opened as a file.
    match cfg!(unix) {
        true => File::open(folder.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

/// Does all of the work on that many threads, and records each result as soon as it is there. The
/// results come back in the order of the work, with an error if they cannot be recorded. What the
/// limit on time or a signal has cut short is not recorded: it is done again.
pub fn record_all<W: Sync, T: Serialize + Send>(
    all: &[W],
    recorder: Option<&mut Recorder>,
    (jobs, stop): (usize, &Stop),
    work: impl Fn(&W) -> Line<T> + Sync,
    done: &(impl Fn(usize) + Sync),
) -> (Vec<Line<T>>, io::Result<()>) {
    let Some(recorder) = recorder else {
        return (pool::run(all, jobs, work, done), Ok(()));
    };
    let (told, heard) = mpsc::channel();
    std::thread::scope(|scope| {
        let recording = scope.spawn(move || recorder.record(&heard, stop));
        let work = |piece: &W| {
            let result = work(piece);
            if stop.limit().is_none() {
                // Nobody hears it only when the recording has panicked, which is told below.
                let _ = told.send(line(&result));
            }
            result
        };
        let results = pool::run(all, jobs, work, done);
        drop(told);
        (results, recording.join().expect("recording does not panic"))
    })
}
