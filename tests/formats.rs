//! The reports for machines are well-formed, whatever names a file contains.

use std::process::{Command, Output};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A scenario with names that have to be escaped.
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

fn check(name: &str, format: &str) -> Output {
    let folder = std::env::temp_dir().join(format!("calloff-formats-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(name);
    std::fs::write(&file, HOSTILE).expect("a file");
    let mut command = Command::new(calloff_tests::binary());
    command.arg("check").arg(&file).args(["--engine", "protocol", "--format", format]);
    command.output().expect("it runs")
}

fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).expect("well-formed")?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
    Some(value.expect("well-formed").into_owned())
}

#[test]
fn a_junit_report_is_xml_and_its_totals_are_those_of_its_cases() {
    let output = check("hostile & <named>.toml", "junit");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let (mut cases, mut failed, mut totals) = (0, 0, None);
    let mut is_failed = false;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Eof => break,
            Event::Start(element) => match element.name().as_ref() {
                "testsuites" => {
                    totals = attribute(&element, "tests").zip(attribute(&element, "failures"));
                }
                "testcase" => {
                    cases += 1;
                    is_failed = false;
                    let class = attribute(&element, "classname").expect("a class");
                    assert!(class.ends_with("hostile & <named>.toml"), "{class}");
                }
                "failure" => {
                    assert!(attribute(&element, "message").is_some_and(|said| !said.is_empty()));
                    failed += i32::from(!is_failed);
                    is_failed = true;
                }
                "testsuite" => {}
                other => panic!("{other}"),
            },
            _ => {}
        }
    }
    assert_eq!((cases, failed), (4, 4), "a case for each reading: {text}");
    assert_eq!(totals, Some(("4".to_owned(), "4".to_owned())));
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
    assert!(annotations.len() >= 4, "{text}");
    for line in annotations {
        let (properties, _) = line[2..].split_once("::").expect("an annotation");
        assert!(properties.starts_with("error file="), "{line}");
        assert!(properties.contains("a%2Cb%3A%3Ac.toml,title="), "{line}");
    }
}
