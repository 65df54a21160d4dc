//! S5 and S6 under chance: the course of a zone's cut as it really went, sampled from what governed at each instant.

use super::drawn::chance;
use super::{Chance, FACILITIES, World};
use crate::bounds::ZoneBounds;
use crate::testing::hour;
use crate::{Bounds, Config, State, governing};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::units::Kw;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What is cut of all facilities at an instant, as orders stand.
fn cut_kw(state: &State, at: DateTime<Utc>) -> i64 {
    let cut = |facility: &&str| {
        let order = governing(state, &FacilityId::from(*facility), at)?;
        let limit = order.limit_at(at)?;
        let segments = order.segments.iter().filter(|segment| segment.from <= at);
        segments.filter(|segment| segment.limit == limit).map(|segment| segment.cut.0).next_back()
    };
    FACILITIES.iter().filter_map(cut).sum()
}

/// Plays all, and writes down what was cut whenever it could change: at each input, and at each whole hour between.
fn courses(world: &mut World, chances: &[Chance]) -> Vec<(DateTime<Utc>, i64)> {
    let mut course = vec![(world.room.now, 0)];
    for chance in chances {
        let (from, before) = (world.room.now, world.room.state.clone());
        world.play(chance);
        let hours = (-6..40).map(hour).filter(|at| from < *at && *at <= world.room.now);
        course.extend(hours.map(|at| (at, cut_kw(&before, at))));
        course.push((world.room.now, cut_kw(&world.room.state, world.room.now)));
    }
    let end = world.room.now;
    course.extend((-6..40).map(hour).filter(|at| *at > end).map(|at| (at, cut_kw(&world.room.state, at))));
    course
}

/// The greatest change in one direction within less than an hour.
fn steepest(course: &[(DateTime<Utc>, i64)], sign: i64) -> i64 {
    let within = |n: usize| {
        let (from, before) = (course[n + 1].0, course[n].1);
        let later = course[n + 1..].iter().take_while(move |(at, _)| *at < from + TimeDelta::hours(1));
        later.map(move |(_, after)| (after - before) * sign)
    };
    (0..course.len() - 1).flat_map(within).max().unwrap_or(0)
}

fn bounded(restore_kw: i64) -> Bounds {
    let zone = ZoneBounds { zone: "south".into(), restore_limit: Some(Kw(restore_kw)), moves: vec![] };
    Bounds { interval_minutes: 60, zones: vec![zone] }
}

fn limited(restore_kw: i64, shed_kw: i64) -> World {
    let shed_limits = BTreeMap::from([(ZoneId::from("south"), Kw(shed_kw))]);
    let mut world = World::with(Config { shed_limits, orders_per_minute: Some(1_000), ..Config::default() });
    world.bounds = Some(bounded(restore_kw));
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_returns_and_what_is_cut_within_an_interval_is_bounded(
        restore_kw in 15_000_i64..45_000,
        shed_kw in 15_000_i64..45_000,
        chances in vec(chance(), 1..120),
    ) {
        let mut world = limited(restore_kw, shed_kw);
        let course = courses(&mut world, &chances);
        let (returned, cut) = (steepest(&course, -1), steepest(&course, 1));
        // Four facilities, each up to 1 kW for rounding.
        prop_assert!(returned <= restore_kw + 4, "{returned} kW returned within an hour, {restore_kw} may");
        prop_assert!(cut <= shed_kw + 4, "{cut} kW were cut within an hour, {shed_kw} may");
    }
}

/// Chance must come near the limits, or they are kept idly.
#[test]
fn chance_returns_and_cuts_near_the_limits_and_is_refused_beyond() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut near, mut beyond) = (0, 0);
    for _ in 0..60 {
        let chances = vec(chance(), 120).new_tree(&mut runner).unwrap().current();
        let mut world = limited(20_000, 40_000);
        near += usize::from(steepest(&courses(&mut world, &chances), -1) > 10_000);
        let mut free = World::with(Config { orders_per_minute: Some(1_000), ..Config::default() });
        beyond += usize::from(steepest(&courses(&mut free, &chances), -1) > 20_000);
    }
    assert!(near > 10 && beyond > 10, "{near} {beyond}");
}
