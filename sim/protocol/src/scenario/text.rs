//! The nearest known name.

use std::cmp::Reverse;

/// The longest word, in characters, and the most names that the nearest name is sought for.
const NEAREST_WORD_MAX: usize = 64;
const NEAREST_NAMES_MAX: usize = 512;

/// The known name that `word` was probably meant to be: the nearest one, if it is near enough.
///
/// Case does not count. The work is bounded: long words have no nearest name, and only the first
/// few hundred names are looked at.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(NEAREST_WORD_MAX + 1).count();
    if length == 0 || length > NEAREST_WORD_MAX {
        return None;
    }
    let word = word.to_lowercase();
    let distance_max = (length / 3).clamp(1, 5);
    names
        .into_iter()
        .take(NEAREST_NAMES_MAX)
        .filter(|name| name.len() <= 4 * NEAREST_WORD_MAX && !name.is_empty())
        .map(|name| (strsim::osa_distance(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            *distance <= distance_max && *distance < name.chars().count().max(length)
        })
        .min_by_key(|(distance, name)| (*distance, Reverse(begins_alike(&word, name))))
        .map(|(_, name)| name)
}

/// How many characters the two have in common at the beginning, in any case. A name in which
/// something was left out begins as it should; of two that are as far, that one is meant.
fn begins_alike(word: &str, name: &str) -> usize {
    word.chars().zip(name.to_lowercase().chars()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_ignores_case_and_is_never_far() {
        let names = ["enable", "disable", "await"];
        assert_eq!(nearest("Enabel", names), Some("enable"));
        assert_eq!(nearest("DISABLE", names), Some("disable"));
        assert_eq!(nearest("wait", names), Some("await"));
        assert_eq!(nearest("cancel", names), None);
        assert_eq!(nearest("cancler", ["caller", "canceller"]), Some("canceller"));
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"a".repeat(1 << 20), names), None);
    }
}
