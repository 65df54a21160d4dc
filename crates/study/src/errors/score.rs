//! How well draws foretell what came.
//!
//! Scores of an ensemble for a vector that came, both lower the better and, in expectation, lowest for the truth:
//! the energy score `E|X - y| - E|X - X'| / 2` (Gneiting and Raftery, *Strictly proper scoring rules, prediction, and
//! estimation*, JASA 102, 2007), which is mostly about size, and the variogram score of order a half, the mean over all
//! pairs of hours of `(sqrt|y_i - y_j| - E sqrt|X_i - X_j|)^2` (Scheuerer and Hamill, *Variogram-based proper scoring
//! rules*, MWR 143, 2015), which is about how hours hang together and where the energy score is nearly blind.

/// Members that each member is held against for their spread: all of them, or so many of the next ones, as members are
/// independent. Each is in as many pairs, so that one far out weighs on both terms of the energy score alike.
const PARTNERS: usize = 64;

/// What was drawn for the same hours, and what its scores need of it.
pub(super) struct Ensemble {
    members: Vec<Vec<f64>>,
    /// `E|X - X'| / 2`, of different members.
    half_spread: f64,
    /// `E sqrt|X_i - X_j|` of every pair of hours.
    variogram: Vec<f64>,
}

impl Ensemble {
    /// Of two members or more, all of the same hours.
    pub(super) fn of(members: Vec<Vec<f64>>) -> Self {
        let count = members.len() as f64;
        let others = PARTNERS.min(members.len().saturating_sub(1));
        let mut apart = 0.0;
        for (at, one) in members.iter().enumerate() {
            let partner = |ahead: usize| &members[(at + ahead) % members.len()];
            apart += (1..=others).map(|ahead| distance(one, partner(ahead))).sum::<f64>();
        }
        let mut variogram = vec![0.0; members.first().map_or(0, |member| pairs(member).count())];
        for member in &members {
            variogram.iter_mut().zip(pairs(member)).for_each(|(sum, pair)| *sum += pair / count);
        }
        Self { half_spread: apart / (2.0 * count * others as f64), members, variogram }
    }

    pub(super) fn energy(&self, came: &[f64]) -> f64 {
        let off: f64 = self.members.iter().map(|member| distance(member, came)).sum();
        off / self.members.len() as f64 - self.half_spread
    }

    pub(super) fn variogram(&self, came: &[f64]) -> f64 {
        let off: f64 = self.variogram.iter().zip(pairs(came)).map(|(own, pair)| (own - pair).powi(2)).sum();
        off / self.variogram.len().max(1) as f64
    }
}

fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// `sqrt|x_i - x_j|` of every pair.
fn pairs(values: &[f64]) -> impl Iterator<Item = f64> {
    let of = move |at: usize| values[..at].iter().map(move |other| (values[at] - other).abs().sqrt());
    (0..values.len()).flat_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;

    #[test]
    fn scores_are_those_of_the_formulas() {
        let ensemble = Ensemble::of(vec![vec![0.0, 0.0], vec![3.0, 4.0], vec![0.0, 0.0]]);
        // Distances between different members: 5, 5 and 0, half of whose mean is 5/3.
        assert!((ensemble.energy(&[0.0, 0.0]) - (5.0 / 3.0 - 5.0 / 3.0)).abs() < 1e-12);
        assert!((ensemble.energy(&[3.0, 4.0]) - (10.0 / 3.0 - 5.0 / 3.0)).abs() < 1e-12);
        assert!((ensemble.variogram(&[0.0, 4.0]) - (2.0 - 1.0f64 / 3.0).powi(2)).abs() < 1e-12);
    }

    #[test]
    fn the_truth_scores_best_on_the_mean() {
        let mut draw = Draw(2);
        // Four hours of normal errors that share half of their variance, or so much of it as is told.
        let mut sample = |common: f64, spread: f64| {
            let level = draw.normal();
            let own = |draw: &mut Draw| (1.0 - common).sqrt() * draw.normal() + common.sqrt() * level;
            (0..4).map(|_| spread * own(&mut draw)).collect::<Vec<f64>>()
        };
        let came: Vec<Vec<f64>> = (0..1000).map(|_| sample(0.5, 1.0)).collect();
        let mut scores = |common, spread| {
            let ensemble = Ensemble::of((0..500).map(|_| sample(common, spread)).collect());
            let energy = came.iter().map(|came| ensemble.energy(came)).sum::<f64>();
            (energy, came.iter().map(|came| ensemble.variogram(came)).sum::<f64>())
        };
        let truth = scores(0.5, 1.0);
        for (common, spread) in [(0.5, 0.6), (0.5, 1.6), (0.0, 1.0), (0.95, 1.0)] {
            let other = scores(common, spread);
            assert!(truth.0 < other.0 && truth.1 < other.1, "{common}, {spread}: {other:?} for {truth:?}");
        }
    }
}
