//! Hostile files: for any bytes the parser answers, and its answer is short.

use proptest::prelude::*;

use super::super::Scenario;
use super::super::language::BYTES_MAX;
use super::{EXAMPLE, PROGRAM};

/// The most bytes that the diagnostics of one file may take.
const RENDERED_MAX: usize = 64 * 1024;

/// Parses, renders, and checks the properties that hold for every input.
fn survive(bytes: &[u8]) {
    let Err(errors) = Scenario::parse("hostile.toml", bytes) else {
        return;
    };
    assert!(errors.total() > 0);
    let text = errors.to_plain();
    assert!(text.starts_with("error: "), "{text}");
    assert!(text.len() < RENDERED_MAX, "{} bytes of diagnostics", text.len());
    assert!(errors.to_colored().len() < 2 * RENDERED_MAX);
    let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(obeyed, None, "{text}");
}

/// Pieces that mean something to the parser, so that random files get past the first checks.
const PIECES: &[&str] = &[
    "[[actor]]\n",
    "[actor]\n",
    "[expect]\n",
    "[expect.codes]\n",
    "name = ",
    "steps = ",
    "depth = ",
    "schema = 1\n",
    "schema = 2\n",
    "\"a\"",
    "\"b\"",
    "\"enable\"",
    "\"test_cancel\"",
    "{ call = ",
    "{ issue = ",
    "{ await = ",
    "{ dispatch = ",
    "{ reply = ",
    "{ cancel = { thread = ",
    "{ repeat = { steps = [",
    "{ if = { is = \"failed\", then = [",
    "{ wait = { event = ",
    "until = { not = ",
    "serving = [[",
    "\"break\"",
    "[[event]]\n",
    "[[cancel_object]]\n",
    "[[expect.never]]\n",
    " }",
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "#",
    ".",
    "1",
    "-1",
    "0x1f",
    "1.5",
    "1e9",
    "inf",
    "true",
    "1979-05-27",
    "readings = ",
    "codes = ",
    "é",
    "\u{0}",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{feff}",
    "\u{2028}",
    "a",
    " ",
    "\t",
    "infinite",
    "seconds = ",
];

proptest! {
    #[test]
    fn no_byte_string_panics_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn no_text_panics_the_parser(text in "\\PC{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn no_mixture_of_the_languages_pieces_panics_the_parser(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
    ) {
        survive(pieces.concat().as_bytes());
    }

    #[test]
    fn no_mutation_of_a_good_file_panics_the_parser(
        edits in proptest::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..12, proptest::sample::select(PIECES)),
            1..6,
        ),
    ) {
        for file in [EXAMPLE, PROGRAM] {
            let mut bytes = file.as_bytes().to_vec();
            for (at, removed, piece) in &edits {
                let start = at.index(bytes.len() + 1);
                let end = (start + removed).min(bytes.len());
                bytes.splice(start..end, piece.bytes());
            }
            survive(&bytes);
        }
    }
}

/// A file of the largest allowed size, in which one piece is repeated.
fn filled(head: &str, piece: &str, tail: &str) -> String {
    let room = BYTES_MAX - head.len() - tail.len();
    format!("{head}{}{tail}", piece.repeat(room / piece.len()))
}

#[test]
fn the_largest_files_are_answered_briefly() {
    let head = "schema = 1\nname = \"n\"\n[[actor]]\nname = \"a\"\nsteps = [";
    for (piece, tail) in [
        ("\"enable\",", "]\n"),
        ("\"enabel\",", "]\n"),
        ("\"enabel\",\n", "]\n"),
        ("{},", "]\n"),
        ("{call=\"a\"},", "]\n"),
        ("{issue=\"a\"},{await=\"b\"},", "]\n"),
        ("{cancel={object=\"b\",seconds=1}},", "]\n"),
        ("{reply=\"S_OK\"},", "]\n"),
        ("{reply=\"S_O\"},", "]\n"),
        ("{sleep=99999999999999999999},", "]\n"),
        ("{wait=\"a\"},", "]\n"),
        ("{dispatch=\"a\"},", "]\n"),
        ("{repeat={steps=[]}},", "]\n"),
        ("{repeat={steps=[{repeat={steps=[\"break\"]}}]}},", "]\n"),
        ("{if={is={set=\"a\"}}},", "]\n"),
        ("{issue=\"a\"},{call={call=\"b\",serving=[[\"return\"]]}},", "]\n"),
        ("]\n[[event]]\nname=\"a\"\nx=[", "]\n"),
        ("]\n[[cancel_object]]\nname=\"a\"\nsteps=[{cancel={thread=\"a\",seconds=1}}", "]\n"),
        ("]\n[[expect.never]]\ncode=[\"x=S_OK\"", "]\n"),
        ("[", ""),
        ("{", ""),
        ("a.", ""),
        ("\"", ""),
        ("=\n", ""),
        ("]\n[[actor]]\nname = \"a\"\nsteps = [", "]\n"),
        ("]\nsteps = [", "]\n"),
        ("\u{1b}", ""),
        ("é", ""),
    ] {
        survive(filled(head, piece, tail).as_bytes());
    }
}

#[test]
fn the_largest_lines_and_numbers_are_answered_briefly() {
    let head = "schema = 1\nname = \"n\"\n";
    for (head, piece, tail) in [
        ("schema = ", "9", "\n"),
        ("schema = -", "9", "\n"),
        ("schema = 1\ndepth = ", "9", "\n"),
        ("schema = 1\nname = \"", "n", "\"\n"),
        ("schema = 1\n\"", "n", "\" = 1\n"),
        (head, "[a]\n", ""),
        (head, "[[a]]\n", ""),
        (head, "[ a ]\n", ""),
        (head, "[\"a\"]\n", ""),
        (head, "name = 1\n", ""),
        (head, "a.b.c.d.e.f = 1\n", ""),
        (head, "[a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a]\n", ""),
        (head, "\n", "?"),
        ("[[actor]]\nsteps = [{ cancel = { thread = \"", "x", "\", seconds = 1 } }]\n"),
    ] {
        survive(filled(head, piece, tail).as_bytes());
    }
}

#[test]
fn a_condition_of_the_largest_size_is_answered_briefly() {
    let head = "schema = 1\nname = \"n\"\n[[actor]]\nname = \"a\"\n\
                steps = [{ if = { then = [\"enable\"], is = { any = [";
    for piece in ["{set=\"b\"},", "\"fialed\",", "{all=[]},", "[],"] {
        survive(filled(head, piece, "] } } }]\n").as_bytes());
    }
}

#[test]
fn a_column_far_to_the_right_is_still_the_right_column() {
    let file = format!(
        "schema = 1\nname = \"n\"\n[[actor]]\nname = \"a\"\nsteps = [{}\"enabel\"]\n",
        "\"enable\", ".repeat(1000),
    );
    let errors = Scenario::parse("far.toml", file.as_bytes()).expect_err("it is misspelt");
    assert!(errors.to_plain().contains(" --> far.toml:5:10010\n"), "{errors}");
    assert!(errors.to_plain().contains("\"enabel\"]"), "{errors}");
}
