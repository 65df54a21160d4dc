//! What a cut counts for towards a need.

/// A measure of MW: nondecreasing, at most the MW themselves, and of a sum at most the sum of the measures.
///
/// No cut counts for more than the need. Where it is counted in units, the last of them that the need begins is only
/// wanted in part, `rest`; and of every unit of a cut only so much counts (mixed-integer rounding; Nemhauser and Wolsey,
/// 1990). A unit as great as the need leaves the first rule alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    unit_mw: f64,
    rest_mw: f64,
    owed_mw: f64,
}

impl Measure {
    pub(super) fn new(need_mw: f64, unit_mw: f64) -> Self {
        let units = (need_mw / unit_mw).ceil();
        let rest_mw = need_mw - (units - 1.0) * unit_mw;
        Self { unit_mw, rest_mw, owed_mw: units * rest_mw }
    }

    /// The measure of the need.
    pub(super) fn owed_mw(&self) -> f64 {
        self.owed_mw
    }

    pub(super) fn of_mw(&self, mw: f64) -> f64 {
        let units = (mw / self.unit_mw).floor();
        (units * self.rest_mw + (mw - units * self.unit_mw).min(self.rest_mw)).min(self.owed_mw)
    }

    /// Where it is not linear, from 0 to some MW.
    pub(super) fn breaks_mw(&self, most_mw: f64) -> impl Iterator<Item = f64> + use<> {
        let Self { unit_mw, rest_mw, owed_mw } = *self;
        let units = (0..).map(f64::from).take_while(move |n| n * rest_mw < owed_mw - 1e-9);
        units
            .map(move |n| n * unit_mw)
            .take_while(move |mw| *mw <= most_mw)
            .flat_map(move |mw| [mw, mw + rest_mw])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_blocks_are_owed_where_two_and_a_third_are_needed() {
        let measure = Measure::new(7.0, 3.0);
        assert_eq!(
            [0.5, 1.0, 3.0, 3.5, 6.0, 9.0].map(|mw| measure.of_mw(mw)),
            [0.5, 1.0, 1.0, 1.5, 2.0, 3.0]
        );
        assert!((measure.owed_mw() - 3.0).abs() < 1e-9);
        assert_eq!(measure.breaks_mw(5.0).collect::<Vec<_>>(), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!([2.0, 9.0].map(|mw| Measure::new(7.0, 7.0).of_mw(mw)), [2.0, 7.0]);
    }

    proptest! {
        #[test]
        fn parts_count_for_no_less_than_their_sum(
            need in 0.01..30.0_f64,
            share in 0.1..=1.0_f64,
            parts in prop::collection::vec(0.0..20.0_f64, 1..6),
        ) {
            let measure = Measure::new(need, need * share);
            let sum: f64 = parts.iter().sum();
            prop_assert!(parts.iter().map(|&mw| measure.of_mw(mw)).sum::<f64>() >= measure.of_mw(sum) - 1e-9);
            prop_assert!(measure.of_mw(sum) <= sum + 1e-9);
            prop_assert!(measure.of_mw(sum.max(need)) >= measure.owed_mw() - 1e-9);
        }

        #[test]
        fn it_is_linear_between_its_breaks(need in 0.01..30.0_f64, share in 0.1..=1.0_f64, at in 0.0..40.0_f64) {
            let measure = Measure::new(need, need * share);
            let breaks: Vec<f64> = measure.breaks_mw(40.0).chain([0.0, 40.0]).collect();
            let below = breaks.iter().copied().filter(|mw| *mw <= at).fold(0.0, f64::max);
            let above = breaks.iter().copied().filter(|mw| *mw > at).fold(40.0, f64::min);
            let part = (at - below) / (above - below).max(1e-12);
            let [low, high] = [below, above].map(|mw| measure.of_mw(mw));
            prop_assert!((measure.of_mw(at) - low - part * (high - low)).abs() < 1e-6);
        }
    }
}
