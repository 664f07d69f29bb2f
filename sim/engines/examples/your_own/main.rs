//! How to verify an implementation of your own. `packed.rs` is one; this is all that checks it.
//!
//! ```sh
//! cargo run --release --example your_own                        # the corpus, up to six actors
//! cargo run --release --example your_own -- my-race.toml        # scenarios of your own
//! cargo run --release --example your_own -- --break             # what a finding looks like
//! ```

mod packed;

use std::path::PathBuf;
use std::process::ExitCode;

use calloff_sim::exit::Exit;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Subject, verify};
use packed::Packed;

/// Of the corpus, scenarios of up to that many actors. The one of seven has more interleavings of
/// the words of `packed.rs` than fit into the limit on memory: named as a file, it is reported as
/// not explored to the end (`Monitor`, whose steps are larger, is through with it in seconds).
const ACTORS_MAX: usize = 6;

fn main() -> ExitCode {
    let (flags, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--break");
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    // All four readings. Code that follows one alone would go on with `.readings(&[reading])`.
    let subject = match Subject::files(&paths) {
        Ok(subject) => subject,
        Err(bad) => {
            eprintln!("{bad}");
            return Exit::BadFile.into();
        }
    };
    let subject = if paths.is_empty() { subject.actors_max(ACTORS_MAX) } else { subject };
    let report = match flags.is_empty() {
        true => verify::<Packed<ShuttleRuntime>>(&subject),
        false => verify::<Packed<ShuttleRuntime, true>>(&subject.actors_max(3)),
    };
    print!("{report}");
    report.exit().into()
}
