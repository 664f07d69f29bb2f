//! Work that is long, or of many machines: shards, results on disk, and going on with them.

use std::env;
use std::path::{Path, PathBuf};

use calloff_protocol::judge::Run;
use calloff_protocol::text::{count, printable_path};
use calloff_sim::exit::Exit;
use calloff_sim::recorded;
use calloff_sim::results::{self, BadResults, Header, Opened, Recorder, Whole};
use calloff_sim::shards::{self, Costs, Partition, Shard, UnitId};
use serde::de::DeserializeOwned;

use super::{Early, complain};

/// Flags for long work, and for work of many machines.
#[derive(clap::Args, Debug)]
pub struct Far {
    /// Do only one of N parts of the work, counted from 1; `auto` takes it from the variables of
    /// Slurm, Kubernetes, GitLab, or from one's own: docs/scale.md.
    #[arg(long, value_name = "I/N|auto", value_parser = parse_shard)]
    pub(super) shard: Option<Asked>,
    /// Append each result to this file as soon as it is there, for --resume and `calloff merge`.
    #[arg(long, value_name = "FILE")]
    pub(super) results: Option<PathBuf>,
    /// Go on with the work whose results are in the file of --results, however it ended.
    #[arg(long, requires = "results")]
    pub(super) resume: bool,
}

/// The shard that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// That one.
    This(Shard),
    /// The one that the environment names.
    Auto,
}

fn parse_shard(text: &str) -> Result<Asked, String> {
    match text {
        "auto" => Ok(Asked::Auto),
        text => text.parse().map(Asked::This),
    }
}

impl Far {
    /// The shard, which it says if the environment has named it.
    pub(super) fn shard(&self) -> Result<Shard, Early> {
        match self.shard {
            None => Ok(Shard::WHOLE),
            Some(Asked::This(shard)) => Ok(shard),
            Some(Asked::Auto) => {
                let (shard, read) = shards::auto(|name| env::var(name).ok()).map_err(|why| {
                    complain(&format!("error: --shard auto: {why}"));
                    Exit::Usage
                })?;
                complain(&format!("shard {shard}: {read}"));
                Ok(shard)
            }
        }
    }

    /// Opens the file of results, if one is asked for, and says how much is done already.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        header: &Header,
    ) -> Result<Option<Opened<T>>, Early> {
        let Some(path) = &self.results else { return Ok(None) };
        let opened = Recorder::open::<T>(path, header, self.resume);
        let opened = opened.map_err(|bad| refuse(path, bad))?;
        let name = printable_path(path);
        if opened.was_torn {
            complain(&format!("{name}: its last line was cut off, and was taken away"));
        }
        if self.resume {
            let done = count(opened.done.len() as u64, "unit");
            let of = header.units.map_or(String::new(), |units| format!(" of {units}"));
            complain(&format!("{name}: {done}{of} done already"));
        }
        Ok(Some(opened))
    }
}

/// Says why a file with results cannot be used.
pub(super) fn refuse(path: &Path, bad: BadResults) -> Early {
    match bad {
        BadResults::Unwritable(error) => Early::File(path.to_owned(), error),
        bad => {
            complain(&format!("error: results in {}: {bad}", printable_path(path)));
            Early::Said(if matches!(bad, BadResults::Exists) { Exit::Usage } else { Exit::BadFile })
        }
    }
}

/// Reads a file with results.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Whole<T>, Early> {
    let whole = results::read(path).map_err(|bad| refuse(path, bad))?;
    if whole.is_torn {
        let name = printable_path(path);
        complain(&format!("{name}: its last line was cut off, and counts for nothing"));
    }
    Ok(whole)
}

/// How the work of checks is divided: by content, or by the costs that these files have recorded.
pub(super) fn partition(of: u64, files: &[PathBuf]) -> Result<(Partition, Option<UnitId>), Early> {
    if files.is_empty() {
        return Ok((Partition::by_content(of), None));
    }
    let mut costs = Costs::default();
    for path in files {
        for line in read::<Vec<Run>>(path)?.lines {
            costs.add(line.unit, recorded::cost(&line.result));
        }
    }
    Ok((Partition::by_cost(of, &costs), Some(costs.id())))
}
