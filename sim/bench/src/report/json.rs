//! The JSON report.

use serde::Serialize;

use super::Machine;
use crate::run::{Cell, Results};

/// The version of this document's shape.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    machine: &'a Machine,
    repetitions: u32,
    groups: Vec<GroupJson<'a>>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    name: &'a str,
    title: &'a str,
    cases: Vec<CaseJson<'a>>,
}

#[derive(Serialize)]
struct CaseJson<'a> {
    name: &'a str,
    variants: Vec<VariantJson<'a>>,
}

#[derive(Serialize)]
struct VariantJson<'a> {
    name: &'a str,
    #[serde(flatten)]
    cell: &'a Cell,
}

/// All numbers of a run, as one document; `docs/performance.md` describes it.
///
/// # Panics
///
/// Never: all of it can be written.
pub fn json(machine: &Machine, repetitions: u32, results: &[Results]) -> String {
    let groups = results.iter().map(|Results { group, cells }| GroupJson {
        name: group.name,
        title: group.title,
        cases: (group.cases.iter().zip(cells))
            .map(|(case, cells)| CaseJson {
                name: &case.name,
                variants: (group.variants.iter().zip(cells))
                    .map(|(variant, cell)| VariantJson { name: variant.name, cell })
                    .collect(),
            })
            .collect(),
    });
    let document = Document { schema: SCHEMA, machine, repetitions, groups: groups.collect() };
    serde_json::to_string_pretty(&document).expect("numbers and names") + "\n"
}
