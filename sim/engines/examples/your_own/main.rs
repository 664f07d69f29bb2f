//! How to verify an implementation of your own. `packed.rs` is one; this is all that checks it.
//!
//! ```sh
//! cargo run --release --example your_own                        # the corpus and generated races
//! cargo run --release --example your_own -- my-race.toml        # scenarios of your own
//! cargo run --release --example your_own -- --break --first     # what a finding looks like
//! cargo run --release --example your_own -- --help
//! ```

mod packed;

use std::process::ExitCode;

use calloff_model::StdRuntime;
use calloff_sim::verify;
use packed::Packed;

fn main() -> ExitCode {
    let (breaks, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--break");
    match breaks.is_empty() {
        true => verify::main_with::<Packed<StdRuntime>>(arguments.into_iter()),
        false => verify::main_with::<Packed<StdRuntime, true>>(arguments.into_iter()),
    }
}
