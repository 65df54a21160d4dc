use super::*;
use crate::schedule::read::tests::order;
use chrono::Timelike;
use proptest::prelude::*;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn on(first: &str, last: &str, zone: Tz, open: &str, close: &str) -> StandingOrder {
    let mut order = order("");
    order.period = Period {
        first_day: first.parse().unwrap(),
        last_day: last.parse().unwrap(),
        time_zone: zone,
        daily_from: open.into(),
        daily_to: close.into(),
        every_year: false,
    };
    order
}

fn all_day(first: &str, last: &str, zone: Tz) -> StandingOrder {
    on(first, last, zone, "00:00", "24:00")
}

fn shown(windows: &[Window]) -> Vec<String> {
    let text =
        |window: &Window| format!("{}/{}", window.from.format("%dT%H:%M"), window.to.format("%dT%H:%M"));
    windows.iter().map(text).collect()
}

const ALMATY: Tz = chrono_tz::Asia::Almaty;
const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// From the first to the last instant that any of these tests looks at.
fn ever(order: &StandingOrder) -> Vec<Window> {
    order.windows(instant("2010-01-01T00:00:00Z"), instant("2035-01-01T00:00:00Z"))
}

fn grid(start: &str, step_minutes: u32, len: usize) -> TimeGrid {
    TimeGrid { start: instant(start), step_minutes, len, time_zone: ALMATY }
}

#[test]
fn the_same_days_are_other_instants_before_and_after_2024() {
    let of = |from, to| [Window { from: instant(from), to: instant(to) }];
    let then = all_day("2022-01-24", "2022-01-31", ALMATY);
    assert_eq!(ever(&then), of("2022-01-23T18:00:00Z", "2022-01-31T18:00:00Z"));
    let now = all_day("2026-01-24", "2026-01-31", ALMATY);
    assert_eq!(ever(&now), of("2026-01-23T19:00:00Z", "2026-01-31T19:00:00Z"));
}

#[test]
fn windows_are_clipped_to_what_was_asked_for() {
    let order = all_day("2022-01-24", "2022-01-31", ALMATY);
    let (from, to) = (instant("2022-01-25T03:20:00Z"), instant("2022-01-26T00:00:00Z"));
    assert_eq!(order.windows(from, to), [Window { from, to }]);
    assert!(order.windows(instant("2022-01-31T18:00:00Z"), instant("2022-02-09T00:00:00Z")).is_empty());
    assert!(order.windows(to, from).is_empty());
}

#[test]
fn the_25_hour_day_is_one_day() {
    let order = all_day("2024-02-29", "2024-02-29", ALMATY);
    assert_eq!(shown(&ever(&order)), ["28T18:00/29T19:00"]);
    let held = order.holds(&grid("2024-02-28T16:00:00Z", 60, 30));
    assert_eq!(held.iter().filter(|&&holds| holds).count(), 25);
    assert!(!held[1] && held[2] && held[26] && !held[27]);
    assert_eq!(order.in_period(&grid("2024-02-28T16:00:00Z", 60, 30)), held);
}

#[test]
fn the_hour_that_comes_twice_is_held_twice() {
    let evening = on("2024-02-28", "2024-03-01", ALMATY, "17:00", "23:00");
    assert_eq!(shown(&ever(&evening)), ["28T11:00/28T17:00", "29T11:00/29T18:00", "01T12:00/01T18:00"]);
    let late = on("2024-02-28", "2024-03-01", ALMATY, "23:30", "24:00");
    assert_eq!(shown(&ever(&late)), ["28T17:30/28T18:00", "29T17:30/29T19:00", "01T18:30/01T19:00"]);
}

#[test]
fn a_window_past_midnight_belongs_to_the_day_it_starts_on() {
    let night = on("2022-01-24", "2022-01-25", ALMATY, "22:00", "06:00");
    assert_eq!(shown(&ever(&night)), ["24T16:00/25T00:00", "25T16:00/26T00:00"]);
    let over_the_change = on("2024-02-29", "2024-02-29", ALMATY, "22:00", "06:00");
    assert_eq!(shown(&ever(&over_the_change)), ["29T16:00/01T01:00"]);
    let after_the_period = grid("2022-01-25T18:00:00Z", 60, 8);
    assert_eq!(night.holds(&after_the_period), [true, true, true, true, true, true, false, false]);
    assert_eq!(night.in_period(&after_the_period), [false; 8]);
}

#[test]
fn a_time_that_the_clock_leaps_over_is_the_leap() {
    let night = on("2025-03-29", "2025-03-30", BERLIN, "02:30", "04:00");
    assert_eq!(shown(&ever(&night)), ["29T01:30/29T03:00", "30T01:00/30T02:00"]);
    let inside = on("2025-03-30", "2025-03-30", BERLIN, "02:10", "02:50");
    assert!(ever(&inside).is_empty());
    assert_eq!(shown(&ever(&all_day("2025-03-30", "2025-03-30", BERLIN))), ["29T23:00/30T22:00"]);
    assert_eq!(shown(&ever(&all_day("2025-10-26", "2025-10-26", BERLIN))), ["25T22:00/26T23:00"]);
}

#[test]
fn a_day_that_never_was_holds_nothing() {
    assert!(ever(&all_day("2011-12-30", "2011-12-30", chrono_tz::Pacific::Apia)).is_empty());
}

#[test]
fn any_part_of_an_interval_is_enough() {
    let order = on("2022-01-24", "2022-01-24", ALMATY, "10:45", "12:01");
    // 10:45 of Almaty is 04:45Z.
    assert_eq!(order.holds(&grid("2022-01-24T03:00:00Z", 60, 5)), [false, true, true, true, false]);
    assert_eq!(order.holds(&grid("2022-01-24T04:30:00Z", 15, 4)), [false, true, true, true]);
}

#[test]
fn every_year_repeats_across_the_year() {
    let mut order = all_day("2025-11-15", "2026-03-15", ALMATY);
    order.period.every_year = true;
    let of = |from: &str, to: &str| order.windows(instant(from), instant(to));
    let season = Window { from: instant("2030-11-14T19:00:00Z"), to: instant("2031-03-15T19:00:00Z") };
    assert_eq!(of("2030-06-01T00:00:00Z", "2031-06-01T00:00:00Z"), [season]);
    let january = (instant("2022-01-10T00:00:00Z"), instant("2022-01-11T00:00:00Z"));
    assert_eq!(order.windows(january.0, january.1), [Window { from: january.0, to: january.1 }]);
    assert!(of("2024-03-16T00:00:00Z", "2024-11-14T18:00:00Z").is_empty());
    // The season 2023/24 begins on the old clock and ends on the new one.
    let over = Window { from: instant("2023-11-14T18:00:00Z"), to: instant("2024-03-15T19:00:00Z") };
    assert_eq!(of("2023-06-01T00:00:00Z", "2024-06-01T00:00:00Z"), [over]);
}

#[test]
fn the_29th_of_february_repeats() {
    let runs = |first: &str, last: &str, year| {
        let mut order = all_day(first, last, ALMATY);
        order.period.every_year = true;
        order.period.run_from(year).map(|(first, last)| format!("{first}/{last}"))
    };
    assert_eq!(runs("2024-02-29", "2024-03-10", 2025).unwrap(), "2025-03-01/2025-03-10");
    assert_eq!(runs("2024-02-01", "2024-02-29", 2025).unwrap(), "2025-02-01/2025-02-28");
    assert_eq!(runs("2024-02-01", "2024-02-29", 2028).unwrap(), "2028-02-01/2028-02-29");
    assert_eq!(runs("2024-02-29", "2024-02-29", 2028).unwrap(), "2028-02-29/2028-02-29");
    assert_eq!(runs("2024-02-29", "2024-02-29", 2026), None);
    assert_eq!(runs("2023-11-15", "2024-02-29", 2026).unwrap(), "2026-11-15/2027-02-28");
}

#[test]
fn a_year_without_a_pause_is_one_window() {
    let mut order = all_day("2025-11-15", "2026-11-14", BERLIN);
    order.period.every_year = true;
    let (from, to) = (instant("2020-01-01T00:00:00Z"), instant("2024-01-01T00:00:00Z"));
    assert_eq!(order.windows(from, to), [Window { from, to }]);
    assert_eq!(order.period_spans(from, to), [Window { from, to }]);
}

#[test]
fn times_of_day_are_spelt_in_one_way() {
    assert_eq!(minute_of_day("00:00"), Some(0));
    assert_eq!(minute_of_day("23:59"), Some(1439));
    assert_eq!(minute_of_day("24:00"), Some(1440));
    for wrong in ["24:01", "12:60", "7:00", "07:0", "+7:00", "07:00:00", "0700", "", ":", "١٢:00"] {
        assert_eq!(minute_of_day(wrong), None, "{wrong}");
    }
}

fn any_order() -> impl Strategy<Value = StandingOrder> {
    use chrono_tz::{America, Asia, Australia, Pacific};
    let zones = [
        ALMATY,
        Asia::Oral,
        BERLIN,
        America::New_York,
        Australia::Lord_Howe,
        Pacific::Chatham,
        America::St_Johns,
        chrono_tz::UTC,
    ];
    let zone = proptest::sample::select(zones.to_vec());
    // Around the clock changes of Almaty, Berlin and New York as well as anywhere in between.
    let near =
        ["2024-02-27", "2024-03-29", "2024-10-25", "2024-03-08", "2024-11-01", "2024-12-29", "2025-04-03"];
    let near = proptest::sample::select(near.to_vec()).prop_map(|day| day.parse::<NaiveDate>().unwrap());
    let shift = prop_oneof![3 => 0..4_u64, 1 => 0..700_u64];
    let run = (near, shift, 0..40_u64, any::<bool>());
    (zone, run, 0..MINUTES_OF_DAY, 1..=MINUTES_OF_DAY).prop_map(
        |(zone, (near, shift, len, yearly), open, close)| {
            let first = near + Days::new(shift);
            let close = if close == open { MINUTES_OF_DAY } else { close };
            let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
            let (first, last) = (first.to_string(), (first + Days::new(len)).to_string());
            let mut order = on(&first, &last, zone, &clock(open), &clock(close));
            order.period.every_year = yearly;
            order
        },
    )
}

/// The rule read aloud: is this civil day in the period?
fn day_is_meant(period: &Period, day: NaiveDate) -> bool {
    if !period.every_year {
        return period.first_day <= day && day <= period.last_day;
    }
    let key = |day: NaiveDate| (day.month(), day.day());
    let (first, last, day) = (key(period.first_day), key(period.last_day), key(day));
    if first <= last { first <= day && day <= last } else { first <= day || day <= last }
}

/// Whether the clock of a zone shows a time of day of the window at an instant.
fn clock_says(period: &Period, instant: DateTime<Utc>) -> bool {
    let local = instant.with_timezone(&period.time_zone).naive_local();
    let (open, close) =
        (minute_of_day(&period.daily_from).unwrap(), minute_of_day(&period.daily_to).unwrap());
    let minute = i64::from(local.hour() * 60 + local.minute());
    let today = day_is_meant(period, local.date());
    if open < close {
        return today && open <= minute && minute < close;
    }
    today && open <= minute || day_is_meant(period, local.date().pred_opt().unwrap()) && minute < close
}

fn clock_is_steady(zone: Tz, instant: DateTime<Utc>) -> bool {
    let shift =
        |hours| chrono::Offset::fix((instant + TimeDelta::hours(hours)).with_timezone(&zone).offset());
    let at_ends = shift(-48) == shift(48);
    at_ends && (-48..48).step_by(4).all(|hours| shift(hours) == shift(48))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_are_sorted_disjoint_and_inside(order in any_order(), hours in 0..9000_i64, length in 0..3000_i64) {
        let from = instant("2024-01-30T00:00:00Z") + TimeDelta::hours(hours);
        let to = from + TimeDelta::hours(length);
        for windows in [order.windows(from, to), order.period_spans(from, to)] {
            prop_assert!(windows.iter().all(|window| window.from < window.to));
            prop_assert!(windows.iter().all(|window| from <= window.from && window.to <= to));
            prop_assert!(windows.windows(2).all(|pair| pair[0].to < pair[1].from));
        }
    }

    #[test]
    fn windows_agree_with_the_clock_of_every_minute(order in any_order(), hours in -60..200_i64) {
        let period = &order.period;
        let start = period.first_day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(hours);
        let minutes = 5 * MINUTES_OF_DAY;
        let windows = order.windows(start, start + TimeDelta::minutes(minutes));
        for minute in 0..minutes {
            let instant = start + TimeDelta::minutes(minute);
            let held = windows.iter().any(|window| window.contains(instant));
            let said = clock_says(period, instant);
            // Around a clock change the wider window may hold more, never less.
            prop_assert!(held || !said, "{instant} should be held");
            prop_assert!(held == said || !clock_is_steady(period.time_zone, instant), "{instant} should not be held");
        }
    }

    #[test]
    fn a_grid_asks_the_same_windows(order in any_order(), hours in -60..200_i64, step in prop_oneof![Just(15), Just(30), Just(60)]) {
        let start = order.period.first_day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(hours);
        let grid = TimeGrid { start, step_minutes: step, len: 200, time_zone: ALMATY };
        let (holds, in_period) = (order.holds(&grid), order.in_period(&grid));
        let spans = order.period_spans(grid.start, grid.end());
        for t in 0..grid.len {
            prop_assert_eq!(holds[t], !order.windows(grid.instant(t), grid.instant(t + 1)).is_empty());
            let local = grid.instant(t).with_timezone(&order.period.time_zone).date_naive();
            let said = day_is_meant(&order.period, local);
            prop_assert_eq!(in_period[t], said);
            let spanned = spans.iter().any(|span| span.contains(grid.instant(t)));
            prop_assert!(spanned == said || !clock_is_steady(order.period.time_zone, grid.instant(t)));
        }
    }
}
