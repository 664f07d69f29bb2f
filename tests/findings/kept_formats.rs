//! Files that an earlier calloff has written are read by this one.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use calloff_protocol::finding::Counterexample;

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fixtures", name].iter().collect()
}

#[test]
fn a_counterexample_of_format_2_is_read_and_written_the_same_way() {
    for name in ["machine.json", "sections.json", "operations.json", "exploration.json"] {
        let text = fs::read_to_string(fixture(name)).expect("a fixture");
        let finding = Counterexample::parse(text.as_bytes()).expect(name);
        assert_eq!(finding.to_json(), text, "{name}");
    }
}

#[test]
fn a_campaign_goes_on_from_its_state_and_reports_what_it_had_found() {
    let folder = std::env::temp_dir().join(format!("calloff-kept-state-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::copy(fixture("state/state.json"), folder.join("state.json")).expect("a copy");
    let mut fuzz = Command::new(calloff_tests::binary());
    fuzz.args("fuzz --cases 40 --seed 7 --fault deadline-wraps --keep-going --state".split(' '));
    let output = fuzz.arg(&folder).output().expect("calloff runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let expected = fs::read_to_string(fixture("state/report.txt")).expect("a fixture");
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_dir_all(&folder).expect("removed");
}
