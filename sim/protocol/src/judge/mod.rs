//! Judging: whether what was explored is right, and as its file expects.

mod cross;
mod expected;
mod matrix;
mod questions;
mod sometimes;
mod violations;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use calloff_model::Reading;
pub use cross::{compare, differences, foreign, gist, missing};
pub use expected::{is_as_expected, verdict};
pub use matrix::caught_by;
use serde::{Deserialize, Serialize};
pub use sometimes::{Sometimes, sometimes, vacuous};
pub use violations::{PANICKED, can_return, livelock, stall, stuck, unexpected, violations};

use crate::clauses::ClauseId;
use crate::code::Code;
use crate::exploration::{Engine, Exploration, Granularity, Limits, Reductions};
use crate::faults::Seeded;
use crate::goal::Wanted;
use crate::history::EndKind;
use crate::program::Case;
use crate::scenario::Scenario;
use crate::trace::Schedule;
use crate::world::Fault;

/// A scenario with the file that it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, as it was given or as it is in the corpus.
    pub file: String,
    /// What the file says.
    pub scenario: Scenario,
}

/// How to check.
#[derive(Clone)]
pub struct Options {
    /// The engines to run, in this order.
    pub engines: Vec<Engine>,
    /// The seeded bug to run under.
    pub fault: Option<Seeded>,
    /// An implementation of somebody's own, to run in the place of the monitor.
    pub code: Option<Arc<dyn Code>>,
    /// When to give up.
    pub limits: Limits,
    /// What `protocol` and `exhaustive` may save themselves.
    pub reductions: Reductions,
    /// The seed of engines that sample.
    pub seed: u64,
    /// The program whose processes the `loom` engine runs in; without one it is skipped.
    pub worker: Option<Worker>,
}

/// What one run of one engine found out.
///
/// As JSON it is the same on every machine, whatever else is checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The scenario's position in the check. Not in JSON: another check has it elsewhere.
    #[serde(skip)]
    pub source: usize,
    /// Whether the scenario is a client program.
    pub is_client: bool,
    /// The reading.
    pub reading: Reading,
    /// The engine.
    pub engine: Engine,
    /// Why the engine did not run; then nothing else was found out.
    pub skipped: Option<String>,
    /// What was found.
    pub verdict: Verdict,
    /// Whether the file's expectations are met; an expected violation is.
    pub is_as_expected: bool,
    /// Everything that is wrong.
    pub violations: Vec<Violation>,
    /// What was explored.
    pub exploration: Exploration,
}

impl Run {
    /// Judges what an engine has found, or why it did not run, and how that differs from what
    /// another engine has found. How states were reached is forgotten: schedules stand in the
    /// violations.
    pub fn of(
        source: usize,
        scenario: &Scenario,
        case: &Case,
        engine: Engine,
        found: Result<Exploration, String>,
        differences: Vec<Violation>,
    ) -> Run {
        let reading = case.reading;
        let (exploration, skipped) = match found {
            Ok(exploration) => (exploration, None),
            Err(reason) => (Exploration::nothing(), Some(reason)),
        };
        let mut violations = match &skipped {
            None => violations(scenario, &case.program, reading, &exploration),
            Some(_) => Vec::new(),
        };
        violations.extend(differences);
        let verdict = verdict(&violations, &exploration, skipped.as_deref());
        let is_as_expected = is_as_expected(scenario, reading, verdict, &violations);
        let exploration = exploration.without_paths();
        let is_client = case.program.is_client;
        Run {
            source,
            is_client,
            reading,
            engine,
            skipped,
            verdict,
            is_as_expected,
            violations,
            exploration,
        }
    }

    /// Whether something is wrong that the file does not expect.
    pub fn is_broken(&self) -> bool {
        !self.is_as_expected && self.verdict == Verdict::Violated
    }
}

/// The end of a check. A budget that ran out is never [`Verdict::Holds`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every clause holds in every interleaving, and whoever is stuck is expected to be.
    Holds,
    /// Something is wrong, with a schedule that shows it where there can be one.
    Violated,
    /// Not everything was explored, and nothing was found in what was.
    Inconclusive,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// What was violated.
    pub what: Violated,
    /// What is wrong, in the words of the domain.
    pub message: String,
    /// The shortest schedule that shows it; `None` when no single execution does.
    pub schedule: Option<Schedule>,
    /// What one choice of the schedule stands for.
    pub granularity: Granularity,
    /// The code that the file does not expect, with the step that returns it, if it is about one.
    #[serde(skip)]
    pub returned: Option<Wanted>,
    /// The file that it was saved in as a [counterexample](crate::finding), if it was.
    #[serde(skip)]
    pub file: Option<String>,
}

impl Violation {
    /// How the end differs that this is about, if it is about an end.
    pub fn end_kind(&self, engine: Engine) -> Option<EndKind> {
        end_kind(self.what, engine, self.granularity)
    }

    /// A violation that no schedule shows.
    pub fn new(what: Violated, message: String) -> Violation {
        let granularity = Granularity::default();
        Violation { what, message, schedule: None, granularity, returned: None, file: None }
    }
}

/// How the end differs that a violation is about. An end that never comes has a schedule of the
/// machine's steps; any other one has none, or one of the implementation's own choices. Real
/// threads are never explored to the end, so that nothing is ever missing on them.
pub fn end_kind(what: Violated, engine: Engine, granularity: Granularity) -> Option<EndKind> {
    match what {
        Violated::Stuck => Some(EndKind::Stuck),
        Violated::CrossCheck => match granularity {
            Granularity::Step if engine != Engine::Std => Some(EndKind::Missing),
            _ => Some(EndKind::Foreign),
        },
        _ => None,
    }
}

crate::names::by_name!(Violated, "clause", Violated::id, Violated::find);

/// What was violated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Violated {
    /// A clause.
    Clause(ClauseId),
    /// Some actor can never finish, and the file does not expect that.
    Stuck,
    /// The implementation panicked.
    Panic,
    /// The implementation is not deterministic.
    Divergence,
    /// The implementation can come to a state from which no end can be reached.
    Livelock,
    /// An operation of the implementation does not come back.
    Stall,
    /// Two engines disagree about what can happen.
    CrossCheck,
    /// The file's expectation.
    Expectation,
    /// Something happens that never may, as the file says.
    Never,
    /// Something cannot happen that has to be possible, as the file says.
    Possible,
    /// Others may not finish than those that the file names.
    NotFinishing,
}

impl Violated {
    /// The clause's id, `stuck`, `panic`, `divergence`, `livelock`, `stall`, `cross-check`,
    /// `expect`, `expect.never`, `expect.possible` or `expect.stuck`.
    pub fn id(self) -> &'static str {
        match self {
            Violated::Clause(clause) => clause.id,
            Violated::Stuck => "stuck",
            Violated::Panic => "panic",
            Violated::Divergence => "divergence",
            Violated::Livelock => "livelock",
            Violated::Stall => "stall",
            Violated::CrossCheck => "cross-check",
            Violated::Expectation => "expect",
            Violated::Never => "expect.never",
            Violated::Possible => "expect.possible",
            Violated::NotFinishing => "expect.stuck",
        }
    }

    /// Everything that can be violated.
    pub fn all() -> impl Iterator<Item = Violated> {
        use Violated::{CrossCheck, Divergence, Expectation, Livelock, Never, NotFinishing};
        use Violated::{Panic, Possible, Stall, Stuck};
        let clauses = ClauseId::all().map(Violated::Clause);
        let others = [Stuck, Panic, Divergence, Livelock, Stall, CrossCheck, Expectation];
        clauses.chain(others).chain([Never, Possible, NotFinishing])
    }

    /// The seeded bug in the machine whose steps a schedule of this names, if there is one. An end
    /// that engines disagree about is one of the machine without a bug.
    pub fn machine_fault(self, fault: Option<Seeded>) -> Option<&'static Fault> {
        fault.filter(|_| self != Violated::CrossCheck).and_then(Seeded::machine)
    }

    /// What has this id.
    pub fn find(id: &str) -> Option<Violated> {
        Violated::all().find(|what| what.id() == id)
    }
}

/// How to start a worker.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}
