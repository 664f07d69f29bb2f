//! What a verification has found.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Granularity, Limit};
use calloff_protocol::finding::Counterexample;
use calloff_protocol::judge::{Options, Run, Source, Violated, Violation};
use calloff_protocol::operations::{Departure, Script};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_protocol::{narrative, trace};

use crate::exit::Exit;
use crate::subjects;

/// The width of the text.
const WIDTH: usize = 100;

/// The most choices of an execution that is told operation by operation.
const CHOICES_MAX: usize = 200;

/// One thing that is wrong with an implementation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The scenario's file.
    pub file: String,
    /// The reading.
    pub reading: Reading,
    /// The engine that found it.
    pub engine: Engine,
    /// What is wrong: an end that only one of the two has, a livelock, an operation that does not
    /// come back, code that is not deterministic or hides state, or a panic.
    pub message: String,
    /// The schedule, by the names of the actors that step. For an end that only the implementation
    /// has: its execution, with one name for each lock or atomic operation. For an end that it
    /// never has: the machine's execution. For code that is not deterministic: the choices after
    /// which it behaved differently. Empty where no schedule is known.
    pub schedule: Vec<String>,
    /// The execution, operation by operation, with the codes that they returned. Empty where it
    /// cannot be followed.
    pub story: String,
    /// Everything that is needed to see it again.
    pub counterexample: Box<Counterexample>,
}

/// What was verified, and the findings.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// The number of runs: scenarios under a reading.
    pub runs: u64,
    /// The number of executions of the implementation, under all engines.
    pub executions: u64,
    /// The number of distinct states of the implementation.
    pub states: u64,
    /// The executions in which a state that was seen before was explored once more, to find out
    /// whether it has the same future.
    pub rechecked: u64,
    /// All findings, small scenarios first.
    pub findings: Vec<Finding>,
    /// The runs that could not be explored to the end, with the reasons.
    pub unfinished: Vec<String>,
    /// The runs that `exhaustive` has explored to the end.
    pub proven: u64,
    /// How many runs each engine made, in each way: to the end, within a bound, sampled.
    pub made: BTreeMap<(Engine, String), u64>,
    /// How many runs an engine could not make, with the reasons.
    pub skipped: BTreeMap<(Engine, String), u64>,
    /// How long each run took, in the order of the runs.
    pub times: Vec<(String, Duration)>,
}

/// What is a finding about an implementation. That an end is not as the file expects, or that
/// somebody is stuck, shows in the comparison with the machine.
fn is_finding(violation: &Violation) -> bool {
    match violation.what {
        Violated::Clause(_) | Violated::Stuck | Violated::Expectation => false,
        Violated::Never | Violated::Possible | Violated::NotFinishing => false,
        Violated::Panic
        | Violated::Divergence
        | Violated::Livelock
        | Violated::Stall
        | Violated::CrossCheck => true,
    }
}

pub(super) fn has_finding(run: &Run) -> bool {
    run.engine != Engine::Protocol && run.violations.iter().any(is_finding)
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

    /// Adds what the engines found in one scenario under one reading.
    pub(super) fn add(
        &mut self,
        source: &Source,
        reading: Reading,
        runs: Vec<Run>,
        took: Duration,
        options: &Options,
    ) {
        // Code need not take client programs; then there was nothing to verify in one.
        let is_client = Program::new(&source.scenario).is_client;
        let mut on_code = runs.iter().filter(|run| run.engine != Engine::Protocol);
        let is_left_out = is_client && on_code.all(|run| run.skipped.is_some());
        self.runs += u64::from(!runs.is_empty() && !is_left_out);
        self.times.push((format!("{} under {reading}", source.file), took));
        for run in runs {
            let key = |text: &str| (run.engine, text.to_owned());
            if let Some(reason) = &run.skipped {
                let is_unproven = run.engine == Engine::Exhaustive && !is_left_out;
                if is_unproven {
                    self.unfinished.push(format!("{} under {reading}: {reason}", source.file));
                }
                *self.skipped.entry(key(reason)).or_default() += 1;
                continue;
            }
            self.limit(source, &run);
            if run.engine == Engine::Protocol {
                continue;
            }
            *self.made.entry(key(way(run.exploration.bound))).or_default() += 1;
            let is_proof = run.engine == Engine::Exhaustive;
            self.proven += u64::from(is_proof && run.exploration.bound == Bound::Exhausted);
            self.executions += run.exploration.executions;
            self.states += run.exploration.states;
            self.rechecked += run.exploration.rechecked;
            for violation in run.violations.iter().filter(|violation| is_finding(violation)) {
                self.findings.push(finding(source, &run, violation, options));
            }
        }
    }

    /// Notes that an engine does not run on generated scenarios.
    pub(super) fn leave_out(&mut self, engine: Engine) {
        let key = (engine, "too slow for generated scenarios".to_owned());
        *self.skipped.entry(key).or_default() += 1;
    }

    /// Notes that a limit was hit. Under `loom`, which is never alone, the one on executions only
    /// means that the scenario does not fit.
    fn limit(&mut self, source: &Source, run: &Run) {
        let Bound::Stopped { limit } = run.exploration.bound else { return };
        let is_explained = run.violations.iter().any(is_finding);
        let is_proof = matches!(run.engine, Engine::Protocol | Engine::Exhaustive);
        let is_outside = matches!(limit, Limit::Seconds | Limit::Interrupt);
        if !is_explained && (is_proof || is_outside) {
            let (file, engine) = (&source.file, run.engine.name());
            let what = format!(
                "{file} under {}: {engine} was stopped by the limit on {} after {} states \
                 ({})",
                run.reading,
                limit.name(),
                run.exploration.states,
                limit.advice(),
            );
            self.unfinished.push(what);
        }
    }
}

/// How far an engine went, in one word.
fn way(bound: Bound) -> &'static str {
    match bound {
        Bound::Exhausted => "to the end",
        Bound::Bounded { .. } => "within a bound on preemptions",
        Bound::Sampled { .. } | Bound::RealTime => "by chance",
        Bound::Stopped { .. } | Bound::Sought | Bound::Diverged => "in part",
    }
}

fn finding(source: &Source, run: &Run, violation: &Violation, options: &Options) -> Finding {
    let case = Case::new(&source.scenario, run.reading);
    let schedule = violation.schedule.as_ref().map(|schedule| schedule.names(&case.program));
    Finding {
        file: source.file.clone(),
        reading: run.reading,
        engine: run.engine,
        message: violation.message.clone(),
        schedule: schedule.unwrap_or_default(),
        story: story(&case, violation, options).unwrap_or_default(),
        counterexample: Box::new(Counterexample::of(source, run, violation, options)),
    }
}

/// The execution, operation by operation.
fn story(case: &Case, violation: &Violation, options: &Options) -> Option<String> {
    let schedule = violation.schedule.clone()?;
    if schedule.0.len() > CHOICES_MAX {
        return None;
    }
    let program = &*case.program;
    let is_careful = violation.granularity == Granularity::Operation;
    let script = match violation.granularity {
        Granularity::Step => {
            Script::Steps(trace::replay(program, case.reading, None, &schedule).ok()?)
        }
        Granularity::Section | Granularity::Operation => {
            Script::Operations { schedule, is_careful }
        }
        Granularity::FinishedStep => return None,
    };
    let followed = subjects::follow(options, case, &script);
    let mut text = narrative::draw(program, &followed, WIDTH - 2);
    if let Some(departs) = &followed.divergence
        && !matches!(departs.what, Departure::Restless)
    {
        let departs = narrative::departure(program, departs);
        text.push_str(&format!("It cannot go on as the machine does: {departs}\n"));
    }
    Some(text)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, reading, engine, message, schedule, story, .. } = self;
        let (file, message) = (printable(file), printable(message));
        writeln!(f, "{file} under {reading}, {}:", engine.name())?;
        writeln!(f, "  {}", wrap_hanging(&message, WIDTH, 2))?;
        if !schedule.is_empty() && schedule.len() <= CHOICES_MAX {
            let schedule = printable(&schedule.join(" "));
            writeln!(f, "  schedule: {}", wrap_hanging(&schedule, WIDTH - 12, 4))?;
        }
        for line in story.lines() {
            writeln!(f, "{}", format!("  {line}").trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        for run in &self.unfinished {
            writeln!(f, "not explored to the end: {}", printable(run))?;
        }
        for ((engine, way), runs) in &self.made {
            writeln!(f, "{:<11} {} {way}", engine.name(), count(*runs, "run"))?;
        }
        for ((engine, reason), runs) in &self.skipped {
            let (runs, reason) = (count(*runs, "run"), printable(reason));
            writeln!(f, "{:<11} {runs} skipped: {reason}", engine.name())?;
        }
        let Report { executions, states, rechecked, .. } = self;
        let (runs, findings) = (count(self.runs, "run"), self.findings.len() as u64);
        let unfinished = self.unfinished.len();
        let rechecked = count(*rechecked, "state");
        write!(
            f,
            "{runs}, {executions} executions, {states} states, {rechecked} explored twice: "
        )?;
        match (findings, unfinished) {
            (0, 0) if self.runs == 0 => writeln!(f, "nothing was verified"),
            (0, 0) if self.proven == self.runs => {
                writeln!(f, "the same ends as the machine, in every interleaving")
            }
            (0, 0) => writeln!(f, "no end that the machine does not have was seen"),
            (0, _) => writeln!(f, "{unfinished} not explored to the end"),
            _ => writeln!(f, "{}", count(findings, "finding")),
        }
    }
}
