//! Plays the page by pointer and by keys: to every goal, on every broken machine, and back again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::browser::{BROWSERS, Browser, PLACE, browser};
use super::{data_of, page, scenario};

const NOTHING: [&str; 0] = [];

fn choose(browser: &mut Browser, names: &str) {
    for who in names.split(' ') {
        browser.click(&format!("[data-who={who}]"));
    }
}

#[test]
fn a_race_is_played_by_clicking_to_its_end() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    assert_eq!(browser.text("h1"), "cancel-meets-reply");
    assert!(browser.text("#held").starts_with("All 76 states were explored"));
    choose(&mut browser, "caller canceller server server server caller canceller");
    assert!(browser.text("#lanes").contains("= RPC_E_CALL_COMPLETE"));
    assert!(browser.text("#over").contains("canceller: RPC_E_CALL_COMPLETE"));
    assert!(browser.text("#outcomes .here").contains("✓ here"));
    assert_eq!(browser.count("#outcomes .gone"), 7);
    assert!(browser.text("#calls figcaption").contains("outcome completed"));
    let lit = "[...document.querySelectorAll('#calls .lit')].map((state) => state.textContent)";
    assert_eq!(browser.eval(lit), serde_json::json!(["none", "replied", "completed"]));
    assert_eq!(browser.troubles(), NOTHING);
}

#[test]
fn who_is_blocked_says_why_and_stays_where_it_can_be_reached() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    assert_eq!(browser.count(".card[aria-disabled=true]"), 2);
    assert!(browser.text("[data-who=server]").contains("waits for work to be issued"));
    assert!(browser.text("[data-who=clock]").contains("nobody waits for a time"));
    browser.click("[data-who=server]");
    let said = browser.text("#said");
    assert_eq!(said, "server cannot step: waits for work to be issued");
    assert_eq!(browser.count("#lanes tbody tr"), 0);
    // A button with the attribute `disabled` could not have the focus.
    let focused = browser.eval("document.activeElement.dataset.who");
    assert_eq!(focused, "server");
}

#[test]
fn a_card_says_beforehand_what_it_changes_and_where_it_leads() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    // Every way begins with one of the possible steps.
    assert!(browser.text("#where").contains("156 ways to go on, 8 ends still possible"));
    assert!(browser.text("[data-who=caller]").contains("leads to 8 of 8 ends · 155 ways"));
    assert!(browser.text("[data-who=canceller]").contains("leads to 1 of 8 ends · 1 way"));
    choose(&mut browser, "caller canceller server");
    let before = browser.text("[data-who=canceller]");
    assert!(before.contains("… request accepted"), "{before}");
    assert!(before.contains("work: request none → open until 1s"), "{before}");
    assert!(before.contains("leads to 3 of 8 ends"), "{before}");
    // Hovering over a card is enough to see which ends its step would give up.
    let losing = browser.count("#outcomes .losing");
    assert_eq!(losing, 0);
    browser.eval("document.querySelector('[data-who=canceller]').focus()");
    assert!(browser.count("#outcomes .losing") > 0);
    browser.press("Enter");
    let lanes = browser.text("#lanes");
    assert!(lanes.contains("work: request none → open until 1s"), "{lanes}");
    assert_eq!(browser.count("#outcomes .open"), 3);
}

#[test]
fn a_race_is_played_by_keys_alone() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    // Moves to the first card with the keyboard only.
    for _ in 0..40 {
        browser.press("Tab");
        if browser.eval("document.activeElement.dataset.who ?? ''") == "caller" {
            break;
        }
    }
    browser.press("Enter");
    assert_eq!(browser.count("#lanes tbody tr"), 1);
    assert_eq!(browser.eval("document.activeElement.dataset.who"), "caller");
    for key in ["3", "2", "2", "u", "u", "r"] {
        browser.press(key);
    }
    assert_eq!(browser.count("#lanes tbody tr"), 3);
    assert!(browser.text("#said").contains("3 steps"));
    // While a list of choices has the focus, keys belong to that list.
    browser.eval("document.querySelector('#format').focus()");
    browser.press("2");
    assert_eq!(browser.count("#lanes tbody tr"), 3);
}

/// The way in which a person operates the page.
#[derive(Clone, Copy, PartialEq)]
enum Hand {
    Pointer,
    Keys,
}

const HANDS: [Hand; 2] = [Hand::Pointer, Hand::Keys];

/// The ways in which what has this number is played: by pointer and by keys in turn, so that both
/// do everything on some pages; with `CALLOFF_PAGES`, in both ways.
fn hands(number: usize) -> &'static [Hand] {
    match std::env::var_os("CALLOFF_PAGES") {
        Some(_) => &HANDS,
        None => &HANDS[number % 2..][..1],
    }
}

/// Presses a button of the page.
fn use_button(browser: &mut Browser, selector: &str, hand: Hand) {
    match hand {
        Hand::Pointer => browser.click(selector),
        Hand::Keys => {
            let focused = format!(
                "(() => {{ const button = document.querySelector({});
                    button.focus(); return document.activeElement === button; }})()",
                serde_json::json!(selector)
            );
            assert_eq!(browser.eval(&focused), true, "{selector}");
            browser.press("Enter");
        }
    }
}

/// Follows the hint for a goal until it is reached; returns the number of steps.
fn follow_hint(browser: &mut Browser, goal: usize, hand: Hand) -> usize {
    // A second click would switch the hint off.
    if browser.count(&format!("[data-goal='{goal}'][aria-pressed=true]")) == 0 {
        use_button(browser, &format!("[data-goal='{goal}']"), hand);
    }
    let seen = format!(
        "((place) => {{
            const word = (selector) => document.querySelector(selector)?.innerText;
            return [
                word('#goals li:nth-child({}) .status'),
                document.querySelectorAll('.card.hinted').length,
                word('.card.hinted .badge'),
                word('.card.hinted kbd'),
                place('.card.hinted'),
            ];
        }})({PLACE})",
        goal + 1
    );
    for steps in 0..100 {
        let seen = browser.eval(&seen);
        if seen[0] == "reached, right here" {
            return steps;
        }
        assert_eq!((&seen[1], &seen[2]), (&1.into(), &"hint".into()), "{seen}");
        match hand {
            Hand::Pointer => browser.click_at(&seen[4]),
            Hand::Keys => browser.press(seen[3].as_str().expect("a key")),
        }
    }
    panic!("the hints for goal {goal} lead nowhere");
}

/// Reaches every goal of the page with this number; returns the number of impossible goals.
fn meet_goals(browser: &mut Browser, number: usize, name: &str) -> usize {
    let goals = browser.count("#goals li");
    assert!(goals > 0, "{name}");
    let mut impossible = 0;
    for goal in 0..goals {
        let status = browser.text(&format!("#goals li:nth-child({}) .status", goal + 1));
        if status.starts_with("impossible") {
            assert!(status.contains("were explored"), "{name}: {status}");
            assert_eq!(browser.count(&format!("[data-goal='{goal}']")), 0);
            impossible += 1;
            continue;
        }
        for &hand in hands(number + goal) {
            follow_hint(browser, goal, hand);
            if browser.count("#restart[aria-disabled=true]") == 0 {
                use_button(browser, "#restart", hand);
            }
        }
    }
    let progress = browser.text("#progress");
    let numbers = progress.split(' ').filter_map(|word| word.parse::<usize>().ok());
    let numbers: Vec<usize> = numbers.collect();
    let has_all = match numbers[..] {
        [reached, of, ..] => reached == of,
        _ => impossible == goals && progress == "None is known to be possible.",
    };
    assert!(has_all, "{name}: {progress}");
    impossible
}

/// Breaks every machine of the page with this number, and tries the same steps on the correct one.
/// Returns how many there were.
fn break_machines(browser: &mut Browser, number: usize, name: &str, faults: &[&str]) -> usize {
    let in_hands = |at: usize| hands(number + at).iter().map(move |hand| (at, *hand));
    for (at, hand) in (0..faults.len()).flat_map(in_hands) {
        let fault = faults[at];
        let about = format!("{name}, {fault}");
        use_button(browser, &format!("[data-level={fault}]"), hand);
        assert!(browser.text("#machine").contains("This machine has a bug"), "{about}");
        if browser.count("#restart[aria-disabled=true]") == 0 {
            use_button(browser, "#restart", hand);
        }
        assert_eq!(browser.count("#try-right"), 0, "{about}");
        let words = "document.querySelector('main').textContent.match(/undefined|null|NaN/)";
        assert!(browser.eval(words).is_null(), "{about}");
        let steps = follow_hint(browser, 0, hand);
        assert!(browser.text("#machine").contains(" in row "), "{about}");
        assert!(browser.count("#lanes .breaks") > 0, "{about}");
        use_button(browser, "#try-right", hand);
        let words = browser.text("#machine");
        assert!(words.contains("✓ No clause is broken"), "{about}: {words}");
        let done = browser.count("#lanes tbody tr");
        assert!(done == steps || words.contains("is not possible here"), "{about}: {words}");
        use_button(browser, "#to-broken", hand);
        assert_eq!(browser.count("#lanes tbody tr"), steps, "{about}");
        use_button(browser, "#to-right", hand);
    }
    assert_eq!(browser.count("#levels .met"), browser.count("#levels li"), "{name}");
    faults.len()
}

#[test]
fn every_goal_and_every_level_of_the_corpus_is_played_by_pointer_and_by_keys() {
    let corpus = calloff_tests::races();
    let (next, impossible, broken) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let play = || {
        let mut browser = browser();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(source) = corpus.get(number) else { break };
            let name = &source.scenario.name;
            let page = page(&source.scenario);
            let graphs = data_of(&page)["graphs"].take();
            let graphs = graphs.as_array().expect("a list").iter();
            for graph in graphs.clone() {
                let goals = graph["goals"].as_array().expect("a list");
                let texts: BTreeSet<_> = goals.iter().map(|goal| goal["text"].as_str()).collect();
                assert_eq!(texts.len(), goals.len(), "{name}: two goals read the same");
            }
            let faults: Vec<&str> = graphs.filter_map(|g| g["fault"]["name"].as_str()).collect();
            browser.open(&page, "");
            let met = meet_goals(&mut browser, number, name);
            impossible.fetch_add(met, Ordering::Relaxed);
            let count = break_machines(&mut browser, number, name, &faults);
            broken.fetch_add(count, Ordering::Relaxed);
            assert_eq!(browser.troubles(), NOTHING, "{name}");
        }
    };
    std::thread::scope(|scope| (0..BROWSERS).for_each(|_| drop(scope.spawn(play))));
    assert!(impossible.into_inner() > 20);
    assert!(broken.into_inner() > 300);
}

#[test]
fn nothing_that_was_tried_is_lost() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    assert_eq!(browser.count("#undo[aria-disabled=true], #redo[aria-disabled=true]"), 2);
    choose(&mut browser, "caller server");
    browser.click("#undo");
    assert_eq!(browser.count("#lanes tbody tr"), 1);
    browser.click("#redo");
    assert_eq!(browser.count("#lanes tbody tr"), 2);
    browser.click("#undo");
    choose(&mut browser, "canceller canceller");
    assert_eq!(browser.count("#branches li"), 2);
    assert_eq!(browser.count("#redo[aria-disabled=true]"), 1);
    let branch = browser.text("#branches li:nth-child(1)");
    assert!(branch.contains("2 steps") && branch.contains("caller · server"), "{branch}");
    browser.click("#branches li:nth-child(1) button");
    assert!(browser.text("#lanes").contains("dispatch work"));
    // A way that was visited before is found again, not created a second time.
    browser.click("#undo");
    choose(&mut browser, "canceller");
    assert_eq!(browser.count("#branches li"), 2);
    // Goes back to a step by its number.
    browser.click("#redo");
    browser.click("#lanes tbody tr:nth-child(1) button");
    assert_eq!(browser.count("#lanes tbody tr"), 1);
    browser.click("#restart");
    assert_eq!(browser.count("#lanes tbody tr"), 0);
    assert_eq!(browser.count("#branches li"), 2);
}

#[test]
fn every_end_is_reached_by_its_shortest_schedule() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    let ends = browser.count("#outcomes tbody tr");
    assert_eq!(ends, 8);
    for end in 1..=ends {
        let row = format!("#outcomes tbody tr:nth-child({end})");
        browser.click(&format!("{row} button"));
        assert!(browser.text(&row).contains("✓ here"));
        assert!(browser.text("#over").contains("The race is over"));
        assert_eq!(browser.count("#lanes .decides"), 2, "the two steps whose order decides");
        assert!(browser.text("#decides").contains("The order of ◀a and ◀b decides."));
    }
    assert_eq!(browser.count("#branches li"), ends);
    browser.click("#undo");
    assert_eq!(browser.count("#lanes .decides"), 0, "before the end nothing is decided");
}

#[test]
fn another_reading_is_another_race() {
    let page = page(&scenario("disable-during-call-at-request"));
    let mut browser = browser();
    browser.open(&page, "");
    let readings = browser.count("#reading option");
    assert_eq!(
        readings,
        data_of(&page)["graphs"]
            .as_array()
            .map_or(0, |graphs| { graphs.iter().filter(|graph| graph["fault"].is_null()).count() })
    );
    assert!(readings > 1);
    let (first, ends) = (browser.text("#meaning"), browser.text("#outcomes"));
    browser.eval(
        "(() => { const list = document.querySelector('#reading');
            list.selectedIndex = 1; list.dispatchEvent(new Event('change')); })()",
    );
    assert_ne!(browser.text("#meaning"), first);
    assert!(browser.text("#link").starts_with("#s=&r="));
    // Each reading has its own ends, and its own walk.
    let other = browser.text("#outcomes");
    choose(&mut browser, "caller");
    browser.eval(
        "(() => { const list = document.querySelector('#reading');
            list.selectedIndex = 0; list.dispatchEvent(new Event('change')); })()",
    );
    assert_eq!(browser.count("#lanes tbody tr"), 0);
    assert_eq!(browser.text("#outcomes"), ends);
    assert_ne!(other, ends);
}
