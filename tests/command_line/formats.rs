//! The reports for machines are well-formed, whatever a file's names are.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use calloff::junit;
use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::judge::{Options, Source};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::scenario::{Mistake, Scenario};
use calloff_protocol::text::is_visible;
use calloff_sim::check::execute;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

/// A scenario in which every name is a trap.
const HOSTILE: &str = r#"
schema = 1
name = "</testsuite><script>alert('x')</script>&amp;"

[[actor]]
name = "\" ]]> & <b> '"
depth = 1
steps = [{ call = "%0A::error::" }]

[[actor]]
name = "clock's"
steps = [{ cancel = { thread = "\" ]]> & <b> '", seconds = 0 } }]

[expect.codes]
"\" ]]> & <b> '" = [["S_FALSE"]]
"#;

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("calloff-formats-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Checks a file of that name and text.
fn check_text(name: &str, text: &str, flags: &[&str]) -> Output {
    let file = folder().join(name);
    std::fs::write(&file, text).expect("a file");
    let mut command = Command::new(calloff_tests::binary());
    command.arg("check").arg(&file).args(["--engine", "protocol"]).args(flags);
    command.output().expect("it runs")
}

fn check(name: &str, format: &str) -> Output {
    check_text(name, HOSTILE, &["--format", format])
}

type Names = &'static [&'static str];

/// What the schema of Jenkins (`junit-10.xsd`) says of the elements that a report has: attributes
/// that must be there, ones that may be, and what may stand inside.
const SCHEMA: [(&str, Names, Names, Names); 6] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log"],
        &["testsuite", "testcase"],
    ),
    ("testcase", &["name"], &["time", "classname", "group"], &["skipped", "error", "failure"]),
    ("failure", &[], &["type", "message"], &["text"]),
    ("error", &[], &["type", "message"], &["text"]),
    ("skipped", &[], &["type", "message"], &["text"]),
];

/// An element with its attributes, its text, and what is in it.
#[derive(Default, Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    inside: Vec<Element>,
}

impl Element {
    /// Reads a document that is well-formed, and holds to the schema and to its own totals.
    fn valid(xml: &str) -> Element {
        let is_allowed = |c: char| matches!(c, '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert_eq!(xml.chars().find(|c| !is_allowed(*c)), None, "no character of XML 1.0");
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}")) {
                Event::Eof => break,
                Event::Start(start) => open.push(Element::of(&start)),
                Event::Empty(empty) => open.last_mut().expect("a root").add(Element::of(&empty)),
                Event::End(_) => {
                    let element = open.pop().expect("it was opened");
                    open.last_mut().expect("a root").add(element);
                }
                Event::Text(text) => {
                    let text = text.decode().expect("text").into_owned();
                    open.last_mut().expect("a root").text.push_str(text.trim());
                }
                _ => {}
            }
        }
        let root = open.pop().expect("a root").inside.pop().expect("an element");
        assert_eq!(root.name, "testsuites");
        root.check();
        root
    }

    fn of(start: &BytesStart) -> Element {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.expect("well-formed");
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            (name, value.expect("well-formed").into_owned())
        });
        let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
        Element { name, attributes: attributes.collect(), ..Element::default() }
    }

    fn add(&mut self, element: Element) {
        self.inside.push(element);
    }

    fn check(&self) {
        let rules = SCHEMA.iter().find(|(name, ..)| *name == self.name);
        let (name, must, may, inside) = rules.unwrap_or_else(|| panic!("{}", self.name));
        for attribute in *must {
            assert!(self.attributes.contains_key(*attribute), "{name} without {attribute}");
        }
        for attribute in self.attributes.keys().map(String::as_str) {
            assert!(must.contains(&attribute) || may.contains(&attribute), "{name} {attribute}");
        }
        assert!(self.text.is_empty() || inside.contains(&"text"), "{name}: {}", self.text);
        for element in &self.inside {
            assert!(inside.contains(&element.name.as_str()), "{} in {name}", element.name);
            element.check();
        }
        assert!(*name != "testcase" || self.inside.len() <= 1, "a case ends in one way");
        for (total, of) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
            let told = self.attributes.get(total).filter(|_| name.starts_with("testsuite"));
            let there = self.all(of).len().to_string();
            assert_eq!(told.unwrap_or(&there), &there, "{total} of {name}");
        }
    }

    /// The elements of that name, however deep inside.
    fn all(&self, name: &str) -> Vec<&Element> {
        let mut found: Vec<&Element> = Vec::new();
        for element in &self.inside {
            found.extend((element.name == name).then_some(element));
            found.extend(element.all(name));
        }
        found
    }
}

#[test]
fn a_junit_report_holds_to_the_schema_and_its_totals_are_those_of_its_cases() {
    let output = check("hostile & <named>.toml", "junit");
    assert_eq!(output.status.code(), Some(1));
    let report = Element::valid(&String::from_utf8(output.stdout).expect("text"));
    assert_eq!(report.all("testcase").len(), 4, "a case for each reading");
    assert_eq!(report.all("failure").len(), 4, "and a failure in each");
    for case in report.all("testcase") {
        assert!(case.attributes["classname"].ends_with("hostile & <named>.toml"));
        assert!(!case.inside[0].attributes["message"].is_empty());
    }
}

#[test]
fn a_report_on_bad_files_is_a_document_in_every_form() {
    let bad = HOSTILE.replace("{ call", "{ \u{feff}cell").replace("depth = 1", "depth = -1");
    let check = |format: &str| {
        let output = check_text("bad & <named>.toml", &bad, &["--format", format]);
        assert_eq!(output.status.code(), Some(4));
        assert!(String::from_utf8_lossy(&output.stderr).contains("error: a negative number"));
        String::from_utf8(output.stdout).expect("text")
    };
    let report = Element::valid(&check("junit"));
    assert_eq!(report.all("error").len(), 2);
    assert_eq!(report.all("testcase")[1].attributes["name"], "line 8, column 12");
    let document: Value = serde_json::from_str(&check("json")).expect("JSON");
    assert_eq!(document["schema"], 1);
    let errors = document["errors"].as_array().expect("errors");
    let places: Vec<_> =
        errors.iter().map(|e| (e["line"].as_u64(), e["column"].as_u64())).collect();
    assert_eq!(places, [(Some(7), Some(9)), (Some(8), Some(12))]);
    assert!(errors[0]["file"].as_str().expect("a file").ends_with("bad & <named>.toml"));
    assert_eq!(
        errors[0]["message"],
        "a negative number: expected a whole number from 0 to 4294967295"
    );
    assert!(check("github").lines().all(|line| line.contains(".toml,line=")));
    assert_eq!(check("human"), "");
}

#[test]
fn a_junit_report_is_written_beside_any_other_report() {
    let path = folder().join("beside.xml");
    let path = path.to_str().expect("a path of this test");
    for (format, code, text) in [("human", 1, HOSTILE), ("json", 1, HOSTILE), ("human", 4, "x")] {
        let _ = std::fs::remove_file(path);
        let output = check_text("beside.toml", text, &["--format", format, "--junit", path]);
        assert_eq!(output.status.code(), Some(code));
        let report = Element::valid(&std::fs::read_to_string(path).expect("it was written"));
        assert!(!report.all("testcase").is_empty());
        assert!(!String::from_utf8_lossy(&output.stdout).contains("<testsuites"));
    }
}

#[test]
fn no_character_that_xml_cannot_hold_gets_into_a_junit_report() {
    let all: String = ('\0'..=char::MAX).filter(|c| !is_visible(*c)).collect();
    let mistake = Mistake { file: all.clone(), position: None, message: all.clone() };
    let mut out = Vec::new();
    junit::write_mistakes(&[mistake], &mut out).expect("a vector takes all");
    Element::valid(&String::from_utf8(out).expect("text"));
    // All that XML cannot hold is among the first characters.
    let all: String = all.chars().filter(|c| *c <= '\u{ffff}').collect();
    let scenario = Scenario::parse("n", HOSTILE.as_bytes()).expect("a scenario");
    let summary = all.clone();
    let source = Source { file: all.clone(), scenario: Scenario { summary, ..scenario } };
    let (engines, limits) = (vec![Engine::Protocol], Limits::default());
    let options = Options {
        engines,
        fault: None,
        code: None,
        limits,
        reductions: Reductions::default(),
        seed: 0,
        worker: None,
    };
    let plan = Plan { sources: vec![source], axes: Axes::default(), options, jobs: 1 };
    let mut runs = execute(&plan, &Stop::default(), &|_| {});
    runs[0].violations[0].message = all.clone();
    (runs[1].skipped, runs[2].violations) = (Some(all), Vec::new());
    let mut out = Vec::new();
    junit::write(&plan, &runs, &[], &mut out).expect("a vector takes all");
    let report = Element::valid(&String::from_utf8(out).expect("text"));
    assert_eq!((report.all("failure").len(), report.all("skipped").len()), (3, 1));
}

#[test]
fn each_annotation_is_one_line() {
    let output = check("a,b::c.toml", "github");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let (last, annotations) = text.lines().collect::<Vec<_>>().split_last().map_or_else(
        || panic!("nothing was written"),
        |(last, lines)| {
            ((*last).to_owned(), lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>())
        },
    );
    assert!(last.starts_with("calloff: 4 runs, "), "{last}");
    assert_eq!(annotations.len(), 3, "one for each finding: {text}");
    for line in annotations {
        let (properties, _) = line[2..].split_once("::").expect("an annotation");
        assert!(properties.starts_with("error file="), "{line}");
        let is_placed = |line: &str| properties.contains(&format!("c.toml,line={line},title="));
        assert!(properties.contains("a%2Cb%3A%3Ac.toml,"), "{line}");
        assert!(is_placed("8") || is_placed("15"), "{line}");
    }
}
