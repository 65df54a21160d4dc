use super::*;
use crate::canonical::digest_of;
use crate::noise;
use proptest::prelude::*;

const FULL: &str = r#"title = "Evening rule"
number = "7"
issuer = "System operator"
signatory = "A. Person"
basis = "Shortage"
issued = 2022-01-21
[period]
first_day = 2022-01-24
last_day = 2022-01-31
time_zone = "Asia/Almaty"
daily_from = "17:00"
daily_to = "23:00"
[scope]
zones = ["south", "north"]
[depth]
kind = "to-mw"
of = "quota"
value = 380.5
[budget]
notice_min = 60
max_cut_hours = 12.5
"#;

/// A full suspension, all day, of everybody, 24-31 January 2022, with `more` after it.
pub(in crate::schedule) fn order(more: &str) -> StandingOrder {
    let text = format!(
        "title = 'Suspension'\nnumber = '1'\nissuer = 'Operator'\nsignatory = 'A. Person'\nbasis = 'Shortage'\n\
         issued = 2022-01-21\nperiod = {{ first_day = 2022-01-24, last_day = 2022-01-31, time_zone = 'Asia/Almaty' }}\n\
         depth = {{ kind = 'full' }}\n{more}"
    );
    StandingOrder::parse("order.toml", &text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(text: &str) -> Vec<String> {
    let faults = StandingOrder::parse("o.toml", text).unwrap_err().0;
    faults.iter().map(ToString::to_string).collect()
}

/// The one fault of the full order after one change.
fn fault_of(from: &str, to: &str) -> String {
    assert!(FULL.contains(from), "{from}");
    let found = faults(&FULL.replacen(from, to, 1));
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

#[test]
fn a_full_order_is_read() {
    let order = StandingOrder::parse("o.toml", FULL).unwrap();
    assert_eq!(order.period.first_day, NaiveDate::from_ymd_opt(2022, 1, 24).unwrap());
    assert_eq!(order.period.time_zone, chrono_tz::Asia::Almaty);
    assert_eq!((order.period.daily_from.as_str(), order.period.daily_to.as_str()), ("17:00", "23:00"));
    assert_eq!(order.scope.zones, ["north", "south"]);
    assert_eq!(order.depth, Depth { kind: DepthKind::ToMw, of: DepthBase::Quota, value: 380.5 });
    let budget = Budget { notice_minutes: Some(60), max_cut_hours: Some(12.5), ..Budget::default() };
    assert_eq!(order.budget, Some(budget));
}

#[test]
fn what_is_not_said_has_its_meaning() {
    let order = order("");
    assert_eq!((order.period.daily_from.as_str(), order.period.daily_to.as_str()), ("00:00", "24:00"));
    assert!(!order.period.every_year && order.supersedes.is_none() && order.budget.is_none());
    assert_eq!(order.scope, Scope::default());
    assert_eq!(order.depth, Depth { kind: DepthKind::Full, of: DepthBase::Nominated, value: 0.0 });
}

#[test]
fn spelling_does_not_change_the_digest() {
    let digest = |text: &str| digest_of(&StandingOrder::parse("o.toml", text).unwrap()).unwrap();
    let spelt = FULL
        .replace("2022-01-24", "\"2022-01-24\"")
        .replace("[\"south\", \"north\"]", "[ 'north', 'south', 'north' ]\nregions = []")
        .replace("380.5", "3.805e2")
        .replace("notice_min = 60", "notice_min = 0x3C")
        .replace("\"Shortage\"", "' Shortage '  # why");
    assert_ne!(spelt, FULL);
    assert_eq!(digest(&spelt), digest(FULL));
    assert_eq!(digest(&FULL.replace("23:00", "00:00")), digest(&FULL.replace("23:00", "24:00")));
    assert_ne!(digest(&FULL.replace("23:00", "22:59")), digest(FULL));
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known() {
    assert_eq!(
        fault_of("daily_to", "dayly_to"),
        "o.toml, row 12, period.dayly_to: found an unknown key; expected one of first_day, last_day, time_zone, \
         daily_from, daily_to, every_year, the nearest is daily_to"
    );
    let top = fault_of("[budget]", "[quux]\nx = 1\n[budget]");
    assert!(top.starts_with("o.toml, row 19, quux: found an unknown key; expected one of title,"), "{top}");
}

#[test]
fn a_missing_key_is_named_where_its_table_stands() {
    assert_eq!(
        fault_of("time_zone = \"Asia/Almaty\"\n", ""),
        "o.toml, row 7, period.time_zone: found nothing; expected an IANA time zone such as Asia/Almaty"
    );
    assert_eq!(
        fault_of("title = \"Evening rule\"\n", ""),
        "o.toml, title: found nothing; expected text on one line, not blank"
    );
    assert_eq!(
        fault_of("value = 380.5\n", ""),
        "o.toml, row 15, depth.value: found nothing; expected MW for the \
         whole scope, zero or more, at most six decimals"
    );
}

#[test]
fn each_wrong_value_is_one_fault_at_its_key() {
    let cases = [
        ("\"7\"", "7", "row 2, number: found 7; expected a number"),
        ("\"7\"", "\"state\"", "row 2, number: found \"state\";"),
        ("\"A. Person\"", "\"  \"", "row 4, signatory: found \"  \";"),
        (
            "issued = 2022-01-21",
            "issued = 2022-01-21T00:00:00Z",
            "row 6, issued: found 2022-01-21T00:00:00Z;",
        ),
        (
            "issued = 2022-01-21",
            "issued = \"21.01.2022\"",
            "row 6, issued: found \"21.01.2022\"; expected a date",
        ),
        ("issued = 2022-01-21", "issued = 2022-01-21\nsupersedes = \"7\"", "row 7, supersedes: found \"7\";"),
        (
            "2022-01-31",
            "2022-01-23",
            "row 9, period.last_day: found 2022-01-23; expected 2022-01-24, the first day",
        ),
        ("2022-01-31", "\"2022-02-30\"", "row 9, period.last_day: found \"2022-02-30\"; expected a date"),
        ("Asia/Almaty", "Asia/Almati", "the nearest is Asia/Almaty"),
        ("Asia/Almaty", "+06:00", "row 10, period.time_zone: found \"+06:00\"; expected an IANA time zone"),
        (
            "17:00",
            "24:00",
            "row 11, period.daily_from: found \"24:00\"; expected a time of day HH:MM from 00:00 to 23:59",
        ),
        ("17:00", "7:00", "row 11, period.daily_from: found \"7:00\";"),
        ("23:00", "24:01", "row 12, period.daily_to: found \"24:01\";"),
        ("23:00", "17:00", "row 12, period.daily_to: found \"17:00\"; expected another time than daily_from"),
        ("daily_to = \"23:00\"", "daily_to = 23:00:00", "row 12, period.daily_to: found 23:00:00;"),
        (
            "daily_to =",
            "every_year = 1\ndaily_to =",
            "row 12, period.every_year: found 1; expected true or false",
        ),
        (
            "[\"south\", \"north\"]",
            "\"south\"",
            "row 14, scope.zones: found \"south\"; expected a list of names",
        ),
        ("[\"south\", \"north\"]", "[\"south\", 1]", "row 14, scope.zones: found [\"south\", 1];"),
        (
            "to-mw",
            "to-MW",
            "row 16, depth.kind: found \"to-MW\"; expected one of full, to-mw, by-mw, to-percent",
        ),
        (
            "\"quota\"",
            "\"quotas\"",
            "row 17, depth.of: found \"quotas\"; expected one of nominated, quota, twelve-month-max",
        ),
        ("380.5", "-1", "row 18, depth.value: found -1; expected MW"),
        ("380.5", "nan", "row 18, depth.value: found nan;"),
        ("380.5", "inf", "row 18, depth.value: found inf;"),
        ("380.5", "0.0000001", "row 18, depth.value: found 0.0000001;"),
        ("380.5", "\"380\"", "row 18, depth.value: found \"380\";"),
        ("to-mw", "by-percent", "row 18, depth.value: found 380.5; expected percent from 0 to 100"),
        ("to-mw", "full", "row 18, depth.value: found 380.5; expected 0, or no value"),
        ("to-mw", "none", "row 18, depth.value: found 380.5; expected 0, or no value"),
        ("= 60", "= -60", "row 20, budget.notice_min: found -60; expected whole minutes"),
        ("= 60", "= 60.5", "row 20, budget.notice_min: found 60.5;"),
        ("= 60", "= 9223372036854775807", "row 20, budget.notice_min: found 9223372036854775807;"),
        ("notice_min = 60", "min_gap_min = -1", "row 20, budget.min_gap_min: found -1;"),
        ("notice_min = 60", "max_events_per_day = -1", "row 20, budget.max_events_per_day: found -1;"),
        ("notice_min = 60", "max_events_per_day = 4294967296", "row 20, budget.max_events_per_day"),
        ("12.5", "-0.5", "row 21, budget.max_cut_hours: found -0.5; expected hours"),
        ("[budget]\nnotice_min = 60\nmax_cut_hours = 12.5", "", ""),
    ];
    for (from, to, expected) in cases {
        if expected.is_empty() {
            assert!(StandingOrder::parse("o.toml", &FULL.replacen(from, to, 1)).is_ok());
        } else {
            let found = fault_of(from, to);
            assert!(found.contains(expected), "{found}\ndoes not say\n{expected}");
        }
    }
}

#[test]
fn all_faults_come_together() {
    let text = FULL
        .replace("number = \"7\"\n", "")
        .replace("2022-01-31", "2022-01-23")
        .replace("Asia/Almaty", "Mars/Olympus")
        .replace("23:00", "25:00")
        .replace("380.5", "-1")
        .replace("60", "\"an hour\"")
        .replace("zones", "zoned");
    let found = faults(&text);
    let rows: Vec<_> = found.iter().map(|fault| fault.split(':').next().unwrap().to_owned()).collect();
    let expected = [
        "o.toml, number",
        "o.toml, row 8, period.last_day",
        "o.toml, row 9, period.time_zone",
        "o.toml, row 11, period.daily_to",
        "o.toml, row 13, scope.zoned",
        "o.toml, row 17, depth.value",
        "o.toml, row 19, budget.notice_min",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_fault_of_syntax_says_its_line() {
    let found = faults(&FULL.replace("kind = \"to-mw\"", "kind = to mw"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("o.toml, row 16: found "), "{}", found[0]);
    let twice = faults(&FULL.replace("of = \"quota\"", "kind = \"full\""));
    assert!(twice[0].starts_with("o.toml, row 17: found duplicate key"), "{}", twice[0]);
    assert_eq!(faults("").len(), 8);
}

#[test]
fn a_period_of_every_year_may_cross_it_but_not_outlast_it() {
    let yearly = |first: &str, last: &str| {
        let text = FULL.replace("2022-01-24", first).replace("2022-01-31", last);
        StandingOrder::parse("o.toml", &text.replace("[scope]", "every_year = true\n[scope]"))
    };
    assert!(yearly("2025-11-15", "2026-03-15").is_ok());
    assert!(yearly("2025-11-15", "2025-03-15").is_ok());
    assert!(yearly("2025-11-15", "2026-11-14").is_ok());
    let too_long = yearly("2025-11-15", "2026-11-15").unwrap_err().to_string();
    assert!(
        too_long.contains("period.last_day: found 2026-11-15; expected a day within a year"),
        "{too_long}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        noise::standing_order(&text);
    }

    #[test]
    fn no_damage_panics_and_every_fault_is_in_the_file(at in 0..FULL.len(), drop in 0..40_usize, put in "[-0-9a-z\"'\\[\\]=.: \n\u{e9}]{0,8}") {
        let end = (at + drop).min(FULL.len());
        let text = format!("{}{put}{}", &FULL[..at], &FULL[end..]);
        noise::standing_order(&text);
    }
}
