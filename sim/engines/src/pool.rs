//! Work on several threads, with results in the order of the work; and what a panic says.

use std::any::Any;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does all of the work on that many threads. `done` is told after each piece how many are over.
///
/// # Panics
///
/// When a piece of work does: what is not done never passes for done.
pub fn run<W: Sync, T: Send>(
    all: &[W],
    threads: usize,
    work: impl Fn(&W) -> T + Sync,
    done: &(impl Fn(usize) + Sync),
) -> Vec<T> {
    let (next, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Vec<Mutex<Option<T>>> = all.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, all.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(piece) = all.get(at) else { return };
                    let result = work(piece);
                    *results[at].lock().expect("nobody panics with it") = Some(result);
                    done(over.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let result = |slot: Mutex<Option<T>>| slot.into_inner().expect("nobody panics with it");
    results.into_iter().map(|slot| result(slot).expect("all work is done")).collect()
}

/// The text of a panic.
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref().copied()).unwrap_or("a panic without a message")
}
