//! What repetitions say together.

/// The value below which that part of the values is, between two values if need be.
///
/// # Panics
///
/// If there are no values.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = part * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Half the distance between the quartiles, in percent of the median.
pub fn spread(values: &[f64]) -> f64 {
    let distance = quantile(values, 0.75) - quantile(values, 0.25);
    match median(values) {
        0.0 => 0.0,
        median => 50.0 * distance / median,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quartiles_of_five_are_the_second_and_the_fourth() {
        let values = [9.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!([0.25, 0.5, 0.75].map(|part| quantile(&values, part)), [2.0, 3.0, 4.0]);
        assert_eq!(spread(&values), 100.0 / 3.0);
    }

    #[test]
    fn one_value_has_no_spread_and_two_have_their_middle() {
        assert_eq!((median(&[7.0]), spread(&[7.0])), (7.0, 0.0));
        assert_eq!(median(&[1.0, 2.0]), 1.5);
        assert_eq!(spread(&[0.0, 0.0]), 0.0);
    }
}
