//! The seeded bugs in what only client programs have: each is caught in a client program of the
//! corpus by the clause that it names, with a short schedule that can be followed; and the machine
//! without the bug breaks no clause there.

use calloff_model::Reading;
use calloff_protocol::clauses::{CLAUSES, ClauseId, Kind};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Stop};
use calloff_protocol::faults::FAULTS;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::world::Fault;
use calloff_protocol::{search, trace};

/// Where each bug shows, and in at most how many steps.
const PLACES: [(&str, &str, usize); 15] = [
    ("own-object-preferred", "custom-object-shields-the-call", 5),
    ("bottom-object-found", "objects-of-two-libraries", 3),
    ("bottom-object-unset", "objects-of-two-libraries", 5),
    ("refused-object-set", "objects-of-two-libraries", 4),
    ("unset-of-nothing-succeeds", "objects-of-two-libraries", 6),
    ("custom-code-flattened", "custom-object-shields-the-call", 4),
    ("custom-cancel-hits-the-call", "custom-object-shields-the-call", 6),
    ("filter-ignores-the-reply", "message-filter-and-a-canceller", 4),
    ("filter-settles-nothing", "message-filter-and-a-canceller", 5),
    ("outer-canceled-instead", "callback-calls-out", 14),
    ("inner-canceled-instead", "callback-calls-out", 10),
    ("newest-instance-entered", "two-requests-at-once", 3),
    ("oldest-instance-awaited", "two-requests-at-once", 6),
    ("reply-to-the-next-instance", "two-requests-at-once", 5),
    ("object-moves-on", "watchdog-holds-the-object", 13),
];

fn scenario(name: &str) -> Scenario {
    let is_meant = |file: &calloff_scenarios::File| file.path == format!("clients/{name}.toml");
    let found = calloff_scenarios::corpus().into_iter().find(is_meant);
    let file = found.unwrap_or_else(|| panic!("{name} is not in the corpus"));
    Scenario::parse(&file.path, file.bytes).unwrap_or_else(|errors| panic!("{errors}"))
}

fn explored(case: &Case, fault: Option<&'static Fault>) -> Exploration {
    let found = search::explore(case, fault, &Limits::default(), &Stop::default());
    assert_eq!(found.bound, Bound::Exhausted);
    found
}

#[test]
fn every_bug_is_caught_by_its_clause_with_a_short_schedule_that_can_be_followed() {
    for (name, place, longest) in PLACES {
        let scenario = scenario(place);
        let fault = FAULTS.iter().find(|fault| fault.name == name).expect("a fault");
        let clause = ClauseId::find(fault.caught_by).expect("a clause");
        let schedules = Reading::ALL.into_iter().filter_map(|reading| {
            let case = Case::new(&scenario, reading);
            let found = explored(&case, Some(fault));
            let schedule = found.violations.get(&clause)?.schedule.clone().expect("it is known");
            trace::replay(&case.program, reading, Some(fault), &schedule).expect("possible");
            Some(schedule.0.len())
        });
        let shortest = schedules.min();
        assert!(shortest <= Some(longest), "{name} in {place}: {shortest:?}");
        assert!(shortest.is_some(), "{name} is not caught by {} in {place}", clause.id);
    }
}

#[test]
fn no_clause_accuses_the_right_machine_there() {
    for (_, place, _) in PLACES {
        for reading in Reading::ALL {
            let found = explored(&Case::new(&scenario(place), reading), None);
            assert!(found.violations.is_empty(), "{place} under {reading}: {:?}", found.violations);
        }
    }
}

#[test]
fn the_places_are_those_of_every_bug_in_client_programs() {
    let bugs: Vec<&str> =
        FAULTS.iter().filter(|fault| fault.of_clients).map(|fault| fault.name).collect();
    assert_eq!(bugs, PLACES.map(|(name, ..)| name));
}

#[test]
fn what_must_be_seen_in_client_programs_is_seen_under_every_reading() {
    let places = ["custom-object-shields-the-call", "time-out-by-message-filter"];
    let places = [&places[..], &["callback-calls-out", "watchdog-holds-the-object"]].concat();
    for reading in Reading::ALL {
        let found: Vec<Exploration> = places
            .iter()
            .map(|name| explored(&Case::new(&scenario(name), reading), None))
            .collect();
        let of_clients = CLAUSES.iter().filter(|clause| clause.of_clients);
        for clause in of_clients.filter(|clause| clause.kind == Kind::Sometimes) {
            let id = ClauseId::find(clause.id).expect("a clause");
            let seen = |facet: &&str| {
                let facet = (id, (*facet).to_owned());
                found.iter().any(|found| found.seen.contains(&facet))
            };
            assert!(clause.facets.iter().all(seen), "{} {reading}", clause.id);
        }
    }
}
