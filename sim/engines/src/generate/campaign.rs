//! Campaigns: many cases on several threads, with a deterministic report.
//!
//! Each free thread takes the next index. The results are added to the report in the order of the
//! indices, so the report is the same as with one thread. It ends at the first finding, at the last
//! case, or where a time limit stopped the campaign.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calloff_protocol::exploration::Stop;
use calloff_protocol::judge::Options;
use calloff_protocol::scenario::Scenario;

use super::report::Checked;
use super::state::State;
use super::{Ended, Report, Size, property, recorded, scenario};
use crate::results::Recorder;

/// The longest time for which results exist only in memory.
const SAVE_EVERY: Duration = Duration::from_millis(200);

/// The description of a campaign: what is generated, and how it is checked.
#[derive(Clone)]
pub struct Campaign {
    /// The seed that the scenarios are drawn from.
    pub seed: u64,
    /// The index of the first case.
    pub first: u64,
    /// The number of cases; `None`: run until something stops the campaign.
    pub cases: Option<u64>,
    /// The indices of the cases that are to be checked, in order, if not all of them are.
    pub part: Option<Arc<[u64]>>,
    /// The size of the scenarios.
    pub size: Size,
    /// Whether the first scenarios are small. Most bugs show in small scenarios, and an engine that
    /// runs an implementation checks many of those in the time of one large scenario.
    pub grows: bool,
    /// The engines, the seeded bug, the limits.
    pub options: Options,
    /// The number of threads. The report does not depend on it.
    pub jobs: usize,
    /// Whether it goes on after a finding.
    pub goes_on: bool,
}

impl Campaign {
    /// The size of the case with that index.
    pub(super) fn size(&self, index: u64) -> Size {
        if self.grows { self.size.grown(index) } else { self.size }
    }

    /// The scenario with that index.
    pub(super) fn scenario(&self, index: u64) -> Scenario {
        scenario(self.seed, index, &self.size(index))
    }

    /// The number of cases that are to be checked, if there is one.
    pub(super) fn to_check(&self) -> Option<u64> {
        self.part.as_ref().map(|part| part.len() as u64).or(self.cases)
    }

    /// The index of the case with that number, of those that are to be checked.
    pub(super) fn index(&self, number: u64) -> u64 {
        match &self.part {
            Some(part) => part[usize::try_from(number).expect("it is one of them")],
            None => self.first.wrapping_add(number),
        }
    }

    /// Runs the campaign. After each case `done` gets the number of finished cases.
    pub fn run(&self, stop: &Stop, done: &(impl Fn(u64) + Sync)) -> Report {
        let (report, saved) = self.go_on(Progress::default(), Memory::None, stop, done);
        saved.expect("without a state, nothing is written");
        report
    }

    /// Continues from the saved state, and keeps it up to date: a finding is written at once, and
    /// every finished case within a fraction of a second.
    ///
    /// # Errors
    ///
    /// If the state cannot be written.
    pub fn resume(
        &self,
        state: &mut State,
        stop: &Stop,
        done: &(impl Fn(u64) + Sync),
    ) -> io::Result<Report> {
        let start = std::mem::take(&mut state.progress);
        let (report, saved) = self.go_on(start, Memory::State(state), stop, done);
        saved.map(|()| report)
    }

    /// Goes on from there. With an error, if what is found cannot be kept.
    pub(super) fn go_on(
        &self,
        mut start: Progress,
        memory: Memory<'_>,
        stop: &Stop,
        done: &(impl Fn(u64) + Sync),
    ) -> (Report, io::Result<()>) {
        start.add_waiting(self);
        let (news, heard) = mpsc::channel();
        let crew = Crew {
            next: AtomicU64::new(start.report.coverage.cases),
            known: start.waiting.keys().copied().collect(),
            is_over: AtomicBool::new(start.report.ended != Ended::Complete),
            progress: Mutex::new(start),
        };
        let (recorder, state) = match memory {
            Memory::None => (None, None),
            Memory::State(state) => (None, Some(state)),
            Memory::Results(recorder) => (Some(recorder), None),
        };
        let (results, told) = mpsc::channel();
        let results = recorder.is_some().then_some(results);
        let saved = std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                let (crew, news, results) = (&crew, news.clone(), results.clone());
                scope.spawn(move || crew.work(self, stop, done, (&news, results.as_ref())));
            }
            drop((news, results));
            let saved = match (state, recorder) {
                (Some(state), _) => crew.save(state, &heard),
                (None, Some(recorder)) => recorder.record(&told, stop),
                (None, None) => Ok(()),
            };
            if saved.is_err() {
                crew.end();
            }
            saved
        });
        (crew.progress.into_inner().expect("nobody panics holding it").report, saved)
    }
}

/// Where finished cases are kept, beside the report.
pub(super) enum Memory<'m> {
    /// Nowhere.
    None,
    /// In a folder with the state of the campaign.
    State(&'m State),
    /// In a file of results.
    Results(&'m mut Recorder),
}

/// What the threads of a campaign share.
struct Crew {
    /// The number of the next case that no thread has taken.
    next: AtomicU64,
    /// Later cases that were over when the campaign began.
    known: BTreeSet<u64>,
    is_over: AtomicBool,
    progress: Mutex<Progress>,
}

impl Crew {
    /// Checks case by case. Sends on `news` when a case shows something that no earlier case has
    /// shown.
    fn work(
        &self,
        campaign: &Campaign,
        stop: &Stop,
        done: &(impl Fn(u64) + Sync),
        (news, results): (&Sender<()>, Option<&Sender<String>>),
    ) {
        let _end = EndOnPanic(self);
        while !self.is_over() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if campaign.to_check().is_some_and(|cases| number >= cases) {
                return;
            }
            if self.known.contains(&number) {
                continue;
            }
            let index = campaign.index(number);
            let Campaign { seed, options, .. } = campaign;
            let tested = property(*seed, index, &campaign.size(index), options, stop);
            let checked = Checked::of(tested, options.fault);
            let mut progress = self.progress.lock().expect("nobody panics holding it");
            if self.is_over() {
                return;
            }
            match stop.limit() {
                Some(limit) => progress.report.ended = Ended::Stopped(limit),
                None => {
                    let is_news = progress.is_news(&checked);
                    if let Some(results) = results {
                        // Whoever does not hear it has ended, and says why.
                        let _ = results.send(recorded::line(campaign, index, &checked));
                    }
                    progress.waiting.insert(number, checked);
                    progress.add_waiting(campaign);
                    if is_news {
                        // Without a saved state nobody receives this.
                        let _ = news.send(());
                    }
                }
            }
            done(progress.report.coverage.cases);
            if progress.report.ended != Ended::Complete {
                self.end();
            }
        }
    }

    /// Writes the state when there is news, at regular intervals, and when all threads have ended.
    fn save(&self, state: &State, heard: &Receiver<()>) -> io::Result<()> {
        let (mut written, mut is_last) = (None, false);
        loop {
            let (over, text) = {
                let progress = self.progress.lock().expect("nobody panics holding it");
                let over = Some(progress.over());
                (over, (over != written).then(|| state.text(&progress)))
            };
            if let Some(text) = text {
                state.write(&text)?;
                written = over;
            }
            if is_last {
                return Ok(());
            }
            is_last = heard.recv_timeout(SAVE_EVERY) == Err(RecvTimeoutError::Disconnected);
        }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Ends the campaign if a thread panics, since there will be no report.
struct EndOnPanic<'c>(&'c Crew);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// The progress of a campaign.
#[derive(Default, Debug)]
pub(super) struct Progress {
    pub(super) report: Report,
    /// Finished cases that wait for an earlier case, by their number.
    pub(super) waiting: BTreeMap<u64, Checked>,
}

impl Progress {
    /// Adds to the report all waiting cases that are next in order.
    pub(super) fn add_waiting(&mut self, campaign: &Campaign) {
        self.report.end_if_found(campaign);
        while self.report.ended == Ended::Complete
            && let next = self.report.coverage.cases
            && campaign.to_check().is_none_or(|cases| next < cases)
            && let Some(checked) = self.waiting.remove(&next)
        {
            self.report.add(campaign, checked);
        }
    }

    /// The number of finished cases. Each finished case increases it.
    fn over(&self) -> u64 {
        self.report.coverage.cases + self.waiting.len() as u64
    }

    /// Whether the case shows something that is not in the report yet.
    fn is_news(&self, checked: &Checked) -> bool {
        let shapes = || checked.broken.iter().flat_map(|broken| broken.shapes.keys());
        shapes().any(|shape| !self.report.shapes.contains_key(shape))
    }
}
