//! An implementation of somebody's own, for the engines.
//!
//! Code under test may spin or block on something that is not of the runtime. No engine can
//! interrupt that, since it runs on the engine's own thread. So the engine gets a thread, and this
//! module watches it: if nothing of the runtime is used for a while, it reports where the code is,
//! and leaves the thread behind.

use std::any::type_name;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use calloff_model::Reading;
use calloff_protocol::code::Code;
use calloff_protocol::exploration::{Exploration, Limit, Limits, ROOT, Scope, Stall, Stop};
use calloff_protocol::history::ActorId;
use calloff_protocol::operations::{Followed, Script};
use calloff_protocol::program::Case;

use crate::drive::{self, Implementation, Make, Portable, Process};
use crate::engine::loom::worker::Explore;
use crate::engine::real_threads::{self, Repetitions};
use crate::engine::sampled::{self, Sample};
use crate::engine::{exhaustive, follow, loom};
use crate::pool::panic_text;
use crate::runtime::loom::LoomRuntime;
use crate::runtime::shuttle::{SharedBoard, ShuttleRuntime};
use crate::runtime::stoppable::Stoppable;

/// An implementation that is written against any runtime.
pub struct Own<P>(PhantomData<fn() -> P>);

/// After so long without an operation of the runtime, code is taken not to come back.
const STALL: Duration = Duration::from_secs(10);

/// How often the watcher looks.
const PULSE: Duration = Duration::from_millis(200);

type Under<P> = <P as Portable>::Under<ShuttleRuntime>;

impl<P: Portable> Own<P> {
    /// The implementation.
    pub fn new() -> Own<P> {
        Own(PhantomData)
    }

    /// What a worker of the `loom` engine runs.
    pub fn under_loom() -> Explore {
        Box::new(|case, budget| {
            loom::explore(&drive::make::<_, P::Under<LoomRuntime>>(), case, budget)
        })
    }

    /// Runs an engine on a thread of its own, and watches it.
    fn watched(
        case: &Case,
        run: impl FnOnce(&Make<ShuttleRuntime, Under<P>>) -> Exploration + Send + 'static,
    ) -> Exploration {
        let watch = Watch::default();
        let make = watch.make::<P>();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            // Nobody listens any more if the engine was left behind.
            let _ = send.send(catch_unwind(AssertUnwindSafe(|| run(&make))));
        });
        let (mut uses, mut since) = (None, Instant::now());
        loop {
            match receive.recv_timeout(PULSE) {
                Ok(Ok(found)) => return found,
                Ok(Err(panic)) => return panicked(panic_text(&*panic)),
                Err(RecvTimeoutError::Disconnected) => return panicked("the engine is gone"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = watch.uses();
            if now != uses {
                (uses, since) = (now, Instant::now());
            } else if since.elapsed() > STALL {
                let stall = Some(watch.stall(case));
                return Exploration { stall, ..Exploration::stopped(Limit::Steps) };
            }
        }
    }
}

impl<P: Portable> Default for Own<P> {
    fn default() -> Own<P> {
        Own::new()
    }
}

impl<P: Portable> Code for Own<P> {
    fn name(&self) -> &'static str {
        type_name::<P>()
    }

    fn takes_clients(&self) -> bool {
        <Under<P> as Implementation<ShuttleRuntime>>::TAKES_CLIENTS
    }

    fn exhaustive(&self, case: &Case, scope: &Scope, limits: &Limits, stop: &Stop) -> Exploration {
        let (of, scope, limits, stop) = (case.clone(), scope.clone(), *limits, stop.clone());
        Own::<P>::watched(case, move |make| exhaustive::explore(make, &of, &scope, &limits, &stop))
    }

    fn sampled(&self, case: &Case, seed: u64, executions: u64, stop: &Stop) -> Exploration {
        let (of, stop) = (case.clone(), stop.clone());
        let sample = Sample { seed, executions };
        Own::<P>::watched(case, move |make| sampled::explore(make, &of, sample, &stop))
    }

    fn on_threads(&self, case: &Case, times: u64, stop: &Stop) -> Exploration {
        let often = Repetitions { times, tick: real_threads::TICK };
        let make = drive::make::<_, P::Under<Stoppable>>();
        let run = || real_threads::run(&make, case, often, stop).into_exploration();
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| panicked(panic_text(&*panic)))
    }

    fn follow(&self, case: &Case, script: &Script) -> Followed {
        let make = drive::make::<_, Under<P>>();
        let run = || follow::follow(&make, case, script);
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Followed {
            panics: vec![panic_text(&*panic).to_owned()],
            ..Followed::default()
        })
    }
}

/// The engine panicked outside of any actor: in the code that makes the implementation.
fn panicked(text: &str) -> Exploration {
    Exploration { panics: [(text.to_owned(), ROOT)].into(), ..Exploration::stopped(Limit::Worker) }
}

/// What is known from outside of a running engine: its board.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<Option<SharedBoard>>>);

impl Watch {
    /// Makes the implementation, and remembers the board that it runs on.
    fn make<P: Portable>(&self) -> Make<ShuttleRuntime, Under<P>> {
        let watch = self.clone();
        Arc::new(move |runtime: ShuttleRuntime, reading: Reading, process: &Process| {
            let board = runtime.board().clone();
            *watch.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(board);
            Implementation::new(runtime, reading, process)
        })
    }

    fn board(&self) -> Option<SharedBoard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn uses(&self) -> Option<u64> {
        self.board().map(|board| board.uses())
    }

    /// Where the code is.
    fn stall(&self, case: &Case) -> Stall {
        let running = self.board().and_then(|board| board.lock().running());
        let within = running.and_then(|(task, at)| {
            let lane = case.program.lanes.get(task)?;
            let action = lane.instructions.get(at as usize).map(|instruction| instruction.action);
            Some((ActorId(u32::try_from(task).ok()?), action))
        });
        Stall { within, seconds: STALL.as_secs() }
    }
}
