//! What decisions have lifted bounds by, so that a tree decides first what lifts them most (*pseudo-costs*; Benichou,
//! Gauthier, Girodet, Hentges, Ribiere and Vincent, 1971).

use std::collections::BTreeMap;

/// A decision: whether there is a cut.
#[derive(Clone, Copy)]
pub(super) struct Decision {
    /// The member, by position in the fleet.
    pub(super) m: usize,
    pub(super) t: usize,
    pub(super) is_cut: bool,
    /// The share of a blend that it overrules.
    pub(super) share: f64,
    /// What is at stake.
    pub(super) mw: f64,
}

/// By how much decisions have lifted bounds: of any member and interval, of a member, and of a member in an interval.
#[derive(Default)]
pub(super) struct Gains {
    seen: BTreeMap<Of, Mean>,
}

/// Member and interval, where told apart, and whether there is a cut.
type Of = (Option<usize>, Option<usize>, bool);

/// Money per MW and share overruled.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

/// How often something has to be seen to count as much as what is known of all alike.
const TRUST: f64 = 0.5;
/// Share that counts as overruled at least.
const LEAST_SHARE: f64 = 0.02;
/// Gain that is expected at least, in money.
const LEAST: f64 = 1e-6;

impl Gains {
    /// Learns that a decision lifted a bound.
    pub(super) fn learn(&mut self, decision: Decision, gain: f64) {
        let rate = gain.max(0.0) / (decision.share.max(LEAST_SHARE) * decision.mw);
        for of in kinds(decision) {
            let mean = self.seen.entry(of).or_default();
            (mean.sum, mean.count) = (mean.sum + rate, mean.count + 1.0);
        }
    }

    /// What a decision is expected to lift a bound by, in money; before anything is learnt, its MW.
    fn expected(&self, decision: Decision) -> f64 {
        let seen = kinds(decision).into_iter().map(|of| self.seen.get(&of).copied().unwrap_or_default());
        let rate = seen.fold(1.0, |alike, own| (own.sum + TRUST * alike) / (own.count + TRUST));
        (rate * decision.share * decision.mw).max(LEAST)
    }

    /// How much it promises to decide about a member's interval both ways, of which a blend has a share under cut: the
    /// product of both gains, as the lesser counts most (Achterberg, 2007).
    pub(super) fn promise(&self, (m, t): (usize, usize), share: f64, mw: f64) -> f64 {
        both(m, t, share, mw).map(|decision| self.expected(decision)).into_iter().product()
    }
}

/// Both ways to decide.
pub(super) fn both(m: usize, t: usize, share: f64, mw: f64) -> [Decision; 2] {
    let decision = |is_cut: bool, share: f64| Decision { m, t, is_cut, share, mw };
    [decision(true, 1.0 - share), decision(false, share)]
}

/// What a decision is one of, the most alike last.
fn kinds(Decision { m, t, is_cut, .. }: Decision) -> [Of; 3] {
    [(None, None, is_cut), (Some(m), None, is_cut), (Some(m), Some(t), is_cut)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lifted_bounds_is_expected_to_again_there_most() {
        let mut gains = Gains::default();
        let promise = |gains: &Gains, m, t| gains.promise((m, t), 0.5, 10.0);
        assert!((promise(&gains, 0, 0) - 25.0).abs() < 1e-9);
        both(1, 3, 0.5, 10.0).into_iter().for_each(|decision| gains.learn(decision, 500.0));
        assert!(promise(&gains, 1, 3) > promise(&gains, 1, 4));
        assert!(promise(&gains, 1, 4) > promise(&gains, 0, 0) && promise(&gains, 0, 0) > 25.0);
    }

    #[test]
    fn who_lifts_the_bound_one_way_only_promises_little() {
        let mut gains = Gains::default();
        for _ in 0..10 {
            let [cut, uncut] = both(0, 0, 0.5, 10.0);
            gains.learn(cut, 200.0);
            gains.learn(uncut, 0.0);
            both(1, 0, 0.5, 10.0).into_iter().for_each(|decision| gains.learn(decision, 100.0));
        }
        assert!(gains.promise((0, 0), 0.5, 10.0) < gains.promise((1, 0), 0.5, 10.0) / 2.0);
    }
}
