//! Verifies an implementation of your own against the machine.
//!
//! Implement [`Implementation`] for your type; the whole program that checks it is then:
//!
//! ```
//! use std::process::ExitCode;
//!
//! use calloff_model::{Monitor, Reading}; // your type in the place of `Monitor`
//! use calloff_sim::runtime::shuttle::ShuttleRuntime;
//! use calloff_sim::verify::{Subject, verify};
//!
//! fn main() -> ExitCode {
//!     let subject = Subject::corpus().readings(&[Reading::default()]).actors_max(2);
//!     let report = verify::<Monitor<ShuttleRuntime>>(&subject);
//!     print!("{report}");
//!     report.exit().into()
//! }
//! ```
//!
//! Every scenario is explored twice: the machine by the engine `protocol`, and your code by
//! `exhaustive`, in every interleaving of its lock and atomic operations. Both must have exactly
//! the same ends.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Exploration, Limits, Scope};
use calloff_protocol::judge::Source;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::text::printable;
use calloff_protocol::{judge, search};

use crate::drive;
use crate::drive::Implementation;
use crate::engine::exhaustive;
use crate::exit::Exit;
use crate::generate::{self, Size};
use crate::load::{BadFiles, load};
use crate::pool::panic_text;
use crate::runtime::shuttle::ShuttleRuntime;
use crate::time::stop_after;

/// What to verify: scenarios, readings, limits.
#[derive(Clone, Debug)]
pub struct Subject {
    sources: Vec<Source>,
    readings: Vec<Reading>,
    limits: Limits,
}

impl Subject {
    /// The shipped scenarios, each under every reading that it names.
    ///
    /// # Panics
    ///
    /// If a shipped file is invalid, which a test of the project excludes.
    pub fn corpus() -> Subject {
        let parse = |file: calloff_scenarios::File| match Scenario::parse(&file.path, file.bytes) {
            Ok(scenario) => Source { file: file.path, scenario },
            Err(errors) => panic!("{errors}"),
        };
        Subject::of(calloff_scenarios::corpus().into_iter().map(parse).collect())
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
        let source = |index: u64| {
            let scenario = generate::scenario(seed, index, &Size::default().grown(index));
            Source { file: scenario.name.clone(), scenario }
        };
        Subject::of((0..cases).map(source).collect())
    }

    /// These scenarios.
    pub fn of(sources: Vec<Source>) -> Subject {
        Subject { sources, readings: Reading::ALL.to_vec(), limits: Limits::default() }
    }

    /// Keeps only these readings: the ones that your code implements.
    #[must_use]
    pub fn readings(self, readings: &[Reading]) -> Subject {
        Subject { readings: readings.to_vec(), ..self }
    }

    /// Keeps only scenarios with at most that many actors: larger ones take longer.
    #[must_use]
    pub fn actors_max(mut self, actors: usize) -> Subject {
        self.sources.retain(|source| source.scenario.actors.len() <= actors);
        self
    }

    /// Ends each run at these limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Subject {
        Subject { limits, ..self }
    }
}

/// One thing that is wrong with an implementation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The scenario's file.
    pub file: String,
    /// The reading.
    pub reading: Reading,
    /// What is wrong: an end that only one of the two has, code that is not deterministic, or a
    /// panic.
    pub message: String,
    /// The schedule, by the names of the actors that step. For an end that only the implementation
    /// has: its execution, with one name for each lock or atomic operation. For an end that it
    /// never has: the machine's execution. For code that is not deterministic: the choices after
    /// which it behaved differently. Empty for a panic.
    pub schedule: Vec<String>,
}

/// What was verified, and the findings.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// The number of runs: scenarios under a reading.
    pub runs: u64,
    /// The number of executions of the implementation.
    pub executions: u64,
    /// The number of distinct states of the implementation.
    pub states: u64,
    /// All findings, in the order of the scenarios.
    pub findings: Vec<Finding>,
    /// The runs that could not be explored to the end, with the reasons.
    pub unfinished: Vec<String>,
}

impl Report {
    /// The exit code for a program that verifies: 0 if all is well, 1 with a finding, 3 if a limit
    /// was hit or there was nothing to run.
    pub fn exit(&self) -> Exit {
        match (self.findings.is_empty(), self.unfinished.is_empty() && self.runs > 0) {
            (false, _) => Exit::Violated,
            (true, false) => Exit::Inconclusive,
            (true, true) => Exit::Met,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { file, reading, message, schedule } in &self.findings {
            let (file, message) = (printable(file), printable(message));
            writeln!(f, "{file} under {reading}:\n  {message}")?;
            if !schedule.is_empty() {
                writeln!(f, "  schedule: {}", printable(&schedule.join(" ")))?;
            }
            writeln!(f)?;
        }
        for run in &self.unfinished {
            writeln!(f, "not explored to the end: {}", printable(run))?;
        }
        let Report { runs, executions, states, .. } = self;
        let findings = self.findings.len();
        let unfinished = self.unfinished.len();
        write!(f, "{runs} runs, {executions} executions, {states} states: ")?;
        match (findings, unfinished) {
            (0, 0) if *runs == 0 => writeln!(f, "nothing was verified"),
            (0, 0) => writeln!(f, "the same ends as the machine, in every interleaving"),
            (0, _) => writeln!(f, "{unfinished} not explored to the end"),
            _ => writeln!(f, "{findings} findings"),
        }
    }
}

/// Explores every scenario under every reading, on the machine and on the implementation.
pub fn verify<I: Implementation<ShuttleRuntime>>(subject: &Subject) -> Report {
    let mut report = Report::default();
    for source in &subject.sources {
        let named = &source.scenario.expect.readings;
        let is_wanted = |r: &&Reading| named.contains(r) && subject.readings.contains(r);
        for reading in Reading::ALL.iter().filter(is_wanted) {
            report.runs += 1;
            verify_one::<I>(source, *reading, &subject.limits, &mut report);
        }
    }
    report
}

fn verify_one<I: Implementation<ShuttleRuntime>>(
    source: &Source,
    reading: Reading,
    limits: &Limits,
    report: &mut Report,
) {
    let case = Case::new(&source.scenario, reading);
    let program = &*case.program;
    let stop = stop_after(limits.seconds_max);
    let mut unfinished = |why: String| {
        report.unfinished.push(format!("{} under {reading}: {why}", source.file));
    };
    if let Some(reason) = exhaustive::skip_reason(program) {
        return unfinished(reason);
    }
    let machine = search::explore(&case, None, limits, &stop);
    let make = drive::make::<_, I>();
    let explore = || exhaustive::explore(&make, &case, &Scope::default(), limits, &stop);
    let found = catch_unwind(AssertUnwindSafe(explore));
    let mut add = |message: String, schedule: Vec<String>| {
        report.findings.push(Finding { file: source.file.clone(), reading, message, schedule });
    };
    let code: Exploration = match found {
        Ok(code) => code,
        Err(panic) => {
            return add(
                format!("the implementation panicked: {}", panic_text(&*panic)),
                Vec::new(),
            );
        }
    };
    if let Some(found) = &code.divergence {
        add(found.message.clone(), found.schedule.names(program));
    }
    for (panic, node) in &code.panics {
        let schedule = code.schedule(*node).map(|schedule| schedule.names(program));
        add(format!("the implementation panicked: {panic}"), schedule.unwrap_or_default());
    }
    for violation in judge::compare(program, Engine::Exhaustive, &machine, &code) {
        let schedule = violation.schedule.map(|schedule| schedule.names(program));
        add(violation.message, schedule.unwrap_or_default());
    }
    for (what, exploration) in [("the machine", &machine), ("the implementation", &code)] {
        if let Bound::Stopped { limit } = exploration.bound {
            unfinished(format!("{what} was stopped by the limit on {}", limit.name()));
        }
    }
    report.executions += code.executions;
    report.states += code.states;
}
