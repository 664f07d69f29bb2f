//! Names: what nobody sees, or what changes the text around it, is in none of them.

use std::collections::BTreeMap;

use calloff_model::Window;
use unicode_general_category::get_general_category;

use super::super::validate::{Fault, validate};
use super::super::{Scenario, Step, Target, Waiting};
use super::of_actors;
use crate::text::{is_visible, printable};

/// All characters of Unicode's categories C and Z, but for the plain space.
fn hidden() -> impl Iterator<Item = char> {
    let is_hidden = |c: &char| {
        let category = get_general_category(*c).abbreviation();
        *c != ' ' && ["Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"].contains(&category)
    };
    ('\0'..=char::MAX).filter(is_hidden)
}

/// A scenario, an actor, a call and an object of that name.
fn named(name: &str) -> Scenario {
    let get = Step::GetCancelObject { thread: name.to_owned(), object: name.to_owned() };
    let target = Target::Object(name.to_owned());
    let cancel = Step::Cancel { target, window: Window::Infinite };
    let steps = vec![Step::Call(Waiting::plain(name)), get, cancel];
    Scenario { name: name.to_owned(), ..of_actors([(name, steps)]) }
}

#[test]
fn a_name_with_any_hidden_character_is_refused_and_the_character_named() {
    let mut seen = 0;
    for character in hidden() {
        let name = format!("ab{character}c");
        let faults = validate(&named(&name)).into_iter().map(|problem| problem.fault);
        let fault = Fault::HiddenInName { name, character, position: 3 };
        assert_eq!(faults.collect::<Vec<_>>(), vec![fault; 4]);
        seen += 1;
    }
    assert!(seen > 900_000, "{seen} of Unicode's characters");
}

#[test]
fn names_of_every_script_are_good() {
    for name in ["caller 2", "größe", "e\u{301}", "日本語", "אב مر", "हिन्दी", "🦀", "K3 ≤ «x»"]
    {
        assert_eq!(validate(&named(name)), [], "{name}");
    }
}

#[test]
fn letters_marks_and_symbols_that_show_nothing_are_hidden_as_well() {
    for blank in ['\u{34f}', '\u{3164}', '\u{2800}', '\u{fe0f}', '\u{e0100}'] {
        assert!(!validate(&named(&blank.to_string())).is_empty(), "{blank:?}");
    }
}

#[test]
fn what_is_printable_has_no_hidden_character() {
    let text: String = hidden().collect();
    let shown = printable(&text);
    assert_eq!(shown.chars().find(|c| !is_visible(*c)), None);
    assert!(shown.is_ascii(), "all of it is escaped");
}

#[test]
fn the_error_has_the_place_the_number_and_the_position() {
    let mut of_category = BTreeMap::new();
    for c in hidden() {
        of_category.entry(get_general_category(c).abbreviation()).or_insert(c);
    }
    assert_eq!(of_category.into_keys().collect::<String>(), "CcCfCnCoZlZpZs");
    for (c, number) in [('\u{ad}', "U+00AD"), ('\u{2028}', "U+2028"), ('\u{f0000}', "U+F0000")] {
        let file =
            format!("schema = 1\nname = \"n\"\n[[actor]]\nname = \"a{c}\"\nsteps = [\"enable\"]\n");
        let errors = Scenario::parse("hidden.toml", file.as_bytes()).expect_err("it is refused");
        let text = errors.to_plain();
        assert!(text.contains(&format!("character 2 of the name `a{}`", c.escape_unicode())));
        assert!(text.contains(number) && text.contains("hidden.toml:4:8"), "{text}");
    }
}
