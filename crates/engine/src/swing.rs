//! How fast what is cut of a zone may change: what returns (S5) and what is cut (S6) within a plan interval.

use crate::bounds::ZoneBounds;
use crate::course::{Course, Standing, standing};
use crate::draft::Draft;
use crate::event::Proposed;
use crate::guard::Violation;
use crate::state::State;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, OrderNo, ZoneId};
use kezek_model::units::Kw;
use std::collections::{BTreeMap, BTreeSet};

/// What people are about to do.
#[derive(Clone, Copy)]
pub(crate) enum Act<'a> {
    Issue(&'a Proposed),
    Recall(&'a OrderNo),
}

/// Whether what returns (S5) and what is cut (S6) in every zone stays within its limits, wherever an interval begins.
/// What stands already and breaks a limit by itself may not be made worse.
///
/// # Errors
/// Names promise, zone, time and the facilities.
pub(crate) fn judge(state: &State, act: Act<'_>, now: DateTime<Utc>) -> Result<(), Violation> {
    let target = || state.target.as_ref().and_then(|digest| state.proposals.get(digest));
    let bounds = match act {
        Act::Issue(proposed) => proposed.bounds.as_ref(),
        Act::Recall(_) => target().and_then(|target| target.proposed.bounds.as_ref()),
    };
    let Some(bounds) = bounds else { return Ok(()) };
    let interval = TimeDelta::minutes(i64::from(bounds.interval_minutes));
    let shed_limits = &state.config.shed_limits;
    let limited = |zone: &&ZoneBounds| zone.restore_limit.is_some() || shed_limits.contains_key(&zone.zone);
    let scene = Scene { state, act, now, interval, zones: zones_of(state, act), drafts: drafts_of(act) };
    bounds.zones.iter().filter(limited).try_for_each(|zone| {
        let judged = scene.judged(zone);
        judged.returns()?;
        shed_limits.get(&zone.zone).map_or(Ok(()), |limit| judged.cuts(*limit))
    })
}

/// Where facilities stand, by the plans whose orders may still hold, the one at hand last.
fn zones_of<'a>(state: &'a State, act: Act<'a>) -> BTreeMap<&'a FacilityId, &'a ZoneId> {
    let open = state.open.iter().filter_map(|number| state.orders.get(number));
    let digests: BTreeSet<&String> =
        open.map(|record| &record.order.plan_digest).chain(&state.target).collect();
    let mut plans: Vec<_> = digests.into_iter().filter_map(|digest| state.proposals.get(digest)).collect();
    plans.sort_by_key(|plan| plan.issued_at);
    let at_hand = if let Act::Issue(proposed) = act { Some(proposed) } else { None };
    let plans = plans.into_iter().map(|plan| &plan.proposed).chain(at_hand);
    plans.flat_map(|plan| &plan.drafts).map(|draft| (&draft.facility, &draft.zone)).collect()
}

/// What the plan at hand would tell each facility.
fn drafts_of(act: Act<'_>) -> BTreeMap<&FacilityId, &Draft> {
    match act {
        Act::Issue(proposed) => proposed.drafts.iter().map(|draft| (&draft.facility, draft)).collect(),
        Act::Recall(_) => BTreeMap::new(),
    }
}

/// All that the zones are judged from.
struct Scene<'a> {
    state: &'a State,
    act: Act<'a>,
    now: DateTime<Utc>,
    interval: TimeDelta,
    zones: BTreeMap<&'a FacilityId, &'a ZoneId>,
    drafts: BTreeMap<&'a FacilityId, &'a Draft>,
}

/// A zone before and after an act.
struct Judged<'a> {
    zone: &'a ZoneBounds,
    interval: TimeDelta,
    before: Course<'a>,
    after: Course<'a>,
}

impl<'a> Scene<'a> {
    fn judged(&self, zone: &'a ZoneBounds) -> Judged<'a> {
        let (before, after) = (Course::default(), Course::default());
        let mut judged = Judged { zone, interval: self.interval, before, after };
        for (facility, _) in self.zones.iter().filter(|(_, of)| **of == &zone.zone) {
            self.add(&mut judged, facility);
        }
        judged
    }

    fn add(&self, judged: &mut Judged<'a>, facility: &'a FacilityId) {
        let since = self.now - self.interval;
        let records = standing(self.state, facility, since);
        let before: Vec<Standing<'_>> = records.iter().map(|record| Standing::issued(record)).collect();
        judged.before.add(facility, since, &before);
        let new = self.drafts.get(facility).map(|draft| Standing::drafted(draft, self.now));
        let stays = before.into_iter().zip(&records).map(|(limit, record)| match self.act {
            Act::Recall(order_no) if record.order.order_no == *order_no => limit.recalled(self.now),
            _ => limit,
        });
        judged.after.add(facility, since, &new.into_iter().chain(stays).collect::<Vec<_>>());
    }
}

impl Judged<'_> {
    fn returns(&self) -> Result<(), Violation> {
        let Some(limit) = self.zone.restore_limit else { return Ok(()) };
        self.after.windows(self.interval).try_for_each(|(from, to)| {
            let excused = self.zone.excused_return(from, to);
            self.within("S5", -1, (from, to), limit, excused)
        })
    }

    fn cuts(&self, limit: Kw) -> Result<(), Violation> {
        self.after.windows(self.interval).try_for_each(|(from, to)| {
            let excused = self.zone.excused_cut(from, to);
            self.within("S6", 1, (from, to), limit, excused)
        })
    }

    /// Rounding to whole kW may cost each facility that moves less than one.
    fn within(
        &self,
        promise: &'static str,
        sign: i64,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        limit: Kw,
        excused: Kw,
    ) -> Result<(), Violation> {
        let net = self.after.net(from, to) * sign;
        if net <= (limit + excused).0 || net <= self.before.net(from, to) * sign {
            return Ok(());
        }
        let movers = self.after.movers(from, to, sign);
        if net <= (limit + excused).0 + i64::try_from(movers.len()).unwrap_or(i64::MAX) {
            return Ok(());
        }
        Err(Violation { promise, what: self.said(sign, (from, to), Kw(net), limit + excused, &movers) })
    }

    fn said(
        &self,
        sign: i64,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        net: Kw,
        most: Kw,
        movers: &[(&FacilityId, i64)],
    ) -> String {
        let (would, mend) = match sign {
            1 => ("be cut", "begin part of it earlier or later, or raise shed_limit_mw"),
            _ => ("return", "let part of it return later, or plan again from what stands"),
        };
        let when = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
        let named = movers.iter().take(NAMED).map(|(facility, kw)| format!("{facility} {} MW", Kw(*kw)));
        let more = movers.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(
            "{net} MW would {would} in zone {} {when}, {most} MW is the most within {} minutes ({}{more}); {mend}",
            self.zone.zone,
            self.interval.num_minutes(),
            named.collect::<Vec<_>>().join(", "),
        )
    }
}

/// Facilities named in a refusal.
const NAMED: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::{Bounds, Move};
    use crate::event::Event;
    use crate::testing::{Room, approved, draft, full, hour, minute, proposed, recalled};
    use crate::{Config, Refusal};

    /// South bears a return of so many kW within an hour.
    fn bounded(restore_kw: i64, moves: Vec<Move>) -> Bounds {
        let zone = ZoneBounds { zone: "south".into(), restore_limit: Some(Kw(restore_kw)), moves };
        Bounds { interval_minutes: 60, zones: vec![zone] }
    }

    fn propose(
        room: &mut Room,
        digest: &str,
        parent: Option<&str>,
        bounds: Bounds,
        drafts: Vec<Draft>,
    ) -> Result<(), Refusal> {
        let plan = Proposed { bounds: Some(bounds), ..proposed(digest, parent, drafts) };
        room.ask(Event::Proposed(Box::new(plan))).map(|_| ())
    }

    fn issue(room: &mut Room, digest: &str, parent: Option<&str>, bounds: Bounds, drafts: Vec<Draft>) {
        propose(room, digest, parent, bounds, drafts).unwrap();
        room.tell(approved(digest, "approver"));
    }

    fn broken(result: Result<impl Sized, Refusal>) -> (&'static str, String) {
        match result {
            Err(Refusal::Promise(violation)) => (violation.promise, violation.what),
            Err(other) => panic!("{other}"),
            Ok(_) => ("kept", String::new()),
        }
    }

    #[test]
    fn a_plan_after_which_too_much_returns_at_once_is_not_even_proposed() {
        let both = || vec![full("F1", 0, 6), full("F2", 0, 6)];
        let (promise, what) = broken(propose(&mut Room::new(), "p1", None, bounded(30_000, vec![]), both()));
        assert_eq!(promise, "S5");
        assert!(
            what.contains("36.0 MW would return in zone south at") && what.contains("F1 18.0 MW, F2 18.0 MW"),
            "{what}"
        );
        assert_eq!(broken(propose(&mut Room::new(), "p1", None, bounded(36_000, vec![]), both())).0, "kept");
        let mut later = both();
        later[1].restore.as_mut().unwrap().from = hour(7);
        assert_eq!(
            broken(propose(&mut Room::new(), "p1", None, bounded(30_000, vec![]), later.clone())).0,
            "kept"
        );
        later[1].restore.as_mut().unwrap().from = hour(7) - TimeDelta::seconds(1);
        assert_eq!(broken(propose(&mut Room::new(), "p1", None, bounded(30_000, vec![]), later)).0, "S5");
    }

    /// A facility that is free before the window ends returns then, not with the window.
    #[test]
    fn what_returns_inside_the_window_is_counted_when_its_slot_opens() {
        let early = |facility| draft(facility, (0, 6), &[(0, 3, 2_000, 18_000)]);
        let limit = || bounded(30_000, vec![]);
        let apart = vec![early("F1"), full("F2", 0, 6)];
        assert_eq!(broken(propose(&mut Room::new(), "p1", None, limit(), apart)).0, "kept");
        let mut waits = draft("F2", (0, 6), &[(0, 2, 2_000, 18_000)]);
        waits.restore.as_mut().unwrap().from = hour(3);
        let both = vec![early("F1"), waits];
        let (promise, what) = broken(propose(&mut Room::new(), "p1", None, limit(), both));
        assert_eq!(promise, "S5");
        assert!(what.contains(&format!("at {}", hour(3))), "{what}");
    }

    #[test]
    fn what_falls_with_the_nomination_returns_nothing_and_new_cuts_make_room() {
        let fall = Move { at: hour(6), fall: Kw(6_000), rise: Kw(0), block: Kw(0) };
        let both = vec![full("F1", 0, 6), full("F2", 0, 6)];
        assert_eq!(
            broken(propose(&mut Room::new(), "p1", None, bounded(30_000, vec![fall]), both.clone())).0,
            "kept"
        );
        let third = draft("F3", (0, 12), &[(6, 12, 2_000, 18_000)]);
        let three = both.into_iter().chain([third]).collect();
        assert_eq!(broken(propose(&mut Room::new(), "p1", None, bounded(18_000, vec![]), three)).0, "kept");
    }

    #[test]
    fn a_recall_returns_load_too() {
        let mut room = Room::new();
        let mut staggered = vec![full("F1", 0, 6), full("F2", 0, 6)];
        staggered[1].restore.as_mut().unwrap().from = hour(7);
        issue(&mut room, "p1", None, bounded(30_000, vec![]), staggered);
        room.now = hour(2);
        room.tell(recalled("2022-0124-F1-v1"));
        room.now = minute(179);
        assert_eq!(broken(room.ask(recalled("2022-0124-F2-v1"))).0, "S5");
        room.now = hour(3);
        room.tell(recalled("2022-0124-F2-v1"));
    }

    #[test]
    fn a_new_plan_may_not_free_all_whom_the_old_one_cut() {
        let mut room = Room::new();
        let mut staggered = vec![full("F1", 0, 6), full("F2", 0, 6)];
        staggered[1].restore.as_mut().unwrap().from = hour(7);
        issue(&mut room, "p1", None, bounded(30_000, vec![]), staggered);
        let none = |to| vec![draft("F1", (3, to), &[]), draft("F2", (3, to), &[])];
        assert_eq!(broken(propose(&mut room, "p2", Some("p1"), bounded(30_000, vec![]), none(6))).0, "S5");
        let one = vec![draft("F1", (3, 6), &[]), draft("F2", (3, 6), &[(3, 6, 2_000, 18_000)])];
        assert_eq!(broken(propose(&mut room, "p3", Some("p1"), bounded(30_000, vec![]), one)).0, "kept");
    }

    #[test]
    fn what_stands_already_may_stay_as_bad_as_it_is() {
        let mut room = Room::new();
        issue(&mut room, "p1", None, bounded(40_000, vec![]), vec![full("F1", 0, 6), full("F2", 0, 6)]);
        let stays = |limit| {
            vec![
                draft("F1", (3, 6), &[(3, 6, 2_000, 18_000)]),
                draft("F2", (3, 6), &[(3, 6, limit, 20_000 - limit)]),
            ]
        };
        assert_eq!(
            broken(propose(&mut room, "p2", Some("p1"), bounded(30_000, vec![]), stays(2_000))).0,
            "kept"
        );
        assert_eq!(
            broken(propose(&mut room, "p3", Some("p1"), bounded(30_000, vec![]), stays(1_000))).0,
            "S5"
        );
    }

    /// Recalled, an order no longer voids the wait of the one below it: that is a cut at that instant, though nothing
    /// has held for hours.
    #[test]
    fn a_recall_that_lets_an_older_wait_hold_again_cuts() {
        let shed_limits = BTreeMap::from([("south".into(), Kw(15_000))]);
        let mut room = Room::with(Config { shed_limits, ..Config::default() });
        let until_noon = |mut draft: Draft| {
            draft.restore.as_mut().unwrap().from = hour(12);
            vec![draft]
        };
        let first = until_noon(draft("F1", (0, 6), &[(0, 3, 8_000, 12_000), (3, 6, 2_000, 18_000)]));
        issue(&mut room, "p1", None, bounded(90_000, vec![]), first);
        let second = until_noon(draft("F1", (4, 8), &[(4, 5, 10_000, 10_000)]));
        issue(&mut room, "p2", Some("p1"), bounded(90_000, vec![]), second);
        issue(&mut room, "p3", Some("p2"), bounded(90_000, vec![]), vec![draft("F1", (7, 9), &[])]);
        room.now = minute(630);
        assert_eq!(broken(room.ask(recalled("2022-0124-F1-v2"))).0, "S6");
    }

    #[test]
    fn no_more_is_cut_within_an_interval_than_the_control_room_set() {
        let shed_limits = BTreeMap::from([("south".into(), Kw(20_000))]);
        let mut room = Room::with(Config { shed_limits, ..Config::default() });
        let at = |first, second| vec![full("F1", first, 6), full("F2", second, 7)];
        let (promise, what) = broken(propose(&mut room, "p1", None, bounded(90_000, vec![]), at(0, 0)));
        assert_eq!(promise, "S6");
        assert!(what.contains("36.0 MW would be cut") && what.contains("raise shed_limit_mw"), "{what}");
        assert_eq!(broken(propose(&mut room, "p2", None, bounded(90_000, vec![]), at(0, 1))).0, "kept");
    }
}
