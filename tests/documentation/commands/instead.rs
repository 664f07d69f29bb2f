//! The commands that are not run literally, each with its replacement and the reason.

/// The replacement of a command.
pub(crate) enum Instead {
    /// It takes too long. This smaller command shows the same, and is run.
    Smaller(&'static str),
    /// It takes days. This part of it is run, even if slow commands are run.
    Part(&'static str),
    /// It takes too long, and other tests do a part of it. Only its names are checked.
    Slow(&'static str),
    /// It cannot be run here, for this reason. Only its names are checked.
    Never(&'static str),
}

impl Instead {
    /// A description of what was done.
    pub(crate) fn told(&self, is_slow_too: bool) -> String {
        match self {
            Smaller(_) | Slow(_) if is_slow_too => "run, since that was asked for".to_owned(),
            Smaller(less) | Part(less) => format!("instead {less}"),
            Slow(why) | Never(why) => format!("not run; {why}"),
        }
    }
}

use Instead::{Never, Part, Slow, Smaller};

const TESTS: &str = "the tests run it as it is without the variable, or the whole of it";

const OTHER_TOOLS: &str = "it compiles other tools, for minutes";

/// Every command of the documentation that has a replacement. With `CALLOFF_SLOW_COMMANDS`,
/// commands that are only slow are run themselves.
pub(crate) const INSTEAD: &[(&str, Instead)] = &[
    ("tests/run", Never("it runs this test")),
    ("cargo install --path sim/cli", Slow("it builds everything once more")),
    ("cargo install --locked --path sim/cli", Slow("it builds everything once more")),
    ("cargo install --locked --git \"$CALLOFF\" calloff-sim", Never("there is no such server")),
    (
        "calloff new implementation my-cancel && cd my-cancel && cargo run --release",
        Never("it builds everything once more; a test verifies the template"),
    ),
    ("calloff worker loom", Never("only calloff itself speaks to it")),
    // The whole corpus under every engine.
    ("cargo run --release -- check", Smaller("calloff check --engine protocol")),
    ("calloff check", Smaller("calloff check --engine protocol")),
    ("calloff check --thorough", Smaller("calloff check --thorough --engine protocol")),
    (
        "calloff check --thorough --engine protocol --engine loom",
        Smaller("calloff check cancel-meets-reply --thorough --engine protocol --engine loom"),
    ),
    (
        "calloff check scenarios/races --jobs 2",
        Smaller("calloff check scenarios/races --jobs 2 --engine protocol"),
    ),
    ("calloff check races", Smaller("calloff check races --engine protocol")),
    ("calloff check --thorough races", Smaller("calloff check --thorough races --engine protocol")),
    (
        "calloff check races --format github",
        Smaller("calloff check races --format github --engine protocol"),
    ),
    (
        "calloff check races --junit calloff.xml",
        Smaller("calloff check races --junit calloff.xml --engine protocol"),
    ),
    // The whole corpus under every seeded bug.
    ("calloff faults", Slow("corpus.rs and shell_faults.rs of tests/engines do the same")),
    (
        "calloff faults --measure",
        Smaller("calloff faults --measure --fault second-cancel-accepted --seeds 1"),
    ),
    (
        "calloff faults --measure --fault notify-one --seeds 200",
        Smaller("calloff faults --measure --fault second-cancel-accepted --seeds 1"),
    ),
    (
        "cargo run --release --example your_own",
        Slow("tests/documentation/your_own.rs does the same"),
    ),
    (
        "cargo run --release --example your_own -- --break --first",
        Smaller(
            "cargo run --release --example your_own -- --break --first --engine exhaustive \
             scenarios/races/get-object-meets-completion.toml",
        ),
    ),
    ("cargo run --release --example per_call", Slow("tests/engines/per_call.rs does the same")),
    (
        "cargo run --release --example per_call -- --break late-reply-is-taken",
        Smaller(
            "cargo run --release --example per_call -- --break late-reply-is-taken \
             scenarios/looks/all-facts-of-a-canceled-call.toml",
        ),
    ),
    (
        "cargo run --release --example per_call -- --measure",
        Slow("tests/engines/per_call.rs does the same"),
    ),
    (
        "cargo mutants -p calloff-model -f 'model/src/machine/*.rs' -f model/src/time.rs \
         --test-package calloff-protocol --baseline skip --timeout 300 -- --test corpus",
        Never("it takes an hour, and a program that is not installed here"),
    ),
    // Many cases.
    ("calloff fuzz", Smaller("calloff fuzz --cases 30")),
    ("calloff fuzz --save found", Smaller("calloff fuzz --save found --cases 30")),
    ("calloff fuzz --cases 10000", Smaller("calloff fuzz --cases 30")),
    ("calloff fuzz --cases 100000 --seed 7", Smaller("calloff fuzz --cases 30 --seed 7")),
    (
        "calloff fuzz --cases 20000 --seed \"$(date +%j)\"",
        Smaller("calloff fuzz --cases 30 --seed \"$(date +%j)\""),
    ),
    ("calloff fuzz --seconds 60", Smaller("calloff fuzz --seconds 1")),
    (
        "calloff fuzz --seconds 60 --engine protocol --engine exhaustive",
        Smaller("calloff fuzz --seconds 1 --engine protocol --engine exhaustive"),
    ),
    (
        "calloff fuzz --engine protocol --engine exhaustive",
        Smaller("calloff fuzz --engine protocol --engine exhaustive --cases 20"),
    ),
    (
        "calloff fuzz --fault window-ignored --keep-going",
        Smaller("calloff fuzz --fault window-ignored --keep-going --cases 20"),
    ),
    (
        "calloff fuzz --keep-going --cases 10000000 --state night",
        Part("calloff fuzz --keep-going --cases 50 --state night"),
    ),
    // Many machines, and long runs.
    (
        "calloff check --seconds-max 90000 --results night.jsonl --resume",
        Smaller("calloff check --engine protocol --results night.jsonl --resume"),
    ),
    (
        "calloff check races --seconds-max 90000 --results night.jsonl --resume",
        Smaller("calloff check races --engine protocol --results night.jsonl --resume"),
    ),
    (
        "calloff check --shard 2/7 --results 2.jsonl",
        Smaller("calloff check --engine protocol --shard 2/7 --results 2.jsonl"),
    ),
    (
        "calloff faults --shard 2/7 --results 2.jsonl",
        Slow("tests/command_line/far/faults.rs does the same"),
    ),
    (
        "calloff fuzz --cases 10000000 --shard 2/7 --results 2.jsonl",
        Part("calloff fuzz --cases 50 --shard 2/7 --results 2.jsonl"),
    ),
    ("CALLOFF_SHARDS=64 cargo test -p calloff-tests --test command_line far::", Slow(TESTS)),
    // The project's own tests.
    ("cargo build --workspace && cargo test -p calloff-tests --test engines litmus::", Slow(TESTS)),
    ("CALLOFF_BLESS=1 cargo test -p calloff-tests --test engines litmus::", Slow(TESTS)),
    ("cargo test -p calloff-tests --test engines spurious", Slow(TESTS)),
    (
        "CALLOFF_REPLAYS=1000 cargo test --release -p calloff-tests --test findings replay::",
        Slow(TESTS),
    ),
    (
        "CALLOFF_CASES=10000 cargo test --release -p calloff-tests --test engines generated::",
        Slow(TESTS),
    ),
    (
        "CALLOFF_REDUCTIONS=1 cargo test --release -p calloff-protocol --test reductions",
        Slow(TESTS),
    ),
    ("CALLOFF_KILLS=200 cargo test -p calloff-tests --test findings resume::", Slow(TESTS)),
    ("CALLOFF_PAGES=1 cargo test -p calloff-tests --test explore", Slow(TESTS)),
    ("CALLOFF_ZOO=1 cargo test -p calloff-tests --test engines zoo::", Slow(TESTS)),
    ("CALLOFF_BLESS=1 cargo test -p calloff-tests --test engines zoo::", Slow(TESTS)),
    ("CALLOFF_BLESS=1 cargo test -p calloff-tests --test engines per_call::", Slow(TESTS)),
    ("cargo build --workspace && cargo test -p calloff-tests --test command_line", Slow(TESTS)),
    ("cargo test -p calloff-tests --test engines loom::", Slow(TESTS)),
    ("cargo test -p calloff-tests --test engines half_an_answer", Slow(TESTS)),
    ("CALLOFF_BLESS=1 cargo test -p calloff-tests --test documentation docs::", Slow(TESTS)),
    ("CALLOFF_BLESS=1 cargo test -p calloff-tests --test documentation commands::", Slow(TESTS)),
    ("TRYCMD=overwrite cargo test -p calloff-tests --test command_line cli::", Slow(TESTS)),
    (
        "INSTA_UPDATE=always cargo test -p calloff-tests --test command_line bad_files::",
        Slow(TESTS),
    ),
    // The benchmarks, a workspace of their own.
    ("cargo bench --manifest-path sim/bench/Cargo.toml", Never(OTHER_TOOLS)),
    ("cargo bench --manifest-path sim/bench/Cargo.toml -- --quick", Never(OTHER_TOOLS)),
    ("cargo bench --manifest-path sim/bench/Cargo.toml -- --bless", Never(OTHER_TOOLS)),
    (
        "cargo bench --manifest-path sim/bench/Cargo.toml -- --only peers --large",
        Never(OTHER_TOOLS),
    ),
    (
        "cargo bench --manifest-path sim/bench/Cargo.toml -- --json run.json --svg plots",
        Never(OTHER_TOOLS),
    ),
    ("cargo test --release --manifest-path sim/bench/Cargo.toml", Never(OTHER_TOOLS)),
    (
        "cargo clippy --manifest-path sim/bench/Cargo.toml --all-targets -- -D warnings",
        Never(OTHER_TOOLS),
    ),
    ("cargo fmt --manifest-path sim/bench/Cargo.toml --check", Never(OTHER_TOOLS)),
];
