//! Playing: by pointer and by keys, to every goal, on every broken machine, and back again.

use super::browser::{Browser, browser};
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
    // A button that is disabled in truth could not be focused.
    let focused = browser.eval("document.activeElement.dataset.who");
    assert_eq!(focused, "server");
}

#[test]
fn a_card_says_beforehand_what_it_changes_and_where_it_leads() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    // Every way begins with one of the steps.
    assert!(browser.text("#where").contains("156 ways to go on, 8 ends still possible"));
    assert!(browser.text("[data-who=caller]").contains("leads to 8 of 8 ends · 155 ways"));
    assert!(browser.text("[data-who=canceller]").contains("leads to 1 of 8 ends · 1 way"));
    choose(&mut browser, "caller canceller server");
    let before = browser.text("[data-who=canceller]");
    assert!(before.contains("… request accepted"), "{before}");
    assert!(before.contains("work: request none → open until 1s"), "{before}");
    assert!(before.contains("leads to 3 of 8 ends"), "{before}");
    // Looking at it is enough to see which ends would be given up.
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
    // To the first card, as a reader without a pointer gets there.
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
    // Within a list of choices, keys belong to the list.
    browser.eval("document.querySelector('#format').focus()");
    browser.press("2");
    assert_eq!(browser.count("#lanes tbody tr"), 3);
}

/// These races, or the whole corpus if `CALLOFF_PAGES` is set.
fn races_or_all(races: &[&str]) -> Vec<String> {
    match std::env::var_os("CALLOFF_PAGES") {
        Some(_) => calloff_tests::corpus().into_iter().map(|source| source.scenario.name).collect(),
        None => races.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// Follows the hint for a goal until it is reached, by pointer or by keys; how many steps it took.
fn follow_hint(browser: &mut Browser, goal: usize, by_keys: bool) -> usize {
    // A second click would put it off.
    if browser.count(&format!("[data-goal='{goal}'][aria-pressed=true]")) == 0 {
        browser.click(&format!("[data-goal='{goal}']"));
    }
    for steps in 0..100 {
        let status = browser.text(&format!("#goals li:nth-child({}) .status", goal + 1));
        if status == "reached, right here" {
            return steps;
        }
        assert_eq!(browser.count(".card.hinted"), 1, "{status}");
        assert_eq!(browser.text(".card.hinted .badge"), "hint");
        match by_keys {
            true => {
                let key = browser.text(".card.hinted kbd");
                browser.press(&key);
            }
            false => browser.click(".card.hinted"),
        }
    }
    panic!("the hints for goal {goal} lead nowhere");
}

#[test]
fn every_goal_is_met_by_following_its_hints_or_is_impossible() {
    let races =
        ["cancel-meets-reply", "cancel-meets-cancel", "nested-calls-race", "reply-meets-expiry"];
    let mut impossible = 0;
    for name in races_or_all(&races) {
        let page = page(&scenario(&name));
        let mut browser = browser();
        browser.open(&page, "");
        let goals = browser.count("#goals li");
        assert!(goals > 0, "{name}");
        for (goal, by_keys) in (0..goals).flat_map(|goal| [(goal, false), (goal, true)]) {
            let status = browser.text(&format!("#goals li:nth-child({}) .status", goal + 1));
            if status.starts_with("impossible") {
                assert!(status.contains("were explored"), "{status}");
                assert_eq!(browser.count(&format!("[data-goal='{goal}']")), 0);
                impossible += 1;
                continue;
            }
            follow_hint(&mut browser, goal, by_keys);
            if browser.count("#restart[aria-disabled=true]") == 0 {
                browser.click("#restart");
            }
        }
        let (reached, possible) = {
            let progress = browser.text("#progress");
            let mut numbers = progress.split(' ').filter_map(|word| word.parse::<usize>().ok());
            (numbers.next(), numbers.next())
        };
        assert_eq!(reached, possible, "{name}");
        assert_eq!(browser.troubles(), NOTHING);
    }
    assert!(impossible > 3);
}

#[test]
fn every_bug_is_shown_and_the_same_steps_are_right_on_the_correct_machine() {
    for name in
        races_or_all(&["cancel-meets-reply", "cancel-meets-cancel", "cancel-before-dispatch"])
    {
        let page = page(&scenario(&name));
        let graphs = data_of(&page)["graphs"].as_array().expect("a list").clone();
        let faults: Vec<&str> = graphs.iter().filter_map(|g| g["fault"]["name"].as_str()).collect();
        if std::env::var_os("CALLOFF_PAGES").is_none() {
            assert!(faults.len() > 1, "{name}: {faults:?}");
        }
        let mut browser = browser();
        browser.open(&page, "");
        for (number, fault) in faults.into_iter().enumerate() {
            browser.click(&format!("[data-level={fault}]"));
            assert!(browser.text("#machine").contains("This machine has a bug"), "{fault}");
            assert_eq!(browser.count("#try-right"), 0, "{fault}");
            let steps = follow_hint(&mut browser, 0, number % 2 == 1);
            assert!(browser.text("#machine").contains("is broken at step"), "{fault}");
            assert!(browser.count("#lanes .breaks") > 0, "{fault}");
            browser.click("#try-right");
            let words = browser.text("#machine");
            assert!(words.contains("✓ No clause is broken"), "{fault}: {words}");
            let done = browser.count("#lanes tbody tr");
            assert!(done == steps || words.contains("is not possible here"), "{fault}: {words}");
            browser.click("#to-broken");
            assert_eq!(browser.count("#lanes tbody tr"), steps, "{fault}");
            browser.click("#to-right");
        }
        assert_eq!(browser.count("#levels .met"), browser.count("#levels li"));
        assert_eq!(browser.troubles(), NOTHING);
    }
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
    // A way that was gone before is found again, not made anew.
    browser.click("#undo");
    choose(&mut browser, "canceller");
    assert_eq!(browser.count("#branches li"), 2);
    // Back to a step, by its number.
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
