//! Verifies `Mine` against calloff's state machine.
//!
//! ```sh
//! cargo run --release                        # the same ends as the machine: exit code 0
//! cargo run --release -- --break --first     # with a planted bug: a finding, exit code 1
//! cargo run --release -- --help
//! ```

mod mine;

use std::process::ExitCode;

use calloff_model::StdRuntime;
use calloff_sim::verify;
use mine::Mine;

fn main() -> ExitCode {
    let (breaks, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--break");
    match breaks.is_empty() {
        true => verify::main_with::<Mine<StdRuntime>>(arguments.into_iter()),
        false => verify::main_with::<Mine<StdRuntime, true>>(arguments.into_iter()),
    }
}
