//! All outcomes of a scenario: calloff, stateright, Spin, a search by hand, and memory alone.

use std::path::PathBuf;

use nix::sys::resource::UsageWho;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::numbers::{Numbers, cpu_seconds, numbers, peak_bytes};
use crate::peers::calloff::{self, Searched};
use crate::peers::family::{Detail, Family, Size};
use crate::peers::hand::{self, Explored};
use crate::peers::spin::{self, Verifier};
use crate::peers::stateright::{self, Order};
use crate::touch;

/// Sizes, roughly by the time that calloff takes.
const SIZES: [&str; 9] = ["1,1", "1,2", "1,3", "1,4", "2,3", "1,5", "3,3", "1,6", "1,7"];
const QUICK: [&str; 5] = ["1,1", "1,2", "1,3", "1,4", "2,3"];
const LARGE: &str = "3,5";

const TIMES: What = What::Times(&["Spin", "stateright BFS", "stateright DFS"]);

/// The group.
pub fn group(args: &Args) -> Group {
    let sizes: &[&str] = if args.quick { &QUICK } else { &SIZES };
    let sizes = sizes.iter().copied().chain(args.large.then_some(LARGE));
    let case = |size: &str| {
        let actors = size.parse::<Size>().ok().filter(|size| size.callers == 1).map(Size::actors);
        Case { name: size.to_owned(), actors }
    };
    let (enough, max) = if args.quick { (4.0, 10.0) } else { (20.0, 180.0) };
    Group {
        name: "peers",
        title: "All outcomes of K calls and M cancellers (K,M)",
        cases: sizes.map(case).collect(),
        variants: variants(),
        tables: vec![
            Shown { number: "cpu_seconds", title: "CPU seconds", what: What::Median },
            Shown { number: "cpu_seconds", title: "times the quickest peer", what: TIMES },
            Shown { number: "cpu_seconds", title: "spread of the seconds", what: What::Spread },
            Shown { number: "states", title: "states", what: What::Count },
            Shown { number: "transitions", title: "transitions", what: What::Count },
            Shown { number: "outcomes", title: "outcomes", what: What::Count },
            Shown { number: "bytes_per_state", title: "bytes per state", what: What::Median },
        ],
        rows: Rows::Variants,
        seconds_max: max,
        seconds_enough: enough,
    }
}

fn variants() -> Vec<Variant> {
    let of_calloff = calloff::VARIANTS.iter().map(|(name, search)| {
        Variant::new(name, move |size, _| {
            let Searched { states, transitions, outcomes } = search(&size.parse::<Size>()?.case());
            Ok(counted(states, transitions, outcomes.len()))
        })
    });
    let by_stateright = |name, order, detail| {
        Variant::new(name, move |size, _| {
            let family = Family { size: size.parse()?, detail };
            Ok(explored(&stateright::explore(family, order)))
        })
    };
    let by_hand =
        Variant::new("by hand", |size, _| Ok(explored(&hand::explore(Family::new(size.parse()?)))));
    let spin = Variant { name: "Spin", prepare: make_verifier, run: Box::new(by_spin) };
    let others = [
        spin,
        by_stateright("stateright BFS", Order::Breadth, Detail::Least),
        by_stateright("stateright DFS", Order::Depth, Detail::Least),
        by_stateright("DFS, same steps", Order::Depth, Detail::Calloff),
        by_hand,
        Variant::new("memory alone", memory_alone),
    ];
    of_calloff.chain(others).collect()
}

fn counted(states: u64, transitions: u64, outcomes: usize) -> Numbers {
    numbers([
        ("states", states as f64),
        ("transitions", transitions as f64),
        ("outcomes", outcomes as f64),
    ])
}

fn explored(found: &Explored) -> Numbers {
    counted(found.states, found.transitions, found.ends.len())
}

/// Where the verifier of a size is: below the folder in which this program was built.
fn folder(size: &str) -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let above = program.parent().ok_or("a program without a folder")?;
    Ok(above.join("spin").join(size.replace(',', "-")))
}

fn make_verifier(size: &str) -> Result<(), String> {
    if let Some(reason) = spin::skip_reason() {
        return Err(reason);
    }
    let model = spin::promela(Family::new(size.parse()?), false);
    Verifier::make(&model, &folder(size)?).map(drop)
}

/// Runs the verifier in a process of its own, and measures that.
fn by_spin(size: &str, _: u64) -> Result<Numbers, String> {
    let verifier = Verifier::made(&folder(size)?);
    let states = hand::explore(Family::new(size.parse()?)).states;
    let found = verifier.explore(states)?;
    let (children, mut measured) = (UsageWho::RUSAGE_CHILDREN, explored(&found.seen));
    // The growth of a child is not to be had: it begins as a copy of this process. Spin says itself
    // what it has taken.
    measured.insert("grown_bytes".to_owned(), found.bytes);
    measured.remove("outcomes");
    measured.insert("cpu_seconds".to_owned(), cpu_seconds(children));
    measured.insert("peak_bytes".to_owned(), peak_bytes(children));
    Ok(measured)
}

/// Touches a table at random, once for each step of the search by hand: what no search that keeps
/// its states in one table can be quicker than on an equal graph.
fn memory_alone(size: &str, _: u64) -> Result<Numbers, String> {
    let found = hand::explore(Family::new(size.parse()?));
    let mut table = touch::table(2 * found.states);
    let before = cpu_seconds(UsageWho::RUSAGE_SELF);
    touch::independent(&mut table, found.transitions);
    let cpu = cpu_seconds(UsageWho::RUSAGE_SELF) - before;
    Ok(numbers([("cpu_seconds", cpu), ("transitions", found.transitions as f64)]))
}
