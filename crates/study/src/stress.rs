//! A blow to the grid while a plan is carried out: ties of a zone are lost, or its headroom changes at once.
//!
//! It strikes the intervals that begin at its instant or later; one that has begun is left as it was. What was ordered until then
//! stays: the case that it leaves is issued at that instant, and keeps the cuts that notice has frozen, as any case that is
//! planned again.

mod told;

pub use told::{Facility, Hour, Stress, Sum, Zone, tell};

use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::ids::ZoneId;
use kezek_model::plan::{Plan, utc_text};
use kezek_planner::replan::missing;
use kezek_planner::solve::PlanError;
use std::collections::BTreeMap;
use std::ops::Range;

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Blow {
    /// When; known from then on.
    pub at: DateTime<Utc>,
    /// Until when, exclusive; `None` for the end of the horizon.
    pub until: Option<DateTime<Utc>>,
    /// Zones whose ties carry nothing.
    pub islands: Vec<ZoneId>,
    /// MW that the headroom of a zone changes by; below 0 for what is lost.
    pub change_mw: BTreeMap<ZoneId, f64>,
}

/// Why a blow cannot strike a case.
#[derive(Debug, thiserror::Error)]
pub enum BlowError {
    /// The case has no such zone.
    #[error("the case has no zone {0}")]
    Zone(ZoneId),
    /// No tie to lose.
    #[error("zone {0} has no tie to lose")]
    Tie(ZoneId),
    /// It strikes nothing.
    #[error("no interval of the case begins from {at} until before {until}", at = utc_text(*.0), until = utc_text(*.1))]
    Never(DateTime<Utc>, DateTime<Utc>),
    /// The case cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Blow {
    /// The intervals that it strikes.
    ///
    /// # Errors
    /// When there is none.
    pub fn span(&self, case: &Case) -> Result<Range<usize>, BlowError> {
        let until = self.until.unwrap_or_else(|| case.grid.end());
        let before =
            |limit: DateTime<Utc>| (0..case.grid.len).filter(|&t| case.grid.instant(t) < limit).count();
        let span = before(self.at)..before(until);
        if span.is_empty() || self.at < case.grid.start {
            return Err(BlowError::Never(self.at, until));
        }
        Ok(span)
    }

    /// The case that it leaves, with what notice keeps of the plan of that moment.
    ///
    /// # Errors
    /// When the case has no such zone, tie or interval, or several scenarios.
    pub fn strike(&self, case: &Case, plan: &Plan) -> Result<Case, BlowError> {
        let span = self.span(case)?;
        let mut struck = Case { issued_at: self.at, ..case.clone() };
        for (zone, mw) in &self.change_mw {
            let z = case.zone_index(zone).ok_or_else(|| BlowError::Zone(zone.clone()))?;
            struck.scenarios.iter_mut().for_each(|own| add(&mut own.headroom_mw[z][span.clone()], *mw));
        }
        for zone in &self.islands {
            case.zone_index(zone).ok_or_else(|| BlowError::Zone(zone.clone()))?;
            let mut ties =
                struck.ties.iter_mut().filter(|tie| tie.from == *zone || tie.to == *zone).peekable();
            ties.peek().ok_or_else(|| BlowError::Tie(zone.clone()))?;
            for tie in ties {
                tie.limit_mw[span.clone()].fill(Some(0.0));
                tie.reverse_limit_mw[span.clone()].fill(Some(0.0));
            }
        }
        for row in missing(&struck, plan).map_err(PlanError::from)? {
            let place = struck.facility_index(&row.facility).zip(struck.grid.index_of(row.interval_start));
            let Some((f, t)) = place else { continue };
            struck.facilities[f].kept_kw[t] = Some(row.cut);
        }
        Ok(struck)
    }
}

fn add(series: &mut [f64], mw: f64) {
    series.iter_mut().for_each(|own| *own += mw);
}

#[cfg(test)]
mod tests;
