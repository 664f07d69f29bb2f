//! Shards: the parts into which work is divided, one for each machine.
//!
//! # Invariants
//!
//! 1. Which shard a unit of work belongs to depends on the content of the unit, on the number of
//!    shards, and on the record of costs if one is given. It does not depend on what else is to be
//!    done, nor on its order: so each unit is in exactly one shard, whatever the command line is.
//! 2. The same on every machine and in every version: an id is a hash of bytes, with fixed keys.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use calloff_protocol::digest::fingerprint;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most shards.
pub const SHARDS_MAX: u64 = 1_000_000;

/// The id of a unit of work: a hash of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnitId(u128);

/// Bytes that are hashed as they are, so that the hash is the same on every machine.
struct Bytes<'a>(&'a [u8]);

impl Hash for Bytes<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write(self.0);
    }
}

impl UnitId {
    /// The id of what these texts describe together.
    pub fn of(parts: &[&str]) -> UnitId {
        let mut bytes = Vec::new();
        for part in parts {
            // With their lengths, so that no two lists of texts are the same bytes.
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part.as_bytes());
        }
        UnitId(fingerprint(&Bytes(&bytes)))
    }

    /// The id of the unit with that number, among those that this id describes together.
    #[must_use]
    pub fn numbered(self, number: u64) -> UnitId {
        let mut bytes = self.0.to_le_bytes().to_vec();
        bytes.extend(number.to_le_bytes());
        UnitId(fingerprint(&Bytes(&bytes)))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for UnitId {
    type Err = String;

    fn from_str(text: &str) -> Result<UnitId, String> {
        let is_id = text.len() == 32 && text.bytes().all(|b| b"0123456789abcdef".contains(&b));
        let id = u128::from_str_radix(text, 16).ok().filter(|_| is_id);
        id.map(UnitId).ok_or_else(|| format!("{text:?} is no id: 32 hexadecimal digits"))
    }
}

/// One of several parts of the work, as `2/7`: the second of seven.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// The whole work: the only shard of one.
    pub const WHOLE: Shard = Shard { index: 1, of: 1 };

    /// The shard with this number, from 1 up to the number of shards.
    ///
    /// # Errors
    ///
    /// Why there is no such shard.
    pub fn new(index: u64, of: u64) -> Result<Shard, String> {
        match of {
            0 => Err("there must be one shard at least".to_owned()),
            _ if of > SHARDS_MAX => Err(format!("more than {SHARDS_MAX} shards")),
            _ if index == 0 || index > of => {
                Err(format!("shards are counted from 1 to {of}, and there is no shard {index}"))
            }
            _ => Ok(Shard { index, of }),
        }
    }

    /// Its number, from 1.
    pub fn index(self) -> u64 {
        self.index
    }

    /// The number of shards.
    pub fn of(self) -> u64 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let number = |text: &str| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u64>().ok().filter(|_| is_number)
        };
        let numbers = text.split_once('/').map(|(index, of)| (number(index), number(of)));
        match numbers {
            Some((Some(index), Some(of))) => Shard::new(index, of),
            _ => Err("a shard is written as I/N, such as 2/7: the second of seven".to_owned()),
        }
    }
}

/// Lets values be written as their text, and read from it.
macro_rules! by_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

by_text!(UnitId);
by_text!(Shard);

/// The measured costs of units, in microseconds or any other measure.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Costs(BTreeMap<UnitId, u64>);

impl Costs {
    /// Adds the cost of a unit. If it is there already, the higher one counts.
    pub fn add(&mut self, unit: UnitId, cost: u64) {
        let known = self.0.entry(unit).or_default();
        *known = cost.max(*known);
    }

    /// The id of all costs together.
    pub fn id(&self) -> UnitId {
        let texts: Vec<String> =
            self.0.iter().map(|(unit, cost)| format!("{unit} {cost}")).collect();
        UnitId::of(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// How units are divided into shards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    of: u64,
    /// The shards of the units whose costs are known.
    known: BTreeMap<UnitId, u64>,
}

impl Partition {
    /// Into that many shards, by the hashes of units alone.
    pub fn by_content(of: u64) -> Partition {
        Partition { of, known: BTreeMap::new() }
    }

    /// Into that many shards of about the same cost: the units of the record go, the most expensive
    /// first, to the shard that has the least to do so far. All others go by their hashes.
    pub fn by_cost(of: u64, costs: &Costs) -> Partition {
        let mut sorted: Vec<(&UnitId, &u64)> = costs.0.iter().collect();
        sorted.sort_by_key(|(unit, cost)| (Reverse(**cost), **unit));
        let mut loads: BinaryHeap<Reverse<(u64, u64)>> =
            (1..=of).map(|s| Reverse((0, s))).collect();
        let mut known = BTreeMap::new();
        for (unit, cost) in sorted {
            let Reverse((load, shard)) = loads.pop().expect("there is a shard");
            known.insert(*unit, shard);
            loads.push(Reverse((load.saturating_add(*cost), shard)));
        }
        Partition { of, known }
    }

    /// The number of the shard that the unit belongs to, from 1.
    pub fn shard_of(&self, unit: UnitId) -> u64 {
        match self.known.get(&unit) {
            Some(shard) => *shard,
            None => (unit.0 % u128::from(self.of)) as u64 + 1,
        }
    }
}

/// The variable with the number of shards, for systems that do not tell it themselves.
pub const TOTAL: &str = "CALLOFF_SHARD_TOTAL";
/// The variable with the position of the shard, from 0, for systems that have none of their own.
pub const INDEX: &str = "CALLOFF_SHARD_INDEX";

/// The variables of one system that tell which shard this is.
struct System {
    name: &'static str,
    index: &'static str,
    /// The variable with the lowest index, if it is not always that number.
    first: Result<u64, &'static str>,
    /// The variable with the number of shards.
    total: &'static str,
}

const SYSTEMS: [System; 4] = [
    System { name: "the environment", index: INDEX, first: Ok(0), total: TOTAL },
    System {
        name: "a Slurm array",
        index: "SLURM_ARRAY_TASK_ID",
        first: Err("SLURM_ARRAY_TASK_MIN"),
        total: "SLURM_ARRAY_TASK_COUNT",
    },
    System {
        name: "a Kubernetes Indexed Job",
        index: "JOB_COMPLETION_INDEX",
        first: Ok(0),
        total: TOTAL,
    },
    System { name: "GitLab", index: "CI_NODE_INDEX", first: Ok(1), total: "CI_NODE_TOTAL" },
];

/// The shard that the environment names, and the variables that were read, in words.
///
/// The first of these systems that has set its variable counts: one's own variables, Slurm,
/// Kubernetes, GitLab. Under Slurm, [`TOTAL`] goes before the size of the array: then an array of a
/// few tasks repeats those alone, and indices begin at 0.
///
/// # Errors
///
/// Why it names none.
pub fn auto(variable: impl Fn(&str) -> Option<String>) -> Result<(Shard, String), String> {
    let number = |name: &str| match variable(name) {
        None => Err(format!("the variable {name} is not set")),
        Some(text) => {
            let number = text.trim().parse::<u64>();
            number.map_err(|_| format!("the variable {name} is no whole number: {text:?}"))
        }
    };
    let system = SYSTEMS.iter().find(|system| variable(system.index).is_some());
    let System { name, index, first, total } = system.ok_or_else(|| {
        let names = SYSTEMS.map(|system| format!("{} ({})", system.index, system.name));
        format!("no variable says which shard this is: {}", names.join(", "))
    })?;
    let at = number(index)?;
    // Of an array that was submitted again in part, Slurm tells the size of that part.
    let is_told = first.is_err() && variable(TOTAL).is_some();
    let total = if is_told { TOTAL } else { total };
    let mut read = vec![format!("{index}={at}")];
    let mut tell = |name: &str| {
        let value = number(name)?;
        read.push(format!("{name}={value}"));
        Ok::<u64, String>(value)
    };
    let first = match first {
        _ if is_told => 0,
        Ok(first) => *first,
        Err(variable) => tell(variable)?,
    };
    let of = tell(total).map_err(|why| format!("{why}; it is the number of all shards"))?;
    let below = || format!("the variable {index} is {at}, and indices begin at {first}");
    let position = at.checked_sub(first).ok_or_else(below)?;
    let shard = Shard::new(position.saturating_add(1), of);
    let read = format!("{} of {name}", read.join(", "));
    match shard {
        Ok(shard) => Ok((shard, read)),
        Err(why) => Err(format!("{read}: {why}")),
    }
}

#[cfg(test)]
mod tests;
