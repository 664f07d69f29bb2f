//! A program that verifies an implementation: all of its `main`.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calloff_protocol::code::Code;
use calloff_protocol::exploration::{Limits, Stop};
use calloff_protocol::finding::{self, Counterexample};
use calloff_protocol::judge::{Options, Violated, Violation, Worker};
use calloff_protocol::narrative;
use calloff_protocol::program::Case;
use calloff_protocol::text::printable_path;

use super::arguments::{Arguments, Command, HELP};
use super::{Finding, Report, Subject, verify_until};
use crate::drive::Portable;
use crate::engine::loom::worker::{VARIABLE, worker_main};
use crate::exit::Exit;
use crate::load;
use crate::replay::explore::explore;
use crate::replay::replay;
use crate::replay::save::save;
use crate::shards::{self, Shard};
use crate::shrink::{self, ShrinkInput};
use crate::subjects::Own;
use crate::time::stop_after;

/// Verifies the implementation as the arguments of the program ask for; `--help` prints them. The
/// report goes to standard output, progress to standard error.
///
/// The same program is started again for each scenario that `loom` explores: code that is under
/// test may take its process down. So `main` should do nothing else before it calls this.
pub fn main<P: Portable>() -> ExitCode {
    main_with::<P>(std::env::args().skip(1))
}

/// The same, with these arguments: for a program that has options of its own.
pub fn main_with<P: Portable>(arguments: impl Iterator<Item = String>) -> ExitCode {
    if std::env::var_os(VARIABLE).is_some() {
        let own = [(Own::<P>::new().name(), Own::<P>::under_loom())];
        return ExitCode::from(worker_main(io::stdin(), io::stdout(), &own));
    }
    let exit = match Command::parse(arguments) {
        Err(wrong) => {
            eprintln!("error: {wrong}\nFor more information, try '--help'.");
            Exit::Usage
        }
        Ok(Command::Help) => {
            print!("{HELP}");
            Exit::Met
        }
        Ok(Command::Replay(file)) => again::<P>(&file),
        Ok(Command::Verify(arguments)) => check::<P>(&arguments),
    };
    exit.into()
}

fn check<P: Portable>(arguments: &Arguments) -> Exit {
    let subject = match subject(arguments) {
        Ok(subject) => subject,
        Err(exit) => return exit,
    };
    let stop = stop_after(subject.limits.seconds_max);
    let shown = Shown::new();
    let report = verify_until::<P>(&subject, &stop, &|over, all, file| shown.tell(over, all, file));
    shown.clear();
    print!("{report}");
    if arguments.times {
        times(&report);
    }
    if let Some(first) = report.findings.first().filter(|_| arguments.shrink) {
        shrunk(first, &subject.options::<P>(), &stop);
    }
    match &arguments.save {
        Some(folder) => saved(&report, folder).unwrap_or_else(|exit| exit),
        None => report.exit(),
    }
}

/// What the arguments ask for.
fn subject(arguments: &Arguments) -> Result<Subject, Exit> {
    let Arguments { paths, cases, seed, .. } = arguments;
    let mut subject = match (paths.is_empty(), cases) {
        (true, None) => Subject::standard(),
        (true, Some(cases)) => Subject::generated(*seed, *cases),
        (false, cases) => {
            let files = Subject::files(paths).map_err(|bad| {
                eprintln!("{bad}");
                Exit::BadFile
            })?;
            files.and_generated(*seed, cases.unwrap_or(0))
        }
    };
    let Limits { states_max, executions_max, memory_max, seconds_max, .. } = subject.limits;
    let limits = Limits {
        states_max: arguments.states_max.unwrap_or(states_max),
        executions_max: arguments.executions_max.unwrap_or(executions_max),
        memory_max: arguments.memory_max.unwrap_or(memory_max),
        seconds_max: arguments.seconds_max.unwrap_or(seconds_max),
        ..subject.limits
    };
    subject = subject.limits(limits);
    if let Some(actors) = arguments.actors_max {
        subject = subject.actors_max(actors);
    }
    if !arguments.engines.is_empty() {
        subject = subject.engines(&arguments.engines);
    }
    if let Some(jobs) = arguments.jobs {
        subject = subject.jobs(jobs);
    }
    if arguments.first {
        subject = subject.end_at_first();
    }
    if let Some(text) = &arguments.shard {
        subject = subject.shard(shard(text).map_err(|why| {
            eprintln!("error: --shard {text}: {why}");
            Exit::Usage
        })?);
    }
    // Without a path `loom` is skipped, which the report says.
    Ok(match worker() {
        Some(worker) => subject.worker(worker),
        None => subject,
    })
}

/// The shard that is asked for, and told if the environment has named it.
fn shard(text: &str) -> Result<Shard, String> {
    if text != "auto" {
        return text.parse();
    }
    let (shard, read) = shards::auto(|name| std::env::var(name).ok())?;
    eprintln!("shard {shard}: {read}");
    Ok(shard)
}

/// This program, as a worker of `loom`.
fn worker() -> Option<Worker> {
    let program = std::env::current_exe().ok()?;
    Some(Worker { program, args: std::env::args_os().skip(1).collect() })
}

/// How long each run took, the longest first.
fn times(report: &Report) {
    let mut times = report.times.clone();
    times.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    for (what, took) in times {
        println!("{:>9.3} s  {what}", took.as_secs_f64());
    }
}

/// Prints the finding in its smallest form.
fn shrunk(finding: &Finding, options: &Options, stop: &Stop) {
    let Counterexample { scenario, reading, engine, granularity, claim, schedule, .. } =
        &*finding.counterexample;
    let what = claim.as_ref().map_or(Violated::CrossCheck, |claim| claim.what);
    let violation = Violation {
        schedule: Some(schedule.clone()).filter(|schedule| !schedule.0.is_empty()),
        granularity: *granularity,
        ..Violation::new(what, finding.message.clone())
    };
    let (scenario, reading, engine) = (scenario.clone(), *reading, *engine);
    let input = ShrinkInput { scenario, reading, engine, violation };
    let limits = shrink::Limits::default();
    match shrink::shrink(&input, options, &limits, stop, &|_| ()) {
        Err(shrink::NotShown) => println!("\nThe first finding cannot be made smaller."),
        Ok(small) => {
            println!("\nThe first finding in its smallest form:\n\n{}", small.scenario.to_toml());
            let case = Case::new(&small.scenario, reading);
            for violation in &small.run.violations {
                println!("{}", violation.message);
                let followed = crate::replay::follow_violation(options, &case, violation);
                print!("{}", narrative::draw(&case.program, &followed, 100));
            }
        }
    }
}

fn saved(report: &Report, folder: &Path) -> Result<Exit, Exit> {
    for finding in &report.findings {
        let path = save(&finding.counterexample, folder).map_err(|error| {
            eprintln!("error: {}: {error}", printable_path(folder));
            Exit::Unwritable
        })?;
        println!("saved: {}", printable_path(&path));
    }
    Ok(report.exit())
}

/// Runs the execution of a counterexample again.
fn again<P: Portable>(file: &Path) -> Exit {
    let finding = match load::counterexample(file) {
        Ok(finding) => finding,
        Err(bad) => {
            eprintln!("{bad}");
            return Exit::BadFile;
        }
    };
    let code: Arc<dyn Code> = Arc::new(Own::<P>::new());
    let is_seen = match finding.shown {
        finding::Shown::Execution => follows(&finding, &*code),
        // No single execution shows it.
        finding::Shown::Exploration(_) => {
            let worker = worker();
            explore(&finding, Some(&code), worker.as_ref(), &Stop::default()).is_seen_again
        }
    };
    match is_seen {
        true => {
            println!("It is seen again: {}", finding.claim.map_or(String::new(), |c| c.message));
            Exit::Met
        }
        false => {
            println!(
                "It is not seen again. If the code was changed, it may be mended; verify the \
                 scenario to be sure."
            );
            Exit::Diverged
        }
    }
}

/// Runs the execution of a counterexample, and prints it: whether it shows what is claimed.
fn follows(finding: &Counterexample, code: &dyn Code) -> bool {
    let replay = replay(finding, Some(code), &Stop::default());
    if let Some(followed) = &replay.followed {
        print!("{}", narrative::draw(&replay.program, followed, 100));
        if let Some(departs) = &followed.divergence {
            println!("{}", narrative::departure(&replay.program, departs));
        }
    }
    replay.is_seen_again == Some(true)
}

/// Progress on standard error: in one line of a terminal, else every ten seconds.
struct Shown {
    is_terminal: bool,
    begin: Instant,
    last: Mutex<Instant>,
}

impl Shown {
    fn new() -> Shown {
        let begin = Instant::now();
        Shown { is_terminal: io::stderr().is_terminal(), begin, last: Mutex::new(begin) }
    }

    fn tell(&self, over: usize, all: usize, file: &str) {
        let pause = Duration::from_millis(if self.is_terminal { 200 } else { 10_000 });
        let Ok(mut last) = self.last.lock() else { return };
        if last.elapsed() < pause {
            return;
        }
        *last = Instant::now();
        let seconds = self.begin.elapsed().as_secs();
        let file: String = file.chars().take(50).collect();
        let text = format!("{over} of {all} runs, {seconds} s, {file}");
        // Nothing depends on whether anybody sees it.
        let _ = match self.is_terminal {
            true => write!(io::stderr(), "\r\x1b[K{text}"),
            false => writeln!(io::stderr(), "{text}"),
        };
    }

    fn clear(&self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
