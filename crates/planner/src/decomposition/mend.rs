//! Mending a draft: a few facilities are taken out, and they and a few others answer anew, at rising prices.
//!
//! What the others leave short is offered first at the prices that prove the bound, then at more, at last at what
//! uncovered energy costs: so those come first whose courses fit best. What betters nothing is undone. (*Ruin and
//! recreate*; Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, 2000.)

use super::fleet::Fleet;
use super::prices::{Offer, Prices};
use super::window;
use crate::course::{Course, Tariff, least};
use crate::draft::Draft;
use crate::draw::Draw;
use crate::problem::mw;
use crate::walk::walk;
use rayon::prelude::*;
use std::ops::Range;

/// Prices at which what is short is offered, one after the other, in those that prove the bound.
const RISING: [f64; 3] = [1.0, 1.15, 1.5];
/// Facilities taken out in a try.
pub(super) const SIZES: [usize; 5] = [2, 3, 4, 6, 10];
/// Others that may answer for each that is taken out.
const OTHERS: usize = 2;
/// Intervals of the windows in which facilities are taken out and answer, where there are many.
const WINDOWS: [usize; 4] = [12, 24, 48, usize::MAX];
/// Tries of a round, on every thread.
const TRIES: usize = 25;
/// Change of all prices at which a facility that answers otherwise counts as undecided.
const UNDECIDED: f64 = 0.1;
/// Rounds in a row, each in vain, after which mending is given up by those who go on otherwise.
pub(crate) const MENDING: usize = 4;
/// Share of what is left to gain below which a round was in vain.
const VAIN: f64 = 0.03;

/// When mending ends.
#[derive(Clone, Copy)]
pub(crate) struct Until<'e> {
    /// At this objective.
    pub(crate) most: f64,
    /// After so many rounds in a row that better next to nothing.
    pub(crate) patience: usize,
    /// Tried at a time.
    pub(crate) threads: u32,
    /// Seed of what is drawn.
    pub(crate) seed: u64,
    /// Whether to stop at once.
    pub(crate) is_over: &'e (dyn Fn() -> bool + Sync),
}

/// What is known of all facilities at some prices.
pub(crate) struct Mender<'f, 'a> {
    pub(crate) fleet: &'f Fleet<'a>,
    pub(crate) prices: &'f Prices,
    /// Courses to which facilities go back in every other try; without them they only answer anew in these.
    old: Option<&'f [Vec<i64>]>,
    /// What every member is offered, and the cost of its cheapest answer.
    offers: Vec<(Offer, f64)>,
    /// Members that answer otherwise at slightly other prices.
    undecided: Vec<usize>,
    /// Whether tries are made in windows.
    has_windows: bool,
}

/// A draft under way on one thread.
pub(crate) struct Stand<'a> {
    pub(crate) draft: Draft<'a>,
    /// What was changed, one gain after the other.
    gains: Vec<Vec<(usize, Vec<i64>)>>,
    objective: f64,
    /// What every member costs above its cheapest answer.
    regrets: Vec<f64>,
    /// How many may be taken out in a try.
    sizes: [usize; 5],
    draw: Draw,
}

impl<'f, 'a> Mender<'f, 'a> {
    pub(crate) fn new(fleet: &'f Fleet<'a>, prices: &'f Prices) -> Self {
        let answer = |share: f64| fleet.courses(&scaled(prices, share).clamped(fleet), |_| true);
        let [own, low, high] =
            [1.0, 1.0 - UNDECIDED, 1.0 + UNDECIDED].map(|share| answer(share).unwrap_or_default());
        let is_undecided = |&m: &usize| low[m].cuts != own[m].cuts || high[m].cuts != own[m].cuts;
        let undecided = (0..own.len()).filter(is_undecided).collect();
        let offer = |(&f, course): (&usize, &Course)| (prices.offer(fleet.problem, f), course.cost);
        let offers = fleet.members.iter().zip(&own).map(offer).collect();
        let has_windows = window::has_many(fleet.problem);
        Self { fleet, prices, old: None, offers, undecided, has_windows }
    }

    /// The same that goes back to old courses too.
    pub(crate) fn with_old(self, old: &'f [Vec<i64>]) -> Self {
        Self { old: Some(old), ..self }
    }

    /// Betters an allowed draft.
    pub(crate) fn mend(&self, draft: Draft<'a>, until: Until<'_>) -> Draft<'a> {
        let (mut best, mut objective) = (draft.clone(), draft.objective());
        let (mut round, mut vain) = (0, 0);
        while objective > until.most && vain < until.patience && !self.offers.is_empty() && !(until.is_over)()
        {
            let turns: Vec<usize> =
                (0..until.threads as usize).map(|n| round * until.threads as usize + n).collect();
            let draw = |turn: usize| Draw::new(until.seed.wrapping_add(turn as u64));
            let mut found: Vec<Stand<'a>> = turns
                .into_par_iter()
                .map(|turn| self.round(best.clone(), until.most, draw(turn), SIZES, until.is_over))
                .collect();
            let before = objective;
            found.sort_by(|a, b| a.objective.total_cmp(&b.objective));
            let mut found = found.into_iter();
            if let Some(first) = found.next().filter(|first| first.objective < objective) {
                (objective, best) = (first.objective, first.draft);
            }
            for gain in found.flat_map(|stand| stand.gains) {
                objective = also(&mut best, gain, objective);
            }
            vain = if before - objective > VAIN * (before - until.most) { 0 } else { vain + 1 };
            round += 1;
        }
        best
    }

    /// Some tries on one thread, to reach an objective of at most `most`.
    pub(crate) fn round(
        &self,
        draft: Draft<'a>,
        most: f64,
        draw: Draw,
        sizes: [usize; 5],
        is_over: &dyn Fn() -> bool,
    ) -> Stand<'a> {
        let (objective, regrets) = (draft.objective(), self.regrets(&draft));
        let mut stand = Stand { draft, gains: Vec::new(), objective, regrets, sizes, draw };
        for n in 0..TRIES {
            if stand.objective <= most || is_over() {
                break;
            }
            self.attempt(&mut stand, n % 2 == 0);
        }
        stand
    }

    /// What each member's course costs above its cheapest at the prices.
    pub(crate) fn regrets(&self, draft: &Draft<'_>) -> Vec<f64> {
        (0..self.offers.len()).map(|m| self.regret(draft, m)).collect()
    }

    fn regret(&self, draft: &Draft<'_>, m: usize) -> f64 {
        let (offer, cheapest) = &self.offers[m];
        (draft.cost_at(self.fleet.members[m], offer) - cheapest).max(0.0)
    }

    /// Takes some facilities out, to their old courses or to none, and lets them and others answer.
    fn attempt(&self, stand: &mut Stand<'a>, to_old: bool) {
        let window = self.window(&mut stand.draw);
        let (out, asked) = self.drawn(stand);
        let old: Vec<Vec<i64>> =
            asked.iter().map(|&m| stand.draft.cuts[self.fleet.members[m]].clone()).collect();
        out.iter().for_each(|&m| self.take_out(&mut stand.draft, m, to_old, &window));
        for share in RISING {
            asked.iter().for_each(|&m| self.answer(&mut stand.draft, m, share, &window));
        }
        let own: Vec<usize> = asked.iter().map(|&m| self.fleet.members[m]).collect();
        stand.draft.settle_within(&own, &window, &|| false);
        let objective = stand.draft.objective();
        let keeps_rules =
            |&f: &usize| walk(&self.fleet.problem.facilities[f], &stand.draft.cuts[f]).broken.is_empty();
        if objective < stand.objective - 1e-6 && stand.draft.is_allowed() && own.iter().all(keeps_rules) {
            stand.objective = objective;
            stand.gains.push(own.iter().map(|&f| (f, stand.draft.cuts[f].clone())).collect());
            asked.iter().for_each(|&m| stand.regrets[m] = self.regret(&stand.draft, m));
        } else {
            own.into_iter().zip(old).for_each(|(f, old)| put(&mut stand.draft, f, old));
        }
    }

    /// Takes a member out of a window, at the ends of which that may break a rule until it has answered.
    fn take_out(&self, draft: &mut Draft<'a>, m: usize, to_old: bool, window: &Range<usize>) {
        let f = self.fleet.members[m];
        let other = match self.old {
            Some(old) if to_old => old[f].clone(),
            None if to_old => return,
            _ => least(&self.fleet.problem.facilities[f]),
        };
        let mut cuts = draft.cuts[f].clone();
        cuts[window.clone()].copy_from_slice(&other[window.clone()]);
        draft.set(f, cuts);
    }

    /// Members that are taken out, and all that are asked, in the order in which they are.
    fn drawn(&self, stand: &mut Stand<'a>) -> (Vec<usize>, Vec<usize>) {
        let size = stand.sizes[stand.draw.below(stand.sizes.len())];
        let mut out: Vec<usize> = Vec::new();
        for n in 0..size {
            let wasting = if n % 2 == 0 { stand.draw.by_weight(&stand.regrets) } else { None };
            let m = wasting.unwrap_or_else(|| stand.draw.below(self.offers.len()));
            if !out.contains(&m) {
                out.push(m);
            }
        }
        let mut asked = out.clone();
        for n in 0..OTHERS * size {
            let any = n % 2 == 0 || self.undecided.is_empty();
            let m = if any {
                stand.draw.below(self.offers.len())
            } else {
                self.undecided[stand.draw.below(self.undecided.len())]
            };
            if !asked.contains(&m) {
                asked.push(m);
            }
        }
        (1..asked.len()).rev().for_each(|i| asked.swap(i, stand.draw.below(i + 1)));
        (out, asked)
    }

    /// The window in which a try may change anything.
    fn window(&self, draw: &mut Draw) -> Range<usize> {
        if !self.has_windows {
            return 0..self.fleet.problem.steps;
        }
        let length = WINDOWS[draw.below(WINDOWS.len())].min(self.fleet.problem.steps);
        window::about(self.fleet, length, draw)
    }

    /// Gives a member its cheapest course in a window where what is short is paid a share of its price.
    fn answer(&self, draft: &mut Draft<'a>, m: usize, share: f64, window: &Range<usize>) {
        let (problem, f) = (self.fleet.problem, self.fleet.members[m]);
        let (row, offer) = (&problem.facilities[f], &self.offers[m].0);
        let needs = draft.needs(f);
        let is_idle = draft.cuts[f].iter().all(|&kw| kw == 0) && needs.iter().all(|&need| need <= 0.0);
        if is_idle {
            return;
        }
        let most = problem.uncovered_price();
        let balance = &self.prices.balance[row.zone];
        let cost = |t: usize, kw: i64| {
            let paid = mw(kw).min(needs[t]) * (balance[t] * share).min(most);
            offer.per_kw[t] * kw as f64 + balance[t] * mw(kw) + offer.under_cut[t] - paid
        };
        let tariff =
            Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw: problem.overrun_per_kw() };
        if let Some(course) = draft.lane(f, &needs, window).cheapest(&tariff) {
            put(draft, f, course.cuts);
        }
    }
}

/// Takes over what another thread gained, where that betters the draft too; its objective then.
fn also(draft: &mut Draft<'_>, gain: Vec<(usize, Vec<i64>)>, objective: f64) -> f64 {
    let old: Vec<(usize, Vec<i64>)> = gain.iter().map(|(f, _)| (*f, draft.cuts[*f].clone())).collect();
    gain.into_iter().for_each(|(f, cuts)| put(draft, f, cuts));
    let other = draft.objective();
    if other < objective - 1e-6 && draft.is_allowed() {
        return other;
    }
    old.into_iter().for_each(|(f, cuts)| put(draft, f, cuts));
    objective
}

/// Gives a facility cuts where it has not got them yet.
fn put(draft: &mut Draft<'_>, f: usize, cuts: Vec<i64>) {
    if draft.cuts[f] != cuts {
        draft.set(f, cuts);
    }
}

/// Prices of the balance raised or lowered.
fn scaled(prices: &Prices, share: f64) -> Prices {
    let mut scaled = prices.clone();
    scaled.balance.iter_mut().flatten().for_each(|price| *price *= share);
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decomposition::first_prices;
    use crate::decomposition::tests::problems;
    use crate::fallback::fallback;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn until(most: f64, is_over: &(dyn Fn() -> bool + Sync)) -> Until<'_> {
        Until { most, patience: 2, threads: 2, seed: 7, is_over }
    }

    #[test]
    fn mending_keeps_every_rule_and_betters_drafts() {
        let (bettered, asked) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let config = ProptestConfig { cases: 60, ..ProptestConfig::default() };
        let outcome = proptest::test_runner::TestRunner::new(config).run(&problems(), |problem| {
            let first = fallback(&problem, &|| true);
            let fleet = Fleet::whole(&problem);
            let prices = first_prices(&fleet).clamped(&fleet);
            let before = first.objective();
            let mender = Mender::new(&fleet, &prices).with_old(&first.cuts);
            let mended = mender.mend(first.clone(), until(f64::NEG_INFINITY, &|| false));
            let anew = Draft::new(&problem, mended.cuts.clone());
            prop_assert!(anew.is_allowed() && anew.objective() <= before + 1e-6);
            prop_assert!((anew.objective() - mended.objective()).abs() < 1e-6 * before.abs().max(1.0));
            for (row, cuts) in problem.facilities.iter().zip(&mended.cuts) {
                prop_assert!(crate::walk::walk(row, cuts).broken.is_empty());
            }
            // The same seed, the same draft; and one that is good enough stays.
            let again = mender.mend(first.clone(), until(f64::NEG_INFINITY, &|| false));
            prop_assert_eq!(&again.cuts, &mended.cuts);
            let kept = mender.mend(first.clone(), until(before, &|| false));
            prop_assert_eq!(&kept.cuts, &first.cuts);
            bettered.fetch_add(usize::from(anew.objective() < before - 1e-3), Ordering::Relaxed);
            asked.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        assert!(outcome.is_ok(), "{outcome:?}");
        let (bettered, asked) = (bettered.into_inner(), asked.into_inner());
        assert!(bettered * 3 > asked, "{bettered} of {asked}");
    }
}
