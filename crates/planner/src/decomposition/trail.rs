//! A trail: a draft that is bettered round by round, not always the best there is.
//!
//! Where nothing betters a draft any more another one near the blend of some knot may still lead further, so a trail that
//! is lost is begun anew from there.

use crate::draft::Draft;

/// A draft on its way.
pub(crate) struct Trail<'a> {
    pub(crate) draft: Draft<'a>,
    /// Rounds in a row that bettered nothing.
    vain: usize,
}

/// Rounds in vain after which a trail is lost.
const LOST: usize = 10;

impl<'a> Trail<'a> {
    pub(crate) fn new(draft: Draft<'a>) -> Self {
        Self { draft, vain: 0 }
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.vain >= LOST
    }

    /// Goes on, after a round, with the best of some drafts that all came from its own, and what the others changed beside
    /// it; whether that is better.
    pub(crate) fn join(&mut self, mut found: Vec<Draft<'a>>) -> bool {
        found.sort_by(|a, b| a.objective().total_cmp(&b.objective()));
        let (before, mut objective) = (self.draft.cuts.clone(), self.draft.objective());
        self.vain += 1;
        for draft in found {
            let mut joined = self.draft.clone();
            for (f, cuts) in draft.cuts.iter().enumerate().filter(|(f, cuts)| **cuts != before[*f]) {
                joined.set(f, cuts.clone());
            }
            if joined.objective() < objective - 1e-6 && joined.is_allowed() {
                (objective, self.vain) = (joined.objective(), 0);
                self.draft = joined;
            }
        }
        self.vain == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{alone, row};

    /// A facility of 10 MW, of which 8 are short, is cut by so many kW.
    fn draft(problem: &crate::problem::Problem, kw: i64) -> Draft<'_> {
        Draft::new(problem, vec![vec![kw]])
    }

    #[test]
    fn what_betters_a_trail_is_followed_and_rounds_in_vain_lose_it() {
        let problem = alone(row(1, 10_000), 2.0);
        let mut trail = Trail::new(draft(&problem, 2_000));
        assert!(trail.join(vec![draft(&problem, 1_000), draft(&problem, 6_000)]));
        assert_eq!(trail.draft.cuts, [[6_000]]);
        for vain in 1..=LOST {
            assert!(!trail.is_lost() && !trail.join(vec![draft(&problem, 1_000)]));
            assert_eq!((trail.vain, &trail.draft.cuts[0][..]), (vain, &[6_000][..]));
        }
        assert!(trail.is_lost());
    }
}
