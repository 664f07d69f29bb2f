//! Hostile input: mutated scenario files cause no panic, no hang, and no excessive use of memory.
//!
//! The work is done in processes of their own, under a limit on their address space.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::judge::Options;
use calloff_protocol::scenario::Scenario;
use calloff_sim::check;
use calloff_tests::options;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// All deterministic engines; real threads would only be slower.
const ENGINES: [Engine; 3] = [Engine::Protocol, Engine::Exhaustive, Engine::Shuttle];
const MUTANTS: usize = 10_000;
/// The number of workers; each has its share of the mutants and the whole memory limit.
const WORKERS: usize = 2;
/// The variable that tells a worker its number.
const NUMBER: &str = "CALLOFF_MUTATIONS_WORKER";
/// The address space of a worker: 1 GiB.
const MEMORY_KIB: usize = 1 << 20;

#[test]
fn ten_thousand_mutated_files_neither_panic_nor_hang_nor_eat_the_memory() {
    let script = format!("ulimit -v {MEMORY_KIB} && exec \"$0\" \"$@\"");
    let worker = std::env::current_exe().expect("a test is a program");
    let start = |number: usize| {
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(&worker).env(NUMBER, number.to_string());
        command.args(["--ignored", "--exact", "mutations::worker", "--nocapture"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell")
    };
    let workers: Vec<Child> = (0..WORKERS).map(start).collect();
    for worker in workers {
        let output = worker.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout);
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}\n{log}");
        assert!(text.contains(&format!("{} mutants", MUTANTS / WORKERS)), "{text}\n{log}");
    }
}

#[test]
#[ignore = "run by the test above, under a limit on memory"]
fn worker() {
    let corpus = calloff_scenarios::corpus();
    let me: u8 = std::env::var(NUMBER).ok().and_then(|n| n.parse().ok()).expect("a number");
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7 + me; 32]);
    let (mut accepted, mut slowest) = (0, Duration::ZERO);
    let mutants = MUTANTS / WORKERS;
    for number in (usize::from(me)..).step_by(WORKERS).take(mutants) {
        let mut bytes = corpus[number % corpus.len()].bytes.to_vec();
        for _ in 0..=draw(&mut rng, 3) {
            mutate(&mut bytes, &mut rng, number);
        }
        let start = Instant::now();
        accepted += usize::from(try_one(&bytes, number));
        slowest = slowest.max(start.elapsed());
    }
    assert!(accepted > mutants / 50, "only {accepted} mutants were worth running");
    println!("{mutants} mutants, {accepted} accepted, the slowest took {slowest:?}");
}

/// Parses the file; if it is valid, explores its scenario, under each reading in turn.
fn try_one(bytes: &[u8], number: usize) -> bool {
    match Scenario::parse("mutant.toml", bytes) {
        Err(errors) => {
            assert!(!errors.to_string().is_empty());
            false
        }
        Ok(scenario) => {
            // The limit on states bounds the time; the limit on memory is the default.
            let limits = Limits { states_max: 1_000, executions_max: 8, ..Limits::default() };
            let options = Options { limits, ..options(&ENGINES, None) };
            let reading = Reading::ALL[number / WORKERS % Reading::ALL.len()];
            check::check(0, &scenario, reading, &options, &Stop::default());
            true
        }
    }
}

/// A random number below `end`.
fn draw(rng: &mut TestRng, end: usize) -> usize {
    (rng.next_u64() % end as u64) as usize
}

fn mutate(bytes: &mut Vec<u8>, rng: &mut TestRng, number: usize) {
    let at = if bytes.is_empty() { 0 } else { draw(rng, bytes.len()) };
    match draw(rng, 12) {
        0 => bytes.truncate(at),
        1..=3 if !bytes.is_empty() => bytes[at] ^= 1 << draw(rng, 8),
        4 => drop(bytes.splice(at..at, *b"99999999999999999999")),
        5 => drop(bytes.splice(at..at, "[".repeat(5_000).into_bytes())),
        6 => swap_number(bytes, rng),
        7 | 8 => repeat_line(bytes, rng),
        9 if (number / WORKERS).is_multiple_of(50) => many_steps(bytes),
        10 if (number / WORKERS).is_multiple_of(50) => many_actors(bytes),
        11 => drop(bytes.splice(at..at, *b"\"\n[[actor]]\n")),
        _ if !bytes.is_empty() => drop(bytes.remove(at)),
        _ => {}
    }
}

/// Replaces a number in the file by another one.
fn swap_number(bytes: &mut Vec<u8>, rng: &mut TestRng) {
    let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
    if digits.is_empty() {
        return;
    }
    let at = digits[draw(rng, digits.len())];
    let numbers = ["0", "7", "4294967294", "4294967295", "-1", "0x10", "1_000", "1e3"];
    bytes.splice(at..=at, numbers[draw(rng, numbers.len())].bytes());
}

fn repeat_line(bytes: &mut Vec<u8>, rng: &mut TestRng) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let line = lines[draw(rng, lines.len())].to_vec();
    let place = draw(rng, lines.len());
    let mut out = lines;
    out.insert(place, &line);
    *bytes = out.join(&b'\n');
}

/// Adds an actor with nearly a mebibyte of steps.
fn many_steps(bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(b"\n[[actor]]\nname = \"busy\"\nsteps = [");
    while bytes.len() < (1 << 20) - 64 {
        bytes.extend_from_slice(b"\"enable\", \"test_cancel\", { sleep = 1 }, ");
    }
    bytes.extend_from_slice(b"]\n");
}

/// Adds nearly a mebibyte of actors.
fn many_actors(bytes: &mut Vec<u8>) {
    let mut number = 0;
    while bytes.len() < (1 << 20) - 64 {
        let actor = format!("\n[[actor]]\nname = \"a{number}\"\nsteps = [\"enable\"]\n");
        bytes.extend_from_slice(actor.as_bytes());
        number += 1;
    }
}
