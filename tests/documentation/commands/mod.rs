//! Runs every command that the documentation and `--help` show, as a reader would, and checks that
//! it ends as the page promises. If the page shows its output, that is compared too.
//!
//! To write the output anew:
//! `CALLOFF_BLESS=1 cargo test -p calloff-tests --test documentation commands::`.
//! `CALLOFF_SLOW_COMMANDS=1` runs those that take minutes, too.

mod instead;
mod names;
mod reader;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use calloff::Args;
use calloff_tests::project_file;
use calloff_tests::shown::{Item, Place, Shown, in_help, in_markdown};
use clap::CommandFactory;
use instead::{INSTEAD, Instead};
use reader::Reader;

/// A page, or the help of a command.
struct Page {
    name: String,
    /// `None`: it is not a file.
    path: Option<PathBuf>,
    items: Vec<Item>,
}

/// The results of a page.
#[derive(Default)]
struct Came {
    run: usize,
    wrong: Vec<String>,
    /// Commands that were replaced by something else.
    instead: BTreeSet<&'static str>,
    /// Lines of the page, and what they should be.
    stale: Vec<(std::ops::Range<usize>, String)>,
}

fn pages() -> Vec<Page> {
    let mut paths = vec![project_file("README.md"), project_file("CHANGELOG.md")];
    for folder in ["docs", "docs/course"] {
        let entries = fs::read_dir(project_file(folder)).expect("a folder");
        let files = entries.map(|entry| entry.expect("a file").path());
        paths.extend(files.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    paths.sort();
    let name = |path: &Path| path.strip_prefix(project_file("")).unwrap().display().to_string();
    let page = |path: PathBuf| {
        let items = in_markdown(&fs::read_to_string(&path).expect("a page"));
        Page { name: name(&path), path: Some(path), items }
    };
    let mut command = Args::command();
    command.build();
    let help = |command: &clap::Command| Page {
        name: format!("{} --help", command.get_bin_name().unwrap_or("calloff")),
        path: None,
        items: in_help(&command.get_after_help().map(ToString::to_string).unwrap_or_default()),
    };
    let helps: Vec<Page> =
        [&command].into_iter().chain(command.get_subcommands()).map(help).collect();
    paths.into_iter().map(page).chain(helps).filter(|page| !page.items.is_empty()).collect()
}

/// Goes through the page from its top, as a reader with a new folder.
fn go_through(page: &Page, is_slow_too: bool) -> Came {
    let mut reader = Reader::new(&page.name, is_slow_too);
    let (mut came, mut done) = (Came::default(), BTreeSet::new());
    for item in &page.items {
        match item {
            Item::File(name, text) => reader.write(name, text),
            // A command in a sentence is not run again if a block on the page has run it.
            Item::Command(shown)
                if shown.place == Place::Sentence && done.contains(&shown.text) => {}
            Item::Command(shown) => {
                done.insert(shown.text.clone());
                if let Err(why) = one(&mut reader, shown, is_slow_too, &mut came) {
                    let (page, line, text) = (&page.name, shown.line, &shown.text);
                    came.wrong.push(format!("{page}:{line}: {text}\n  {why}"));
                }
            }
        }
    }
    came
}

/// Runs the command or its replacement; an error says what is wrong with it.
fn one(
    reader: &mut Reader,
    shown: &Shown,
    is_slow_too: bool,
    came: &mut Came,
) -> Result<(), String> {
    let text = shown.text.split(" # ").next().unwrap_or_default().trim_end();
    let in_sentence = shown.place == Place::Sentence;
    let instead = INSTEAD.iter().find(|(command, _)| *command == text);
    if in_sentence && instead.is_none() && !names::is_whole(text) {
        return names::exist(text);
    }
    names::exist(text)?;
    came.instead.extend(instead.map(|(command, _)| *command));
    let run = match instead.map(|(_, instead)| instead) {
        Some(Instead::Never(_)) => return Ok(()),
        Some(Instead::Slow(_)) if !is_slow_too => return Ok(()),
        Some(Instead::Smaller(less)) if !is_slow_too => (*less).to_owned(),
        Some(Instead::Part(less)) => (*less).to_owned(),
        _ if shown.place == Place::Picture => format!("{text} --format svg"),
        _ => text.to_owned(),
    };
    came.run += 1;
    let output = reader.run(&run);
    if output.code != Some(shown.ends_with) {
        let (code, said) = (output.code, output.stderr.trim_end().replace('\n', "\n  "));
        let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        return Err(format!("{run}: ends with {code}, not {}\n  {said}", shown.ends_with));
    }
    match &shown.place {
        Place::Picture if !output.stdout.starts_with("<svg") => Err("draws nothing".to_owned()),
        Place::AboveOutput(lines) => {
            let code = match shown.ends_with {
                0 => String::new(),
                code => format!("[exit code {code}]\n"),
            };
            came.stale.push((lines.clone(), format!("{}\n{code}", output.stdout.trim_end())));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The page with what its commands print.
fn fresh(text: &str, printed: &[(std::ops::Range<usize>, String)]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::new(), 0);
    for (range, printed) in printed {
        out.push_str(&lines[at..range.start].concat());
        out.push_str(printed);
        at = range.end;
    }
    out + &lines[at..].concat()
}

#[test]
fn lists_and_limits_fit_into_eighty_columns() {
    let reader = Reader::new("lists", false);
    let commands = [
        "calloff list",
        "calloff faults --list",
        "calloff explain",
        "calloff explain RPC_E_CALL_COMPLETE | grep -v 'calloff replay'",
        "calloff explain test_cancel | grep -v 'calloff replay'",
        "calloff check my-race.toml --engine protocol",
        "calloff fuzz --cases 1",
    ];
    for command in commands {
        let said = reader.run(command);
        let lines = said.stdout.lines().chain(said.stderr.lines());
        let wide: Vec<&str> = lines.filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty() && !said.stdout.is_empty(), "{command}:\n{}", wide.join("\n"));
    }
}

#[test]
fn every_command_in_the_documentation_does_what_it_says() {
    let is_slow_too = std::env::var_os("CALLOFF_SLOW_COMMANDS").is_some();
    let pages = pages();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(page) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let came = go_through(page, is_slow_too);
                    all.lock().expect("no page panics").push((&page.name, &page.path, came));
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no page panics");
    all.sort_by_key(|(name, ..)| (*name).clone());
    let (mut wrong, mut run, mut instead) = (Vec::new(), 0, BTreeSet::new());
    for (name, path, came) in all {
        wrong.extend(came.wrong);
        run += came.run;
        instead.extend(came.instead);
        let Some(path) = path else { continue };
        let text = fs::read_to_string(path).expect("a page");
        let fresh = fresh(&text, &came.stale);
        match text == fresh {
            true => {}
            false if std::env::var_os("CALLOFF_BLESS").is_some() => {
                fs::write(path, fresh).expect("the page can be written");
            }
            false => wrong
                .push(format!("{name}: prints something else; `CALLOFF_BLESS=1` writes it anew")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed = INSTEAD.iter().map(|(command, _)| *command).collect();
    assert_eq!(instead, listed, "something stands in for a command that no page shows");
    println!("{run} commands were run, but not these as they stand:");
    for (command, instead) in INSTEAD {
        println!("{command}: {}", instead.told(is_slow_too));
    }
    assert!(run > 140, "only {run} commands were run");
}
