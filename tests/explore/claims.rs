//! Pages of counterexamples: they show what is claimed, and never as if all were well.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use calloff_model::Reading;
use calloff_reports::page::render;

use super::browser::browser;
use super::{made, page, scenario, write};

const RACE: &str = r#"
schema = 1
name = "race"

[[actor]]
name = "caller"
depth = 1
steps = [{ call = "work" }]

[[actor]]
name = "server"
steps = [{ dispatch = "work" }, { reply = "S_FALSE" }]

[[actor]]
name = "canceller"
steps = [{ cancel = { thread = "caller", seconds = 0 } }]
"#;

/// Checks a file of that text, and writes the page of its only counterexample.
fn page_of_finding(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("claims-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for tests");
    fs::write(folder.join("race.toml"), text).expect("a file");
    let calloff = |args: &[&str]| {
        let mut command = Command::new(calloff_tests::binary());
        command.args(args).current_dir(&folder).output().expect("it runs").status.code()
    };
    let args = ["check", "race.toml", "--engine", "protocol", "--save", "found"];
    assert_eq!(calloff(&args), Some(1));
    let mut found = fs::read_dir(folder.join("found")).expect("findings");
    let finding = found.next().expect("a finding").expect("a file").path();
    assert!(found.next().is_none(), "one finding is one file");
    let finding = finding.display().to_string();
    assert_eq!(calloff(&["explore", &finding, "-o", "page.html"]), Some(0));
    folder.join("page.html")
}

#[test]
fn a_code_that_is_not_expected_is_shown_in_red() {
    let expects = "[expect.codes]\ncaller = [[\"S_FALSE\"]]\n";
    let page = page_of_finding("code", &format!("{RACE}\n{expects}"));
    let mut browser = browser();
    browser.open(&page, "");
    let words = browser.text("#machine");
    let claim = "✗ expect: step 1 of caller (call work) can return RPC_E_CALL_CANCELED, which the \
                 file does not expect.";
    assert_eq!(words, claim);
    assert_eq!(browser.count("#machine.bad"), 1);
    assert_eq!(browser.count(".notice.end:not([hidden]), .notice.good:not([hidden])"), 0);
    // Whoever goes on to the end is still told; whoever starts over is not.
    while browser.count(".card[aria-disabled=false]") > 0 {
        browser.click(".card[aria-disabled=false]");
    }
    assert_eq!(browser.count("#over.bad"), 1);
    browser.click("#restart");
    assert_eq!(browser.count("#machine:not([hidden])"), 0);
    assert_eq!(browser.troubles(), [""; 0]);
}

#[test]
fn whoever_is_stuck_is_named_with_what_it_waits_for() {
    let page = page_of_finding("stuck", &RACE.replace(", { reply = \"S_FALSE\" }", ""));
    let mut browser = browser();
    browser.open(&page, "");
    let words = browser.text("#machine");
    assert!(words.contains("caller can never finish"), "{words}");
    assert!(words.contains("caller waits for a reply to work, or expiry, for ever"), "{words}");
    assert!(browser.text("#over").starts_with("Nothing more can happen: caller waits"));
    assert_eq!(browser.count("#machine.bad") + browser.count("#over.bad"), 2);
    assert_eq!(browser.eval("document.body.textContent.includes('Everybody can finish')"), false);
    assert_eq!(browser.troubles(), [""; 0]);
}

#[test]
fn a_hang_that_a_file_expects_is_no_success() {
    let page = page(&scenario("one-shot-timeout"));
    let mut browser = browser();
    browser.open(&page, "");
    let stuck = "[...document.querySelectorAll('#outcomes tbody tr')]
        .find(row => row.textContent.includes('caller'))?.querySelector('button')?.click()";
    browser.eval(stuck);
    assert_eq!(browser.count("#over.warn"), 1, "{}", browser.text("#over"));
}

#[test]
fn a_page_that_holds_no_end_says_that_the_ends_are_unknown() {
    let made = made(&scenario("cancel-meets-reply"), &[Reading::default()], None, 10);
    let page = write("no-end", &render("no-end", &made.data));
    let mut browser = browser();
    browser.open(&page, "");
    assert!(browser.text("#outcomes-note").contains("how it can end is unknown"));
    assert_eq!(browser.count("#outcomes:not([hidden])"), 0, "no empty table");
    assert!(browser.text("#where").contains("how it can end is unknown"));
    assert!(!browser.text("#goals").contains("only one"), "{}", browser.text("#goals"));
    assert_eq!(browser.troubles(), [""; 0]);
}
