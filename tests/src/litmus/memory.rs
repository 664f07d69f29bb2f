//! Litmus tests of relaxed memory: a thread reads a value that is older or newer than the order of
//! the operations suggests.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use calloff_model::Runtime;

use super::{End, Litmus, Variant};

/// The memory orderings of stores and of loads.
fn orders(variant: Variant) -> (Ordering, Ordering) {
    match variant {
        Variant::Plain => (Ordering::Relaxed, Ordering::Relaxed),
        Variant::Repaired => (Ordering::Release, Ordering::Acquire),
    }
}

/// A flag says that the data is there, but the data is not.
///
/// One actor writes the data, then the flag. The other one reads the flag, then the data.
pub struct MessagePassing;

impl Litmus for MessagePassing {
    const NAME: &'static str = "message-passing";
    const EFFECT: &'static str = "a flag is seen, and not the data written before it (`Relaxed`)";
    const REPAIR: &'static str = "`Release` and `Acquire`";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = [R::Atomic; 2];

    fn shared<R: Runtime>(runtime: &R) -> [R::Atomic; 2] {
        [runtime.atomic(0), runtime.atomic(0)]
    }

    fn act<R: Runtime>(
        runtime: &R,
        [data, flag]: &[R::Atomic; 2],
        actor: u32,
        variant: Variant,
    ) -> u32 {
        let (release, acquire) = orders(variant);
        if actor == 0 {
            runtime.store(data, 1, Ordering::Relaxed);
            runtime.store(flag, 1, release);
            return 0;
        }
        let is_there = runtime.load(flag, acquire) == 1;
        let is_old = runtime.load(data, Ordering::Relaxed) == 0;
        u32::from(is_there && is_old)
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.iter().any(|end| end[1] == Some(1))
    }
}

/// Two actors each write a word and then read the other's word: neither sees what the other has
/// written.
pub struct StoreBuffering;

impl Litmus for StoreBuffering {
    const NAME: &'static str = "store-buffering";
    const EFFECT: &'static str = "two threads write, and neither sees the other's (`Relaxed`)";
    const REPAIR: &'static str = "`SeqCst`";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = [R::Atomic; 2];

    fn shared<R: Runtime>(runtime: &R) -> [R::Atomic; 2] {
        [runtime.atomic(0), runtime.atomic(0)]
    }

    fn act<R: Runtime>(runtime: &R, words: &[R::Atomic; 2], actor: u32, variant: Variant) -> u32 {
        let order = match variant {
            Variant::Plain => Ordering::Relaxed,
            Variant::Repaired => Ordering::SeqCst,
        };
        let mine = actor as usize;
        runtime.store(&words[mine], 1, order);
        u32::from(runtime.load(&words[1 - mine], order) == 0)
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.contains(&vec![Some(1), Some(1)])
    }
}

/// Two actors each read a word and then write the other word: both read what is written later.
pub struct LoadBuffering;

impl Litmus for LoadBuffering {
    const NAME: &'static str = "load-buffering";
    const EFFECT: &'static str = "two threads read, and each sees what the other one writes later \
                                  (`Relaxed`)";
    const REPAIR: &'static str = "`Release` and `Acquire`";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = [R::Atomic; 2];

    fn shared<R: Runtime>(runtime: &R) -> [R::Atomic; 2] {
        [runtime.atomic(0), runtime.atomic(0)]
    }

    fn act<R: Runtime>(runtime: &R, words: &[R::Atomic; 2], actor: u32, variant: Variant) -> u32 {
        let (release, acquire) = orders(variant);
        let mine = actor as usize;
        let read = runtime.load(&words[mine], acquire);
        runtime.store(&words[1 - mine], 1, release);
        u32::from(read == 1)
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.contains(&vec![Some(1), Some(1)])
    }
}
