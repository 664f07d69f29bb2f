//! Campaigns with a state on disk: after being killed at any moment they continue, and end with the
//! same result as an uninterrupted campaign.
//!
//! `CALLOFF_KILLS=200 cargo test -p calloff-tests --test findings resume::` kills as many times, in
//! place of the few that every run of the tests does.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use calloff_protocol::exploration::{Engine, Stop};
use calloff_sim::generate::{BadState, Campaign, Ended, Size, State};
use calloff_tests::options;
use serde_json::Value;

/// The path of a new folder for one test, which does not exist yet.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("calloff-resume-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        folder.clear();
        folder
    }

    fn clear(&self) {
        let _ = fs::remove_dir_all(&self.0);
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a plain path")
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.json")
    }

    /// The content of the state file; `None` if there is no file.
    fn state(&self) -> Option<Value> {
        let bytes = fs::read(self.file()).ok()?;
        Some(serde_json::from_slice(&bytes).expect("the file is whole at any moment"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.clear();
    }
}

fn fuzz(flags: &[&str]) -> Command {
    let mut command = Command::new(calloff_tests::binary());
    command.arg("fuzz").args(flags).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("CALLOFF_SEED");
    command
}

fn run(flags: &[&str]) -> Output {
    fuzz(flags).output().expect("calloff runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// The number of finished cases, and the indices of those with a finding.
fn progress(state: &Value) -> (u64, Vec<u64>) {
    let progress = &state["progress"];
    let cases = progress["coverage"]["cases"].as_u64().expect("a number");
    let findings = progress["findings"].as_array().expect("a list");
    (cases, findings.iter().map(|finding| finding["index"].as_u64().expect("a number")).collect())
}

/// A reproducible generator of pseudo-random numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// Waits for the child, but not longer than `time`; returns whether it ended by itself.
fn ends_within(child: &mut Child, time: Duration) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if child.try_wait().expect("it is ours").is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// Runs the campaign repeatedly, and kills it that many times. Each time it ends before it is
/// killed, its report must be that of an uninterrupted campaign.
fn survives(name: &str, flags: &[&str], kills: u64) {
    let begin = Instant::now();
    let whole = run(flags);
    let lasts = u64::try_from(begin.elapsed().as_millis()).expect("not for ages");
    let folder = Folder::new(name);
    let mut chance = Chance(kills);
    let (mut killed, mut ends, mut before) = (0, 0, (0, Vec::new()));
    while killed < kills || ends == 0 {
        let jobs = ["1", "2"][usize::from(chance.below(2) == 1)];
        let mut flags = flags.to_vec();
        flags.extend(["--state", folder.path(), "--jobs", jobs]);
        // A pipe that nobody reads in the meantime could fill up.
        let report = folder.0.with_extension("out");
        let out = fs::File::create(&report).expect("a file");
        let mut child = fuzz(&flags).stdout(out).spawn().expect("calloff runs");
        let delay = if killed < kills { chance.below(lasts) } else { 3_600_000 };
        let is_over = ends_within(&mut child, Duration::from_millis(delay));
        if !is_over {
            child.kill().expect("it can be killed");
            killed += 1;
        }
        let code = child.wait().expect("it ends").code();
        let mut complaints = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut complaints).expect("text");
        assert!(!complaints.contains("error"), "{complaints}");
        let now = folder.state().as_ref().map_or((0, Vec::new()), progress);
        assert!(now.0 >= before.0, "{} cases were over, and now {} are", before.0, now.0);
        assert!(now.1.starts_with(&before.1), "{:?} were found, and now {:?}", before.1, now.1);
        before = now;
        if code.is_some() {
            let report = fs::read(&report).expect("a report");
            assert_eq!(code, whole.status.code());
            assert!(report == whole.stdout, "{}\n{}", text(&whole.stdout), text(&report));
            folder.clear();
            (ends, before) = (ends + 1, (0, Vec::new()));
        }
        let _ = fs::remove_file(folder.0.with_extension("out"));
    }
    eprintln!("{name}: killed {killed} times, came to its end {ends} times");
}

/// How often each campaign is killed, unless the environment sets it.
fn kills() -> u64 {
    match std::env::var("CALLOFF_KILLS") {
        Ok(kills) => kills.parse::<u64>().expect("CALLOFF_KILLS is a number").div_ceil(2),
        Err(_) => 4,
    }
}

#[test]
fn what_is_found_survives_being_killed_at_any_moment() {
    let flags = ["--cases", "60", "--keep-going", "--fault", "expired-call-entered"];
    // Part of the time is spent on shrinking.
    survives("fault", &[&flags[..], &["--candidates-max", "60"]].concat(), kills());
}

#[test]
fn what_holds_survives_being_killed_at_any_moment() {
    survives("sound", &["--cases", "150"], kills());
}

/// A campaign with the machine only.
fn campaign(cases: u64) -> Campaign {
    let options = options(&[Engine::Protocol], None);
    let (size, cases) = (Size::default(), Some(cases));
    let (part, grows) = (None, false);
    Campaign { seed: 0, first: 0, cases, part, size, grows, options, jobs: 1, goes_on: false }
}

/// Continues the campaign from the state in the folder; returns the number of explored states.
fn resume(campaign: &Campaign, folder: &Folder) -> Result<u64, BadState> {
    let stop = Stop::default();
    let mut state = State::open(&folder.0, campaign)?;
    let report = campaign.resume(&mut state, &stop, &|_| ()).expect("it can be written");
    assert_eq!(report.ended, Ended::Complete);
    assert_eq!(Some(report.coverage.cases), campaign.cases);
    Ok(stop.states())
}

#[test]
fn a_complete_campaign_shows_its_report_again_without_work() {
    let folder = Folder::new("complete");
    assert!(resume(&campaign(10), &folder).expect("a new folder") > 0);
    let state = fs::read(folder.file()).expect("a state");
    assert_eq!(resume(&campaign(10), &folder).expect("the same campaign"), 0);
    assert_eq!(fs::read(folder.file()).expect("a state"), state);
}

#[test]
fn more_cases_may_be_asked_for_later_and_fewer_not() {
    let folder = Folder::new("more");
    resume(&campaign(10), &folder).expect("a new folder");
    let report = run(&["--cases", "30", "--state", folder.path()]);
    assert_eq!(text(&report.stdout), text(&run(&["--cases", "30"]).stdout));
    assert!(text(&report.stderr).contains("10 cases checked already"));
    let fewer = resume(&campaign(20), &folder).expect_err("more are done");
    assert!(matches!(fewer, BadState::Ahead { over: 30, cases: 20 }), "{fewer}");
}

#[test]
fn a_state_that_is_of_something_else_is_refused_and_left_as_it_is() {
    let folder = Folder::new("else");
    resume(&campaign(5), &folder).expect("a new folder");
    let whole = fs::read_to_string(folder.file()).expect("a state");
    let refused = |flags: &[&str], why: &str| {
        let before = fs::read(folder.file()).expect("a file");
        let mut all = vec!["--cases", "5", "--state", folder.path()];
        all.extend(flags);
        let output = run(&all);
        let complaints = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{flags:?} {why}: {complaints}");
        assert!(complaints.contains(why), "{why} is not in: {complaints}");
        assert!(complaints.contains("another folder"), "it says what to do: {complaints}");
        assert_eq!(text(&output.stdout), "");
        assert_eq!(fs::read(folder.file()).expect("a file"), before);
    };
    refused(&["--seed", "7"], "seed: 0 there, 7 here");
    refused(&["--first", "1"], "first: 0 there, 1 here");
    refused(&["--keep-going"], "keep-going: false there, true here");
    refused(&["--fault", "result-flattened"], "fault: null there, \"result-flattened\" here");
    refused(&["--states-max", "5"], "states-max: 2000000 there, 5 here");
    let engines = ["--engine", "protocol", "--engine", "shuttle"];
    refused(&engines, "engine: [\"protocol\"] there, [\"protocol\",\"shuttle\"] here");
    let put = |text: &str| fs::write(folder.file(), text).expect("a file");
    for (from, to, why) in [
        ("\"tool\":\"calloff ", "\"tool\":\"calloff 9", "tool: \"calloff 9"),
        ("\"format\":1", "\"format\":2", "has format 2"),
        ("\"format\":1", "\"formats\":1", "does not say which format"),
        ("\"waiting\":", "\"more\":1,\"waiting\":", "unknown field `more`"),
        ("\"dispatch\":", "\"patch\":", "there is no step \"patch\""),
        (
            "\"protocol\":{",
            "\"prototype\":{",
            "unknown variant `prototype`, expected one of `protocol`",
        ),
    ] {
        let changed = whole.replacen(from, to, 1);
        assert_ne!(changed, whole, "{from}");
        put(&changed);
        refused(&[], why);
    }
    for part in ["", "{}", "[]", "somebody's text", &whole[..whole.len() / 2]] {
        put(part);
        refused(&[], "`state.json` is damaged, or no state of a campaign");
    }
    put(&whole);
    assert_eq!(resume(&campaign(5), &folder).expect("as it was"), 0);
}

#[test]
fn one_campaign_at_a_time_has_the_folder() {
    let folder = Folder::new("busy");
    let state = State::open(&folder.0, &campaign(5)).expect("a new folder");
    let output = run(&["--cases", "5", "--state", folder.path()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("another calloff is using it"));
    drop(state);
    assert_eq!(run(&["--cases", "5", "--state", folder.path()]).status.code(), Some(0));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_with_its_path() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = run(&["--cases", "5", "--state", file.to_str().expect("a plain path")]);
    assert_eq!(output.status.code(), Some(74), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("Cargo.toml"), "{}", text(&output.stderr));
}

#[test]
fn ctrl_c_saves_all_that_is_reported() {
    let folder = Folder::new("interrupt");
    let flags = ["--cases", "100000000", "--state", folder.path()];
    let mut child = fuzz(&flags).spawn().expect("calloff runs");
    while folder.state().is_none_or(|state| progress(&state).0 < 3) {
        assert!(!ends_within(&mut child, Duration::from_millis(20)), "it goes on");
    }
    let id = child.id().to_string();
    let sent = Command::new("sh").args(["-c", "kill -INT \"$0\"", &id]).status();
    assert!(sent.expect("a shell").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let (cases, _) = progress(&folder.state().expect("a state"));
    let said = format!("  {cases} cases checked, ");
    assert!(text(&output.stdout).contains(&said), "{said}: {}", text(&output.stdout));
}
