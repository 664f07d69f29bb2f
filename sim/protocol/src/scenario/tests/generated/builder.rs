//! Turns seeds into steps that fit together.

use calloff_model::Window;

use super::super::super::{Condition, Millis, Step, Target, Until, Waiting};
use super::{Seed, code};

/// What steps may name, and what was named so far.
pub(super) struct Builder {
    actors: Vec<String>,
    calls: Vec<String>,
    objects: Vec<String>,
    /// The names of the events, of the locks and of the cancel objects.
    pub(super) shared: Vec<String>,
    /// The number of calls that were issued.
    issued: usize,
    /// The actor whose steps are built, its calls that are not awaited, and the objects it got.
    actor: usize,
    pending: Vec<String>,
    got: Vec<String>,
}

/// What is round a list of steps.
#[derive(Clone, Copy, Default)]
struct Within {
    a_repeat: bool,
    a_handler: bool,
}

impl Builder {
    pub(super) fn new(actors: Vec<String>, calls: Vec<String>, objects: Vec<String>) -> Builder {
        Builder {
            actors,
            calls,
            objects,
            shared: Vec::new(),
            issued: 0,
            actor: 0,
            pending: Vec::new(),
            got: Vec::new(),
        }
    }

    /// The steps of an actor.
    pub(super) fn lane(&mut self, actor: usize, seeds: &[Seed]) -> Vec<Step> {
        self.actor = actor;
        self.pending.clear();
        self.got.clear();
        self.steps(seeds, Within::default())
    }

    /// The calls that nobody issued yet.
    pub(super) fn left(self) -> impl Iterator<Item = String> {
        self.calls.into_iter().skip(self.issued)
    }

    /// The steps of a cancel object. Only one that is never on a stack cancels.
    pub(super) fn steps_of_object(&self, seeds: &[Seed], has_interface: bool) -> Vec<Step> {
        let step = |seed: &Seed| match seed.0 % 5 {
            0 if !has_interface => self.cancel_thread(*seed),
            1 => Step::Repeat { steps: vec![Step::Enable], until: self.until(*seed) },
            2 => Step::If {
                condition: self.condition(*seed, 2),
                then: vec![Step::Disable],
                otherwise: Vec::new(),
            },
            _ => self.shared_step(*seed),
        };
        seeds.iter().map(step).collect()
    }

    fn steps(&mut self, seeds: &[Seed], within: Within) -> Vec<Step> {
        let mut serving = 0;
        let mut steps = Vec::new();
        let mut left = seeds;
        while let Some((seed, rest)) = left.split_first() {
            let (inner, behind) = rest.split_at(rest.len().min(seed.1 % 5));
            left = behind;
            let step = match seed.0 % 20 {
                0 => Step::Enable,
                1 => Step::Disable,
                2 => self.issue().map_or(Step::Enable, |call| {
                    self.pending.push(call.clone());
                    Step::Issue(call)
                }),
                3 => match self.pending.pop() {
                    Some(call) => Step::Await(self.waiting(call, *seed, inner)),
                    None => Step::TestCancel,
                },
                4 => match self.issue() {
                    Some(call) => Step::Call(self.waiting(call, *seed, inner)),
                    None => Step::Disable,
                },
                5 => {
                    serving += 1;
                    Step::Dispatch(self.a_call(*seed))
                }
                6 if serving > 0 => {
                    serving -= 1;
                    Step::Reply(code(seed.2))
                }
                7 => {
                    let object = self.objects[seed.1 % self.objects.len()].clone();
                    self.got.push(object.clone());
                    Step::GetCancelObject { thread: self.thread(*seed), object }
                }
                8 if !self.got.is_empty() => Step::TestCancelObject(self.a_got(*seed)),
                9 if !self.got.is_empty() => {
                    let target = Target::Object(self.a_got(*seed));
                    Step::Cancel { target, window: Window::from_ul_seconds(seed.2) }
                }
                10 => self.cancel_thread(*seed),
                11..=13 => self.repeat(*seed, inner, within),
                14 | 15 => Step::If {
                    condition: self.condition(*seed, 3),
                    then: self.steps(inner, within),
                    otherwise: vec![Step::Enable; usize::from(seed.1 & 1 == 0 || inner.is_empty())],
                },
                16 if within.a_repeat => Step::Break,
                17 if !within.a_handler => Step::Return,
                _ => self.shared_step(*seed),
            };
            steps.push(step);
        }
        steps
    }

    fn repeat(&mut self, seed: Seed, inner: &[Seed], within: Within) -> Step {
        let mut steps = vec![Step::Enable];
        steps.extend(self.steps(inner, Within { a_repeat: true, ..within }));
        Step::Repeat { steps, until: self.until(seed) }
    }

    fn until(&self, seed: Seed) -> Until {
        match seed.2 % 3 {
            0 => Until::Never,
            1 => Until::Times(1 + seed.2 / 3),
            _ => Until::Met(self.condition(seed, 3)),
        }
    }

    fn waiting(&mut self, call: String, seed: Seed, inner: &[Seed]) -> Waiting {
        let within = Within { a_repeat: false, a_handler: true };
        let handler = |builder: &mut Builder, seeds: &[Seed]| {
            let mut steps = vec![Step::Dispatch(builder.a_call(seed))];
            steps.extend(builder.steps(seeds, within));
            steps
        };
        let serving = inner.chunks(2).map(|seeds| handler(self, seeds)).collect();
        Waiting { call, serving, has_filter: seed.2 & 1 == 0 }
    }

    /// A step that actors and cancel objects take alike.
    fn shared_step(&self, seed: Seed) -> Step {
        let name = self.shared[seed.1 % self.shared.len()].clone();
        let timeout = (seed.2 & 1 == 0).then_some(duration(seed));
        let actor = self.thread(seed);
        match seed.2 % 11 {
            0 => Step::Set(name),
            1 => Step::Reset(name),
            2 => Step::Wait { event: name, timeout },
            3 if seed.1 % self.actors.len() != self.actor => Step::Join { actor, timeout },
            4 => Step::Lock(name),
            5 => Step::Unlock(name),
            6 => Step::SetCancelObject(name),
            7 => Step::UnsetCancelObject,
            8 => Step::Work(duration(seed)),
            _ => Step::Sleep(duration(seed)),
        }
    }

    fn condition(&self, seed: Seed, depth: u32) -> Condition {
        let name = || self.shared[seed.1 % self.shared.len()].clone();
        let inner = |by: u32| {
            let seed = (seed.0.rotate_left(by), seed.1 / 2, seed.2 / 7 + by);
            self.condition(seed, depth - 1)
        };
        match seed.0 % 8 {
            0 if depth > 0 => Condition::Not(Box::new(inner(1))),
            1 if depth > 0 => Condition::All(vec![inner(1), inner(2)]),
            2 if depth > 0 => Condition::Any(vec![inner(3)]),
            3 => Condition::Succeeded,
            4 => Condition::Failed,
            5 => Condition::Set(name()),
            6 => Condition::Finished(self.thread(seed)),
            _ => Condition::Codes((0..=seed.2 % 3).map(|more| code(seed.2 / 3 + more)).collect()),
        }
    }

    fn cancel_thread(&self, seed: Seed) -> Step {
        let window = match seed.2 % 2 {
            0 => Window::Infinite,
            _ => Window::Seconds(seed.2 / 2),
        };
        Step::Cancel { target: Target::Thread(self.thread(seed)), window }
    }

    fn thread(&self, seed: Seed) -> String {
        self.actors[seed.1 % self.actors.len()].clone()
    }

    fn a_call(&self, seed: Seed) -> String {
        self.calls[seed.1 % self.calls.len()].clone()
    }

    fn a_got(&self, seed: Seed) -> String {
        self.got[seed.1 % self.got.len()].clone()
    }

    fn issue(&mut self) -> Option<String> {
        let call = self.calls.get(self.issued)?.clone();
        self.issued += 1;
        Some(call)
    }
}

fn duration(seed: Seed) -> Millis {
    let unit = if seed.0.is_multiple_of(2) { 1 } else { 1000 };
    Millis(u64::from(seed.2) * unit)
}
