//! `calloff faults`: the matrix fault × clause.

use std::io::{self, Write};

use super::args::{Faults, jobs};
use super::{Exit, check, load, stdout};
use crate::check::Options;
use crate::engine::{Engine, Limits, Stop};
use crate::faults::{FAULTS, Fault, matrix};
use crate::plan::Plan;

pub(super) fn run(args: &Faults) -> io::Result<Exit> {
    let mut out = stdout();
    if args.list {
        for fault in &FAULTS {
            writeln!(out, "{:<30} {:<4} {}", fault.name, fault.caught_by, fault.summary)?;
        }
        return Ok(Exit::Met);
    }
    let sources = match load::load(&[]) {
        Ok(sources) => sources,
        Err(exit) => return Ok(exit),
    };
    writeln!(out, "{:<30} {:<10} caught by", "fault", "must catch")?;
    let stop = Stop::default();
    let mut missed = 0;
    for fault in &FAULTS {
        let plan = Plan {
            sources: sources.clone(),
            cancelable: None,
            waiter: None,
            options: Options {
                engines: vec![Engine::Protocol],
                fault: Some(fault),
                limits: Limits::default(),
                seed: 0,
            },
            jobs: jobs(args.jobs),
        };
        let runs = check::execute(&plan, &stop);
        if stop.is_interrupted() {
            return Ok(Exit::Interrupted);
        }
        let caught = matrix::caught_by(&runs);
        missed += usize::from(!caught.contains(&fault.caught_by));
        writeln!(out, "{}", row(fault, &caught))?;
    }
    writeln!(out, "\n{} of {} faults caught by their clause", FAULTS.len() - missed, FAULTS.len())?;
    Ok(if missed == 0 { Exit::Met } else { Exit::Violated })
}

fn row(fault: &Fault, caught: &[&'static str]) -> String {
    let sign = if caught.contains(&fault.caught_by) { ' ' } else { '✗' };
    format!("{:<30} {:<8} {sign} {}", fault.name, fault.caught_by, caught.join(" "))
}
