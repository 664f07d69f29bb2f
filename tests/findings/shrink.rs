//! Findings shrink to a minimal scenario, and always to the same one.
//!
//! The results of the library are compared with a search in this test: leaving out any actor or
//! step of the scenario, and every schedule with fewer context switches.
//!
//! `CALLOFF_CASES=N cargo test --release -p calloff-tests --test findings shrink::` looks for N
//! different findings of every fault of the machine.

use std::time::Instant;

use calloff_model::Reading;
use calloff_protocol::clauses::{ClauseId, Ledger};
use calloff_protocol::exploration::{Engine, Stop};
use calloff_protocol::faults::shell::SHELL_FAULTS;
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::history::Event;
use calloff_protocol::judge::Violated;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::validate::validate;
use calloff_protocol::scenario::{ExpectedVerdict, Scenario, Step, Target};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::{Choice, Fault, Watch, World};
use calloff_protocol::{faults, judge};
use calloff_sim::check;
use calloff_sim::generate::{Campaign, Size};
use calloff_sim::settle::settle;
use calloff_sim::shrink::{self, Cost, NotShown, ShrinkInput, Shrunk, Stopped, Turns, shrink};
use calloff_tests::options;

/// What generated races show of a fault, from that case on, to be shrunk.
fn found(fault: Seeded, engines: &[Engine], first: u64) -> (u64, ShrinkInput) {
    let campaign = Campaign {
        seed: 0,
        first,
        cases: Some(5000),
        part: None,
        size: Size::default(),
        grows: engines.len() > 1,
        options: options(engines, Some(fault)),
        jobs: 2,
        goes_on: false,
    };
    let report = campaign.run(&Stop::default(), &|_| ());
    let found = report.findings.first().unwrap_or_else(|| panic!("{} is not found", fault.name()));
    (found.index, found.to_shrink(Some(fault)).expect("something is new"))
}

fn shrunk(finding: &ShrinkInput, fault: Seeded) -> Shrunk {
    let (limits, stop) = (shrink::Limits::default(), Stop::default());
    let shrunk = shrink(finding, &options(&[], Some(fault)), &limits, &stop, &|_| ());
    shrunk.unwrap_or_else(|error| panic!("{}: {error}", fault.name()))
}

/// Whether a check of the scenario shows the same violation.
fn shows(scenario: &Scenario, fault: Seeded, shrunk: &Shrunk) -> bool {
    let mut scenario = scenario.clone();
    settle(&mut scenario);
    let engines = match shrunk.run.engine {
        Engine::Protocol => vec![Engine::Protocol],
        engine => vec![Engine::Protocol, engine],
    };
    let options = options(&engines, Some(fault));
    let runs = check::check(0, &scenario, shrunk.run.reading, &options, &Stop::default());
    let kind = |violation: &judge::Violation| match violation.what {
        Violated::CrossCheck => violation.message.split(':').next().map(str::to_owned),
        what => Some(what.id().to_owned()),
    };
    let wanted = kind(&shrunk.run.violations[0]);
    runs.iter().flat_map(|run| &run.violations).any(|violation| kind(violation) == wanted)
}

/// Every valid scenario with one actor or one step less.
fn one_less(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for actor in 0..scenario.actors.len() {
        let mut less = scenario.clone();
        let name = less.actors.remove(actor).name;
        found.push(less.clone());
        for lane in &mut less.actors {
            lane.steps.retain(|step| match step {
                Step::GetCancelObject { thread, .. } => *thread != name,
                Step::Cancel { target: Target::Thread(thread), .. } => *thread != name,
                _ => true,
            });
        }
        found.push(less);
        for step in 0..scenario.actors[actor].steps.len() {
            let mut less = scenario.clone();
            less.actors[actor].steps.remove(step);
            found.push(less);
        }
    }
    for less in &mut found {
        less.expect = Default::default();
    }
    found.retain(|less| validate(less).is_empty());
    found
}

/// Records whether a clause is violated at some event.
struct Eye {
    clause: ClauseId,
    has_seen: bool,
}

impl Watch for Eye {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        self.has_seen |= (self.clause.judge)(ledger, event).is_some();
    }
}

/// What a schedule has to show on a program.
struct Case<'a> {
    program: &'a Program,
    reading: Reading,
    fault: &'static Fault,
    what: Violated,
}

impl Case<'_> {
    fn start(&self) -> World {
        World::new(self.program, self.reading, Some(self.fault))
    }

    fn eye(&self) -> Eye {
        let clause = match self.what {
            Violated::Clause(clause) => clause,
            // One that nothing in a finding of another kind can violate.
            _ => ClauseId::find("K2").expect("a clause"),
        };
        Eye { clause, has_seen: false }
    }

    fn is_clause(&self) -> bool {
        matches!(self.what, Violated::Clause(_))
    }

    /// Whether the state itself shows it: by waiting or by stuck actors.
    fn shows_here(&self, world: &World) -> bool {
        let mut eye = self.eye();
        let next = world.successors(self.program);
        next.events(world.now()).for_each(|event| eye.event(world.ledger(), &event));
        let is_stuck = next.is_end() && !next.blocked.is_empty();
        if self.is_clause() { eye.has_seen } else { is_stuck }
    }

    /// Takes a choice; returns whether it shows the finding, or `None` if it is not possible.
    fn step(&self, world: &mut World, choice: Choice) -> Option<bool> {
        let mut eye = self.eye();
        world.step(self.program, choice, &mut eye).ok()?;
        Some((self.is_clause() && eye.has_seen) || self.shows_here(world))
    }

    /// Whether the schedule is possible, and shows the finding at its end or before.
    fn shows(&self, schedule: &[Choice]) -> bool {
        let mut world = self.start();
        let mut has_shown = self.shows_here(&world);
        for &choice in schedule {
            match self.step(&mut world, choice) {
                None => return false,
                Some(shows) => has_shown |= shows,
            }
        }
        has_shown
    }

    /// The cheapest of all schedules that cost less than `than`, found by trying each of them.
    fn cheaper(&self, world: &World, schedule: &mut Vec<Choice>, than: Turns) -> Option<Turns> {
        let clock = std::iter::once(Choice::Clock);
        for choice in self.program.actors().map(Choice::Actor).chain(clock) {
            schedule.push(choice);
            let turns = Turns::of(&Schedule(schedule.clone()));
            // Each choice costs something, so only a limited number can follow.
            let (mut next, is_cheaper) = (world.clone(), turns < than);
            let found = match is_cheaper.then(|| self.step(&mut next, choice)).flatten() {
                Some(true) => Some(turns),
                Some(false) => self.cheaper(&next, schedule, than),
                None => None,
            };
            schedule.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

fn expect_minimal(fault: &'static Fault, shrunk: &Shrunk) {
    let Shrunk { scenario, run, .. } = shrunk;
    let (seeded, name) = (Seeded::Machine(fault), fault.name);
    let file = scenario.to_toml();
    assert_eq!(Scenario::parse(name, file.as_bytes()).as_ref().ok(), Some(scenario), "{file}");
    assert!(shows(scenario, seeded, shrunk), "{name}:\n{file}");
    for less in one_less(scenario) {
        assert!(!shows(&less, seeded, shrunk), "{name}:\n{file}\n{}", less.to_toml());
    }
    let [violation] = run.violations.as_slice() else { panic!("{name}: one violation") };
    let program = &Program::new(scenario);
    let case = Case { program, reading: run.reading, fault, what: violation.what };
    let Some(schedule) = &violation.schedule else {
        assert_eq!(violation.what, Violated::Expectation, "{name}: it has a schedule");
        return;
    };
    assert!(case.shows(&schedule.0), "{name}: {:?}\n{file}", schedule.names(program));
    for at in 0..schedule.0.len() {
        let mut less = schedule.0.clone();
        less.remove(at);
        assert!(!case.shows(&less), "{name}: choice {at} of {:?}", schedule.names(program));
    }
    let least = case.cheaper(&case.start(), &mut Vec::new(), Turns::of(schedule));
    assert_eq!(least, None, "{name}: {:?}\n{file}", schedule.names(program));
}

/// One line of a table: before and after.
fn row(name: &str, finding: &ShrinkInput, shrunk: &Shrunk) -> String {
    let cost = |scenario: &Scenario| {
        let cost = Cost::of(scenario);
        (cost.actors, cost.steps)
    };
    let turns = |violation: &judge::Violation| {
        let turns = violation.schedule.as_ref().map(Turns::of).unwrap_or_default();
        (turns.switches, turns.advances, turns.choices)
    };
    let (before, after) = (cost(&finding.scenario), cost(&shrunk.scenario));
    let (long, short) = (turns(&finding.violation), turns(&shrunk.run.violations[0]));
    let (what, tried) = (shrunk.run.violations[0].what.id(), shrunk.candidates);
    format!("{name} {what}: {before:?} {long:?} -> {after:?} {short:?}, {tried} tried")
}

#[test]
fn every_fault_of_the_machine_shrinks_to_what_is_minimal() {
    let rounds = match std::env::var("CALLOFF_CASES") {
        Ok(cases) => cases.parse().expect("CALLOFF_CASES is a number"),
        Err(_) => 1,
    };
    // Generated races have nothing that only client programs have.
    for fault in FAULTS.iter().filter(|fault| !fault.of_clients) {
        let mut first = 0;
        for _ in 0..rounds {
            let (index, finding) = found(Seeded::Machine(fault), &[Engine::Protocol], first);
            let start = Instant::now();
            let shrunk = shrunk(&finding, Seeded::Machine(fault));
            let (row, time) = (row(fault.name, &finding, &shrunk), start.elapsed().as_millis());
            println!("case {index} {row} in {time} ms");
            assert_eq!(shrunk.stopped, None, "{}", fault.name);
            assert!(shrunk.scenario.actors.len() <= 3, "{}", shrunk.scenario.to_toml());
            assert!(Cost::of(&shrunk.scenario) <= Cost::of(&finding.scenario));
            expect_minimal(fault, &shrunk);
            first = index + 1;
        }
    }
}

#[test]
fn a_finding_shrinks_to_the_same_each_time() {
    for name in ["stale-handle-hits-next-call", "cancel-remembered", "expired-call-entered"] {
        let fault = faults::find(name).unwrap_or_else(|| panic!("{name} is a fault"));
        let (_, finding) = found(fault, &[Engine::Protocol], 0);
        let (one, other) = (shrunk(&finding, fault), shrunk(&finding, fault));
        assert_eq!(one.scenario, other.scenario);
        assert_eq!(one.run.violations[0].schedule, other.run.violations[0].schedule);
        assert_eq!(one.run.violations[0].message, other.run.violations[0].message);
        assert_eq!((one.candidates, one.states), (other.candidates, other.states));
        // A minimal scenario shrinks to itself.
        let (scenario, violation) = (one.scenario.clone(), one.run.violations[0].clone());
        let again =
            ShrinkInput { scenario, reading: one.run.reading, engine: one.run.engine, violation };
        assert_eq!(shrunk(&again, fault).scenario, one.scenario);
    }
}

#[test]
fn what_is_shown_is_told_as_its_schedule_has_it() {
    let fault = faults::find("stale-handle-hits-next-call").expect("a fault");
    let shrunk = shrunk(&found(fault, &[Engine::Protocol], 0).1, fault);
    let Violated::Clause(clause) = shrunk.run.violations[0].what else { panic!("a clause") };
    let program = Program::new(&shrunk.scenario);
    let schedule = shrunk.run.violations[0].schedule.as_ref().expect("a schedule");
    let mut world = World::new(&program, shrunk.run.reading, fault.machine());
    let mut said = Vec::new();
    struct Ear<'a>(ClauseId, &'a mut Vec<String>);
    impl Watch for Ear<'_> {
        fn event(&mut self, ledger: &Ledger, event: &Event) {
            self.1.extend((self.0.judge)(ledger, event));
        }
    }
    for &choice in &schedule.0 {
        assert_eq!(said, [""; 0], "it shows at the last choice");
        let step = world.step(&program, choice, &mut Ear(clause, &mut said));
        step.unwrap_or_else(|why| panic!("{why:?}"));
    }
    assert_eq!(said, [shrunk.run.violations[0].message.as_str()]);
}

#[test]
fn a_limit_leaves_what_is_smallest_until_then_and_says_so() {
    let fault = faults::find("stale-handle-hits-next-call").expect("a fault");
    let (_, finding) = found(fault, &[Engine::Protocol], 0);
    let stop = Stop::default();
    let shrink = |candidates_max, stop: &Stop| {
        let limits = shrink::Limits { candidates_max };
        shrink(&finding, &options(&[], Some(fault)), &limits, stop, &|_| ())
    };
    let whole = shrink(10_000, &stop).expect("it is shown");
    assert_eq!(whole.stopped, None);
    let none = shrink(0, &stop).expect("it is shown");
    assert_eq!((none.candidates, none.stopped), (0, Some(Stopped::Candidates)));
    assert_eq!(none.scenario.actors, finding.scenario.actors);
    let part = shrink(whole.candidates / 4, &stop).expect("it is shown");
    assert_eq!(part.stopped, Some(Stopped::Candidates));
    let costs = [&whole, &part, &none].map(|shrunk| Cost::of(&shrunk.scenario));
    assert!(costs.is_sorted() && costs[0] < costs[2], "{costs:?}");
    stop.interrupt();
    assert_eq!(shrink(10_000, &stop).map(|_| ()), Err(NotShown), "nothing was explored");
}

/// The faults of the shell that `exhaustive` catches, and cases in which `calloff fuzz` finds them.
const FOUND_IN: [(&str, u64); 21] = [
    ("await-decides-then-settles", 22),
    ("cancel-decides-then-acts", 50),
    ("counts-on-the-oldest", 82),
    ("deadline-not-waited-for", 1),
    ("deadline-wraps", 837),
    ("expiry-not-notified", 71),
    ("issue-not-notified", 2),
    ("lock-held-while-waiting", 0),
    ("locks-in-opposite-orders", 4),
    ("looks-up-twice", 1769),
    ("no-second-look", 0),
    ("notified-before-the-change", 2),
    ("notify-one", 1013),
    ("reply-not-notified", 6),
    ("reply-overwrites", 22),
    ("request-not-notified", 178),
    ("stale-completion-flag", 33),
    ("trusts-its-notification", 0),
    ("unlocked-before-the-wait", 0),
    ("window-restarts", 2365),
    ("zero-window-not-notified", 137),
];

#[test]
fn faults_of_the_shell_shrink_too() {
    for fault in SHELL_FAULTS.iter().filter(|fault| fault.caught_by == Engine::Exhaustive) {
        let place = FOUND_IN.iter().find(|(name, _)| *name == fault.name);
        let (_, first) = place.unwrap_or_else(|| panic!("where is {} found?", fault.name));
        let seeded = Seeded::Shell(fault);
        let engines = [Engine::Protocol, Engine::Exhaustive];
        let (index, finding) = found(seeded, &engines, *first);
        let start = Instant::now();
        let shrunk = shrunk(&finding, seeded);
        let (row, time) = (row(fault.name, &finding, &shrunk), start.elapsed().as_millis());
        println!("case {index} {row} in {time} ms");
        assert_eq!((shrunk.stopped, shrunk.run.engine), (None, Engine::Exhaustive));
        if shrunk.run.violations[0].what == Violated::Stuck {
            assert_eq!(shrunk.scenario.expect.verdict, ExpectedVerdict::Holds, "{}", fault.name);
        }
        assert!(shrunk.scenario.actors.len() <= 3, "{}", shrunk.scenario.to_toml());
        assert!(shows(&shrunk.scenario, seeded, &shrunk), "{}", fault.name);
        for less in one_less(&shrunk.scenario) {
            assert!(!shows(&less, seeded, &shrunk), "{}:\n{}", fault.name, less.to_toml());
        }
    }
}
