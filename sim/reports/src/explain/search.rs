//! Finds the interleavings for explanations: the shortest one of the corpus that shows something.
//!
//! Scenarios are searched from the smallest to the largest, each under its first reading that has a
//! suitable interleaving. Regressions are left out: adding one must not change what is shown.

use std::sync::OnceLock;

use calloff_model::{Code, Reading};
use calloff_protocol::clauses::{Clause, ClauseId, Kind};
use calloff_protocol::exploration::{Exploration, Lasso, Limits, Stop};
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::goal::{By, Goal, Wanted, Which, keyword};
use calloff_protocol::judge::Violated;
use calloff_protocol::pair::Point;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::scenario::language::Keyword;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::{Fault, World};
use calloff_protocol::{search, trace};

use super::Topic;
use super::topics::stem;
use crate::answers::{Picture, Shows, of_step, with_code};
use crate::lanes::Layout;

/// An interleaving that shows something.
#[derive(Clone)]
pub struct Shot {
    /// What it shows, in a few words.
    pub caption: String,
    /// Its caption, in a few words.
    pub scenario: String,
    /// The program of the scenario.
    pub program: Program,
    /// The reading.
    pub reading: Reading,
    /// The seeded bug that it needs.
    pub fault: Option<&'static Fault>,
    /// What it has to show.
    pub point: Point,
    /// The shortest schedule that shows it.
    pub schedule: Schedule,
}

impl Shot {
    /// The lanes, with the pair of steps that decides.
    pub fn layout(&self) -> Layout {
        let trace = trace::replay(&self.program, self.reading, self.fault, &self.schedule)
            .expect("what a search has found can be run again");
        Layout::new(&self.program, &trace).with_pair(&self.program, &trace, &self.point)
    }
}

/// All pictures for an explanation of the topic.
pub fn pictures(topic: &Topic) -> Vec<Shot> {
    match topic {
        Topic::Code(code) => match with_code(*code).next() {
            Some(answer) => answer.pictures.iter().filter_map(|p| shot(p, None)).collect(),
            None => reply(*code).into_iter().collect(),
        },
        Topic::Clause(clause) => of_clause(clause).into_iter().collect(),
        Topic::Step(step) => match of_step(step.keyword).next() {
            Some(answer) => answer.pictures.iter().filter_map(|p| shot(p, None)).collect(),
            None => {
                let caption = "the step as it happens";
                let shows = Shows::Taken(doing(step.keyword));
                shot(&Picture { caption, shows, scenario: None }, None).into_iter().collect()
            }
        },
        Topic::Reading(reading) => shot(&reading.picture, None).into_iter().collect(),
        Topic::Fault(Seeded::Machine(fault)) => of_fault(fault).into_iter().collect(),
        Topic::Fault(Seeded::Shell(_)) | Topic::Engine(_) | Topic::Word(_) => Vec::new(),
        Topic::Scenario(name, scenario) => {
            let explored = explored(scenario, &Limits::default(), &Stop::default());
            explored
                .iter()
                .find_map(|found| soonest_end(name, scenario, found))
                .into_iter()
                .collect()
        }
    }
}

/// The kind of step that runs for this kind: two names stand for other kinds.
fn doing(keyword: Keyword) -> Keyword {
    match keyword {
        Keyword::Work => Keyword::Sleep,
        Keyword::Call => Keyword::Await,
        other => other,
    }
}

/// For a clause that must be witnessed: a witness. For one that must hold: its violation by a
/// seeded bug.
fn of_clause(clause: &'static Clause) -> Option<Shot> {
    let shows = Shows::Clause(clause.id);
    match clause.kind {
        Kind::Sometimes => shot(&Picture { caption: "it is seen", shows, scenario: None }, None),
        Kind::Always => of_fault(FAULTS.iter().find(|fault| fault.caught_by == clause.id)?),
    }
}

/// A violation by a seeded bug. A bug that is caught because a facet is never witnessed cannot be
/// shown by a single execution.
fn of_fault(fault: &'static Fault) -> Option<Shot> {
    let clause = ClauseId::find(fault.caught_by)?;
    let shows = Shows::Clause(clause.id);
    let picture = Picture { caption: "", shows, scenario: None };
    let shot = (clause.kind == Kind::Always).then(|| shot(&picture, Some(fault)))??;
    Some(Shot { caption: format!("{} is broken by the bug {}", clause.id, fault.name), ..shot })
}

/// An execution in which a server replies with the code.
fn reply(code: Code) -> Option<Shot> {
    let wanted = [(Keyword::Await, code)];
    let is_replied = |scenario: &Scenario| {
        let steps = scenario.actors.iter().flat_map(|actor| &actor.steps);
        steps.into_iter().any(|step| *step == calloff_protocol::scenario::Step::Reply(code))
    };
    search(None, None, is_replied, &|_| Some(codes(&wanted)))
        .map(|shot| Shot { caption: "a server replies with it".to_owned(), ..shot })
}

fn codes(wanted: &[(Keyword, Code)]) -> Goal {
    let codes = wanted.iter().map(|(kind, code)| Wanted {
        by: By::Anyone,
        step: Which::Kind(*kind),
        code: *code,
    });
    Goal::Ends { codes: codes.collect(), stuck: Vec::new() }
}

fn shot(picture: &Picture, fault: Option<&'static Fault>) -> Option<Shot> {
    let needs: Vec<Keyword> = match picture.shows {
        Shows::Codes(codes) => codes.iter().map(|(kind, _)| *kind).collect(),
        Shows::Taken(kind) => vec![kind],
        Shows::Clause(_) => Vec::new(),
    };
    let is_of_clients = match picture.shows {
        Shows::Clause(id) => ClauseId::find(id).is_some_and(|clause| clause.of_clients),
        Shows::Codes(_) | Shows::Taken(_) => false,
    } || fault.is_some_and(|fault| fault.of_clients);
    let goal = |program: &Program| {
        if is_of_clients && !program.is_client {
            return None;
        }
        let actions = || program.lanes.iter().flat_map(|lane| &lane.instructions);
        let has = |kind: &Keyword| actions().any(|i| keyword(i.action) == *kind);
        needs.iter().all(has).then(|| match picture.shows {
            Shows::Codes(wanted) => codes(wanted),
            Shows::Taken(kind) => Goal::Taken(kind),
            Shows::Clause(id) => match Violated::find(id) {
                Some(Violated::Clause(clause)) => Goal::Clause(clause),
                _ => unreachable!("pictures are of clauses that exist"),
            },
        })
    };
    let shot = search(picture.scenario, fault, |_| true, &goal)?;
    Some(Shot { caption: picture.caption.to_owned(), ..shot })
}

fn search(
    only: Option<&str>,
    fault: Option<&'static Fault>,
    is_meant: impl Fn(&Scenario) -> bool,
    goal: &dyn Fn(&Program) -> Option<Goal>,
) -> Option<Shot> {
    let mut best: Option<Shot> = None;
    for Example { comes_last, name, scenario } in corpus() {
        if *comes_last && best.is_some() {
            break;
        }
        if only.is_some_and(|only| only != name) || !is_meant(scenario) {
            continue;
        }
        let program = Program::new(scenario);
        let Some(goal) = goal(&program) else { continue };
        let length = best.as_ref().map_or(usize::MAX, |best| best.schedule.0.len());
        let found = scenario.expect.readings.iter().find_map(|&reading| {
            let world = World::new(&program, reading, fault);
            Some((reading, search::find_shorter(&program, world, &goal, length)?))
        });
        let Some((reading, schedule)) = found else { continue };
        let (caption, point, scenario) = (String::new(), Point::Goal(goal), name.clone());
        best = Some(Shot { caption, scenario, program, reading, fault, point, schedule });
    }
    best
}

/// What a scenario does under each of its readings, as far as the limits go.
pub(super) fn explored(
    scenario: &Scenario,
    limits: &Limits,
    stop: &Stop,
) -> Vec<(Reading, Exploration)> {
    let explore = |&reading: &Reading| {
        (reading, search::explore(&Case::new(scenario, reading), None, limits, stop))
    };
    scenario.expect.readings.iter().map(explore).collect()
}

/// The execution that ends soonest, of those that were explored under a reading; if none ends, one
/// that goes on for ever.
pub(super) fn soonest_end(
    name: &str,
    scenario: &Scenario,
    (reading, found): &(Reading, Exploration),
) -> Option<Shot> {
    let schedules = found.outcomes.values().filter_map(|node| found.schedule(*node));
    let soonest = schedules.min_by_key(|schedule| schedule.0.len());
    let endless = || {
        let round = |lasso: &Lasso| -> Vec<_> {
            lasso.way.0.iter().chain(&lasso.cycle.0).copied().collect()
        };
        let all = found.lassos.iter().map(round);
        Some(Schedule(all.min_by_key(Vec::len)?))
    };
    let caption = match &soonest {
        Some(_) => "the way in which it is over soonest",
        None => "a way in which it is never over",
    };
    let schedule = soonest.or_else(endless)?;
    Some(Shot {
        caption: caption.to_owned(),
        scenario: name.to_owned(),
        program: Program::new(scenario),
        reading: *reading,
        fault: None,
        point: Point::End,
        schedule,
    })
}

/// A scenario of the corpus.
struct Example {
    /// Whether it is an example only of what no other shows: its actors look at what happens,
    /// mostly without a race, or are whole programs.
    comes_last: bool,
    name: String,
    scenario: Scenario,
}

/// The scenarios of the corpus, the smallest first; those that come last after all others.
fn corpus() -> &'static [Example] {
    static CORPUS: OnceLock<Vec<Example>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let files = calloff_scenarios::corpus().into_iter();
        let files = files.filter(|file| !file.path.starts_with("regressions/"));
        let mut all: Vec<Example> = files
            .map(|file| {
                let scenario = Scenario::parse(&file.path, file.bytes);
                let scenario = scenario.expect("the corpus is valid");
                let is_client = Program::new(&scenario).is_client;
                let comes_last = is_client || calloff_scenarios::only_looks(&file.path);
                Example { comes_last, name: stem(&file.path).to_owned(), scenario }
            })
            .collect();
        let steps = |of: &Scenario| of.actors.iter().map(|actor| actor.steps.len()).sum::<usize>();
        all.sort_by_key(|Example { comes_last, scenario, .. }| {
            (*comes_last, scenario.actors.len(), steps(scenario))
        });
        all
    })
}
