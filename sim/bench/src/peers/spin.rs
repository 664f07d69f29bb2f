//! The family as a model for [Spin](https://spinroot.com), written out in Promela.
//!
//! One process, of which every actor's step is an option, and all variables bit fields: the form
//! that Spin explores fastest. There is no partial order to reduce in it, so Spin does not try. Its
//! table gets the size that suits the number of states, known beforehand.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::family::{Detail, Family};
use super::hand::Explored;

/// Why Spin cannot run here; `None` if it can.
pub fn skip_reason() -> Option<String> {
    for (program, flag) in [("spin", "-V"), ("gcc", "--version")] {
        let found = Command::new(program).arg(flag).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Some(format!("no {program} is installed (Debian: apt-get install spin gcc)"));
        }
    }
    None
}

/// A model in Promela. If it tells its ends, it has a step more at each end, which prints it; then
/// its states cannot be compared.
pub fn promela(family: Family, tells_ends: bool) -> String {
    let (callers, cancellers) = (family.size.callers, family.size.cancellers);
    let expired = callers + 1;
    let bits = |max: u32| u32::BITS - max.leading_zeros();
    let mut text = String::new();
    for i in 0..callers {
        let width = bits(expired);
        let _ = writeln!(text, "unsigned c{i}:2; unsigned s{i}:3; unsigned r{i}:{width};");
        let _ = writeln!(text, "#define rep{i} ((s{i} == 4 || s{i} == 5) && c{i} != 3)");
    }
    for j in 0..cancellers {
        let _ = writeln!(text, "unsigned x{j}:3;");
    }
    let _ = writeln!(text, "unsigned time:{};", bits(callers));
    text += if tells_ends { "bit told;\n" } else { "" };
    text += "active proctype P() {\nend: do\n";
    for i in 0..callers {
        text += &call(i, expired);
    }
    for j in 0..cancellers {
        text += &canceller(family, j, expired);
    }
    for time in 1..=callers {
        text += &clock(family, time);
    }
    if tells_ends {
        text += &telling(family);
    }
    text + "od\n}\n"
}

fn call(i: u32, expired: u32) -> String {
    format!(
        ":: d_step {{ c{i} == 0 -> c{i} = 1 }}
:: d_step {{ c{i} == 1 && rep{i} -> c{i} = 2 }}
:: d_step {{ c{i} == 1 && !rep{i} && r{i} == {expired} -> c{i} = 3 }}
:: d_step {{ s{i} == 0 && c{i} != 0 -> s{i} = ((c{i} >= 2 || r{i} == {expired}) -> 6 : 1) }}
:: d_step {{ s{i} == 1 -> s{i} = ((c{i} == 3 || r{i} != 0) -> 3 : 2) }}
:: d_step {{ s{i} == 2 || s{i} == 3 -> s{i} = s{i} + 2 }}
"
    )
}

fn canceller(family: Family, j: u32, expired: u32) -> String {
    let i = j % family.size.callers;
    let (accepted, returning) = match family.detail {
        Detail::Least => (3, String::new()),
        Detail::Calloff => (7, format!(":: d_step {{ x{j} == 7 -> x{j} = 3 }}\n")),
    };
    format!(
        ":: d_step {{ x{j} == 0 -> x{j} = (c{i} != 1 -> 4 : 1) }}
:: d_step {{ x{j} == 1 && rep{i} -> x{j} = 6 }}
:: d_step {{ x{j} == 1 && !rep{i} && (c{i} == 3 || r{i} != 0) -> x{j} = 5 }}
:: d_step {{ x{j} == 1 && !rep{i} && c{i} != 3 && r{i} == 0 -> r{i} = time + 1; x{j} = 2 }}
:: d_step {{ x{j} == 2 && rep{i} -> x{j} = 6 }}
:: d_step {{ x{j} == 2 && !rep{i} && time >= r{i} -> r{i} = {expired}; x{j} = {accepted} }}
{returning}"
    )
}

/// The clock's step to that time: some deadline is then, and none is pending before.
fn clock(family: Family, to: u32) -> String {
    let is_pending = |time: u32| {
        let waits = |j: u32| {
            let i = j % family.size.callers;
            let held = match family.detail {
                Detail::Least => String::new(),
                Detail::Calloff => format!(" && !rep{i}"),
            };
            format!("(x{j} == 2 && r{i} == {time}{held})")
        };
        (0..family.size.cancellers).map(waits).collect::<Vec<_>>().join(" || ")
    };
    let earlier = |time| format!(" && !(time < {time} && ({}))", is_pending(time));
    let earlier: String = (1..to).map(earlier).collect();
    format!(":: d_step {{ time < {to} && ({}){earlier} -> time = {to} }}\n", is_pending(to))
}

/// The step that prints an end, as the word that [`Family::end`] has for it.
fn telling(family: Family) -> String {
    let (callers, cancellers) = (family.size.callers, family.size.cancellers);
    let mut word = vec!["0UL".to_owned()];
    for i in 0..callers {
        let at = 8 * i;
        word.push(format!("((unsigned long) now.c{i} << {at})"));
        word.push(format!("((unsigned long) now.s{i} << {})", at + 2));
    }
    for j in 0..cancellers {
        word.push(format!("((unsigned long) now.x{j} << {})", 8 * callers + 3 * j));
    }
    let over = |i: u32| format!("c{i} >= 2 && s{i} >= 4");
    let done = |j: u32| format!("x{j} >= 3 && x{j} <= 6");
    let all: Vec<String> = (0..callers).map(over).chain((0..cancellers).map(done)).collect();
    format!(
        ":: d_step {{ !told && {} -> told = 1; c_code {{ printf(\"end %lu\\n\", {}); }} }}\n",
        all.join(" && "),
        word.join(" | ")
    )
}

/// The verifier that Spin and the C compiler make of a model.
#[derive(Clone, Debug)]
pub struct Verifier(PathBuf);

impl Verifier {
    /// Makes it, in that folder.
    ///
    /// # Errors
    ///
    /// What went wrong, with what the tools have said.
    pub fn make(model: &str, folder: &Path) -> Result<Verifier, String> {
        let written =
            fs::create_dir_all(folder).and_then(|()| fs::write(folder.join("m.pml"), model));
        written.map_err(|error| format!("{}: {error}", folder.display()))?;
        run(Command::new("spin").args(["-a", "m.pml"]).current_dir(folder))?;
        let flags = ["-O2", "-w", "-DSAFETY", "-DNOFAIR", "-DNOREDUCE", "-DMEMLIM=16384"];
        run(Command::new("gcc").args(flags).args(["-o", "pan", "pan.c"]).current_dir(folder))?;
        Ok(Verifier(folder.join("pan")))
    }

    /// The verifier that was made in that folder.
    pub fn made(folder: &Path) -> Verifier {
        Verifier(folder.join("pan"))
    }

    /// Explores all of it, with a table for about that many states.
    ///
    /// # Errors
    ///
    /// What it said, if that is not what a finished search says.
    pub fn explore(&self, states: u64) -> Result<SpinRun, String> {
        let bits = (u64::BITS - states.leading_zeros()).max(10);
        let said = run(Command::new(&self.0).args(["-E", "-m1000", &format!("-w{bits}")]))?;
        let number = |what: &str| {
            let line = said.lines().find(|line| line.trim_end().ends_with(what))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        let is_over = said.contains("errors: 0") && !said.contains("Search not completed");
        let said_all =
            ["states, stored", "transitions (= stored+matched)", "total actual memory usage"];
        let [Some(states), Some(transitions), Some(mebibytes)] = said_all.map(number) else {
            return Err(format!("the verifier of Spin says:\n{said}"));
        };
        if !is_over {
            return Err(format!("the search of Spin is not over:\n{said}"));
        }
        let ends = said.lines().filter_map(|line| line.strip_prefix("end ")?.parse().ok());
        // It counts the state that it begins in as a transition, too.
        let transitions = transitions as u64 - 1;
        let seen = Explored { states: states as u64, transitions, ends: ends.collect() };
        Ok(SpinRun { seen, bytes: mebibytes * f64::from(1 << 20) })
    }
}

/// What Spin has seen, and what it took.
#[derive(Clone, PartialEq, Debug)]
pub struct SpinRun {
    /// The ends are there only if the model tells them.
    pub seen: Explored,
    /// The memory for states, table and stack, as Spin says it.
    pub bytes: f64,
}

/// What it prints, if it ends well.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("{name}: {}\n{}", output.status, text(&output.stderr))),
    }
}
