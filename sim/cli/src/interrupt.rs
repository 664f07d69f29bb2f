//! Ctrl-C and SIGTERM: they stop what goes on, and what was found so far is reported.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use calloff_protocol::exploration::Stop;
use calloff_sim::exit::Exit;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether SIGTERM has come. It is there once this process handles signals.
static IS_TERMINATED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Stops what goes on at the first signal; the second one ends the program at once.
///
/// Only the first call in a process counts.
pub(super) fn stop_at_signals(stop: &Stop) {
    IS_TERMINATED.get_or_init(|| {
        let is_terminated = Arc::<AtomicBool>::default();
        let handle = |signal, exit: Exit| {
            flag::register_conditional_shutdown(signal, exit.code().into(), stop.flag())?;
            flag::register(signal, stop.flag())
        };
        // A signal that cannot be handled ends the program as it always does.
        let _ = flag::register(SIGTERM, is_terminated.clone());
        let _ = handle(SIGTERM, Exit::Terminated);
        let _ = handle(SIGINT, Exit::Interrupted);
        is_terminated
    });
}

/// How the program ends: by the signal that has stopped it, else with that exit code.
pub(super) fn unless_stopped(stop: &Stop, exit: Exit) -> Exit {
    let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
    match stop.is_interrupted() {
        false => exit,
        true if IS_TERMINATED.get().is_some_and(is_set) => Exit::Terminated,
        true => Exit::Interrupted,
    }
}
