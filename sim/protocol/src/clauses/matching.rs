//! Bipartite matching: whether each thing on the left can have a partner of its own on the right.

/// Whether every left thing can be matched along an edge with a right thing that no other left
/// thing uses. Augmenting paths; both sides are small.
pub(super) fn distinct(lefts: usize, rights: usize, edge: impl Fn(usize, usize) -> bool) -> bool {
    let mut owner = vec![None; rights];
    (0..lefts).all(|left| place(left, &mut owner, &mut vec![false; rights], &edge))
}

fn place(
    left: usize,
    owner: &mut [Option<usize>],
    tried: &mut [bool],
    edge: &impl Fn(usize, usize) -> bool,
) -> bool {
    for right in 0..owner.len() {
        if tried[right] || !edge(left, right) {
            continue;
        }
        tried[right] = true;
        if owner[right].is_none_or(|other| place(other, owner, tried, edge)) {
            owner[right] = Some(left);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_choice_is_revised_when_a_later_one_needs_it() {
        let edges = [(0, 0), (0, 1), (1, 0), (2, 1), (2, 2)];
        assert!(distinct(3, 3, |left, right| edges.contains(&(left, right))));
    }

    #[test]
    fn two_that_share_one_partner_are_not_served() {
        assert!(!distinct(2, 2, |_, right| right == 0));
        assert!(!distinct(1, 3, |_, _| false));
        assert!(distinct(0, 0, |_, _| false));
    }
}
