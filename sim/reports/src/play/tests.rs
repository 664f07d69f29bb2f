//! Tests of what the game tells about the possible futures.

use super::*;
use crate::wanted;

fn game(text: &str) -> Game {
    let scenario = Scenario::parse("n", text.as_bytes()).expect("a scenario");
    Game::new(scenario, Reading::default(), None)
}

fn corpus(name: &str) -> Game {
    let file = calloff_scenarios::named(name).expect("one of the corpus");
    game(std::str::from_utf8(file.bytes).expect("text"))
}

/// A scenario of seven independent actors with more states than the game keeps.
fn crowd() -> Game {
    let steps = r#"["enable", "disable", "enable", "disable"]"#;
    let actor = |n: u32| format!("[[actor]]\nname = \"a{n}\"\nsteps = {steps}\n");
    game(&format!("schema = 1\nname = \"n\"\n{}", (0..7).map(actor).collect::<String>()))
}

#[test]
fn the_ways_of_all_choices_are_the_ways_from_here() {
    let mut game = corpus("cancel-meets-cancel");
    loop {
        let choices = game.enabled();
        let Some(&last) = choices.last() else { break };
        let after = choices.iter().map(|choice| game.ahead_after(*choice).ways());
        assert_eq!(after.sum::<u64>(), game.ahead().ways());
        game.take(last).expect("it is possible");
    }
    let ahead = game.ahead();
    assert_eq!((ahead.ends.len(), ahead.ways(), ahead.is_all), (1, 1, true));
}

#[test]
fn a_race_that_is_not_held_as_a_whole_can_be_played_to_its_end() {
    let mut game = crowd();
    assert!(!game.ahead().is_all);
    let mut steps = 0;
    while let Some(&first) = game.enabled().first() {
        game.take(first).expect("it is possible");
        steps += 1;
    }
    assert_eq!(steps, 28);
    assert!(game.ahead().is_all);
    while game.undo() {}
    assert!(!game.ahead().is_all);
    while game.redo() {}
    assert_eq!(game.ahead().ends.len(), 1);
}

#[test]
fn a_spoilt_goal_says_since_when() {
    let mut game = corpus("cancel-meets-reply");
    let wanted = |code| wanted::parse(game.program(), code).expect("a goal");
    let codes = ["canceller=S_OK", "work=S_FALSE"].map(wanted).to_vec();
    let impossible = vec![wanted("canceller=E_INVALIDARG")];
    game.set_goal(Some(Goal::Ends { codes, stuck: Vec::new() }));
    assert!(game.aim().expect("a goal").spoilt.is_none());
    let names = ["caller", "server", "server", "server", "caller"];
    let names = names.map(str::to_owned);
    let schedule = Schedule::from_names(game.program(), &names).expect("they are actors");
    for choice in schedule.0 {
        game.take(choice).expect("it is possible");
    }
    // The reply, which is the fourth step, comes too early.
    assert_eq!(game.aim().expect("a goal").spoilt, Some(Spoilt::For(2)));
    game.undo();
    game.undo();
    let aim = game.aim().expect("a goal");
    assert!(aim.hunt.found.is_some() && aim.spoilt.is_none());
    game.set_goal(Some(Goal::Ends { codes: impossible, stuck: Vec::new() }));
    assert_eq!(game.aim().expect("a goal").spoilt, Some(Spoilt::Always(76)));
}

#[test]
fn what_a_step_violates_is_said_when_it_is_taken() {
    let file = calloff_scenarios::named("cancel-meets-cancel").expect("one of the corpus");
    let scenario = Scenario::parse("n", file.bytes).expect("a scenario");
    let fault =
        calloff_protocol::faults::find("second-cancel-accepted").and_then(|fault| fault.machine());
    let mut game = Game::new(scenario, Reading::default(), fault);
    let (what, _) = game.ahead().violated[0];
    let Violated::Clause(clause) = what else { panic!("a clause") };
    game.set_goal(Some(Goal::Clause(clause)));
    let way = game.aim().and_then(|aim| aim.hunt.found).expect("it can be violated");
    let (last, before) = way.0.split_last().expect("steps");
    for &choice in before {
        game.take(choice).expect("it is possible");
        assert!(game.broken().iter().all(|(other, _)| *other != what));
    }
    game.take(*last).expect("it is possible");
    assert!(game.broken().iter().any(|(broken, _)| *broken == what));
}
