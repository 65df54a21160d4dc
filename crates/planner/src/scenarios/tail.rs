//! The tail: `CVaR_alpha = max sum q_s * U_s` over `0 <= q_s <= p_s / (1 - alpha)`, `sum q_s = 1` (Rockafellar and
//! Uryasev, 2000): the mean of the worst `1 - alpha`.

/// The weights `q` at which the tail's mean is reached: the worst first, of equal ones the first.
pub(crate) fn weights(probability: &[f64], alpha: f64, uncovered_mwh: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probability.len()).collect();
    order.sort_by(|&a, &b| uncovered_mwh[b].total_cmp(&uncovered_mwh[a]).then(a.cmp(&b)));
    let mut left = (1.0 - alpha) * probability.iter().sum::<f64>();
    let whole = left;
    let mut weights = vec![0.0; probability.len()];
    for s in order {
        let taken = probability[s].min(left);
        weights[s] = taken / whole;
        left -= taken;
    }
    weights
}

/// The mean of the worst `1 - alpha`.
pub(crate) fn mean(probability: &[f64], alpha: f64, uncovered_mwh: &[f64]) -> f64 {
    weights(probability, alpha, uncovered_mwh).iter().zip(uncovered_mwh).map(|(q, mwh)| q * mwh).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_come_first_and_the_last_in_part() {
        let (p, mwh) = ([0.2, 0.5, 0.3], [10.0, 0.0, 40.0]);
        let expect = |alpha: f64, expected: f64| {
            let found = mean(&p, alpha, &mwh);
            assert!((found - expected).abs() < 1e-9, "alpha {alpha}: {found}");
        };
        expect(0.0, 14.0);
        expect(0.7, 40.0);
        expect(0.9, 40.0);
        expect(0.5, (0.3 * 40.0 + 0.2 * 10.0) / 0.5);
        expect(0.6, (0.3 * 40.0 + 0.1 * 10.0) / 0.4);
    }
}
