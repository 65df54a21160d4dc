//! Scales that end on round figures.

/// Lines of a scale, at most.
const LINES: f64 = 5.0;

/// A scale from nothing to a round figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// Where it ends.
    pub(crate) top: f64,
    /// From line to line.
    pub(crate) step: f64,
}

impl Scale {
    /// The smallest that holds a value; of nothing one to 1.
    pub(crate) fn to(most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let power = 10_f64.powf((most / LINES).log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
        let step = steps.into_iter().find(|step| most <= step * LINES + 1e-9 * most).unwrap_or(10.0 * power);
        Self { top: (most / step - 1e-9).ceil() * step, step }
    }

    /// Its lines.
    pub(crate) fn lines(self) -> impl Iterator<Item = f64> {
        (0..=(self.top / self.step).round() as usize).map(move |line| line as f64 * self.step)
    }

    /// Decimals that its lines need.
    pub(crate) fn decimals(self) -> usize {
        let is_whole = |decimals: &usize| {
            let scaled = self.step * 10_f64.powi(*decimals as i32);
            (scaled - scaled.round()).abs() < 1e-6
        };
        (0..4).find(is_whole).unwrap_or(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_on_round_figures_and_hold_the_most() {
        let ends = [0.0, 0.07, 1.0, 9.9, 12.0, 310.0, 1001.0].map(|most| {
            let scale = Scale::to(most);
            (scale.top, scale.step, scale.lines().count())
        });
        let expected = [(1.0, 0.2, 6), (0.08, 0.02, 5), (1.0, 0.2, 6), (10.0, 2.0, 6), (12.5, 2.5, 6)];
        for (own, expected) in ends.iter().zip(expected) {
            assert!((own.0 - expected.0).abs() < 1e-9 && (own.1 - expected.1).abs() < 1e-9, "{own:?}");
            assert_eq!(own.2, expected.2);
        }
        assert_eq!((ends[5].0, ends[6].0), (400.0, 1250.0));
        assert_eq!([2.5, 0.2, 100.0, 0.25].map(|step| Scale { top: 1.0, step }.decimals()), [1, 1, 0, 2]);
    }
}
