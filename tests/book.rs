//! The book: its commands print what it says, its pictures can be drawn, its answers are right.
//!
//! To write the output anew: `CALLOFF_BLESS=1 cargo test -p calloff-tests --test book`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use calloff_sim::cli::Args;
use calloff_tests::console::{self, execute, words};
use calloff_tests::project_file;
use clap::CommandFactory;

fn course() -> Vec<PathBuf> {
    let pages = markdown(&project_file("docs/course"));
    assert_eq!(pages.len(), 8, "the chapters of the course");
    pages.into_iter().chain([project_file("docs/introduction.md")]).collect()
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).expect("a page")
}

#[test]
fn the_commands_of_the_course_print_what_it_says() {
    let mut stale = Vec::new();
    for page in course() {
        let text = read(&page);
        let (fresh, _) = console::run(&text, page.parent().expect("a folder"));
        if text != fresh {
            match std::env::var_os("CALLOFF_BLESS") {
                Some(_) => fs::write(&page, fresh).expect("the page can be written"),
                None => stale.push(page),
            }
        }
    }
    assert!(stale.is_empty(), "not up to date (see the top of tests/book.rs): {stale:?}");
}

#[test]
fn every_picture_of_the_course_can_be_drawn() {
    let mut pictures = 0;
    for page in course() {
        for command in console::pictures(&read(&page)) {
            let folder = page.parent().expect("a folder");
            let output = execute(command, &["--format", "svg"], folder);
            let svg = String::from_utf8(output.stdout).expect("text");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command}: {said}");
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{command}");
            pictures += 1;
        }
    }
    assert!(pictures >= 12, "only {pictures} were found");
}

#[test]
fn the_answers_to_the_exercises_are_right_and_each_is_asked_for() {
    let folder = project_file("docs/course");
    let output = execute("calloff check answers --engine protocol", &[], &folder);
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
    let names = fs::read_dir(folder.join("answers")).expect("the answers");
    let answers: BTreeSet<String> =
        names.map(|entry| entry.expect("a file").file_name().into_string().unwrap()).collect();
    let pages: String = course().iter().map(|page| read(page)).collect();
    let linked = pages.split("](answers/").skip(1).filter_map(|rest| rest.split(')').next());
    assert_eq!(answers, linked.map(str::to_owned).collect());
}

#[test]
fn the_table_of_contents_has_every_page_once() {
    let summary = read(&project_file("docs/SUMMARY.md"));
    let linked = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let linked: Vec<PathBuf> = linked.map(|name| project_file("docs").join(name)).collect();
    let pages = markdown(&project_file("docs")).into_iter().chain(course());
    let pages: BTreeSet<PathBuf> = pages.filter(|page| !page.ends_with("SUMMARY.md")).collect();
    assert_eq!(linked.len(), pages.len(), "a page stands there twice, or not at all");
    assert_eq!(linked.into_iter().collect::<BTreeSet<_>>(), pages);
}

#[test]
fn every_command_in_the_documentation_is_one_that_calloff_takes() {
    let mut commands = 0;
    for page in markdown(&project_file("docs")).into_iter().chain(course()) {
        let text = read(&page);
        // Every other part is between two fences.
        for line in text.split("```").skip(1).step_by(2).flat_map(str::lines) {
            let Some(line) = line.trim_start_matches("$ ").strip_prefix("calloff ") else {
                continue;
            };
            let words = words(line);
            let taken =
                Args::command().try_get_matches_from(["calloff".to_owned()].iter().chain(&words));
            if let Err(error) = taken {
                panic!("{}: calloff {line}\n{error}", page.display());
            }
            commands += 1;
        }
    }
    assert!(commands > 40, "only {commands} were found");
}
