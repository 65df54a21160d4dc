//! One facility as the mathematics sees it (sections 2 and 3).

use super::standing::{Entitlement, Standing};
use kezek_model::case::{Case, Facility};
use kezek_model::schedule::Budget;

/// A facility, in kW, MWh and intervals.
#[derive(Clone, Debug)]
pub struct FacilityRow {
    /// Position of its zone.
    pub zone: usize,
    /// What it may intend to draw, per interval; what it draws where not entitled.
    pub nominated: Vec<i64>,
    /// Whether its licence is valid, per interval.
    pub entitled: Vec<bool>,
    /// The full cut, per interval.
    pub room: Vec<i64>,
    /// The cut that standing orders demand, per interval.
    pub demand: Vec<i64>,
    /// The number of the standing order with the lowest limit, per interval, where one holds.
    pub ordered_by: Vec<Option<String>>,
    /// The cut that notice dictates, per interval.
    pub frozen: Vec<Option<i64>>,
    /// Whether the interval starts before its notice has passed.
    pub within_notice: Vec<bool>,
    /// Smallest cut that makes sense.
    pub min_cut: i64,
    /// Size of a block; 0 for none.
    pub block: i64,
    /// Cost of a cut MWh, tier included.
    pub cut_cost_per_mwh: f64,
    /// Cost of an event.
    pub event_cost: f64,
    /// Length of an interval in minutes.
    pub step_minutes: i64,
    /// Shortest event in minutes.
    pub min_minutes: i64,
    /// Longest event in minutes.
    pub max_minutes: Option<i64>,
    /// Minutes between events, by interval of the later start.
    pub gap_minutes: Vec<i64>,
    /// Most starts per civil day, by interval of the start.
    pub starts_per_day: Vec<Option<u32>>,
    /// The civil day of each interval, counted from the first.
    pub day: Vec<i64>,
    /// Budgets of hours, in intervals.
    pub hour_budgets: Vec<HourBudget>,
    /// Most kW that return per interval, the smallest cut apart; `None` for no limit.
    pub ramp: Option<i64>,
    /// Most energy that may be cut, in kW times intervals; the fairness stages set it, no case does.
    pub most_cut: Option<i64>,
    /// What holds before the first interval.
    pub before: Before,
}

/// How many intervals of a set may be under cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourBudget {
    /// The set.
    pub counts: Vec<bool>,
    /// Most intervals of it.
    pub max_intervals: usize,
}

/// What holds before the first interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The cut, at most the first room.
    pub cut: i64,
    /// Whether an event is running.
    pub running: bool,
    /// How long it has been running, in full minutes, which is what minima count.
    pub age_minutes: i64,
    /// 1 where part of a minute comes on top, which maxima count; else 0.
    pub begun_minute: i64,
    /// How long ago the last event ended, in minutes, where none is running.
    pub idle_minutes: Option<i64>,
    /// Starts so far on the civil day in which the horizon begins.
    pub starts_today: u32,
}

/// The rows of all facilities of a case.
pub(super) fn rows(case: &Case) -> Vec<FacilityRow> {
    let entitlements: Vec<Entitlement> = case.facilities.iter().map(|f| entitlement(case, f)).collect();
    let standing = Standing::new(case, &entitlements);
    case.facilities.iter().zip(entitlements).map(|(f, own)| row(case, &standing, f, own)).collect()
}

/// Nomination and entitlement (section 2).
fn entitlement(case: &Case, facility: &Facility) -> Entitlement {
    let licensed = |t: usize| facility.is_licensed_at(case.grid.instant(t));
    let entitled: Vec<bool> = (0..case.grid.len).map(licensed).collect();
    let nominated = |t: usize| {
        let (nomination, floor) = (facility.nomination_kw[t].0, facility.floor_kw.0);
        let within_quota = facility.quota_kw[t].map_or(nomination, |quota| nomination.min(quota.0));
        if entitled[t] { within_quota.max(floor) } else { nomination.min(floor) }
    };
    Entitlement { nominated: (0..case.grid.len).map(nominated).collect(), entitled }
}

fn row(case: &Case, standing: &Standing<'_>, facility: &Facility, own: Entitlement) -> FacilityRow {
    let steps = case.grid.len;
    let step_minutes = i64::from(case.grid.step_minutes);
    let cuttable = |t: usize| own.entitled[t] && !facility.protected;
    let room = |t: usize| if cuttable(t) { own.nominated[t] - facility.floor_kw.0 } else { 0 };
    let room: Vec<i64> = (0..steps).map(room).collect();
    let bounds: Vec<_> = (0..steps).map(|t| standing.bound(facility, &own, t)).collect();
    let demand = |t: usize| bounds[t].as_ref().map_or(0, |bound| (own.nominated[t] - bound.limit_kw).max(0));
    let within_notice = within_notice(case, standing, facility);
    let adder = case.tier_adder_per_mwh.get(&facility.tier).copied().unwrap_or(0.0);
    FacilityRow {
        zone: case.zone_index(&facility.zone).unwrap_or_default(),
        demand: (0..steps).map(demand).collect(),
        frozen: frozen(facility, &room, &within_notice, |t| bounds[t].is_some()),
        within_notice,
        ordered_by: bounds.iter().map(|bound| bound.as_ref().map(|b| b.number.clone())).collect(),
        min_cut: facility.min_cut_kw.0,
        block: facility.block_kw.map_or(0, |block| block.0),
        cut_cost_per_mwh: facility.cut_cost_per_mwh + adder,
        event_cost: facility.event_cost,
        step_minutes,
        min_minutes: facility.min_cut_minutes,
        max_minutes: facility.max_cut_minutes,
        gap_minutes: tightest(
            standing,
            facility,
            steps,
            facility.min_gap_minutes,
            |b| b.min_gap_minutes,
            i64::max,
        ),
        starts_per_day: starts_per_day(standing, facility, steps),
        day: days(case, facility),
        hour_budgets: hour_budgets(case, standing, facility),
        ramp: facility.ramp_up_kw_per_h.map(|ramp| ramp.0 * step_minutes / 60),
        most_cut: None,
        before: before(case, facility, room.first().copied().unwrap_or(0)),
        nominated: own.nominated,
        entitled: own.entitled,
        room,
    }
}

/// A facility's own value, tightened by every programme in whose period the interval starts.
fn tightest<T: Copy>(
    standing: &Standing<'_>,
    facility: &Facility,
    steps: usize,
    own: T,
    of: impl Fn(&Budget) -> Option<T>,
    tighter: impl Fn(T, T) -> T,
) -> Vec<T> {
    let mut values = vec![own; steps];
    for (budget, in_period) in standing.programmes(facility) {
        let Some(theirs) = of(budget) else { continue };
        for (value, _) in values.iter_mut().zip(in_period).filter(|(_, inside)| **inside) {
            *value = tighter(*value, theirs);
        }
    }
    values
}

fn starts_per_day(standing: &Standing<'_>, facility: &Facility, steps: usize) -> Vec<Option<u32>> {
    let fewer = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
    tightest(
        standing,
        facility,
        steps,
        facility.max_events_per_day,
        |b| b.max_events_per_day.map(Some),
        fewer,
    )
}

fn within_notice(case: &Case, standing: &Standing<'_>, facility: &Facility) -> Vec<bool> {
    let own = facility.notice_minutes;
    let notices = tightest(standing, facility, case.grid.len, own, |b| b.notice_minutes, i64::max);
    let early = |(t, minutes): (usize, i64)| {
        case.grid.instant(t) < case.issued_at + chrono::TimeDelta::minutes(minutes)
    };
    notices.into_iter().enumerate().map(early).collect()
}

/// What notice dictates: kept cuts as they were ordered, else what held at the start, never growing (3.5).
fn frozen(
    facility: &Facility,
    room: &[i64],
    within_notice: &[bool],
    ordered: impl Fn(usize) -> bool,
) -> Vec<Option<i64>> {
    let mut frozen = vec![None; room.len()];
    let mut cut = facility.state.cut_kw.0;
    for t in (0..room.len()).take_while(|&t| within_notice[t] && !ordered(t)) {
        let carried = facility.state.cut_kw.0.min(cut);
        cut = facility.kept_kw[t].map_or(carried, |kept| kept.0).min(room[t]);
        frozen[t] = Some(cut);
    }
    frozen
}

fn days(case: &Case, facility: &Facility) -> Vec<i64> {
    let first = case.grid.civil_date(0, facility.time_zone);
    (0..case.grid.len).map(|t| (case.grid.civil_date(t, facility.time_zone) - first).num_days()).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn hour_budgets(case: &Case, standing: &Standing<'_>, facility: &Facility) -> Vec<HourBudget> {
    let intervals = |hours: f64| (hours / case.grid.hours() + 1e-9).floor().clamp(0.0, 1e9) as usize;
    let own = facility
        .max_cut_hours
        .map(|hours| HourBudget { counts: vec![true; case.grid.len], max_intervals: intervals(hours) });
    let programme = |(budget, in_period): (&Budget, &[bool])| {
        Some(HourBudget { counts: in_period.to_vec(), max_intervals: intervals(budget.max_cut_hours?) })
    };
    own.into_iter().chain(standing.programmes(facility).filter_map(programme)).collect()
}

fn before(case: &Case, facility: &Facility, first_room: i64) -> Before {
    let state = &facility.state;
    let running = state.cut_kw.0 > 0;
    let minutes_ago = |instant: chrono::DateTime<chrono::Utc>| (case.grid.start - instant).num_minutes();
    let is_begun = |instant: chrono::DateTime<chrono::Utc>| {
        case.grid.start - instant != chrono::TimeDelta::minutes(minutes_ago(instant))
    };
    let cut_since = state.cut_since.filter(|_| running);
    let date =
        |instant: chrono::DateTime<chrono::Utc>| instant.with_timezone(&facility.time_zone).date_naive();
    let started_today = running && state.cut_since.is_some_and(|since| date(since) == date(case.grid.start));
    Before {
        cut: state.cut_kw.0.min(first_room),
        running,
        age_minutes: cut_since.map_or(0, minutes_ago),
        begun_minute: cut_since.map_or(0, |since| i64::from(is_begun(since))),
        idle_minutes: state.last_cut_end.filter(|_| !running).map(minutes_ago),
        starts_today: state.events_today.unwrap_or(0).max(u32::from(started_today)),
    }
}

impl FacilityRow {
    /// Whether a cut of this interval is dictated by notice or demanded by a standing order (3.8).
    #[must_use]
    pub fn forced(&self, t: usize) -> bool {
        self.frozen[t].map_or(self.demand[t] > 0, |cut| cut > 0)
    }

    /// The smallest allowed cut of at least `kw` (3.3); the full cut where none is.
    #[must_use]
    pub fn cut_at_least(&self, t: usize, kw: i64) -> i64 {
        if kw <= 0 {
            return 0;
        }
        let sensible = kw.max(self.min_cut);
        let whole =
            if self.block > 0 { (sensible + self.block - 1) / self.block * self.block } else { sensible };
        whole.min(self.room[t])
    }

    /// The smallest cut it can make in an interval; 0 where it can make none.
    #[must_use]
    pub fn smallest_cut(&self, t: usize) -> i64 {
        self.cut_at_least(t, 1)
    }

    /// Most kW that may return from interval `t - 1` to `t`; from what held before for `t == 0` (3.6).
    #[must_use]
    pub fn return_limit(&self, t: usize) -> Option<i64> {
        let earlier = t.saturating_sub(1);
        Some(self.ramp?.max(self.smallest_cut(earlier)) + self.fall(t))
    }

    /// By how much the nomination falls into interval `t`; nothing for the first.
    #[must_use]
    pub fn fall(&self, t: usize) -> i64 {
        if t == 0 { 0 } else { (self.nominated[t - 1] - self.nominated[t]).max(0) }
    }

    /// Whether its cuts may begin and end at any time, hours apart.
    pub(crate) fn is_plain(&self) -> bool {
        self.min_minutes <= self.step_minutes
            && self.max_minutes.is_none()
            && self.gap_minutes.iter().all(|&gap| gap == 0)
            && self.starts_per_day.iter().all(Option::is_none)
    }

    /// Whether anything can or must be decided for it.
    #[must_use]
    pub fn can_be_cut(&self) -> bool {
        self.room.iter().any(|&room| room > 0)
    }
}
