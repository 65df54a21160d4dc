//! Tiny random cases that exercise every family of rules.

use crate::builder::{START, case, facility, instant, order, tie};
use chrono::TimeDelta;
use kezek_model::case::{Case, Facility, State};
use kezek_model::schedule::DepthKind;
use kezek_model::units::Kw;

/// A case, and the limit in percent of the nomination that its orders set by interval.
pub struct Scene {
    pub case: Case,
    pub percent: Vec<Option<i64>>,
}

/// A small random source, the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as i64 % most
    }

    pub fn one_in(&mut self, times: i64) -> bool {
        self.below(times) == 0
    }

    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as i64) as usize]
    }
}

/// A scene of 1 to 3 facilities, 3 to 5 intervals, 1 or 2 zones and at most one tie.
pub fn random(seed: u64) -> Scene {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        dice.below(2);
    }
    let (len, zones) = (3 + dice.below(3) as usize, 1 + dice.below(2));
    let headroom: Vec<Vec<i64>> =
        (0..zones).map(|_| (0..len).map(|_| dice.below(10) - 2).collect()).collect();
    let mut case = case(&headroom);
    case.objective.uncovered_cost_per_mwh = 1e6;
    case.issued_at = instant(START) - TimeDelta::minutes(dice.pick(&[0, 60, 2880]));
    case.zones.iter_mut().for_each(|zone| {
        zone.restore_limit_mw = dice.one_in(4).then(|| 0.001 * (1 + dice.below(3)) as f64);
    });
    if zones == 2 && !dice.one_in(4) {
        case.ties.push(tie(dice.below(4), len));
    }
    let facilities = if len > 4 { 1 + dice.below(2) } else { 1 + dice.below(3) };
    case.facilities =
        (0..facilities).map(|i| random_facility(&mut dice, &format!("F{i}"), len, zones)).collect();
    let mut percent = vec![None; len];
    for number in ["A/1", "B/1"].into_iter().take(dice.pick(&[0, 0, 0, 1, 1, 2])) {
        random_order(&mut dice, &mut case, number, &mut percent);
    }
    Scene { case, percent }
}

fn random_order(dice: &mut Dice, case: &mut Case, number: &str, percent: &mut [Option<i64>]) {
    let len = percent.len() as i64;
    let from = dice.below(len);
    let to = from + 1 + dice.below(len - from);
    let value = dice.pick(&[0, 50, 40]);
    let kind = if value == 0 { DepthKind::Full } else { DepthKind::ToPercent };
    case.schedules.push(order(number, kind, value as f64, &format!("{from:02}:00"), &format!("{to:02}:00")));
    for limit in &mut percent[from as usize..to as usize] {
        *limit = Some(limit.unwrap_or(100).min(value));
    }
}

fn random_facility(dice: &mut Dice, id: &str, len: usize, zones: i64) -> Facility {
    let mut f = facility(id, 2 + dice.below(3), len);
    f.zone = format!("z{}", dice.below(zones)).as_str().into();
    f.floor_kw = Kw(dice.pick(&[0, 0, 1]));
    f.min_cut_kw = Kw(dice.pick(&[0, 0, 0, 2, 3]));
    f.block_kw = dice.one_in(4).then_some(Kw(2));
    f.cut_cost_per_mwh = 1000.0 * (10 + dice.below(80)) as f64;
    f.event_cost = dice.below(50) as f64;
    f.notice_minutes = dice.pick(&[0, 0, 60, 120]);
    f.min_cut_minutes = dice.pick(&[0, 0, 60, 90, 120]);
    f.max_cut_minutes = dice.one_in(3).then(|| f.min_cut_minutes.max(dice.pick(&[60, 120, 150])));
    f.min_gap_minutes = dice.pick(&[0, 0, 60, 90, 120]);
    f.max_events_per_day = dice.one_in(3).then_some(1);
    f.max_cut_hours = dice.one_in(3).then(|| dice.pick(&[1.0, 2.0, 2.5]));
    f.ramp_up_kw_per_h = dice.one_in(3).then(|| Kw(1 + dice.below(2)));
    f.protected = dice.one_in(14);
    if dice.one_in(4) {
        // Midnight there is 02:00 UTC: a change of day inside of the horizon.
        f.time_zone = "America/Noronha".parse().unwrap();
        f.licence_to = dice.one_in(3).then(|| instant(START).with_timezone(&f.time_zone).date_naive());
    }
    if dice.one_in(4) {
        f.nomination_kw.iter_mut().for_each(|kw| *kw = Kw(1 + dice.below(4)));
    }
    if dice.one_in(6) {
        f.quota_kw.iter_mut().for_each(|kw| *kw = dice.one_in(2).then_some(Kw(2)));
    }
    f.state = random_state(dice);
    if dice.one_in(3) {
        let t = dice.below(len as i64) as usize;
        f.kept_kw[t] = Some(Kw(dice.below(3)));
    }
    f
}

fn random_state(dice: &mut Dice) -> State {
    let before = |minutes: i64| Some(instant(START) - TimeDelta::minutes(minutes));
    let events_today = dice.one_in(6).then_some(1);
    if dice.one_in(3) {
        let cut_since = before(dice.pick(&[30, 60, 90, 150]));
        return State { cut_kw: Kw(1 + dice.below(3)), cut_since, last_cut_end: None, events_today };
    }
    let last_cut_end = if dice.one_in(3) { before(dice.pick(&[0, 30, 60])) } else { None };
    State { cut_kw: Kw(0), cut_since: None, last_cut_end, events_today }
}
