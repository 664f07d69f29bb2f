//! What touches of memory at random places cost on this computer.

use nix::sys::resource::UsageWho;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::numbers::{Numbers, cpu_seconds, numbers};
use crate::touch;

const TOUCHES: u64 = 10_000_000;

/// The group. A case is a number of MiB.
pub fn group(args: &Args) -> Group {
    let sizes: &[u32] = if args.quick { &[1, 32, 256] } else { &[1, 32, 256, 1024] };
    Group {
        name: "touches",
        title: "Random touches of a table",
        cases: sizes.iter().map(|size| Case::named(format!("{size} MiB"))).collect(),
        variants: vec![
            Variant::new("independent", |size, _| measure(size, touch::independent)),
            Variant::new("dependent", |size, _| measure(size, touch::dependent)),
        ],
        tables: vec![
            Shown { number: "nanoseconds", title: "nanoseconds per touch", what: What::Median },
            Shown { number: "nanoseconds", title: "their spread", what: What::Spread },
        ],
        rows: Rows::Variants,
        seconds_max: 60.0,
        seconds_enough: 60.0,
    }
}

fn measure(size: &str, touch: fn(&mut [u64], u64)) -> Result<Numbers, String> {
    let mebibytes = size.trim_end_matches(" MiB").parse::<u64>();
    let mebibytes = mebibytes.map_err(|_| format!("{size} is no size"))?;
    let mut table = touch::table((mebibytes << 20) / 8);
    let before = cpu_seconds(UsageWho::RUSAGE_SELF);
    touch(&mut table, TOUCHES);
    let cpu = cpu_seconds(UsageWho::RUSAGE_SELF) - before;
    Ok(numbers([("cpu_seconds", cpu), ("nanoseconds", cpu * 1e9 / TOUCHES as f64)]))
}
