//! Which engine detects which effect: measured, and compared with the page that says so.
//!
//! To write the page's tables anew:
//! `CALLOFF_BLESS=1 cargo test -p calloff-tests --test engines litmus::`.
//! What has to stay as it is, whatever is measured, stands here as tests of its own.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::OnceLock;

use calloff_model::{Reading, Waiter};
use calloff_protocol::judge::Worker;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_sim::engine::{exhaustive, loom, real_threads, sampled};
use calloff_tests::generated::hold;
use calloff_tests::litmus::{ALL, End, Entry, OnThreads, Variant};

/// The results of each engine that controls the code, for one litmus test.
struct Row {
    entry: &'static Entry,
    plain: Found,
    repaired: Found,
}

struct Found {
    exhaustive: BTreeSet<End>,
    loom: BTreeSet<End>,
    shuttle: BTreeSet<End>,
}

/// The seed of `shuttle`: the same as in `calloff check`.
const SEED: u64 = 0;

/// The litmus tests of relaxed memory.
const RELAXED: [&str; 2] = ["message-passing", "store-buffering"];

fn measure(entry: &'static Entry, variant: Variant) -> Found {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_loom-worker"));
    Found {
        exhaustive: entry.exhaustive(variant, 0),
        loom: entry.loom(variant, &Worker { program, args: Vec::new() }),
        shuttle: entry.shuttle(variant, 0, SEED),
    }
}

/// All litmus tests, measured once.
fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let row = |entry| Row {
            entry,
            plain: measure(entry, Variant::Plain),
            repaired: measure(entry, Variant::Repaired),
        };
        ALL.iter().map(row).collect()
    })
}

impl Row {
    /// Whether `exhaustive`, `loom` and `shuttle` detect the effect.
    fn seen(&self, variant: Variant) -> [bool; 3] {
        let found = match variant {
            Variant::Plain => &self.plain,
            Variant::Repaired => &self.repaired,
        };
        [&found.exhaustive, &found.loom, &found.shuttle].map(|ends| (self.entry.is_seen)(ends))
    }
}

fn seen(name: &str, variant: Variant) -> [bool; 3] {
    let row = rows().iter().find(|row| row.entry.name == name).expect("a litmus test");
    row.seen(variant)
}

// The page.

fn effects() -> String {
    let mut table = "| litmus test | effect | repaired by | `protocol` | `exhaustive` | `loom` | \
                     `shuttle` | `std` |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows() {
        let Entry { name, effect, repair, .. } = row.entry;
        let (plain, repaired) = (row.seen(Variant::Plain), row.seen(Variant::Repaired));
        let cell = |engine: usize| match (plain[engine], repaired[engine]) {
            (true, false) => "seen",
            (true, true) => "seen, also when repaired",
            (false, false) => "no",
            (false, true) => "only when repaired",
        };
        let threads = match row.entry.on_threads {
            OnThreads::Always => "always",
            OnThreads::ByChance => "by chance",
            OnThreads::Never => "no",
        };
        let [exhaustive, loom, shuttle] = [0, 1, 2].map(cell);
        let _ = writeln!(
            table,
            "| `{name}` | {effect} | {repair} | – | {exhaustive} | {loom} | {shuttle} | {threads} |"
        );
    }
    table
}

/// A program of this number of actors, each of which takes these steps.
fn program(time: &str, actors: usize, steps: &str) -> Program {
    let actor =
        |actor| format!("[[actor]]\nname = \"actor-{actor}\"\ndepth = 1\nsteps = [{steps}]\n");
    let actors: String = (0..actors).map(actor).collect();
    let text = format!("schema = 1\nname = \"skipped\"\ntime = \"{time}\"\n{actors}");
    Program::new(&Scenario::parse("skipped", text.as_bytes()).unwrap_or_else(|e| panic!("{e}")))
}

/// For each engine, the smallest programs that it cannot run, and the reason that it gives.
fn skips() -> String {
    let enable = "\"enable\"";
    let timed = "{ sleep = 1 }";
    let free = |actors| program("free", actors, enable);
    let urgent = program("urgent", 1, enable);
    let long = program("free", 1, &vec![enable; 1001].join(", "));
    let slow = program("free", 61, timed);
    let timed = program("free", 2, timed);
    let reading = |waiter| Reading { waiter, ..Reading::default() };
    let std = |program: &Program| real_threads::skip_reason(program, Reading::default());
    let std_caller =
        |program: &Program| real_threads::skip_reason(program, reading(Waiter::Caller));
    let reasons = [
        ("exhaustive", "64 actors", exhaustive::skip_reason(&free(64))),
        ("loom", "five actors", loom::skip_reason(&free(5))),
        ("loom", "an urgent clock", loom::skip_reason(&urgent)),
        ("shuttle", "1001 actors", sampled::skip_reason(&free(1001))),
        ("std", "an urgent clock", std(&urgent)),
        ("std", "two sleeps or windows, under `waiter = caller`", std_caller(&timed)),
        ("std", "65 actors", std(&free(65))),
        ("std", "1001 steps", std(&long)),
        ("std", "61 seconds, all in all", std(&slow)),
    ];
    let mut table = "| engine | scenario | why it is skipped |\n|---|---|---|\n".to_owned();
    for (engine, what, reason) in reasons {
        let reason = reason.unwrap_or_else(|| panic!("{engine} takes {what}"));
        let _ = writeln!(table, "| `{engine}` | {what} | {reason} |");
    }
    let just = [
        exhaustive::skip_reason(&free(63)),
        loom::skip_reason(&free(4)),
        sampled::skip_reason(&free(1000)),
        std(&free(64)),
        std(&timed),
    ];
    assert!(just.iter().all(Option::is_none), "one less is not too much: {just:?}");
    table
}

#[test]
fn the_page_of_the_engines_says_what_was_measured() {
    let parts = hold("docs/engines.md", |name| match name {
        "effects" => effects(),
        "skips" => skips(),
        other => panic!("no table is called {other}"),
    });
    assert_eq!(parts, 2, "every table has its place");
}

// Results that must not change, whatever the page says.

#[test]
fn every_engine_that_explores_sees_time_lost_and_unfair_notifications_deadlocks_and_interference() {
    let timed = ["timed-wait", "timed-race"];
    let locks = ["check-then-act", "lost-notification", "lock-order", "wake-order"];
    for name in timed.into_iter().chain(locks) {
        assert_eq!(seen(name, Variant::Plain), [true, true, true], "{name}");
    }
}

#[test]
fn loom_alone_sees_stale_reads() {
    for name in RELAXED {
        assert_eq!(seen(name, Variant::Plain), [false, true, false], "{name}");
    }
}

#[test]
fn loom_alone_sees_no_spurious_wake_ups() {
    assert_eq!(seen("spurious-wake-up", Variant::Plain), [true, false, true]);
}

#[test]
fn no_engine_sees_a_value_that_is_written_only_later() {
    assert_eq!(seen("load-buffering", Variant::Plain), [false, false, false]);
}

#[test]
fn the_one_false_alarm_is_that_of_loom_about_sequential_consistency() {
    for row in rows() {
        let is_false_alarm = row.entry.name == "store-buffering";
        let expected = [false, is_false_alarm, false];
        assert_eq!(row.seen(Variant::Repaired), expected, "{}", row.entry.name);
    }
}

#[test]
fn exhaustive_has_no_spurious_wake_up_for_more_than_four_actors_and_shuttle_has() {
    let spurious = ALL.iter().find(|entry| entry.name == "spurious-wake-up").expect("it is there");
    for (actors, exhaustive_sees) in [(4, true), (5, false)] {
        let idle = actors - spurious.actors;
        let exhaustive = spurious.exhaustive(Variant::Plain, idle);
        assert_eq!((spurious.is_seen)(&exhaustive), exhaustive_sees, "{actors} actors");
        let shuttle = spurious.shuttle(Variant::Plain, idle, SEED);
        assert!((spurious.is_seen)(&shuttle), "{actors} actors");
    }
}

#[test]
fn what_shuttle_and_loom_find_exhaustive_finds_too_unless_memory_is_relaxed() {
    for row in rows() {
        for found in [&row.plain, &row.repaired] {
            assert!(found.shuttle.is_subset(&found.exhaustive), "{}", row.entry.name);
            let is_relaxed = RELAXED.contains(&row.entry.name);
            assert!(is_relaxed || found.loom.is_subset(&found.exhaustive), "{}", row.entry.name);
        }
    }
}

#[test]
fn what_happens_on_real_threads_some_engine_has_foreseen() {
    for row in rows() {
        for (variant, found) in [(Variant::Plain, &row.plain), (Variant::Repaired, &row.repaired)] {
            let entry = row.entry;
            let real = entry.threads(variant);
            let foreseen: BTreeSet<End> = found.exhaustive.union(&found.loom).cloned().collect();
            let is_beyond_all = entry.name == "load-buffering" && variant == Variant::Plain;
            assert!(is_beyond_all || real.is_subset(&foreseen), "{}: {real:?}", entry.name);
            let is_seen = (entry.is_seen)(&real);
            match (variant, entry.on_threads) {
                (Variant::Plain, OnThreads::Always) => assert!(is_seen, "{}", entry.name),
                (Variant::Plain, OnThreads::ByChance) => {}
                (Variant::Plain, OnThreads::Never) | (Variant::Repaired, _) => {
                    assert!(!is_seen, "{}", entry.name);
                }
            }
        }
    }
}
