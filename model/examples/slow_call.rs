//! Cancels a slow call while an independent fast call is not affected.
//!
//! Two clients call two workers. A canceller requests cancellation of the slow call and gives its
//! worker one second to finish. The worker continues regardless, so the client gets its thread back
//! after that second, and the worker's later result is dropped.
//!
//! ```text
//! The slow worker has entered its call; its client waits for the result.
//! The fast call next door returned S_OK: each thread's calls are its own.
//! Asking for the slow call to be canceled, with one second for its worker to finish in.
//! Cancel returned S_OK: the request was made, and the second ran out without a reply.
//! The slow client is back, with RPC_E_CALL_CANCELED instead of a result.
//! TestCancel tells the slow worker RPC_E_CALL_CANCELED: nobody waits for it any more.
//! The slow worker has returned S_OK all the same; the late reply was dropped.
//! A second Cancel returned RPC_S_CALL_CANCELED: the call is canceled already.
//! ```

use std::error::Error;
use std::sync::{Arc, mpsc};
use std::thread;

use calloff_model::{CallId, Code, Monitor, Reading, StdRuntime, ThreadId, Window};

/// Each client is one COM thread, and has enabled call cancellation once.
const SLOW_CLIENT: ThreadId = ThreadId(0);
const FAST_CLIENT: ThreadId = ThreadId(1);

const SLOW_CALL: CallId = CallId(1);
const FAST_CALL: CallId = CallId(2);

fn main() -> Result<(), Box<dyn Error>> {
    tell(|line| println!("{line}"))
}

/// Runs the scenario. The lines depend only on its events, never on the speed of a thread.
fn tell(mut say: impl FnMut(String)) -> Result<(), Box<dyn Error>> {
    let monitor = Arc::new(Monitor::new(StdRuntime::new(), Reading::default(), &[1, 1]));
    let (entered, when_entered) = mpsc::channel();
    let (enough, had_enough) = mpsc::channel();

    let slow_worker = thread::spawn({
        let monitor = Arc::clone(&monitor);
        move || {
            monitor.dispatch(SLOW_CLIENT, SLOW_CALL);
            let _ = entered.send(());
            let _ = had_enough.recv(); // the work, longer than the canceller is willing to wait
            let told = monitor.test_cancel(SLOW_CLIENT, SLOW_CALL);
            (told, monitor.reply(SLOW_CLIENT, SLOW_CALL, Code::S_OK))
        }
    });
    let fast_worker = thread::spawn({
        let monitor = Arc::clone(&monitor);
        move || {
            monitor.dispatch(FAST_CLIENT, FAST_CALL);
            monitor.reply(FAST_CLIENT, FAST_CALL, Code::S_OK)
        }
    });
    let [slow_client, fast_client] =
        [(SLOW_CLIENT, SLOW_CALL), (FAST_CLIENT, FAST_CALL)].map(|(client, call)| {
            let monitor = Arc::clone(&monitor);
            thread::spawn(move || monitor.call(client, call))
        });
    let ended = |_| "a thread panicked";

    when_entered.recv()?;
    say("The slow worker has entered its call; its client waits for the result.".to_owned());
    let code = fast_client.join().map_err(ended)?;
    fast_worker.join().map_err(ended)?;
    say(format!("The fast call next door returned {code}: each thread's calls are its own."));

    let object = monitor.get_cancel_object(SLOW_CLIENT).map_err(|code| code.to_string())?;
    say("Asking for the slow call to be canceled, with one second for its worker to finish in."
        .to_owned());
    let code = monitor.cancel(object, Window::Seconds(1));
    say(format!(
        "Cancel returned {}: the request was made, and the second ran out without a reply.",
        code.cancel_name()
    ));
    let code = slow_client.join().map_err(ended)?;
    say(format!("The slow client is back, with {code} instead of a result."));

    enough.send(())?;
    let (told, replied) = slow_worker.join().map_err(ended)?;
    say(format!("TestCancel tells the slow worker {told}: nobody waits for it any more."));
    say(format!(
        "The slow worker has returned {replied} all the same; the late reply was dropped."
    ));
    let code = monitor.cancel(object, Window::Seconds(0));
    let code = code.cancel_name();
    say(format!("A second Cancel returned {code}: the call is canceled already."));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_says_what_its_first_lines_say() {
        let source = include_str!("slow_call.rs").lines();
        let documented = source.skip_while(|line| *line != "//! ```text").skip(1);
        let documented: Vec<&str> = documented
            .take_while(|line| *line != "//! ```")
            .filter_map(|line| line.strip_prefix("//! "))
            .collect();
        let mut said = Vec::new();
        super::tell(|line| said.push(line)).expect("it ends well");
        assert_eq!(said, documented);
    }
}
