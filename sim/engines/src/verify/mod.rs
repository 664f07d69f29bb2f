//! Verifies an implementation of your own against the machine.
//!
//! Implement [`Implementation`](crate::drive::Implementation) and [`Portable`] for your type; the
//! whole program that checks it is then:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use calloff_model::{Monitor, StdRuntime}; // your type in the place of `Monitor`
//! use calloff_sim::verify;
//!
//! fn main() -> ExitCode {
//!     verify::main::<Monitor<StdRuntime>>()
//! }
//! ```
//!
//! Every scenario is explored on the machine, by the engine `protocol`, and then your code runs
//! under each engine that takes it:
//!
//! - `exhaustive` runs it in every interleaving of its lock and atomic operations. It must have
//!   exactly the ends of the machine.
//! - `shuttle` draws executions by chance and remembers nothing; `std` runs it on real threads.
//!   Neither may see an end that the machine does not have. They are there because `exhaustive`
//!   takes your word for something: that all state is where the runtime can see it.
//! - `loom` explores weak memory, in a process of its own, where the scenario is small enough.

mod arguments;
mod program;
mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::judge::{Options, Run, Source, Worker};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
pub use program::{main, main_with};
pub use report::{Finding, Report};

use crate::catch::size;
use crate::drive::Portable;
use crate::generate::{self, Size};
use crate::load::{BadFiles, load};
use crate::recorded::unit_id;
use crate::shards::{Partition, Shard};
use crate::subjects::Own;
use crate::time::stop_after;
use crate::{check, pool};

/// What to verify: scenarios, readings, engines, limits.
#[derive(Clone)]
pub struct Subject {
    items: Vec<Item>,
    readings: Vec<Reading>,
    engines: Vec<Engine>,
    limits: Limits,
    jobs: usize,
    ends_at_first: bool,
    worker: Option<Worker>,
    shard: Shard,
}

#[derive(Clone)]
struct Item {
    source: Source,
    /// Drawn by chance. There are many of them, so only the engines that are fast run on them.
    is_generated: bool,
}

impl Item {
    /// Whether the engine does not run on it.
    fn leaves_out(&self, engine: Engine) -> bool {
        self.is_generated && matches!(engine, Engine::Loom | Engine::Std)
    }
}

/// The most actors of a shipped scenario that [`Subject::standard`] has: larger ones have more
/// interleavings than fit into the default limits, if steps are small.
const ACTORS_MAX: usize = 6;

/// The generated cases of [`Subject::standard`].
const CASES: u64 = 2_000;

/// Executions under `shuttle`, for each scenario and reading.
const EXECUTIONS_MAX: u64 = 200;

/// Executions on real threads, for each scenario and reading.
const STD_EXECUTIONS: u64 = 4;

/// The most executions of a pass of `loom`, which is never alone here: a few thousand find what
/// weak memory can do in a small scenario.
const LOOM_EXECUTIONS_MAX: u64 = 2_000;

/// The seconds for everything: code with small steps may take a quarter of an hour.
const SECONDS_MAX: u64 = 3_600;

/// How far a verification is: the runs that are over, all runs, and the last one that is over.
pub type Progress<'p> = &'p (dyn Fn(usize, usize, &str) + Sync);

/// The shipped scenarios.
fn shipped() -> Vec<Source> {
    let parse = |file: calloff_scenarios::File| match Scenario::parse(&file.path, file.bytes) {
        Ok(scenario) => Source { file: file.path, scenario },
        Err(errors) => panic!("{errors}"),
    };
    calloff_scenarios::corpus().into_iter().map(parse).collect()
}

impl Subject {
    /// What an implementation has to pass before a release: the shipped scenarios of up to six
    /// actors, and 2 000 generated ones.
    ///
    /// # Panics
    ///
    /// If a shipped file is invalid, which a test of the project excludes.
    pub fn standard() -> Subject {
        Subject::corpus().actors_max(ACTORS_MAX).and_generated(0, CASES)
    }

    /// The shipped scenarios but for client programs, each under every reading that it names.
    ///
    /// # Panics
    ///
    /// If a shipped file is invalid, which a test of the project excludes.
    pub fn corpus() -> Subject {
        let mut sources = shipped();
        sources.retain(|source| !Program::new(&source.scenario).is_client);
        Subject::of(sources)
    }

    /// The shipped client programs, for an implementation that takes them; see
    /// [`Implementation::TAKES_CLIENTS`](crate::drive::Implementation::TAKES_CLIENTS).
    ///
    /// # Panics
    ///
    /// If a shipped file is invalid, which a test of the project excludes.
    pub fn clients() -> Subject {
        let mut sources = shipped();
        sources.retain(|source| Program::new(&source.scenario).is_client);
        Subject::of(sources)
    }

    /// Your own scenario files, and all files in folders; the corpus if there is no path.
    ///
    /// # Errors
    ///
    /// What is wrong with those that are bad.
    pub fn files(paths: &[PathBuf]) -> Result<Subject, BadFiles> {
        Ok(Subject::of(load(paths)?))
    }

    /// That many [generated](generate) scenarios, small ones first: the first cases of the seed.
    pub fn generated(seed: u64, cases: u64) -> Subject {
        Subject::of(Vec::new()).and_generated(seed, cases)
    }

    /// These scenarios.
    pub fn of(sources: Vec<Source>) -> Subject {
        let item = |source| Item { source, is_generated: false };
        Subject {
            items: sources.into_iter().map(item).collect(),
            readings: Reading::ALL.to_vec(),
            engines: Engine::ALL[1..].to_vec(),
            limits: Limits {
                executions_max: EXECUTIONS_MAX,
                std_executions: STD_EXECUTIONS,
                loom_executions_max: LOOM_EXECUTIONS_MAX,
                seconds_max: SECONDS_MAX,
                ..Limits::default()
            },
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            ends_at_first: false,
            worker: None,
            shard: Shard::WHOLE,
        }
    }

    /// Adds that many generated scenarios. They run under `exhaustive` and `shuttle` only.
    #[must_use]
    pub fn and_generated(mut self, seed: u64, cases: u64) -> Subject {
        self.items.extend((0..cases).map(|index| {
            let scenario = generate::scenario(seed, index, &Size::default().grown(index));
            let source = Source { file: scenario.name.clone(), scenario };
            Item { source, is_generated: true }
        }));
        self
    }

    /// Keeps only these readings: the ones that your code implements.
    #[must_use]
    pub fn readings(self, readings: &[Reading]) -> Subject {
        Subject { readings: readings.to_vec(), ..self }
    }

    /// Keeps only scenarios with at most that many actors: larger ones take longer.
    #[must_use]
    pub fn actors_max(mut self, actors: usize) -> Subject {
        self.items.retain(|item| item.source.scenario.actors.len() <= actors);
        self
    }

    /// Runs under these engines alone. `protocol` always runs: it says what is right.
    #[must_use]
    pub fn engines(self, engines: &[Engine]) -> Subject {
        Subject { engines: engines.to_vec(), ..self }
    }

    /// Ends each run at these limits, and everything at the limit on seconds.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Subject {
        Subject { limits, ..self }
    }

    /// Uses that many threads; by default as many as there are cores. The report does not depend on
    /// it.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Subject {
        Subject { jobs, ..self }
    }

    /// Ends with the first finding, in the order of the scenarios.
    #[must_use]
    pub fn end_at_first(self) -> Subject {
        Subject { ends_at_first: true, ..self }
    }

    /// Keeps only one of several parts of the runs, for as many machines. Which part a run belongs
    /// to depends on its scenario and its reading: each run is in exactly one.
    #[must_use]
    pub fn shard(self, shard: Shard) -> Subject {
        Subject { shard, ..self }
    }

    /// The program whose processes `loom` runs in: it has to call [`main`] with the same
    /// implementation. Without one, `loom` is skipped.
    #[must_use]
    pub fn worker(self, worker: Worker) -> Subject {
        Subject { worker: Some(worker), ..self }
    }

    /// The scenarios under each reading, small ones first, and then the generated ones, each under
    /// one of its readings in turn.
    fn runs(&self) -> Vec<(&Item, Reading)> {
        let mut items: Vec<&Item> = self.items.iter().collect();
        items.sort_by_key(|item| (item.is_generated, size(&item.source.scenario)));
        let mut runs = Vec::new();
        for (number, item) in items.into_iter().enumerate() {
            let named = &item.source.scenario.expect.readings;
            let is_wanted = |r: &Reading| named.contains(r) && self.readings.contains(r);
            let readings: Vec<Reading> = Reading::ALL.into_iter().filter(is_wanted).collect();
            let (skip, take) = match item.is_generated {
                true => (number % readings.len().max(1), 1),
                false => (0, readings.len()),
            };
            let chosen = readings.into_iter().skip(skip).take(take);
            runs.extend(chosen.map(|reading| (item, reading)));
        }
        let partition = Partition::by_content(self.shard.of());
        runs.retain(|(item, reading)| {
            let unit = unit_id(&item.source.scenario, *reading);
            partition.shard_of(unit) == self.shard.index()
        });
        runs
    }

    fn options<P: Portable>(&self) -> Options {
        let engines = [Engine::Protocol].into_iter().chain(self.engines.iter().copied());
        Options {
            engines: engines.collect(),
            fault: None,
            code: Some(Arc::new(Own::<P>::new())),
            limits: self.limits,
            reductions: Reductions::default(),
            seed: 0,
            worker: self.worker.clone(),
        }
    }
}

/// Explores every scenario under every reading, on the machine and on the implementation.
pub fn verify<P: Portable>(subject: &Subject) -> Report {
    verify_until::<P>(subject, &stop_after(subject.limits.seconds_max), &|_, _, _| ())
}

/// The same, until it is stopped; `progress` is told of each run that is over.
pub fn verify_until<P: Portable>(subject: &Subject, stop: &Stop, progress: Progress<'_>) -> Report {
    let all = subject.runs();
    let options = subject.options::<P>();
    // The position of the first run with a finding; later ones need not run.
    let first = AtomicUsize::new(usize::MAX);
    let over = AtomicUsize::new(0);
    let numbered: Vec<(usize, &(&Item, Reading))> = all.iter().enumerate().collect();
    let work = |&(number, &(item, reading)): &(usize, &(&Item, Reading))| {
        let begin = Instant::now();
        let is_wanted = number <= first.load(Ordering::SeqCst);
        let runs = match is_wanted {
            true => run(item, reading, &options, stop),
            false => Vec::new(),
        };
        if subject.ends_at_first && runs.iter().any(report::has_finding) {
            first.fetch_min(number, Ordering::SeqCst);
        }
        let over = over.fetch_add(1, Ordering::SeqCst) + 1;
        progress(over, all.len(), &item.source.file);
        (runs, begin.elapsed())
    };
    let found = pool::run(&numbered, subject.jobs, work, &|_| ());
    let first = first.into_inner();
    let mut report = Report::default();
    for ((number, run), (runs, took)) in numbered.into_iter().zip(found) {
        let (item, reading) = *run;
        if number <= first {
            report.add(&item.source, reading, runs, took, &options);
            let engines = options.engines.iter().filter(|engine| item.leaves_out(**engine));
            engines.for_each(|engine| report.leave_out(*engine));
        }
    }
    report
}

/// Runs one scenario under one reading with each engine.
fn run(item: &Item, reading: Reading, options: &Options, stop: &Stop) -> Vec<Run> {
    let mut options = options.clone();
    options.engines.retain(|engine| !item.leaves_out(*engine));
    check::check(0, &item.source.scenario, reading, &options, stop)
}
