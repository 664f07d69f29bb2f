//! Links to a position, and exports.

use super::browser::browser;
use super::{page, scenario};

#[test]
fn a_link_opens_where_it_was_made() {
    let page = page(&scenario("cancel-meets-cancel"));
    let mut browser = browser();
    browser.open(&page, "#s=caller,patient,patient,clock,hasty");
    assert_eq!(browser.count("#lanes tbody tr"), 5);
    assert_eq!(browser.text("#link"), "#s=caller,patient,patient,clock,hasty");
    assert_eq!(browser.count("#alert:not([hidden])"), 0);
    // The address follows the steps, so that it can be passed on.
    browser.click("#undo");
    browser.wait_for("location.hash === '#s=caller,patient,patient,clock'");
    // Links to another reading, and to a machine with a bug.
    browser.eval("location.hash = '#s=caller,hasty&r=at-request/caller'");
    browser.wait_for("document.querySelectorAll('#lanes tbody tr').length === 2");
    assert!(browser.text("#meaning").contains("Cancel returns at once"));
    assert_eq!(browser.text("#link"), "#s=caller,hasty&r=at-request/caller");
    let level = browser.eval("document.querySelector('[data-level]').dataset.level");
    let hash = format!("#s=caller&m={}", level.as_str().expect("a name"));
    browser.open(&page, &hash);
    assert!(browser.text("#machine").contains("This machine has a bug"));
    assert_eq!(browser.text("#link"), hash);
}

#[test]
fn a_link_that_is_not_possible_says_where_it_stops_and_what_is_enabled() {
    let page = page(&scenario("cancel-meets-cancel"));
    let mut browser = browser();
    for (link, words, steps) in [
        ("caller,caller,hasty", "stops at choice 2: “caller” cannot step (waits for a reply", 1),
        ("caller,nobody", "stops at choice 2: nobody is called “nobody”", 1),
        ("caller,%E0%A4%A", "stops at choice 2: nobody is called “%E0%A4%A”", 1),
        ("clock", "Possible there: caller, patient, hasty.", 0),
        ("caller&m=no-such-bug", "names a reading or a machine that is not in this page", 0),
    ] {
        browser.open(&page, &format!("#s={link}"));
        let said = browser.text("#alert");
        assert!(said.contains(words), "{link}: {said}");
        assert_eq!(browser.count("#lanes tbody tr"), steps, "{link}");
        browser.click("#alert button");
        assert_eq!(browser.count("#alert:not([hidden])"), 0);
    }
    assert_eq!(browser.troubles(), [""; 0]);
}

#[test]
fn a_position_is_exported_as_text_as_svg_and_as_mermaid() {
    let page = page(&scenario("cancel-meets-reply"));
    let mut browser = browser();
    browser.open(&page, "#s=caller,canceller,canceller,clock,canceller");
    let export = |browser: &mut super::browser::Browser, format: &str| {
        browser.eval(&format!(
            "(() => {{ const list = document.querySelector('#format'); list.value = '{format}';
                list.dispatchEvent(new Event('change')); }})()"
        ));
        let text = browser.eval("document.querySelector('#export').value");
        text.as_str().expect("text").to_owned()
    };
    let text = export(&mut browser, "txt");
    for line in ["cancel caller, 1 s", "  4 ▶1s", "  3  work: request none → open until 1s"] {
        assert!(text.contains(line), "{text}");
    }
    let svg = export(&mut browser, "svg");
    let mut reader = quick_xml::Reader::from_str(&svg);
    while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
    assert!(svg.contains("request none → open until 1s"));
    let mermaid = export(&mut browser, "mmd");
    assert!(mermaid.starts_with("sequenceDiagram\n    participant p0 as caller\n"), "{mermaid}");
    assert!(
        mermaid.contains("p2->>p0: 3. … cancel caller, 1 s<br/>… request accepted"),
        "{mermaid}"
    );
    assert!(mermaid.contains("Note over p0,p2: 4. ▶ 1s"), "{mermaid}");
    assert!(mermaid.contains("Note over p0: ┊ waits for a reply to work, or expiry"), "{mermaid}");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("calloff.mmd");
    let _ = std::fs::remove_file(&file);
    browser.click("#download");
    for _ in 0..500 {
        if std::fs::read_to_string(&file).is_ok_and(|text| text == mermaid) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(std::fs::read_to_string(&file).expect("the download"), mermaid);
    // If copying is not allowed, the text is selected; the page reports either.
    browser.click("#copy-link");
    browser.wait_for("document.querySelector('#copied').textContent !== ''");
    assert_eq!(browser.troubles(), [""; 0]);
}

/// Runs `calloff explore` in the folder of its sessions.
fn explore(args: &[&str], path: &str) -> std::process::Output {
    let folder = calloff_tests::project_file("tests/cmd/explore.in");
    std::process::Command::new(calloff_tests::binary())
        .arg("explore")
        .args(args)
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .expect("the binary runs")
}

#[test]
fn a_counterexample_opens_where_it_ends_on_the_machine_that_it_was_found_on() {
    let page = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("finding.html");
    let name = page.display().to_string();
    assert!(explore(&["finding.json", "-o", &name], "").status.success());
    let mut browser = browser();
    browser.open(&page, "");
    let words = browser.text("#machine");
    assert!(words.contains("the end of the window is reported as completion"), "{words}");
    assert!(words.contains("K6 is broken in row 6"), "{words}");
    assert_eq!(browser.count("#lanes tbody tr"), 6);
    browser.click("#try-right");
    assert!(browser.text("#machine").contains("✓ No clause is broken"));
    assert_eq!(browser.troubles(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_page_is_opened_by_what_the_system_opens_files_with() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("opener");
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let (opener, opened) = (folder.join("xdg-open"), folder.join("opened"));
    let page = folder.join("page.html").display().to_string();
    let script = format!("#!/bin/sh\necho \"$1\" >{0}.part && mv {0}.part {0}\n", opened.display());
    std::fs::write(&opener, script).expect("a script");
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).expect("it is ours");
    std::fs::rename(
        &opener,
        folder.join(if cfg!(target_os = "macos") { "open" } else { "xdg-open" }),
    )
    .expect("it is ours");
    let _ = std::fs::remove_file(&opened);
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let done = explore(&["my-race.toml", "-o", &page, "--open"], &path);
    assert!(done.status.success());
    for _ in 0..1000 {
        if opened.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(std::fs::read_to_string(&opened).expect("opened").trim(), page);
    // Without a program that opens browsers, the page is still written, and the user is told.
    let done = explore(&["my-race.toml", "-o", &page, "--open"], "");
    assert!(done.status.success());
    assert!(String::from_utf8_lossy(&done.stderr).contains("open the file in a browser"));
}
