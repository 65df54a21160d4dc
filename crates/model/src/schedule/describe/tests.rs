use super::*;
use crate::schedule::read::tests::order;

fn instant(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

/// What is said under one name.
fn said(order: &StandingOrder, name: &str, at: Option<DateTime<Utc>>, zone: Option<&str>) -> Vec<String> {
    let text = order.describe(at, zone);
    let of_name = text.lines().skip_while(|line| !line.starts_with(&format!("{name:<11}")));
    let mut of_name = of_name.map(str::to_owned);
    let first: Vec<String> = of_name.next().into_iter().collect();
    let more = of_name.take_while(|line| line.starts_with("           "));
    first.into_iter().chain(more).map(|line| line[11..].to_owned()).collect()
}

#[test]
fn the_suspension_in_plain_words() {
    let text = order("").describe(instant("2022-01-25T00:00:00Z"), Some("south"));
    let expected = "\
Suspension
number     1
issued     21 January 2022 by Operator
signed by  A. Person
basis      Shortage
days       24 January 2022 to 31 January 2022, both included, on the clock of Asia/Almaty
every day  all day
in UTC     2022-01-23T18:00Z until 2022-01-31T18:00Z (exclusive)
for        every facility, everywhere
depth      reduce to the emergency floor
at         2022-01-25T00:00Z (06:00 on 25 January 2022 Asia/Almaty, UTC+06:00): holds, until 2022-01-31T18:00Z (exclusive)
zone       south: meant, as every zone is
           south is a grid zone, not a clock: it begins at 00:00 on 24 January 2022 of Asia/Almaty, which is 23:00 on 23 January 2022 where the clock is an hour behind
";
    assert_eq!(text, expected);
}

const EVENING: &str = r#"title = "Evening window in the South zone"
number = "evening/2"
issuer = "System operator"
signatory = "not stated"
basis = "Transit at its limit"
issued = 2023-09-25
supersedes = "evening/1"
[period]
first_day = 2023-10-01
last_day = 2024-03-31
time_zone = "Asia/Almaty"
daily_from = "17:00"
daily_to = "23:00"
[scope]
zones = ["south"]
classes = ["digital-mining"]
except = ["S02", "S01", "S03"]
[depth]
kind = "to-percent"
of = "quota"
value = 50
[budget]
notice_min = 120
max_events_per_day = 2
max_cut_hours = 100
"#;

#[test]
fn the_evening_window_in_plain_words() {
    let order = StandingOrder::parse("evening.toml", EVENING).unwrap();
    let text = order.describe(instant("2024-02-29T18:00:00Z"), Some("north"));
    let expected = "\
Evening window in the South zone
number     evening/2
issued     25 September 2023 by System operator
signed by  not stated
basis      Transit at its limit
days       1 October 2023 to 31 March 2024, both included, on the clock of Asia/Almaty
every day  17:00 to 23:00
in UTC     2023-10-01T11:00Z until 2023-10-01T17:00Z (exclusive), and so on daily to 2024-02-28T11:00Z until 2024-02-28T17:00Z (exclusive)
           2024-02-29T11:00Z until 2024-02-29T18:00Z (exclusive)
           2024-03-01T12:00Z until 2024-03-01T18:00Z (exclusive), and so on daily to 2024-03-31T12:00Z until 2024-03-31T18:00Z (exclusive)
for        every facility, of class digital-mining, in zone south, except S01, S02 or S03
depth      50 % of the quota (the nominated power where that is not known); never below the emergency floor
budget     at least 120 min notice, at most 2 cuts begun per day, at most 100 h under cut in these days; or the facility's own values where they are tighter
replaces   evening/1, which is void as a whole
at         2024-02-29T18:00Z (23:00 on 29 February 2024 Asia/Almaty, UTC+05:00): does not hold; next 2024-03-01T12:00Z until 2024-03-01T18:00Z (exclusive)
zone       north: not meant; the order is for south
           north is a grid zone, not a clock: it begins at 17:00 on 1 October 2023 of Asia/Almaty, which is 16:00 on 1 October 2023 where the clock is an hour behind
";
    assert_eq!(text, expected);
}

#[test]
fn at_says_until_when_when_next_and_when_it_is_over() {
    let order = order("");
    let at = |text: &str| said(&order, "at", instant(text), None)[0].split("): ").nth(1).unwrap().to_owned();
    let next = "does not hold; next 2022-01-23T18:00Z until 2022-01-31T18:00Z (exclusive)";
    assert_eq!(at("2022-01-23T17:59:59Z"), next);
    assert_eq!(at("2022-01-23T18:00:00Z"), "holds, until 2022-01-31T18:00Z (exclusive)");
    assert_eq!(at("2022-01-31T17:59:59Z"), "holds, until 2022-01-31T18:00Z (exclusive)");
    assert_eq!(at("2022-01-31T18:00:00Z"), "does not hold; it is over");
}

#[test]
fn a_season_is_shown_as_the_one_that_holds_or_comes() {
    let mut order = order("");
    order.period.first_day = NaiveDate::from_ymd_opt(2025, 11, 15).unwrap();
    order.period.last_day = NaiveDate::from_ymd_opt(2026, 3, 15).unwrap();
    order.period.every_year = true;
    let days = "15 November to 15 March, both included, every year, on the clock of Asia/Almaty";
    assert_eq!(said(&order, "days", None, None), [days]);
    let season = |at| said(&order, "in UTC", at, None);
    let written = [
        "for the season that begins on 15 November 2025:",
        "2025-11-14T19:00Z until 2026-03-15T19:00Z (exclusive)",
    ];
    assert_eq!(season(None), written);
    assert_eq!(season(instant("2026-03-15T18:59:00Z")), written);
    assert_eq!(season(instant("2026-03-15T19:00:00Z"))[0], "for the season that begins on 15 November 2026:");
    assert_eq!(
        season(instant("2024-01-10T00:00:00Z"))[1],
        "2023-11-14T18:00Z until 2024-03-15T19:00Z (exclusive)"
    );
    order.period.last_day = NaiveDate::from_ymd_opt(2026, 11, 14).unwrap();
    let endless = &said(&order, "at", instant("2030-01-01T00:00:00Z"), None)[0];
    assert!(endless.ends_with(": holds, without an end"), "{endless}");
}

#[test]
fn every_kind_of_depth_has_words() {
    let words = |kind, of, value| Depth { kind, of, value }.words();
    assert_eq!(words(DepthKind::None, DepthBase::Nominated, 0.0), "no limit");
    assert_eq!(
        words(DepthKind::ToMw, DepthBase::Nominated, 380.0),
        "380 MW for all of them together, shared in proportion to the nominated power; never below the emergency floor"
    );
    assert_eq!(
        words(DepthKind::ByMw, DepthBase::Nominated, 0.5),
        "0.5 MW less for all of them together, shared in proportion to the nominated power; never below the emergency floor"
    );
    assert_eq!(
        words(DepthKind::ByPercent, DepthBase::TwelveMonthMax, 40.0),
        "the highest demand of the last twelve months (the nominated power where that is not known) less 40 %; never below the emergency floor"
    );
}

#[test]
fn a_time_zone_shows_its_own_clock() {
    let order = order("");
    let west = "on the clock of Asia/Oral it begins at 23:00 on 23 January 2022 Asia/Oral, UTC+05:00 and ends at 23:00 on 31 January 2022 Asia/Oral, UTC+05:00";
    assert_eq!(said(&order, "zone", None, Some("Asia/Oral")), [west]);
}

#[test]
fn windows_past_midnight_and_long_periods() {
    let mut order = order("");
    order.period.time_zone = chrono_tz::Europe::Berlin;
    order.period.daily_from = "22:00".into();
    order.period.daily_to = "06:00".into();
    order.period.last_day = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    assert_eq!(said(&order, "every day", None, None), ["22:00 to 06:00 of the next day"]);
    let lines = said(&order, "in UTC", None, None);
    assert_eq!(lines.len(), MOST_PATTERNS + 1);
    let last = "... by the same civil times to 2025-12-31T21:00Z until 2026-01-01T05:00Z (exclusive)";
    assert_eq!(lines[MOST_PATTERNS], last);
}

#[test]
fn the_ends_of_time_do_no_harm() {
    let mut order = order("");
    for every_year in [false, true] {
        order.period.every_year = every_year;
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert!(!order.describe(Some(at), Some("Pacific/Kiritimati")).is_empty());
            assert!(order.windows(at, at).is_empty());
        }
    }
    assert_eq!(order.windows(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC).len(), 9999);
}
