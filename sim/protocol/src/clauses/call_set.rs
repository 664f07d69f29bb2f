//! Sets of calls: the calls that an operation may be about.

use calloff_model::CallId;

/// Number of calls per word.
const WORD: u32 = 64;

/// A set of calls as bits. While no id in it is above 63, cloning it allocates nothing. Members are
/// never removed, so the last word of `high` is never 0 and equal sets are equal values.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct CallSet {
    low: u64,
    high: Vec<u64>,
}

impl CallSet {
    /// Adds a call.
    pub(super) fn insert(&mut self, call: CallId) {
        let bit = 1 << (call.0 % WORD);
        match (call.0 / WORD) as usize {
            0 => self.low |= bit,
            word => {
                if self.high.len() < word {
                    self.high.resize(word, 0);
                }
                self.high[word - 1] |= bit;
            }
        }
    }

    /// Whether the call is in the set.
    pub(super) fn contains(&self, call: CallId) -> bool {
        let word = match (call.0 / WORD) as usize {
            0 => self.low,
            word => self.high.get(word - 1).copied().unwrap_or(0),
        };
        word & (1 << (call.0 % WORD)) != 0
    }

    /// Whether no call is in the set.
    pub(super) fn is_empty(&self) -> bool {
        self.low == 0 && self.high.is_empty()
    }

    /// The only call in the set; `None` if it has none or several.
    pub(super) fn only(&self) -> Option<CallId> {
        let mut members = self.iter();
        let first = members.next()?;
        members.next().is_none().then_some(first)
    }

    /// The calls in the set, in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = CallId> + '_ {
        let words = std::iter::once(self.low).chain(self.high.iter().copied());
        (0..).zip(words).flat_map(|(index, word)| {
            let more = |rest: u64| (rest != 0).then_some(rest);
            let bits = std::iter::successors(more(word), move |rest| more(rest & (rest - 1)));
            bits.map(move |rest| CallId(index * WORD + rest.trailing_zeros()))
        })
    }
}

impl FromIterator<CallId> for CallSet {
    fn from_iter<I: IntoIterator<Item = CallId>>(calls: I) -> CallSet {
        let mut set = CallSet::default();
        calls.into_iter().for_each(|call| set.insert(call));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[u32]) -> CallSet {
        ids.iter().copied().map(CallId).collect()
    }

    #[test]
    fn a_set_lists_its_calls_in_order_however_large_their_ids() {
        let ids = [0, 1, 63, 64, 127, 128, 700];
        let listed: Vec<u32> = set(&ids).iter().map(|call| call.0).collect();
        assert_eq!(listed, ids);
        assert!(ids.iter().all(|id| set(&ids).contains(CallId(*id))));
        assert!(!set(&ids).contains(CallId(2)) && !set(&ids).contains(CallId(9000)));
    }

    #[test]
    fn the_order_of_insertion_does_not_show() {
        assert_eq!(set(&[3, 200, 64]), set(&[200, 64, 3, 3]));
        assert_ne!(set(&[3]), set(&[67]));
    }

    #[test]
    fn only_names_a_single_member() {
        assert_eq!(set(&[]).only(), None);
        assert_eq!(set(&[0]).only(), Some(CallId(0)));
        assert_eq!(set(&[77]).only(), Some(CallId(77)));
        assert_eq!(set(&[0, 77]).only(), None);
        assert!(set(&[]).is_empty() && !set(&[77]).is_empty());
    }
}
