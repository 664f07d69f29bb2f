//! The texts that the game shows to its player.

use std::fmt::Write;

use calloff_protocol::exploration::Bound;
use calloff_protocol::goal::Goal;
use calloff_protocol::graph::ways::WAYS_MAX;
use calloff_protocol::history::{Action, ActorId, Event, What};
use calloff_protocol::judge::Violated;
use calloff_protocol::narrative::{list, name};
use calloff_protocol::pair::Point;
use calloff_protocol::program::Program;
use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_protocol::world::{Choice, Phase, Refused};
use unicode_width::UnicodeWidthStr;

use super::{Ahead, Aim, Command, Game, HELP, Spoilt};
use crate::explain::ended;
use crate::lanes::{Layout, Line};
use crate::shell::replay_command;
use crate::style::{BAD, BOLD, GOOD};
use crate::unfinished::within;
use crate::{describe, wanted};

/// The number of ends that are listed.
const ENDS_MAX: usize = 20;

/// What is wrong with the player's input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// A choice that is not possible in this state.
    Impossible,
    /// Text that is not understood.
    Unknown,
}

/// A game, and the settings for its texts.
pub struct Talk {
    /// The game.
    pub game: Game,
    /// The scenario as the user named it.
    pub scenario: String,
    /// The width of the terminal, in columns.
    pub width: usize,
}

impl Talk {
    /// The text at the start.
    pub fn welcome(&self) -> String {
        let title = printable(&self.scenario);
        let mut out = format!("{BOLD}{title}{BOLD:#} ({})\n", self.game.reading);
        if let Some(fault) = self.game.fault {
            let _ = writeln!(out, "under the seeded bug {}: {}", fault.name, fault.summary);
        }
        out.push_str("Say who steps; `help` lists what else there is.\n\n");
        self.position(&mut out);
        out
    }

    /// Carries out a command and returns the answer, or the error and its text.
    ///
    /// # Errors
    ///
    /// The input was impossible or not understood; the text says why.
    pub fn answer(&mut self, command: &Command) -> Result<String, (Wrong, String)> {
        let mut out = String::new();
        match command {
            Command::Take(choices) => {
                for &choice in choices {
                    if let Err(why) = self.game.take(choice) {
                        let why = self.refused(choice, why);
                        return Err((Wrong::Impossible, out + &why));
                    }
                    self.last_step(&mut out);
                }
                self.position(&mut out);
            }
            Command::Undo => self.moved(&mut out, Game::undo, "there is nothing to take back"),
            Command::Redo => self.moved(&mut out, Game::redo, "nothing was taken back"),
            Command::Restart => {
                self.game.restart();
                self.position(&mut out);
            }
            Command::Why(choice) => self.why(&mut out, *choice),
            Command::Outcomes => self.outcomes(&mut out),
            Command::Goal(text) => {
                let goal = goal(self.game.program(), text);
                self.game.set_goal(goal.map_err(|why| (Wrong::Unknown, why + "\n"))?);
                self.aim(&mut out);
            }
            Command::Hint => self.hint(&mut out),
            Command::Lanes => {
                let (program, trace) = (self.game.program(), self.game.trace());
                let layout = Layout::new(program, trace).with_pair(program, trace, &Point::End);
                out.push_str(&layout.to_text(self.width));
            }
            Command::Schedule => self.schedule(&mut out),
            Command::Help => {
                for (usage, meaning) in HELP {
                    let meaning = wrap_hanging(meaning, self.width, 15);
                    let _ = writeln!(out, "  {usage:<11}  {meaning}");
                }
            }
            Command::Quit => {}
        }
        Ok(out)
    }

    fn moved(&mut self, out: &mut String, to: fn(&mut Game) -> bool, else_say: &str) {
        if to(&mut self.game) {
            self.position(out);
        } else {
            let _ = writeln!(out, "{else_say}");
        }
    }

    /// Describes what the last choice did, and what it changed.
    fn last_step(&self, out: &mut String) {
        let layout = Layout::new(self.game.program(), self.game.trace());
        let Some(row) = layout.rows.last() else { return };
        let said = match row.lane {
            None => format!("▶ the clock advances to {}", row.time),
            Some(lane) => {
                let lines: Vec<String> = row.cells[lane].lines.iter().map(Line::signed).collect();
                format!("{}: {}", layout.lanes[lane], lines.join("  "))
            }
        };
        let text = format!("choice {}, at {}: {said}", row.number, row.time);
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", wrap_hanging(&text, self.width, 2));
        for change in &row.changes {
            let _ = writeln!(out, "  changed: {change}");
        }
        for (what, message) in self.game.broken() {
            let text = format!("{}: {message}", what.id());
            let _ = writeln!(out, "{BAD}✗{BAD:#} {}", wrap_hanging(&text, self.width, 2));
        }
    }

    /// Lists the actors that can step, with the ends they lead to, and the actors that wait, with
    /// the reason.
    fn position(&self, out: &mut String) {
        let program = self.game.program();
        let enabled = self.game.enabled();
        if enabled.is_empty() {
            return self.over(out);
        }
        let all = self.game.ahead();
        let names = program.lanes.iter().map(|lane| lane.name.width()).max().unwrap_or(0).max(5);
        let text = format!("at {}, ahead: {}", self.game.world().now(), leads(&all));
        let _ = writeln!(out, "{}", wrap_hanging(&text, self.width, 2));
        for choice in enabled {
            let left = self.game.ahead_after(choice);
            let text = format!("{}; leaves {}", self.next(choice), leads(&left));
            self.line(out, "can step", names, &name(program, choice), &text);
        }
        let blocked = self.game.world().successors(program).blocked;
        for actor in program.actors() {
            let who = name(program, Choice::Actor(actor));
            if blocked.iter().any(|(waiting, _)| *waiting == actor) {
                self.line(out, "waits", names, &who, &self.wait(actor));
            } else if self.game.world().action(program, actor).is_none() {
                self.line(out, "finished", names, &who, "");
            }
        }
        if self.game.goal().is_some() {
            self.aim(out);
        }
    }

    fn line(&self, out: &mut String, what: &str, names: usize, who: &str, text: &str) {
        let pad = " ".repeat(names.saturating_sub(who.width()));
        let text = wrap_hanging(text, self.width, 14 + names);
        let _ = writeln!(out, "{}", format!("  {what:<8}  {who}{pad}  {text}").trim_end());
    }

    fn over(&self, out: &mut String) {
        let all = self.game.ahead();
        let (outcome, _) = all.ends.first().expect("an execution that is over has an end");
        let text = format!("It is over. {}", ended(self.game.program(), outcome));
        let _ = writeln!(out, "{}", wrap_hanging(&text, self.width, 2));
        for actor in &outcome.stuck {
            let who = name(self.game.program(), Choice::Actor(*actor));
            let _ = writeln!(out, "  for ever: {who} {}", self.wait(*actor));
        }
        if self.game.goal().is_some() {
            self.aim(out);
        }
    }

    /// Describes what the choice does next.
    fn next(&self, choice: Choice) -> String {
        let (program, world) = (self.game.program(), self.game.world());
        match choice {
            Choice::Clock => {
                let mut after = world.clone();
                let _ = after.step(program, Choice::Clock, &mut ());
                format!("time advances to {}", program.time(after.now()))
            }
            Choice::Way(actor, _) => {
                let mut events = Vec::<Event>::new();
                let _ = world.clone().step(program, choice, &mut events);
                let begun = events.iter().find_map(|event| match event.what {
                    What::Invoke(_, action) | What::PassedBack(_, action, ..) => Some(action),
                    _ => None,
                });
                begun.map_or_else(String::new, |action| describe::action(program, actor, action))
            }
            Choice::Actor(actor) => {
                let Some(action) = world.action(program, actor) else { return String::new() };
                let goes_on = match world.actor(actor).phase {
                    Phase::Before => "",
                    _ => "goes on with ",
                };
                format!("{goes_on}{}", describe::action(program, actor, action))
            }
        }
    }

    fn wait(&self, actor: ActorId) -> String {
        let (program, world) = (self.game.program(), self.game.world());
        let action = world.action(program, actor).expect("whoever waits is in an operation");
        describe::wait(program, world, actor, action)
    }

    fn refused(&self, choice: Choice, why: Refused) -> String {
        let program = self.game.program();
        let who = name(program, choice);
        let why = match (choice, why) {
            (Choice::Actor(actor) | Choice::Way(actor, _), Refused::Blocked { .. }) => {
                self.wait(actor)
            }
            (_, Refused::Finished) => "has nothing more to do".to_owned(),
            _ => self.why_not_clock(),
        };
        let enabled = list(program, &self.game.enabled());
        let text = format!("`{who}` cannot step: it {why}. Can step: {enabled}.");
        format!("{BAD}✗{BAD:#} {}\n", wrap_hanging(&text, self.width, 2))
    }

    fn why_not_clock(&self) -> String {
        let is_urgent = self.game.program().time == calloff_protocol::history::TimePolicy::Urgent;
        let can_step = self.game.enabled().iter().any(|choice| *choice != Choice::Clock);
        match is_urgent && can_step {
            true => "is urgent, and advances only when nobody can step".to_owned(),
            false => "has no deadline to advance to".to_owned(),
        }
    }

    fn why(&self, out: &mut String, choice: Choice) {
        let (program, world) = (self.game.program(), self.game.world());
        let who = name(program, choice);
        let text = match choice {
            _ if self.game.enabled().contains(&choice) => {
                format!("`{who}` can step. Next: {}.", self.next(choice))
            }
            Choice::Clock => format!("`{who}` {}.", self.why_not_clock()),
            Choice::Actor(actor) | Choice::Way(actor, _) => match world.action(program, actor) {
                None => format!("`{who}` has nothing more to do."),
                Some(action) => {
                    let (wait, released) = (self.wait(actor), self.released(actor, action));
                    format!("`{who}` {wait}. {released}")
                }
            },
        };
        let _ = writeln!(out, "{}", wrap_hanging(text.trim_end(), self.width, 2));
    }

    /// Describes which actors can bring about what the actor waits for.
    fn released(&self, actor: ActorId, action: Action) -> String {
        let (program, world) = (self.game.program(), self.game.world());
        let still_to = |does: &dyn Fn(Action) -> bool| {
            program.actors().find(|other| {
                let lane = &program.lanes[other.0 as usize];
                let at = world.actor(*other).at as usize;
                lane.instructions.iter().skip(at).any(|i| does(i.action))
            })
        };
        let says = |who: Option<ActorId>, what: &str| match who {
            Some(who) => format!("`{}` has still to {what}.", name(program, Choice::Actor(who))),
            None => format!("Nobody will {what} any more."),
        };
        let call = match action {
            Action::Await(call) => Some(call),
            Action::Dispatch(call) => {
                let call_name = printable(program.call_name(call));
                let issues = |action| action == Action::Issue(call);
                return says(still_to(&issues), &format!("issue {call_name}"));
            }
            _ => match world.actor(actor).phase {
                Phase::Inside(calloff_model::Op::Cancel {
                    stage: calloff_model::Stage::Wait { call, .. },
                    ..
                }) => Some(call),
                _ => None,
            },
        };
        call.map_or(String::new(), |call| {
            let replies = |action| matches!(action, Action::Reply(of, _) if of == call);
            says(still_to(&replies), &format!("reply to {}", printable(program.call_name(call))))
        })
    }

    fn outcomes(&self, out: &mut String) {
        let all = self.game.ahead();
        let number = |ways: u64| ways_in_words(ways);
        let text = format!("ahead: {}", leads(&all));
        let _ = writeln!(out, "{}", wrap_hanging(&text, self.width, 2));
        let shown = &all.ends[..all.ends.len().min(ENDS_MAX)];
        let widest = shown.iter().map(|(_, ways)| number(*ways).width()).max().unwrap_or(0);
        for (outcome, ways) in shown {
            let (ways, text) = (number(*ways), ended(self.game.program(), outcome));
            let pad = " ".repeat(widest - ways.width());
            let text = wrap_hanging(&text, self.width, widest + 5);
            let _ = writeln!(out, "  {pad}{ways}:  {text}");
        }
        if !all.is_all && !all.ends.is_empty() {
            let _ = writeln!(out, "  and unknown others: there are more states than are held");
        }
        if all.ends.len() > ENDS_MAX {
            let _ = writeln!(
                out,
                "  and {} more",
                count(all.ends.len() as u64 - ENDS_MAX as u64, "end")
            );
        }
        for (what, _) in &all.violated {
            if let Violated::Clause(clause) = what {
                let text = format!("{}: {}", clause.id, clause.sentence);
                let _ = writeln!(out, "  {}", wrap_hanging(&text, self.width, 4));
            }
        }
    }

    /// Describes the goal and the distance to it.
    fn aim(&self, out: &mut String) {
        let (Some(goal), Some(Aim { hunt, spoilt })) = (self.game.goal(), self.game.aim()) else {
            let _ = writeln!(out, "no goal is set");
            return;
        };
        let goal = wanted::describe(goal, self.game.program());
        let (style, sign, far) = match (&hunt.found, hunt.bound) {
            (Some(way), _) if way.0.is_empty() => (GOOD, "✓", "it is met".to_owned()),
            (Some(way), _) => (BOLD, "→", format!("{} away", count(way.0.len() as u64, "step"))),
            (None, Bound::Exhausted) => {
                let states = count(hunt.states, "state");
                let why = match hunt.states {
                    1 => "it is over".to_owned(),
                    _ => format!("all {states} from here on were explored"),
                };
                let far = match spoilt {
                    Some(Spoilt::Always(states)) => {
                        let states = count(states, "state");
                        format!("impossible: all {states} from the start were explored")
                    }
                    Some(Spoilt::For(1)) => format!("out of reach: {why}; `undo` brings it back"),
                    Some(Spoilt::For(steps)) => {
                        format!("out of reach: {why}; `undo` {steps} times brings it back")
                    }
                    None => format!("out of reach: {why}"),
                };
                (BAD, "✗", far)
            }
            (None, bound) => {
                let within = hunt.complete_depth.map(|depth| format!(", none {}", within(depth)));
                let far = format!("unknown: {bound}{}", within.unwrap_or_default());
                (BOLD, "?", far)
            }
        };
        let text = wrap_hanging(&format!("goal: {goal}: {far}"), self.width, 2);
        let _ = writeln!(out, "{style}{sign}{style:#} {text}");
    }

    fn hint(&self, out: &mut String) {
        let Some(aim) = self.game.aim() else {
            let _ = writeln!(out, "no goal is set: say, for example, `goal S_OK`");
            return;
        };
        match aim.hunt.found.filter(|way| !way.0.is_empty()) {
            Some(way) => {
                let program = self.game.program();
                let names = printable(&way.names(program).join(" "));
                let first = name(program, way.0[0]);
                let text = format!("next: `{first}`. The whole way: {names}");
                let _ = writeln!(out, "{}", wrap_hanging(&text, self.width, 2));
            }
            None => self.aim(out),
        }
    }

    /// Lists the choices so far, and a command that shows them again.
    pub fn schedule(&self, out: &mut String) {
        let Game { program, reading, fault, .. } = &self.game;
        let schedule = self.game.schedule();
        let steps = count(schedule.0.len() as u64, "step");
        let command = replay_command(&self.scenario, program, *reading, *fault, &schedule);
        let _ = writeln!(out, "{steps}. To see them again:\n  {command}");
    }
}

/// Describes the number of ends, of ways to them, and of ways with a violation.
fn leads(ahead: &Ahead) -> String {
    let ends = count(ahead.ends.len() as u64, "end");
    let (at_least, ways) = match ahead.is_all {
        true => ("", ways_in_words(ahead.ways())),
        false => ("at least ", "more states than are held".to_owned()),
    };
    let (at_least, ends) = match ahead.ends.is_empty() && !ahead.is_all {
        true => ("", "unknown ends".to_owned()),
        false => (at_least, ends),
    };
    let on = |(what, ways): &(Violated, u64)| match ahead.is_all {
        true => format!("{} in {ways}", what.id()),
        false => what.id().to_owned(),
    };
    let violated: Vec<String> = ahead.violated.iter().map(on).collect();
    match violated.is_empty() {
        true => format!("{at_least}{ends} ({ways})"),
        false => format!("{at_least}{ends} ({ways}; violated: {})", violated.join(", ")),
    }
}

fn ways_in_words(ways: u64) -> String {
    match ways {
        WAYS_MAX.. => format!("more than {} ways", WAYS_MAX - 1),
        _ => count(ways, "way"),
    }
}

/// Reads a goal: codes, `stuck ACTOR …`, or a clause.
fn goal(program: &Program, text: &str) -> Result<Option<Goal>, String> {
    let mut words = text.split_whitespace().filter(|word| *word != "and").peekable();
    let Some(first) = words.peek() else { return Ok(None) };
    if let Some(Violated::Clause(clause)) = Violated::find(&first.to_uppercase()) {
        return Ok(Some(Goal::Clause(clause)));
    }
    let (mut codes, mut stuck, mut is_stuck) = (Vec::new(), Vec::new(), false);
    for word in words {
        if word == "stuck" {
            is_stuck = true;
        } else if is_stuck {
            stuck.push(wanted::actor(program, word)?);
        } else {
            codes.push(wanted::parse(program, word).map_err(|why| why.to_string())?);
        }
    }
    if codes.is_empty() && stuck.is_empty() {
        return Err("say who is to be stuck: `goal stuck ACTOR`".to_owned());
    }
    Ok(Some(Goal::Ends { codes, stuck }))
}
