//! Lines of a file with results, and reading all of them.

use std::path::Path;
use std::{fs, io};

use calloff_protocol::text::printable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BadResults, FORMAT, Header};
use crate::shards::UnitId;

/// A unit with its result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<T> {
    /// The unit.
    pub unit: UnitId,
    /// What came of it.
    pub result: T,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Whole<T> {
    /// Its first line; `None` if that was cut off before it was whole.
    pub header: Option<Header>,
    /// The results, in the order of the file.
    pub lines: Vec<Line<T>>,
    /// The number of bytes of what is whole.
    pub bytes: u64,
    /// Whether something was cut off behind that.
    pub is_torn: bool,
}

const START: &str = "{\"sum\":\"";
const AFTER: &str = "\",";

/// A value as a line, with the sum of its own text.
///
/// # Panics
///
/// If the value is no object, or cannot be JSON: a bug of the harness.
pub(crate) fn line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("results are plain data");
    let rest = text.strip_prefix('{').expect("a line is an object");
    format!("{START}{}{AFTER}{rest}\n", UnitId::of(&[rest]))
}

/// Reads a line, without its end.
fn parse<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    let sum = line.strip_prefix(START).and_then(|rest| rest.split_once(AFTER));
    let (sum, rest) = sum.ok_or_else(|| "it does not begin with its sum".to_owned())?;
    if sum != UnitId::of(&[rest]).to_string() {
        return Err("its text is not the one that was written".to_owned());
    }
    serde_json::from_str(&format!("{{{rest}")).map_err(|error| printable(&error.to_string()))
}

/// The first line. It is told apart from what calloff has never written.
fn header(line: &str) -> Result<Header, BadResults> {
    let value: Value = serde_json::from_str(line).map_err(|error| foreign(&error.to_string()))?;
    match value.get("format").map(Value::as_u64) {
        Some(Some(FORMAT)) if value.get("work").is_some() => {}
        Some(Some(format)) if value.get("work").is_some() => {
            return Err(BadResults::Format(format));
        }
        _ => return Err(foreign("its first line says no format")),
    }
    parse(line).map_err(|why| BadResults::Damaged { line: 1, why })
}

fn foreign(why: &str) -> BadResults {
    BadResults::Foreign(printable(why))
}

/// Reads a file with results.
///
/// # Errors
///
/// Why it is not understood. What was cut off at its end is no error.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Whole<T>, BadResults> {
    let bytes = fs::read(path).map_err(BadResults::Unreadable)?;
    read_bytes(&bytes)
}

fn read_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<Whole<T>, BadResults> {
    let mut whole = Whole { header: None, lines: Vec::new(), bytes: 0, is_torn: false };
    let mut rest = bytes;
    for number in 1.. {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        let text = std::str::from_utf8(line).map_err(|error| error.to_string());
        if number == 1 {
            whole.header = Some(header(text.map_err(|why| foreign(&why))?)?);
        } else {
            match text.and_then(parse) {
                Ok(line) => whole.lines.push(line),
                // A file system may have kept the length of what it has lost.
                Err(_) if after.iter().all(|byte| *byte == 0) => break,
                Err(why) => return Err(BadResults::Damaged { line: number, why }),
            }
        }
        whole.bytes += end as u64 + 1;
        rest = after;
    }
    whole.is_torn = !rest.is_empty();
    let is_begun = rest.starts_with(START.as_bytes()) || START.as_bytes().starts_with(rest);
    let is_lost = rest.iter().all(|byte| *byte == 0);
    if whole.header.is_none() && !is_begun && !is_lost {
        return Err(foreign("its first line says no format"));
    }
    Ok(whole)
}

/// Whether the file has nothing in it, so that nothing would be lost with it.
pub(super) fn is_empty(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.len() == 0)
}
