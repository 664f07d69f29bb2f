//! Exit codes: a stable contract, documented in `docs/scenarios.md`.

use std::process::ExitCode;

/// The ways in which the program ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Every expectation is met.
    Met,
    /// A violation, or an expected violation that is absent.
    Violated,
    /// Wrong usage of the command line.
    Usage,
    /// A limit was hit, and nothing was violated until then.
    Inconclusive,
    /// A scenario, schedule or history file is bad or cannot be read.
    BadFile,
    /// A replay departed from its schedule, or did not show what its file claims.
    Diverged,
    /// A bug in the harness, or a failure of the computer it runs on.
    Internal,
    /// An output cannot be written; its path was told.
    Unwritable,
    /// Ctrl-C; what was found until then was reported.
    Interrupted,
    /// SIGTERM; what was found until then was reported.
    Terminated,
}

impl Exit {
    /// Every way to end, with its code and meaning.
    pub const ALL: [(Exit, u8, &'static str); 10] = [
        (Exit::Met, 0, "every expectation is met"),
        (Exit::Violated, 1, "a violation, or an expected violation is absent"),
        (Exit::Usage, 2, "wrong usage of the command line"),
        (Exit::Inconclusive, 3, "inconclusive: a limit was hit, and nothing was violated"),
        (
            Exit::BadFile,
            4,
            "a scenario, schedule, counterexample, state or file of results is bad or unreadable",
        ),
        (Exit::Diverged, 5, "a replay diverged, or does not show what its file claims"),
        (Exit::Internal, 70, "internal error"),
        (Exit::Unwritable, 74, "an output cannot be written"),
        (Exit::Interrupted, 130, "interrupted; what was found so far is reported"),
        (Exit::Terminated, 143, "terminated (SIGTERM); what was found so far is reported"),
    ];

    /// The process's exit code.
    pub fn code(self) -> u8 {
        let entry = Exit::ALL.iter().find(|(exit, ..)| *exit == self);
        entry.expect("every way to end has a code").1
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
