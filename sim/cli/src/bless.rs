//! `calloff check --bless`: writes the codes that were seen into the files that name none.

use std::fs;
use std::path::Path;

use calloff_protocol::exploration::{Bound, Engine};
use calloff_protocol::judge::{Run, Source, Verdict};
use calloff_protocol::plan::Plan;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::text::printable_path;
use calloff_reports::codes_seen::{TABLE, groups, names_codes};
use calloff_sim::exit::Exit;

use super::{Early, narrate, unwritable};

/// The width of what is written into a file.
const WIDTH: usize = 98;

/// Blesses each file, and says what was done with it. The exit is that of the check, unless a file
/// that holds could not be blessed.
pub(super) fn bless(plan: &Plan, runs: &[Run], exit: Exit) -> Result<Exit, Early> {
    let mut worst = exit;
    for (index, source) in plan.sources.iter().enumerate() {
        let path = Path::new(&source.file);
        let name = printable_path(path);
        match blessed(source, index, runs) {
            Ok(text) => {
                fs::write(path, text).map_err(unwritable(path))?;
                narrate(&format!("{name}: its codes were written into {TABLE}"));
            }
            Err(Refusal { why, is_left_alone }) => {
                narrate(&format!("{name}: not changed: {why}"));
                if !is_left_alone && worst == Exit::Met {
                    worst = Exit::Usage;
                }
            }
        }
    }
    Ok(worst)
}

/// Why a file is not changed.
struct Refusal {
    why: String,
    /// The file is as it should be.
    is_left_alone: bool,
}

impl Refusal {
    fn new(why: &str) -> Refusal {
        Refusal { why: why.to_owned(), is_left_alone: false }
    }
}

/// The text of the file with its codes.
fn blessed(source: &Source, index: usize, runs: &[Run]) -> Result<String, Refusal> {
    let of_file = || runs.iter().filter(|run| run.source == index);
    if names_codes(source) {
        let why = "it names the codes that it expects already".to_owned();
        return Err(Refusal { why, is_left_alone: true });
    }
    let is_cut = |run: &Run| matches!(run.exploration.bound, Bound::Stopped { .. });
    if of_file().any(is_cut) {
        return Err(Refusal::new("not everything was explored, so that other codes may come"));
    }
    let holds = |run: &Run| run.skipped.is_some() || run.verdict == Verdict::Holds;
    if !of_file().all(|run| holds(run) && (run.skipped.is_some() || run.is_as_expected)) {
        return Err(Refusal::new("it does not hold, and what is wrong is not to be expected"));
    }
    let is_explored = |reading| {
        let is_it = |run: &Run| {
            run.engine == Engine::Protocol && run.reading == reading && run.skipped.is_none()
        };
        of_file().any(is_it)
    };
    if !source.scenario.expect.readings.iter().all(|reading| is_explored(*reading)) {
        return Err(Refusal::new(
            "not every reading that it names was explored by the engine protocol: leave out \
             --engine, --cancelable and --waiter",
        ));
    }
    let groups = groups(source, index, runs, WIDTH);
    match groups.keys().collect::<Vec<_>>().as_slice() {
        [] => {
            Err(Refusal { why: "none of its steps returns a code".to_owned(), is_left_alone: true })
        }
        [codes] => written(source, codes),
        _ => Err(Refusal::new(
            "its codes depend on the reading, and a file expects the same ones under each reading \
             that it names: let [expect] readings name some of them",
        )),
    }
}

/// The file with the codes behind all else that it says.
fn written(source: &Source, codes: &str) -> Result<String, Refusal> {
    let text = fs::read_to_string(&source.file).map_err(|_| {
        Refusal::new("it is no file that can be written, but a scenario of the corpus")
    })?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.ends_with('\n') { end.to_owned() } else { end.repeat(2) };
    let codes = format!("{TABLE}\n{codes}").replace('\n', end);
    let blessed = format!("{text}{gap}{codes}");
    let without_codes = |mut scenario: Scenario| {
        scenario.expect.codes.clear();
        scenario
    };
    let is_same =
        |read: Scenario| !read.expect.codes.is_empty() && without_codes(read) == source.scenario;
    match Scenario::parse(&source.file, blessed.as_bytes()) {
        Ok(read) if is_same(read.clone()) => Ok(blessed),
        _ => Err(Refusal::new(&format!(
            "{TABLE} cannot be written behind its end: write `[expect]` as a table of its own, \
             without braces"
        ))),
    }
}
