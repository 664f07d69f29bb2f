//! The page that shows how a race is fixed: its commands, run one after the other in one folder,
//! print what the page says.
//!
//! To write the output anew: `CALLOFF_BLESS=1 cargo test -p calloff-tests --test walkthrough`.

use std::fs;

use calloff_tests::{console, project_file};

const PAGE: &str = "docs/fixing-a-race.md";

#[test]
fn the_page_about_fixing_a_race_prints_what_it_says() {
    let folder = std::env::temp_dir().join(format!("calloff-walkthrough-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let text = fs::read_to_string(project_file(PAGE)).expect("a page");
    let (fresh, commands) = console::run(&text, &folder);
    fs::remove_dir_all(&folder).expect("it was made here");
    assert_eq!(commands, 5, "two from the bug to the reason, three from the fix to a test");
    if std::env::var_os("CALLOFF_BLESS").is_some() {
        fs::write(project_file(PAGE), fresh).expect("the page can be written");
    } else {
        assert_eq!(text, fresh, "{PAGE} is not up to date; see the top of tests/walkthrough.rs");
    }
}
