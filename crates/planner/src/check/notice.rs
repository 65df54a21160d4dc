//! 3.5: what was ordered before stays until notice has run out, or a standing order ends the freeze.

use super::programme::Rules;
use super::report::{Findings, Place, Rule};
use super::standing::Limit;
use super::terms::Terms;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::{Case, Facility};
use kezek_model::units::Kw;

/// The cuts that notice keeps: a prefix of the horizon.
pub(super) struct Freeze {
    /// The cut of each frozen interval.
    kept_kw: Vec<i64>,
    /// Which intervals start before notice has run out.
    pub(super) too_soon: Vec<bool>,
}

impl Freeze {
    /// The cut that an interval is frozen at; `None` where it is free.
    pub(super) fn cut_kw(&self, t: usize) -> Option<i64> {
        self.kept_kw.get(t).copied()
    }

    /// The first interval that is free.
    pub(super) fn len(&self) -> usize {
        self.kept_kw.len()
    }
}

/// An instant some minutes after another, or the end of time.
pub(super) fn minutes_after(instant: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    let later = TimeDelta::try_minutes(minutes).and_then(|delta| instant.checked_add_signed(delta));
    later.unwrap_or(if minutes < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC })
}

/// The freeze of a facility.
///
/// A cut that `kept.csv` lists may start or deepen: it was ordered earlier. One that it does not list goes on as in
/// `state.csv`, and never comes back once it has ended.
pub(super) fn freeze(
    case: &Case,
    facility: &Facility,
    rules: &[Rules],
    room_kw: &[i64],
    limits: &[Vec<Limit>],
) -> Freeze {
    let is_too_soon =
        |t: usize| case.grid.instant(t) < minutes_after(case.issued_at, rules[t].notice_minutes);
    let too_soon: Vec<bool> = (0..case.grid.len).map(is_too_soon).collect();
    let mut before_kw = facility.state.cut_kw.0;
    let mut kept_kw = Vec::new();
    for t in (0..case.grid.len).take_while(|&t| too_soon[t] && limits[t].is_empty()) {
        before_kw = match facility.kept_kw[t] {
            Some(kept) => kept.0.min(room_kw[t]),
            None => facility.state.cut_kw.0.min(room_kw[t]).min(before_kw),
        };
        kept_kw.push(before_kw);
    }
    Freeze { kept_kw, too_soon }
}

/// A frozen interval has exactly the cut that was ordered.
pub(super) fn judge(
    case: &Case,
    facility: &Facility,
    terms: &Terms,
    cut_kw: &[i64],
    findings: &mut Findings,
) {
    for (t, &cut) in cut_kw.iter().enumerate() {
        if let Some(kept) = terms.freeze.cut_kw(t).filter(|&kept| kept != cut) {
            let place = Place::facility(&facility.id, case.grid.instant(t));
            let expected = format!("{} MW, which notice keeps", Kw(kept));
            findings.add(Rule::Notice, place, format!("cut {} MW", Kw(cut)), expected);
        }
    }
}
