//! Results of many files together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{BadResults, Header, Line, Whole};
use crate::shards::{Shard, UnitId};

/// The results of several files, each once. The order of the files makes no difference.
#[derive(Debug)]
pub struct Merged<T> {
    /// The first lines of the files. All are of the same work.
    pub headers: Vec<Header>,
    /// What came of each unit.
    pub results: BTreeMap<UnitId, T>,
    /// The units that came out differently in two files.
    pub doubles: BTreeMap<UnitId, Double>,
    /// For each shard that a file is of: the file, and its units.
    shards: BTreeMap<u64, (PathBuf, BTreeSet<UnitId>)>,
}

/// Results of one unit that differ.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Double {
    /// Each of them, as JSON.
    texts: BTreeSet<String>,
}

impl Double {
    /// Where two of them differ first, and how.
    pub fn what(&self) -> String {
        let read = |text: &String| serde_json::from_str(text).unwrap_or_default();
        let values: Vec<Value> = self.texts.iter().take(2).map(read).collect();
        match values.as_slice() {
            [one, other] => difference(one, other).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// A shard that is not there as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The shard.
    pub shard: Shard,
    /// The file in which a part of it is.
    pub file: Option<PathBuf>,
    /// How many of its units are there.
    pub done: u64,
    /// How many units it has, if that is known.
    pub units: Option<u64>,
}

impl<T> Merged<T> {
    /// Puts files together. `comparable` is what must be the same whenever a unit is done.
    ///
    /// # Errors
    ///
    /// The first file whose work is other work than that of the first one.
    pub fn of(
        files: Vec<(PathBuf, Whole<T>)>,
        comparable: impl Fn(&T) -> Value,
    ) -> Result<Merged<T>, (PathBuf, BadResults)> {
        let mut merged = Merged {
            headers: Vec::new(),
            results: BTreeMap::new(),
            doubles: BTreeMap::new(),
            shards: BTreeMap::new(),
        };
        for (path, whole) in files {
            let Some(header) = whole.header else { continue };
            let differ = merged.headers.first().map(|first| header.differences(first));
            let differ: Vec<String> =
                differ.into_iter().flatten().map(|line| format!("  {line}")).collect();
            if !differ.is_empty() {
                return Err((path, BadResults::Another(differ.join("\n"))));
            }
            merged.file(&path, &header, whole.lines, &comparable);
            merged.headers.push(header);
        }
        Ok(merged)
    }

    fn file(
        &mut self,
        path: &Path,
        header: &Header,
        lines: Vec<Line<T>>,
        comparable: &impl Fn(&T) -> Value,
    ) {
        let entry = || (path.to_owned(), BTreeSet::new());
        let (known, units) = self.shards.entry(header.shard.index()).or_insert_with(entry);
        // Of several files of one shard, the same one is named in any order.
        if path < known.as_path() {
            path.clone_into(known);
        }
        for Line { unit, result } in lines {
            units.insert(unit);
            let Some(known) = self.results.get_mut(&unit) else {
                self.results.insert(unit, result);
                continue;
            };
            let (here, there) = (comparable(&result), comparable(known));
            if here == there {
                continue;
            }
            let texts = [here.to_string(), there.to_string()];
            // The lesser one counts, so that the order of the files makes no difference.
            if texts[0] < texts[1] {
                *known = result;
            }
            self.doubles.entry(unit).or_default().texts.extend(texts);
        }
    }

    /// The shards that are not there as a whole, if all files are of the same partition. `None`:
    /// they are not, and what is missing has no names.
    pub fn missing(&self) -> Option<Vec<Missing>> {
        let first = self.headers.first()?;
        let is_same = |h: &Header| h.shard.of() == first.shard.of() && h.costs == first.costs;
        if !self.headers.iter().all(is_same) {
            return None;
        }
        let of = first.shard.of();
        let missing = (1..=of).filter_map(|index| {
            let shard = Shard::new(index, of).ok()?;
            let header = self.headers.iter().find(|header| header.shard == shard);
            let units = header.and_then(|header| header.units);
            let found = self.shards.get(&index);
            let done = found.map_or(0, |(_, units)| units.len() as u64);
            let is_whole = found.is_some() && units.is_some_and(|units| done >= units);
            let file = found.map(|(path, _)| path.clone());
            (!is_whole).then_some(Missing { shard, file, done, units })
        });
        Some(missing.collect())
    }
}

/// Where two values differ first, and how.
fn difference(one: &Value, other: &Value) -> Option<String> {
    let at = |place: &str, one: &Value, other: &Value| {
        let inner = difference(one, other)?;
        let gap = if inner.starts_with(": ") { "" } else { "." };
        Some(format!("{place}{gap}{inner}"))
    };
    match (one, other) {
        _ if one == other => None,
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(name, value)| at(name, value, &b[name]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(number, (a, b))| at(&(number + 1).to_string(), a, b))
        }
        _ => Some(format!(": {} and {}", short(one), short(other))),
    }
}

fn short(value: &Value) -> String {
    const CHARS_MAX: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn where_two_values_differ_is_told_by_names_and_positions() {
        let one = json!([{ "engine": "loom", "counts": { "states": 1, "executions": [1, 2] } }]);
        let mut other = one.clone();
        assert_eq!(difference(&one, &other), None);
        other[0]["counts"]["executions"][1] = json!(3);
        assert_eq!(difference(&one, &other), Some("1.counts.executions.2: 2 and 3".to_owned()));
        other[0]["counts"]["executions"] = json!([]);
        assert_eq!(difference(&one, &other), Some("1.counts.executions: [1,2] and []".to_owned()));
        assert_eq!(difference(&json!(1), &json!("x")), Some(": 1 and \"x\"".to_owned()));
    }
}
