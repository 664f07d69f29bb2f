//! The commands of a player: the name of the actor that steps, or a command word. A prefix is
//! enough if it is unique.

use calloff_protocol::program::Program;
use calloff_protocol::text::printable;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;

/// A command of a player.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// These actors step, one after the other.
    Take(Vec<Choice>),
    /// Take the last choice back.
    Undo,
    /// Take the undone choice again.
    Redo,
    /// What an actor, or the clock, waits for.
    Why(Choice),
    /// The ends that are still reachable.
    Outcomes,
    /// Set the goal, given in the player's words; an empty text removes it.
    Goal(String),
    /// The next choice on the shortest way to the goal.
    Hint,
    /// A picture of the execution so far.
    Lanes,
    /// The choices so far, and a command that shows them again.
    Schedule,
    /// Back to the start.
    Restart,
    /// The list of commands.
    Help,
    /// End the game.
    Quit,
}

/// The commands, with what they do.
pub const HELP: [(&str, &str); 12] = [
    ("NAME …", "that actor steps (or several, one after the other); `clock`: time advances"),
    ("undo", "take the last choice back"),
    ("redo", "take it again"),
    ("why NAME", "what an actor waits for, or would do next"),
    ("outcomes", "every end that can still be reached"),
    ("goal CODE …", "what to look for: S_OK, canceller=S_OK, stuck caller, K2; alone: forget it"),
    ("hint", "the next choice on the shortest way to the goal"),
    ("lanes", "the execution so far, as a picture"),
    ("schedule", "the choices so far, and the command that shows them again"),
    ("restart", "back to the start"),
    ("help", "this list"),
    ("quit", "enough"),
];

impl Command {
    /// Reads a line; `None` if it is empty or a comment (`#`).
    ///
    /// # Errors
    ///
    /// A sentence that names what is unknown, or the names that a prefix may stand for.
    pub fn parse(program: &Program, line: &str) -> Result<Option<Command>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        if let Some(choice) = choices(program).into_iter().find(|(name, _)| name == line) {
            return Ok(Some(Command::Take(vec![choice.1])));
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match meant(program, word)? {
            Meant::Choice(first) => {
                let others = rest.split_whitespace().map(|word| choice(program, word));
                let taken = std::iter::once(Ok(first)).chain(others);
                Ok(Some(Command::Take(taken.collect::<Result<_, _>>()?)))
            }
            Meant::Command(name) => command(program, name, rest).map(Some),
        }
    }
}

fn command(program: &Program, name: &str, rest: &str) -> Result<Command, String> {
    let command = match name {
        "undo" => Command::Undo,
        "redo" => Command::Redo,
        "why" if rest.is_empty() => {
            let names = choices(program).into_iter();
            let names: Vec<String> = names.map(|(name, _)| printable(&name)).collect();
            return Err(format!("`why` wants a name behind it: {}", names.join(", ")));
        }
        "why" => return Ok(Command::Why(choice(program, rest)?)),
        "outcomes" => Command::Outcomes,
        "goal" => return Ok(Command::Goal(rest.to_owned())),
        "hint" => Command::Hint,
        "lanes" => Command::Lanes,
        "schedule" => Command::Schedule,
        "restart" => Command::Restart,
        "quit" => Command::Quit,
        _ => Command::Help,
    };
    match rest {
        "" => Ok(command),
        _ => Err(format!("`{name}` takes nothing behind it")),
    }
}

enum Meant {
    Choice(Choice),
    Command(&'static str),
}

/// All choices with their names.
fn choices(program: &Program) -> Vec<(String, Choice)> {
    let ways = program.actors().flat_map(|actor| {
        let others = 1..u32::try_from(program.ways(actor)).unwrap_or(u32::MAX);
        others.map(move |way| Choice::Way(actor, way))
    });
    let actors = program.actors().map(Choice::Actor).chain([Choice::Clock]).chain(ways);
    actors.map(|choice| (Schedule(vec![choice]).names(program).concat(), choice)).collect()
}

fn commands() -> impl Iterator<Item = &'static str> {
    let names = HELP.iter().map(|(usage, _)| usage.split(' ').next().unwrap_or_default());
    names.filter(|name| name.chars().all(char::is_lowercase))
}

/// The meaning of a word or a prefix. An actor with the name of a command takes precedence.
fn meant(program: &Program, word: &str) -> Result<Meant, String> {
    let choices = choices(program);
    if let Some((_, choice)) = choices.iter().find(|(name, _)| name == word) {
        return Ok(Meant::Choice(*choice));
    }
    if let Some(name) = commands().find(|name| *name == word) {
        return Ok(Meant::Command(name));
    }
    let among = choices.into_iter().map(|(name, choice)| (name, Meant::Choice(choice)));
    let among = among.chain(commands().map(|name| (name.to_owned(), Meant::Command(name))));
    only(word, among.filter(|(name, _)| begins(name, word)).collect())
}

/// Whether the word is the beginning of the name. Another way in which an actor steps is meant only
/// if its number is given.
fn begins(name: &str, word: &str) -> bool {
    name.starts_with(word) && (!name.contains('/') || word.contains('/'))
}

fn choice(program: &Program, word: &str) -> Result<Choice, String> {
    let choices = choices(program);
    if let Some((_, choice)) = choices.iter().find(|(name, _)| name == word) {
        return Ok(*choice);
    }
    only(word, choices.into_iter().filter(|(name, _)| begins(name, word)).collect())
}

fn only<T>(word: &str, mut among: Vec<(String, T)>) -> Result<T, String> {
    let word = printable(word);
    match among.len() {
        1 => Ok(among.remove(0).1),
        0 => Err(format!("`{word}` is neither a command nor anybody's name; `help` lists both")),
        _ => {
            let names: Vec<String> =
                among.iter().map(|(name, _)| format!("`{}`", printable(name))).collect();
            Err(format!("`{word}` may be {}: say more of it", names.join(" or ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use calloff_protocol::history::ActorId;
    use calloff_protocol::scenario::Scenario;

    use super::*;

    fn program() -> Program {
        let text = "schema = 1\nname = \"n\"\n[[actor]]\nname = \"caller\"\nsteps = [\"enable\"]\n\
                    [[actor]]\nname = \"the canceller\"\nsteps = [\"enable\"]\n";
        Program::new(&Scenario::parse("n", text.as_bytes()).expect("a scenario"))
    }

    fn parse(line: &str) -> Result<Option<Command>, String> {
        Command::parse(&program(), line)
    }

    #[test]
    fn names_and_their_beginnings_are_understood() {
        let caller = Choice::Actor(ActorId(0));
        assert_eq!(parse("caller"), Ok(Some(Command::Take(vec![caller]))));
        assert_eq!(parse(" ca "), Ok(Some(Command::Take(vec![caller]))));
        let twice = vec![caller, Choice::Clock];
        assert_eq!(parse("caller cl"), Ok(Some(Command::Take(twice))));
        let other = Choice::Actor(ActorId(1));
        assert_eq!(parse("the canceller"), Ok(Some(Command::Take(vec![other]))));
        assert_eq!(parse("u"), Ok(Some(Command::Undo)));
        assert_eq!(parse("why cl"), Ok(Some(Command::Why(Choice::Clock))));
        assert_eq!(parse("goal K2"), Ok(Some(Command::Goal("K2".to_owned()))));
        assert_eq!(parse("# nothing"), Ok(None));
    }

    #[test]
    fn what_may_be_several_things_or_none_is_refused() {
        let why = parse("c").expect_err("two begin so");
        assert!(why.contains("`caller` or `clock`"), "{why}");
        let why = parse("zzz").expect_err("nobody");
        assert!(why.contains("`zzz`"), "{why}");
        parse("undo everything").expect_err("it takes nothing");
        let why = parse("why").expect_err("whom?");
        assert_eq!(why, "`why` wants a name behind it: caller, the canceller, clock");
    }
}
