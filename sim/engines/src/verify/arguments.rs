//! The command line of a program that verifies an implementation.

use std::path::PathBuf;

use calloff_protocol::exploration::Engine;

/// What the arguments ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Command {
    /// Verify.
    Verify(Arguments),
    /// Run the execution of a counterexample again.
    Replay(PathBuf),
    /// Print how the program is used.
    Help,
}

/// What to verify, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Arguments {
    pub(super) paths: Vec<PathBuf>,
    pub(super) cases: Option<u64>,
    pub(super) seed: u64,
    pub(super) engines: Vec<Engine>,
    pub(super) actors_max: Option<usize>,
    pub(super) states_max: Option<u64>,
    pub(super) executions_max: Option<u64>,
    pub(super) memory_max: Option<u64>,
    pub(super) seconds_max: Option<u64>,
    pub(super) jobs: Option<usize>,
    /// `auto`, or a shard.
    pub(super) shard: Option<String>,
    pub(super) first: bool,
    pub(super) times: bool,
    pub(super) shrink: bool,
    pub(super) save: Option<PathBuf>,
}

pub(super) const HELP: &str = "\
Verifies an implementation of call cancellation against the machine.

Usage: PROGRAM [OPTION]… [FILE|FOLDER]…
       PROGRAM --replay COUNTEREXAMPLE

Without a file: the shipped scenarios of up to six actors, and 2000 generated ones.

  --first              end with the first finding
  --shrink             make the first finding as small as it gets
  --save FOLDER        write each finding as a counterexample
  --replay FILE        run the execution of a counterexample again
  --times              how long each run took
  --engine NAME        exhaustive, shuttle, std, loom (repeatable; default: all)
  --cases N            so many generated scenarios; alone, or beside files
  --seed N             the seed of generated scenarios (0)
  --actors-max N       leave out scenarios with more actors
  --jobs N             threads (default: the number of cores)
  --shard I/N|auto     one of N parts of the runs, from 1; `auto`: as the variables of
                       Slurm, Kubernetes or GitLab say
  --states-max N, --executions-max N, --memory-max MIB, --seconds-max N
                       limits: for each run; of seconds: for all of it

Exit codes: 0 nothing is wrong, as far as the engines go, 1 a finding, 2 wrong usage,
3 a limit was hit, 4 a bad file, 5 a replay that does not show it,
74 an output that cannot be written.

  PROGRAM --first --shrink
  PROGRAM my-race.toml --save found
  PROGRAM --replay found/my-race.cross-check.json
";

impl Command {
    /// Reads arguments.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub(super) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
        let mut parsed = Arguments::default();
        let mut arguments = arguments;
        let mut replay = None;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(Command::Help),
                "--replay" => replay = Some(PathBuf::from(value()?)),
                "--save" => parsed.save = Some(PathBuf::from(value()?)),
                "--first" => parsed.first = true,
                "--times" => parsed.times = true,
                "--shrink" => parsed.shrink = true,
                "--engine" => parsed.engines.push(engine(&value()?)?),
                "--cases" => parsed.cases = Some(number(&argument, &value()?)?),
                "--seed" => parsed.seed = number(&argument, &value()?)?,
                "--actors-max" => parsed.actors_max = Some(number(&argument, &value()?)?),
                "--states-max" => parsed.states_max = Some(number(&argument, &value()?)?),
                "--executions-max" => parsed.executions_max = Some(number(&argument, &value()?)?),
                "--memory-max" => parsed.memory_max = Some(number(&argument, &value()?)?),
                "--seconds-max" => parsed.seconds_max = Some(number(&argument, &value()?)?),
                "--shard" => parsed.shard = Some(value()?),
                "--jobs" => parsed.jobs = Some(number(&argument, &value()?)?),
                unknown if unknown.starts_with('-') => {
                    return Err(format!("there is no option {unknown}"));
                }
                path => parsed.paths.push(PathBuf::from(path)),
            }
        }
        Ok(replay.map_or(Command::Verify(parsed), Command::Replay))
    }
}

fn number<N: std::str::FromStr>(option: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{option} needs a number, and this is none: {text}"))
}

fn engine(name: &str) -> Result<Engine, String> {
    let known = Engine::ALL.into_iter().skip(1).find(|engine| engine.name() == name);
    known.ok_or_else(|| format!("no engine runs code that is called {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        Command::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn every_option_of_the_help_is_understood() {
        let options = HELP.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options.map(|word| word.trim_end_matches(',')) {
            let value = if option == "--engine" { "loom" } else { "1" };
            let takes_a_value = parse(&[option]).is_err();
            let all = if takes_a_value { vec![option, value] } else { vec![option] };
            assert!(parse(&all).is_ok(), "{option}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let wrong = [
            (&["--frist"][..], "there is no option --frist"),
            (&["--jobs"], "--jobs needs a value"),
            (&["--jobs", "many"], "--jobs needs a number, and this is none: many"),
            (&["--engine", "protocol"], "no engine runs code that is called protocol"),
        ];
        for (arguments, message) in wrong {
            assert_eq!(parse(arguments), Err(message.to_owned()));
        }
    }
}
