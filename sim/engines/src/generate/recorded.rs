//! The results of cases on disk: of one machine, or of the shards of many.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use calloff_protocol::exploration::{Engine, Limit, Limits, Reductions, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{Options, Worker};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::campaign::{Memory, Progress};
use super::report::Checked;
use super::state::wire::Case;
use super::{Campaign, Ended, Report, Size};
use crate::results::{self, FORMAT, Header, Kind, Line, Recorder, TOOL};
use crate::shards::{Partition, Shard, UnitId};

/// What came of a case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseResult(Case);

/// A case as a line of a file of results.
pub(super) fn line(campaign: &Campaign, index: u64, checked: &Checked) -> String {
    let unit = campaign.cases_id().numbered(index);
    results::line(&Line { unit, result: CaseResult(Case::of(checked)) })
}

impl Campaign {
    /// The id of all cases of the seed, of this size: not of how they are checked.
    fn cases_id(&self) -> UnitId {
        let Size { actors_max, calls_max, steps_max, seconds_max, timed } = self.size;
        let size = format!("{actors_max} {calls_max} {steps_max} {seconds_max} {timed}");
        UnitId::of(&["fuzz", &self.seed.to_string(), &size, &self.grows.to_string()])
    }

    /// The cases of one shard alone, in their order. Which shard a case is in depends on its seed,
    /// its index and its size.
    ///
    /// # Panics
    ///
    /// If the number of cases is not known.
    #[must_use]
    pub fn of_shard(self, shard: Shard) -> Campaign {
        let (id, partition) = (self.cases_id(), Partition::by_content(shard.of()));
        let cases = self.cases.expect("shards are parts of a number of cases");
        let indices = (0..cases).map(|number| self.first.wrapping_add(number));
        let is_mine = |index: &u64| partition.shard_of(id.numbered(*index)) == shard.index();
        let part =
            if shard == Shard::WHOLE { None } else { Some(indices.filter(is_mine).collect()) };
        Campaign { part, ..self }
    }

    /// The first line of the results of a shard, of which this is the part.
    ///
    /// # Panics
    ///
    /// Never: arguments are plain data.
    pub fn header(&self, shard: Shard, candidates_max: Option<u64>) -> Header {
        let arguments = Arguments::of(self, candidates_max);
        let arguments = serde_json::to_value(arguments).expect("plain data");
        let arguments: Map<String, Value> = serde_json::from_value(arguments).expect("an object");
        let units = self.part.as_ref().map_or(self.cases, |part| Some(part.len() as u64));
        Header {
            format: FORMAT,
            tool: TOOL.to_owned(),
            command: Kind::Fuzz,
            work: self.cases_id(),
            arguments,
            shard,
            costs: None,
            units,
            nanoseconds_max: None,
        }
    }

    /// Checks the cases that are not done yet, and records each. The report is of all of them; with
    /// an error if they cannot be recorded.
    ///
    /// # Errors
    ///
    /// What is wrong with a result.
    pub fn record(
        &self,
        recorder: &mut Recorder,
        known: BTreeMap<UnitId, CaseResult>,
        stop: &Stop,
        done: &(impl Fn(u64) + Sync),
    ) -> Result<(Report, io::Result<()>), String> {
        let start = Progress { waiting: self.waiting(known)?, ..Progress::default() };
        Ok(self.go_on(start, Memory::Results(recorder), stop, done))
    }

    /// The report of cases that were recorded, and how many are missing. If some are, it is of
    /// those that are there, unless the campaign ends before the first one that is missing.
    ///
    /// # Errors
    ///
    /// What is wrong with a result.
    pub fn merged(&self, known: &BTreeMap<UnitId, CaseResult>) -> Result<(Report, u64), String> {
        let id = self.cases_id();
        let cases = self.cases.unwrap_or_default();
        let report = |campaign: &Campaign| {
            let waiting = campaign.waiting(known.clone())?;
            let mut progress = Progress { waiting, ..Progress::default() };
            progress.add_waiting(campaign);
            Ok::<Report, String>(progress.report)
        };
        let whole = report(self)?;
        if whole.ended == Ended::Found || whole.coverage.cases == cases {
            return Ok((whole, 0));
        }
        let indices = (0..cases).map(|number| self.first.wrapping_add(number));
        let there = indices.filter(|index| known.contains_key(&id.numbered(*index)));
        let part: Arc<[u64]> = there.collect();
        let missing = cases - part.len() as u64;
        let mut part = report(&Campaign { part: Some(part), ..self.clone() })?;
        if part.ended == Ended::Complete {
            part.ended = Ended::Stopped(Limit::Interrupt);
        }
        Ok((part, missing))
    }

    /// The cases that are known, by their numbers among those that are to be checked.
    fn waiting(
        &self,
        mut known: BTreeMap<UnitId, CaseResult>,
    ) -> Result<BTreeMap<u64, Checked>, String> {
        let id = self.cases_id();
        let mut waiting = BTreeMap::new();
        for number in 0..self.to_check().unwrap_or_default() {
            let index = self.index(number);
            if let Some(CaseResult(case)) = known.remove(&id.numbered(index)) {
                let checked = case.read(self, index);
                waiting.insert(number, checked.map_err(|why| format!("case {index}: {why}"))?);
            }
        }
        Ok(waiting)
    }

    /// The index of a case with a result that another file has differently, if it is one of these.
    pub fn index_of(&self, unit: UnitId) -> Option<u64> {
        let (id, cases) = (self.cases_id(), self.cases.unwrap_or_default());
        let mut indices = (0..cases).map(|number| self.first.wrapping_add(number));
        indices.find(|index| id.numbered(*index) == unit)
    }
}

/// What decides what a campaign finds and reports: its flags, by their names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Arguments {
    /// `--seed`
    pub seed: u64,
    /// `--first`
    pub first: u64,
    /// `--cases`
    pub cases: u64,
    /// The engines that run.
    pub engine: Vec<Engine>,
    /// `--fault`
    pub fault: Option<Seeded>,
    /// `--keep-going`
    pub keep_going: bool,
    /// `--states-max`
    pub states_max: u64,
    /// Whether the first cases are small.
    pub grows: bool,
    /// `--candidates-max`; `null`: `--no-shrink`.
    pub candidates_max: Option<u64>,
}

impl Arguments {
    /// The arguments of a campaign whose number of cases is known.
    pub fn of(campaign: &Campaign, candidates_max: Option<u64>) -> Arguments {
        let Campaign { seed, first, cases, grows, options, goes_on, .. } = campaign;
        Arguments {
            seed: *seed,
            first: *first,
            cases: cases.unwrap_or_default(),
            engine: options.engines.clone(),
            fault: options.fault,
            keep_going: *goes_on,
            states_max: options.limits.states_max,
            grows: *grows,
            candidates_max,
        }
    }

    /// The campaign with these arguments.
    pub fn campaign(&self, worker: Option<Worker>) -> Campaign {
        Campaign {
            seed: self.seed,
            first: self.first,
            cases: Some(self.cases),
            part: None,
            size: Size::default(),
            grows: self.grows,
            options: Options {
                engines: self.engine.clone(),
                fault: self.fault,
                code: None,
                limits: Limits { states_max: self.states_max, ..Limits::default() },
                reductions: Reductions::default(),
                seed: self.seed,
                worker,
            },
            jobs: 1,
            goes_on: self.keep_going,
        }
    }
}
