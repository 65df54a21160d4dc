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
const LOST: usize = 5;

impl<'a> Trail<'a> {
    pub(crate) fn new(draft: Draft<'a>) -> Self {
        Self { draft, vain: 0 }
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.vain >= LOST
    }

    /// Goes on, after a round, with the best of some drafts that all came from its own, and what the others changed beside
    /// it.
    pub(crate) fn join(&mut self, mut found: Vec<Draft<'a>>) {
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
    }
}
