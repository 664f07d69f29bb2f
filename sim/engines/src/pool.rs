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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::run;

    #[test]
    fn results_come_in_the_order_of_the_work_on_any_number_of_threads() {
        let all: Vec<u64> = (0..100).collect();
        let slow_first = |piece: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(100 - piece));
            piece * 2
        };
        let expected: Vec<u64> = all.iter().map(|piece| piece * 2).collect();
        for threads in [0, 1, 4, 200] {
            assert_eq!(run(&all, threads, slow_first, &|_| ()), expected, "{threads} threads");
        }
        assert!(run(&[], 4, slow_first, &|_| ()).is_empty());
    }

    #[test]
    fn every_piece_that_is_over_is_told_once() {
        let told = AtomicUsize::new(0);
        let tell = |over: usize| {
            told.fetch_add(over, Ordering::Relaxed);
        };
        run(&[(); 50], 4, |()| (), &tell);
        assert_eq!(told.into_inner(), (1..=50).sum::<usize>());
    }

    #[test]
    fn a_panic_in_one_piece_is_a_panic_of_the_whole() {
        for threads in [1, 4] {
            let work = |piece: &u32| assert_ne!(*piece, 7, "this piece panics");
            let all: Vec<u32> = (0..20).collect();
            let ended = catch_unwind(AssertUnwindSafe(|| run(&all, threads, work, &|_| ())));
            assert!(ended.is_err(), "{threads} threads");
        }
    }
}
