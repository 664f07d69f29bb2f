//! Pages as files: the same every time, small, safe whatever a scenario says, honest in part.

use calloff_model::Reading;
use calloff_protocol::scenario::Scenario;
use calloff_reports::page::render;

use super::browser::{Browser, browser};
use super::{data_of, made, write};

#[test]
fn every_shipped_scenario_has_a_page_that_is_the_same_every_time_and_asks_for_nothing() {
    for source in calloff_tests::races() {
        let scenario = source.scenario;
        let readings = &scenario.expect.readings;
        let page = || render(&scenario.name, &made(&scenario, readings, None, 20_000).data);
        let first = page();
        assert!(first == page(), "{}", scenario.name);
        for word in ["http://", "https://", "src=", "@import", "url("] {
            let (head, rest) = first.split_once("id=\"data\">").expect("data");
            let (_, script) = rest.split_once("</script>").expect("its end");
            let own = ["http://www.w3.org/2000/svg", "url(#arrow)"];
            let clean = own.iter().fold(format!("{head}{script}"), |text, o| text.replace(o, ""));
            assert!(!clean.contains(word), "{}: {word}", scenario.name);
        }
        assert!(first.len() < 3 << 20, "{}: {} bytes", scenario.name, first.len());
    }
}

/// So many calls at once, each canceled.
fn large(calls: usize) -> Scenario {
    let mut text = String::from("schema = 1\nname = \"large\"\n");
    for (number, seconds) in [(1, 1), (2, 2), (3, 1)].into_iter().take(calls) {
        text += &format!(
            "[[actor]]\nname = \"caller-{number}\"\ndepth = 1\n\
             steps = [{{ call = \"c{number}\" }}]\n\
             [[actor]]\nname = \"server-{number}\"\n\
             steps = [{{ dispatch = \"c{number}\" }}, \"test_cancel\", {{ reply = \"S_FALSE\" }}]\n\
             [[actor]]\nname = \"canceller-{number}\"\n\
             steps = [{{ cancel = {{ thread = \"caller-{number}\", seconds = {seconds} }} }}]\n"
        );
    }
    Scenario::parse("large.toml", text.as_bytes()).expect("a good scenario")
}

/// Opens a page, clicks so often, and tells how long that took: both limits are for a machine that
/// does much else. What is clicked is an expression.
fn open_and_click(browser: &mut Browser, page: &str, clicks: usize, element: &str) {
    let file = write("large", page);
    browser.open(&file, "");
    let loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd";
    let loaded = browser.eval(loaded).as_f64().expect("a time");
    // What is looked up for a click, and what is drawn then, in milliseconds.
    let click = |number: usize| {
        format!(
            "((number) => {{
                const element = {element};
                // Nobody clicks what is not on the screen.
                element.scrollIntoView({{ block: 'center' }});
                element.getBoundingClientRect();
                const start = performance.now();
                element.click();
                document.body.getBoundingClientRect();
                return performance.now() - start;
            }})({number})"
        )
    };
    let mut slowest = 0.0_f64;
    for number in 0..clicks {
        slowest = slowest.max(browser.eval(&click(number)).as_f64().expect("a time"));
    }
    let size = page.len() >> 10;
    println!("{size} KiB: loaded after {loaded:.0} ms, slowest click {slowest:.0} ms");
    assert!(loaded < 20_000.0 && slowest < 2_000.0);
}

#[test]
fn a_page_that_holds_a_part_is_small_and_quick_and_says_what_it_does_not_hold() {
    let made = made(&large(3), &[Reading::default()], None, 10_000);
    assert_eq!(made.graphs.len(), 1);
    let held = &made.graphs[0];
    assert!(held.states > 9_900 && !held.is_whole, "{}", held.states);
    let page = render("large", &made.data);
    assert!(page.len() < 3 << 20, "{}", page.len());
    let mut browser = browser();
    let step = "document.querySelector('.card[aria-disabled=false]') ??
        document.querySelector('#restart')";
    open_and_click(&mut browser, &page, 30, step);
    assert!(browser.text("#held").contains("more states than this page holds"));
    assert!(browser.text("#outcomes-note").contains("unknown beyond"));
    assert!(browser.text("#goals").contains("unknown beyond it"));
    assert!(!browser.text("#goals").contains("impossible"));
    browser.wait_for(
        "(() => { const card = document.querySelector('.card[aria-disabled=false]');
            card?.click(); return !card; })()",
    );
    let over = browser.text("#over");
    assert!(over.contains("holds nothing beyond") || over.contains("The race is over"), "{over}");
    assert_eq!(browser.troubles(), [""; 0]);
}

#[test]
fn a_page_of_ten_thousand_states_shows_every_end_and_what_decides_it_at_once() {
    let made = made(&large(2), &[Reading::default()], None, 20_000);
    assert!(made.graphs[0].is_whole && made.graphs[0].states > 10_000);
    let page = render("large", &made.data);
    let mut browser = browser();
    // To each end, for which a shortest way and a deciding pair are looked for.
    let end = "document.querySelectorAll('#outcomes tbody button')[number]";
    open_and_click(&mut browser, &page, 64, end);
    assert_eq!(browser.count("#outcomes tbody button"), 64);
    assert!(browser.text("#over").contains("The race is over"));
    assert!(browser.text("#decides").contains("decides"));
    // And on another way to an end: the walk of somebody who always takes the last card.
    let last = "[...document.querySelectorAll('.card[aria-disabled=false]')].at(-1) ??
        document.querySelector('#restart')";
    open_and_click(&mut browser, &page, 100, last);
    assert_eq!(browser.troubles(), [""; 0]);
}

const HOSTILE: [&str; 6] = [
    "<img src=x onerror=hacked=1>",
    "</script><script>hacked=1</script>",
    "</style><!--",
    "\"'`${hacked=1}&lt;",
    "#s=,%2C&m=x",
    "אב <!-- <script> \u{2028}\u{2029}مر",
];

pub(super) fn hostile() -> Scenario {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let [caller, server, canceller, call, name, summary] = HOSTILE.map(quoted);
    let text = format!(
        "schema = 1\nname = {name}\nsummary = {summary}\n\
         [[actor]]\nname = {caller}\ndepth = 1\nsteps = [{{ call = {call} }}]\n\
         [[actor]]\nname = {server}\nsteps = [{{ dispatch = {call} }}, {{ reply = \"S_OK\" }}]\n\
         [[actor]]\nname = {canceller}\n\
         steps = [{{ cancel = {{ thread = {caller}, seconds = 1 }} }}]\n"
    );
    Scenario::parse("hostile.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn whatever_a_scenario_is_called_is_text_and_never_runs() {
    let scenario = hostile();
    let page = write(
        "hostile",
        &render(&scenario.name, &made(&scenario, &[Reading::default()], None, 20_000).data),
    );
    let mut browser = browser();
    browser.open(&page, "");
    assert_eq!(browser.eval("document.querySelector('h1').textContent"), HOSTILE[4]);
    assert_eq!(browser.eval("document.title"), format!("{} · calloff", HOSTILE[4]));
    for (who, name) in HOSTILE.iter().take(3).enumerate() {
        let shown = format!("document.querySelectorAll('.card .name')[{who}].textContent");
        assert_eq!(browser.eval(&shown), *name);
    }
    for key in ["1", "3", "2", "3", "2"] {
        browser.press(key);
    }
    assert_eq!(browser.count("#lanes tbody tr"), 5);
    let link = browser.eval("document.querySelector('#link').getAttribute('href')");
    let link = link.as_str().expect("a link").to_owned();
    browser.open(&page, &link);
    assert_eq!(browser.count("#lanes tbody tr"), 5, "{link}");
    for format in ["svg", "mmd", "txt"] {
        browser.eval(&format!(
            "(() => {{ const list = document.querySelector('#format'); list.value = '{format}';
                list.dispatchEvent(new Event('change')); }})()"
        ));
        let text = browser.eval("document.querySelector('#export').value");
        assert!(format == "txt" || !text.as_str().expect("text").contains("<img"));
    }
    assert_eq!(browser.count("img, script:not([type]):not(:last-of-type)"), 0);
    assert_eq!(browser.eval("typeof hacked"), "undefined");
    assert_eq!(browser.troubles(), [""; 0]);
    // The policy enforces all this: a script that comes later does not run.
    browser.eval(
        "(() => { const late = document.createElement('script');
            late.textContent = 'hacked = 1'; document.body.append(late); })()",
    );
    assert_eq!(browser.eval("typeof hacked"), "undefined");
    assert!(data_of(&page)["actors"][0]["name"] == HOSTILE[0]);
}
