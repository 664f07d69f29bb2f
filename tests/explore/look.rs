//! Accessibility of the page: axe-core finds no serious problem, in any colour scheme.

use super::browser::{Browser, browser};
use super::{page, scenario};

/// The rules of axe-core, which `tests/run` downloads.
fn axe() -> String {
    let path = calloff_tests::project_file("target/axe-core/package/axe.min.js");
    std::fs::read_to_string(path).expect("axe-core is not there: run `tests/fetch-axe`")
}

fn expect_nothing_serious(browser: &mut Browser, where_to: &str) {
    let found = browser.eval(
        "axe.run().then((found) => found.violations
            .filter((rule) => ['serious', 'critical'].includes(rule.impact))
            .map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(' | ')}`))",
    );
    assert_eq!(found, serde_json::json!([]), "{where_to}");
}

#[test]
fn nothing_keeps_anybody_from_using_the_page() {
    let (page, axe) = (page(&scenario("cancel-meets-cancel")), axe());
    let mut browser = browser();
    browser.open(&page, "");
    browser.eval(&axe);
    for scheme in ["light", "dark"] {
        browser.look(scheme, "");
        for width in [1280, 390] {
            browser.size(width, 900);
            expect_nothing_serious(&mut browser, &format!("{scheme}, {width}, at the start"));
            for key in ["1", "3", "3", "2", "2"] {
                browser.press(key);
            }
            browser.click("#goals button");
            expect_nothing_serious(&mut browser, &format!("{scheme}, {width}, in the race"));
            browser.click("#goals button");
            browser.click("[data-level]");
            browser.click("#goals button");
            while browser.count(".card.hinted") > 0 {
                browser.click(".card.hinted");
            }
            expect_nothing_serious(&mut browser, &format!("{scheme}, {width}, with a bug"));
            browser.click("#to-right");
            browser.click("#restart");
            browser.eval("document.querySelector('#restart').blur()");
        }
    }
}

#[test]
fn the_reader_can_choose_the_colours() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "");
    let dark = "(() => { const [r] = getComputedStyle(document.body).backgroundColor
        .match(/[0-9.]+/g).map(Number); return r < 100; })()";
    for (scheme, clicks, is_dark) in [
        ("dark", 0, true),
        ("light", 0, false),
        ("dark", 1, false),
        ("light", 1, true),
        ("dark", 1, true),
    ] {
        browser.look(scheme, "");
        for _ in 0..clicks {
            browser.click("#theme");
        }
        assert_eq!(browser.eval(dark), is_dark, "{scheme}, {}", browser.text("#theme"));
    }
}

#[test]
fn nothing_is_wider_than_a_narrow_window() {
    let page = page(&scenario("cancel-meets-cancel"));
    let mut browser = browser();
    browser.size(360, 800);
    browser.open(&page, "#s=caller,patient,patient,clock,hasty");
    let overflow = "document.documentElement.scrollWidth - innerWidth";
    assert!(browser.eval(overflow).as_f64().expect("a number") <= 0.0);
    // On a narrow screen each card has a row of its own, and the lanes are a list.
    let same_column = "new Set([...document.querySelectorAll('.card')]
        .map((card) => Math.round(card.getBoundingClientRect().x))).size";
    assert_eq!(browser.eval(same_column), 1);
    assert_eq!(
        browser.eval("getComputedStyle(document.querySelector('#lanes thead')).display"),
        "none"
    );
    browser.look("", "print");
    assert_eq!(browser.count("#undo"), 1);
    assert_eq!(browser.eval("document.querySelector('#undo').getClientRects().length"), 0);
}
