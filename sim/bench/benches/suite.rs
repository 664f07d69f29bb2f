//! The suite: `cargo bench --manifest-path sim/bench/Cargo.toml`, and `-- --help` for its flags.

use std::process::ExitCode;

fn main() -> ExitCode {
    calloff_bench::main()
}
