//! Tests of the stoppable runtime: it detects who can continue, and can make every actor leave.

use super::*;

const TICK: Duration = Duration::from_millis(2);

/// The time limit for a livelock, which these tests cause on purpose.
const PATIENCE: Duration = Duration::from_millis(300);

/// No test takes this long unless it hangs.
const WATCHDOG: Duration = Duration::from_secs(300);

type Work = fn(&Stoppable, &Objects);

/// What the actors of a test share.
struct Objects {
    one: sync::Mutex<u32>,
    other: sync::Mutex<u32>,
    changed: Condvar,
    word: AtomicU64,
}

/// How the execution ended, the final number in the first lock, and the actors' panic messages.
type End = (Ended<()>, u32, Vec<String>);

/// Runs these actors until the execution ends, and makes the remaining ones leave.
fn run(patience: Duration, actors: &[Work]) -> End {
    let runtime = Stoppable::new(TICK, actors.len(), Pace::Steady);
    let objects = Arc::new(Objects {
        one: runtime.mutex(0),
        other: runtime.mutex(0),
        changed: runtime.condvar(),
        word: runtime.atomic(0),
    });
    let threads: Vec<_> = actors
        .iter()
        .map(|&work| {
            let (runtime, objects) = (runtime.clone(), Arc::clone(&objects));
            thread::spawn(move || runtime.actor(|| work(&runtime, &objects)))
        })
        .collect();
    let ended = runtime.watch(patience, || Ok(()));
    runtime.stop(Duration::from_secs(60));
    let ends = threads.into_iter().map(|thread| thread.join().expect("panics are caught"));
    let said = ends.filter_map(Result::err).collect();
    let left = *objects.one.lock().unwrap_or_else(PoisonError::into_inner);
    (ended, left, said)
}

fn wait_for(runtime: &Stoppable, objects: &Objects, least: u32) {
    let mut guard = runtime.lock(&objects.one);
    while *guard < least {
        guard = runtime.wait(&objects.changed, guard, None);
    }
}

/// Waits until the number is 1, and then adds 10.
fn waiter(runtime: &Stoppable, objects: &Objects) {
    wait_for(runtime, objects, 1);
    *runtime.lock(&objects.one) += 10;
}

fn sleep(runtime: &Stoppable, ticks: u32) {
    let (alone, never) = (runtime.mutex(()), runtime.condvar());
    let deadline = runtime.now().after(ticks);
    let mut guard = runtime.lock(&alone);
    while runtime.now() < deadline {
        guard = runtime.wait(&never, guard, Some(deadline));
    }
}

fn add_one_silently(runtime: &Stoppable, objects: &Objects) {
    sleep(runtime, 2);
    *runtime.lock(&objects.one) += 1;
}

fn add_one(runtime: &Stoppable, objects: &Objects) {
    add_one_silently(runtime, objects);
    // Notifying after unlocking is allowed.
    runtime.notify_all(&objects.changed);
}

fn add_one_for_one(runtime: &Stoppable, objects: &Objects) {
    add_one_silently(runtime, objects);
    runtime.notify_one(&objects.changed);
}

#[test]
fn actors_that_are_notified_go_on_and_finish() {
    let end = run(WATCHDOG, &[waiter, waiter, waiter, add_one]);
    assert_eq!(end, (Ended::Finished, 31, vec![]));
}

#[test]
fn a_notification_that_is_forgotten_leaves_the_waiter_stuck() {
    let end = run(WATCHDOG, &[waiter, add_one_silently]);
    // The waiter finishes only if the number was 1 before it looked.
    assert!([(Ended::Stuck, 1, vec![]), (Ended::Finished, 11, vec![])].contains(&end), "{end:?}");
}

#[test]
fn a_notification_for_one_wakes_one() {
    fn both_wait(runtime: &Stoppable, objects: &Objects) {
        let mut guard = runtime.lock(&objects.one);
        *guard += 10;
        guard = runtime.wait(&objects.changed, guard, None);
        *guard += 100;
    }
    fn wake_one_of_two(runtime: &Stoppable, objects: &Objects) {
        while *runtime.lock(&objects.one) < 20 {
            sleep(runtime, 1);
        }
        add_one_for_one(runtime, objects);
    }
    let end = run(WATCHDOG, &[both_wait, both_wait, wake_one_of_two]);
    assert_eq!(end, (Ended::Stuck, 121, vec![]));
}

#[test]
fn nobody_is_stuck_while_a_deadline_is_pending() {
    fn late(runtime: &Stoppable, objects: &Objects) {
        sleep(runtime, 30);
        add_one(runtime, objects);
    }
    let end = run(WATCHDOG, &[waiter, late]);
    assert_eq!(end, (Ended::Finished, 11, vec![]));
}

#[test]
fn an_actor_that_waits_for_nothing_is_stuck_and_leaves_when_it_is_told_to() {
    for _ in 0..50 {
        assert_eq!(run(WATCHDOG, &[waiter]), (Ended::Stuck, 0, vec![]));
    }
    assert_eq!(run(WATCHDOG, &[]), (Ended::Finished, 0, vec![]));
}

#[test]
fn actors_that_go_round_in_circles_leave_when_the_patience_is_over() {
    fn spin_on_a_word(runtime: &Stoppable, objects: &Objects) {
        while runtime.load(&objects.word, Ordering::Acquire) == 0 {
            thread::yield_now();
        }
    }
    fn spin_on_a_lock(runtime: &Stoppable, objects: &Objects) {
        while *runtime.lock(&objects.one) == 0 {
            thread::yield_now();
        }
    }
    fn spin_on_the_clock(runtime: &Stoppable, _: &Objects) {
        while runtime.now() < Ticks(u64::MAX) {
            thread::yield_now();
        }
    }
    let end = run(PATIENCE, &[spin_on_a_word, spin_on_a_lock, spin_on_the_clock, waiter]);
    assert_eq!(end, (Ended::OutOfPatience, 0, vec![]));
}

#[test]
fn actors_that_hold_each_others_locks_leave_when_the_patience_is_over() {
    fn hold(runtime: &Stoppable, word: &AtomicU64, locks: [&sync::Mutex<u32>; 2]) {
        let _first = runtime.lock(locks[0]);
        // Neither actor continues before each holds a lock.
        if runtime.compare_exchange(word, 0, 1, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            runtime.store(word, 2, Ordering::SeqCst);
        }
        while runtime.load(word, Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let _second = runtime.lock(locks[1]);
    }
    fn one_then_other(runtime: &Stoppable, objects: &Objects) {
        hold(runtime, &objects.word, [&objects.one, &objects.other]);
    }
    fn other_then_one(runtime: &Stoppable, objects: &Objects) {
        hold(runtime, &objects.word, [&objects.other, &objects.one]);
    }
    let end = run(PATIENCE, &[one_then_other, other_then_one]);
    assert_eq!(end, (Ended::OutOfPatience, 0, vec![]));
}

#[test]
fn no_notification_is_lost_between_looking_and_sleeping() {
    fn ping(runtime: &Stoppable, objects: &Objects) {
        for turn in 0..200 {
            wait_for(runtime, objects, 2 * turn);
            *runtime.lock(&objects.one) += 1;
            runtime.notify_all(&objects.changed);
        }
    }
    fn pong(runtime: &Stoppable, objects: &Objects) {
        for turn in 0..200 {
            wait_for(runtime, objects, 2 * turn + 1);
            *runtime.lock(&objects.one) += 1;
            runtime.notify_one(&objects.changed);
        }
    }
    for _ in 0..5 {
        assert_eq!(run(WATCHDOG, &[ping, pong]), (Ended::Finished, 400, vec![]));
    }
}

#[test]
fn what_an_actor_says_when_it_panics_is_kept() {
    // Panics with both kinds of payload, without messages on the standard error output.
    fn literal(_: &Stoppable, _: &Objects) {
        panic::resume_unwind(Box::new("a literal"));
    }
    fn formatted(_: &Stoppable, _: &Objects) {
        panic::resume_unwind(Box::new("formatted".to_owned()));
    }
    fn silent(_: &Stoppable, _: &Objects) {
        panic::resume_unwind(Box::new(7));
    }
    let (ended, _, said) = run(WATCHDOG, &[literal, formatted, silent]);
    assert_eq!(ended, Ended::Finished);
    assert_eq!(said, ["a literal", "formatted", "a panic without a message"]);
}

#[test]
fn an_actor_that_is_told_to_leave_poisons_no_lock_that_it_waited_with() {
    let runtime = Stoppable::new(TICK, 1, Pace::Stumbling(1));
    let (mutex, condvar) = (Arc::new(runtime.mutex(0)), Arc::new(runtime.condvar()));
    let actor = thread::spawn({
        let (runtime, mutex, condvar) = (runtime.clone(), Arc::clone(&mutex), Arc::clone(&condvar));
        move || {
            runtime.actor(|| {
                let guard = runtime.lock(&mutex);
                drop(runtime.wait(&condvar, guard, None));
            })
        }
    });
    assert_eq!(runtime.watch(WATCHDOG, || Ok::<_, ()>(())), Ended::Stuck);
    runtime.stop(Duration::from_secs(60));
    assert_eq!(actor.join().expect("caught"), Ok(()));
    assert!(!mutex.is_poisoned());
}
