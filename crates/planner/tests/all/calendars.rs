//! The judge's own reading of standing orders, held against the model's calendar: where the model says that an order
//! holds, the judge asks for the cut, and nowhere else.

use crate::builder::{bare, case, facility};
use crate::scenes::Dice;
use chrono::{Days, TimeDelta};
use kezek_model::case::Case;
use kezek_model::schedule::{DepthKind, StandingOrder};
use kezek_planner::check::{Rule, check};

/// A case around a day on which some clock changes, with an order of a random window.
fn changing_clock(dice: &mut Dice) -> Case {
    let changes = [
        ("Asia/Almaty", "2024-02-29T12:00:00Z"),
        ("Asia/Almaty", "2022-01-23T12:00:00Z"),
        ("Europe/Berlin", "2022-10-29T12:00:00Z"),
        ("Europe/Berlin", "2022-03-26T12:00:00Z"),
        ("America/Santiago", "2022-09-03T12:00:00Z"),
    ];
    let (zone, start) = dice.pick(&changes);
    let mut case = case(&[vec![100; 200]]);
    case.grid.step_minutes = dice.pick(&[60, 30, 15]);
    case.grid.start = start.parse().unwrap();
    case.issued_at = case.grid.start - TimeDelta::days(2);
    case.facilities = vec![facility("F0", 10, 200)];
    let mut order = crate::builder::order("A/1", DepthKind::Full, 0.0, "00:00", "24:00");
    order.period.time_zone = zone.parse().unwrap();
    let days = |days: i64| Days::new(days as u64);
    let first = case.grid.start.date_naive() - days(1) + days(dice.below(3));
    (order.period.first_day, order.period.last_day) = (first, first + days(dice.below(3)));
    let clock = |dice: &mut Dice| format!("{:02}:{:02}", dice.below(24), dice.pick(&[0, 15, 30]));
    (order.period.daily_from, order.period.daily_to) = match dice.below(4) {
        0 => ("00:00".into(), "24:00".into()),
        1 => (clock(dice), "24:00".into()),
        _ => (clock(dice), clock(dice)),
    };
    if dice.one_in(4) {
        order.period.every_year = true;
        order.period.first_day = order.period.first_day - Days::new(365);
        order.period.last_day = order.period.last_day - Days::new(365);
    }
    case.schedules = vec![order];
    case
}

/// The intervals in which the judge asks an uncut facility for a cut.
fn asked_for(case: &Case) -> Vec<bool> {
    let plan = bare(case, &[vec![0; case.grid.len]], &[]);
    let findings = check(case, &plan, None).findings;
    let asked = |t| {
        let at = Some(case.grid.instant(t));
        findings
            .iter()
            .any(|finding| finding.rule == Rule::StandingOrder && finding.place.interval_start == at)
    };
    (0..case.grid.len).map(asked).collect()
}

#[test]
fn the_judge_and_the_model_read_the_same_calendar() {
    let mut dice = Dice(77);
    let mut holding = 0;
    for _ in 0..400 {
        let case = changing_clock(&mut dice);
        let order: &StandingOrder = &case.schedules[0];
        if order.period.daily_from == order.period.daily_to {
            continue;
        }
        let expected = order.holds(&case.grid);
        assert_eq!(asked_for(&case), expected, "{:?} {:?}", order.period, case.grid);
        holding += expected.iter().filter(|holds| **holds).count();
    }
    assert!(holding > 1000);
}
