//! The documentation is up to date: its tables are generated from the data, and its examples are
//! run.
//!
//! To write the generated parts anew:
//! `CALLOFF_BLESS=1 cargo test -p calloff-tests --test documentation docs::`.

use std::fmt::Write;
use std::fs;

use calloff_model::Code;
use calloff_protocol::clauses::{CLAUSES, Level};
use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::scenario::{Scenario, language};
use calloff_reports::answers::{ANSWERS, READINGS};
use calloff_reports::explain::{GLOSSARY, Word};
use calloff_sim::check;
use calloff_sim::exit::Exit;
use calloff_tests::generated::hold;
use calloff_tests::{options, project_file as page};

fn codes() -> String {
    let mut table = "| name | value | meaning |\n|---|---|---|\n".to_owned();
    for (name, code) in Code::NAMED {
        let _ = writeln!(table, "| `{name}` | 0x{:08X} | {} |", code.0, code.meaning());
    }
    table
}

fn clauses() -> String {
    let mut table = "| id | kind | level | clause | source |\n|---|---|---|---|---|\n".to_owned();
    for clause in &CLAUSES {
        let (kind, level) = (clause.kind.name(), clause.level.name());
        let (sentence, source) = (clause.sentence, clause.source);
        let _ = writeln!(table, "| {} | {kind} | {level} | {sentence} | {source} |", clause.id);
    }
    table
}

fn evidence() -> String {
    let line = |level: Level| format!("- **{}**: {}\n", level.name(), level.meaning());
    Level::ALL.map(line).concat()
}

fn answers() -> String {
    let mut table = "| operation | code | meaning | source |\n|---|---|---|---|\n".to_owned();
    for answer in ANSWERS {
        let (step, code) = (answer.step.name(), answer.code_name());
        let (meaning, source) = (answer.meaning, answer.source);
        let _ = writeln!(table, "| `{step}` | `{code}` | {meaning} | {source} |");
    }
    table
}

fn readings() -> String {
    let mut table = "| axis | value | meaning | source |\n|---|---|---|---|\n".to_owned();
    for value in READINGS {
        let (axis, name, meaning, source) = (value.axis, value.name, value.meaning, value.source);
        let _ = writeln!(table, "| `{axis}` | `{name}` | {meaning} | {source} |");
    }
    table
}

fn glossary() -> String {
    let mut table = "| word | meaning | read on |\n|---|---|---|\n".to_owned();
    for Word { name, also, meaning, page, see } in GLOSSARY {
        let also = match also.is_empty() {
            true => String::new(),
            false => format!(" ({})", also.join(", ")),
        };
        let see: Vec<String> = see.iter().map(|name| format!("`{name}`")).collect();
        let see = see.join(", ");
        let _ = writeln!(table, "| **{name}**{also} | {meaning} | [{page}]({page}); {see} |");
    }
    table
}

fn limits() -> String {
    let Limits {
        states_max,
        executions_max,
        std_executions,
        loom_executions_max,
        preemptions_max,
        memory_max,
        seconds_max,
        nanoseconds_max: _,
    } = Limits::default();
    let rows = [
        ("states", states_max, "states per run (scenario, reading, engine)"),
        ("executions", executions_max, "executions per run of `shuttle` (4000 with `--thorough`)"),
        (
            "executions",
            loom_executions_max,
            "executions per pass of `loom` (150000 with `--thorough`)",
        ),
        ("executions", std_executions, "executions per run of `std` (60 with `--thorough`)"),
        ("preemptions", preemptions_max, "the bound on preemptions that `loom` falls back to"),
        ("memory", memory_max, "estimated MiB per run; `--jobs` runs go on at once"),
        ("seconds", seconds_max, "wall-clock seconds for the whole check (3600 with `--thorough`)"),
    ];
    let mut table = "| flag | default | limit | in reports |\n|---|---|---|---|\n".to_owned();
    for (name, default, what) in rows {
        let _ = writeln!(table, "| `--{name}-max` | {default} | {what} | `{name}` |");
    }
    table
}

fn exit_codes() -> String {
    let mut table = "| code | meaning |\n|---|---|\n".to_owned();
    for (_, code, meaning) in Exit::ALL {
        let _ = writeln!(table, "| {code} | {meaning} |");
    }
    table
}

/// The flags of `check`, taken from its help.
fn flags() -> String {
    let command = <calloff::Args as clap::CommandFactory>::command();
    let check = command.find_subcommand("check").expect("a subcommand");
    let mut table = "| flag | meaning |\n|---|---|\n".to_owned();
    for flag in check.get_arguments().chain(command.get_arguments()) {
        let Some(long) = flag.get_long() else { continue };
        let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
        let values: Vec<String> =
            flag.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
        let values = match values.is_empty() {
            true => String::new(),
            false => format!(": `{}`", values.join("`, `")),
        };
        let _ = writeln!(table, "| `--{long}` | {help}{values} |");
    }
    table
}

/// An invalid file, and the error message for it.
fn bad_file() -> String {
    let text = "schema = 1\nname = \"typo\"\n\n[[actor]]\nname = \"caller\"\n\
                steps = [\"enabel\", { call = \"work\" }]\n";
    let errors = Scenario::parse("typo.toml", text.as_bytes()).expect_err("a bad file");
    format!("```text\n{text}```\n\nis answered with\n\n```text\n{errors}\n```\n")
}

fn generated(name: &str) -> String {
    match name {
        "codes" => codes(),
        "answers" => answers(),
        "clauses" => clauses(),
        "evidence" => evidence(),
        "glossary" => glossary(),
        "readings" => readings(),
        "flags" => flags(),
        "steps" => language::steps_table(),
        "limits" => limits(),
        "exit-codes" => exit_codes(),
        "bad-file" => bad_file(),
        other => panic!("no table is called {other}"),
    }
}

#[test]
fn the_generated_tables_are_what_the_data_says() {
    let pages = ["docs/semantics.md", "docs/scenarios.md", "docs/glossary.md"];
    let parts: usize = pages.iter().map(|page| hold(page, generated)).sum();
    assert_eq!(parts, 11, "every table has its place");
}

/// The contents of the fenced blocks of that language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let starts = text.match_indices(&fence).map(|(at, _)| at + fence.len());
    starts.map(|at| text[at..].split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_scenario_in_the_documentation_does_what_it_says() {
    let mut count = 0;
    for name in ["README.md", "docs/scenarios.md"] {
        let text = fs::read_to_string(page(name)).expect("a page");
        for block in blocks(&text, "toml") {
            let scenario = Scenario::parse(name, block.as_bytes())
                .unwrap_or_else(|errors| panic!("in {name}:\n{errors}"));
            let options = options(&Engine::ALL, None);
            for &reading in &scenario.expect.readings {
                for run in check::check(0, &scenario, reading, &options, &Stop::default()) {
                    let (of, violations) = (&scenario.name, &run.violations);
                    assert!(
                        run.is_as_expected || run.skipped.is_some(),
                        "{of} in {name}, {reading}: {violations:?}"
                    );
                }
            }
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} examples were found");
}

#[test]
fn the_readme_leads_with_two_commands_and_links_to_pages_that_exist() {
    let text = fs::read_to_string(page("README.md")).expect("the README");
    let commands = blocks(&text, "sh").remove(0);
    let commands: Vec<&str> =
        commands.lines().map(|l| l.split('#').next().unwrap().trim()).collect();
    assert_eq!(commands, ["cargo run --release -- check --engine protocol", "tests/run"]);
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(page(link).exists(), "{link} is not there");
    }
}
