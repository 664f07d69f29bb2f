//! A worker of the `loom` engine with the implementations of the tests, which can die on purpose.
//!
//! `loom-worker [kill-after MICROSECONDS | cut-after BYTES]`

use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use calloff_model::Monitor;
use calloff_sim::drive::{self, Implementation};
use calloff_sim::engine::loom;
use calloff_sim::engine::loom::worker::{Explore, worker_main};
use calloff_sim::runtime::loom::LoomRuntime;
use calloff_tests::handmade::{Handmade, Panics, TakesTwoLocks};
use calloff_tests::litmus;

fn explore<I: Implementation<LoomRuntime>>() -> Explore {
    Box::new(|case, budget| loom::explore(&drive::make::<_, I>(), case, budget))
}

fn main() -> ExitCode {
    let mut implementations = vec![
        ("monitor", explore::<Monitor<_>>()),
        ("takes-two-locks", explore::<Handmade<_, TakesTwoLocks>>()),
        ("panics", explore::<Handmade<_, Panics>>()),
    ];
    implementations.extend(litmus::implementations());
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = args.get(1).map(|number| number.parse().expect("a number"));
    let input = io::stdin().lock();
    let code = match (args.first().map(String::as_str), number) {
        (Some("cut-after"), Some(bytes)) => {
            let output = Cut { bytes, inner: io::stdout().lock() };
            worker_main(input, output, &implementations)
        }
        (way, number) => {
            if way == Some("kill-after") {
                kill_after(Duration::from_micros(number.expect("how long") as u64));
            }
            worker_main(input, io::stdout().lock(), &implementations)
        }
    };
    ExitCode::from(code)
}

fn kill_after(pause: Duration) {
    thread::spawn(move || {
        thread::sleep(pause);
        let me = std::process::id().to_string();
        Command::new("kill").args(["-9", &me]).status()
    });
}

/// Loses everything after the first bytes, and says that all is well.
struct Cut<W> {
    bytes: usize,
    inner: W,
}

impl<W: Write> Write for Cut<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let kept = text.len().min(self.bytes);
        self.bytes -= kept;
        self.inner.write_all(&text[..kept])?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
