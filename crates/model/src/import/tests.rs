use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::noise;
use crate::units::Kw;

const OFFICE: &str = r#"
zone = "south"
step_minutes = 60
unit = "MWh per interval"
separator = ";"
decimal = ","
thousands = [" ", "\u00A0"]
missing = ["-"]
[time]
column = "Время"
formats = ["%d.%m.%Y %H:%M"]
time_zone = "Asia/Almaty"
[[column]]
name = "Спрос"
part = "demand"
min = 100
max = 5000
[[column]]
name = "Генерация"
part = "supply"
[constant]
reserve_mw = 100
"#;

fn take(profile: &str, table: &str) -> Import {
    import(&Profile::from_toml("p.toml", profile).unwrap(), "t.csv", table.as_bytes()).unwrap()
}

fn refuse(profile: &str, table: &[u8]) -> String {
    import(&Profile::from_toml("p.toml", profile).unwrap(), "t.csv", table).unwrap_err().to_string()
}

/// A profile for a table `t,d` with the demand in MW, and constant supply; `more` are further keys.
fn plain(more: &str, time: &str) -> String {
    format!(
        "zone = \"z\"\nstep_minutes = 60\nunit = \"MW\"\n{more}\n[time]\ncolumn = \"t\"\nformats = [\"rfc3339\", \
         \"%Y-%m-%d %H:%M\"]\n{time}\n[[column]]\nname = \"d\"\npart = \"demand\"\nmin = 0.0\nmax = 90.0\n[constant]\n\
         supply_mw = 100.0\n"
    )
}

fn forecast_csv(import: &Import) -> String {
    let mut out = Vec::new();
    write_forecast_csv(&import.rows, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn reject_csv(import: &Import) -> String {
    let mut out = Vec::new();
    write_reject_csv(&import.rejected, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn kinds(import: &Import) -> Vec<(RejectKind, Option<u64>)> {
    import.rejected.iter().map(|reject| (reject.kind, reject.row)).collect()
}

#[test]
fn an_office_table_with_all_its_habits() {
    let table = "\u{feff}Время;Спрос;Генерация\r\n29.02.2024 00:00;1\u{a0}234,5;2 000\r\n29.02.2024 01:00;-;2000,25\r\n\
                 29.02.2024 02:00;99;2000\r\n\r\n29.02.2024 03:00;1234,5678;2000\r\nИтого;1;2\r\nисточник: отчёт\r\n";
    let import = take(OFFICE, table);
    let expected = "interval_start,zone,supply_mw,import_mw,demand_mw,reserve_mw\n\
                    2024-02-28T18:00:00Z,south,2000.0,0.0,1234.5,100.0\n\
                    2024-02-28T21:00:00Z,south,2000.0,0.0,1234.568,100.0\n";
    assert_eq!(forecast_csv(&import), expected);
    let rejected = reject_csv(&import);
    let expected = "file,row,column,interval_start,kind,found,reason\n\
                    t.csv,3,Спрос,2024-02-28T19:00:00Z,value,-,no value\n\
                    t.csv,4,Спрос,2024-02-28T20:00:00Z,value,99,implausible: below the minimum of 100\n\
                    t.csv,7,Время,,time-stamp,Итого,not a time stamp in one of the `formats` of the profile\n\
                    t.csv,8,,,shape,источник: отчёт,\"1 cell(s), the header has 3\"\n";
    assert_eq!(rejected, expected);
    assert_eq!(import.missing.len(), 2);
    assert!(!import.is_complete());
}

/// The 24 clock hours of 29 February 2024, the last once more where `hours` is 25.
fn civil_day(hours: usize) -> String {
    let rows = (0..hours).map(|hour| format!("2024-02-29 {:02}:00,{hour}\n", hour.min(23)));
    format!("t,d\n{}", rows.collect::<String>())
}

#[test]
fn the_day_of_25_hours_in_almaty_and_of_24_in_the_west() {
    let day = |zone: &str| {
        let bounds = "from = \"2024-02-29T00:00\"\nto = \"2024-03-01T00:00\"";
        plain(bounds, &format!("time_zone = \"{zone}\""))
    };
    let almaty = take(&day("Asia/Almaty"), &civil_day(25));
    assert!(almaty.is_complete() && almaty.rejected.is_empty());
    assert_eq!(almaty.rows.len(), 25);
    assert_eq!(almaty.rows[24].interval_start, "2024-02-29T18:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(almaty.rows[24].headroom(), Kw(76_000));

    let west = take(&day("Asia/Aqtobe"), &civil_day(24));
    assert!(west.is_complete() && west.rejected.is_empty());
    assert_eq!(west.rows.len(), 24);

    let short = take(&day("Asia/Almaty"), &civil_day(24));
    let gaps = [(RejectKind::TimeStamp, Some(25)), (RejectKind::Gap, None), (RejectKind::Gap, None)];
    assert_eq!(kinds(&short), gaps);
    let long = take(&day("Asia/Aqtobe"), &civil_day(25));
    assert_eq!(kinds(&long), [(RejectKind::Duplicate, Some(25)), (RejectKind::Duplicate, Some(26))]);
    assert!(long.rejected[0].reason.contains("rows 25, 26"), "{}", long.rejected[0].reason);
    assert_eq!(long.missing, ["2024-02-29T18:00:00Z".parse::<DateTime<Utc>>().unwrap()]);
}

#[test]
fn the_autumn_day_has_fifty_half_hours() {
    let profile =
        plain("", "time_zone = \"Europe/London\"").replace("step_minutes = 60", "step_minutes = 30");
    let start: DateTime<Utc> = "2025-10-25T23:00:00Z".parse().unwrap();
    let civil = |n: i32| (start + TimeDelta::minutes(30) * n).with_timezone(&chrono_tz::Europe::London);
    let rows: String = (0..50).map(|n| format!("{},{n}\n", civil(n).format("%Y-%m-%d %H:%M"))).collect();
    let import = take(&profile, &format!("t,d\n{rows}"));
    assert!(import.is_complete() && import.rejected.is_empty(), "{:?}", import.rejected);
    let demands: Vec<i64> = import.rows.iter().map(|row| 100_000 - row.headroom().0).collect();
    assert_eq!(demands, (0..50).map(|n| n * 1_000).collect::<Vec<i64>>());

    let periods: String = (1..=51).map(|n| format!("2025-10-26 00:00,{n},{n}\n")).collect();
    let by_period = profile.replace("[[column]]", "period_column = \"n\"\n[[column]]");
    let import = take(&by_period, &format!("t,n,d\n{periods}"));
    assert_eq!(import.rows.len(), 50);
    assert_eq!(import.rows[0].interval_start, start);
    assert_eq!(kinds(&import), [(RejectKind::TimeStamp, Some(52))]);
    assert!(import.rejected[0].reason.contains("1 to 50"), "{}", import.rejected[0].reason);
}

#[test]
fn stamps_without_offset_and_without_a_named_zone_are_refused() {
    let message =
        refuse(&plain("", ""), b"t,d\n2024-02-29T00:00:00Z,1\n2024-02-29 01:00,2\n2024-02-29 02:00,2\n");
    for part in
        ["t.csv, row 3, t:", "`2024-02-29 01:00`", "2 row(s)", "time_zone = \"Asia/Almaty\"", "\"UTC\""]
    {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn stamps_with_offset_are_taken_as_they_are() {
    let table = "t,d\n2024-02-29T23:00:00+06:00,1\n2024-02-29T23:00:00+05:00,2\n";
    let import = take(&plain("", "time_zone = \"Europe/London\""), table);
    assert_eq!(import.rows[0].interval_start, "2024-02-29T17:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert!(import.is_complete() && import.rejected.is_empty());
    let ending = take(&plain("", "label = \"end\""), table);
    assert_eq!(ending.rows[0].interval_start, "2024-02-29T16:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn gaps_are_named_and_filled_only_on_request() {
    let table = "t,d\n2024-01-01T01:00:00Z,10\n2024-01-01T02:00:00Z,91\n2024-01-01T04:00:00Z,20\n2024-01-01T04:20:00Z,30\n";
    let bounds = "from = \"2024-01-01T00:00:00Z\"\nto = \"2024-01-01T05:00:00Z\"";
    let import = take(&plain(bounds, ""), table);
    let expected = [
        (RejectKind::Value, Some(3)),
        (RejectKind::TimeStamp, Some(5)),
        (RejectKind::Gap, None),
        (RejectKind::Gap, None),
    ];
    assert_eq!(kinds(&import), expected);
    assert_eq!(import.rejected[3].reason, "expected interval 2024-01-01T03:00:00Z missing");
    assert_eq!((import.rows.len(), import.missing.len(), import.filled.len()), (2, 3, 0));

    let filled = take(&plain(&format!("{bounds}\nfill = \"last\""), ""), table);
    assert_eq!((filled.rows.len(), filled.missing.len(), filled.filled.len()), (4, 1, 2));
    assert_eq!(filled.rows[1].amount, filled.rows[0].amount);
    let fills: Vec<&Reject> =
        filled.rejected.iter().filter(|reject| reject.kind == RejectKind::Filled).collect();
    assert_eq!(fills.len(), 2);
    assert_eq!(fills[1].reason, "carries the values of 2024-01-01T01:00:00Z");
    assert!(!filled.is_complete(), "nothing stands before the first gap");
}

#[test]
fn scale_unit_and_check_columns() {
    let profile = r#"
zone = "z"
step_minutes = 15
unit = "thousand kWh per interval"
[time]
column = "t"
formats = ["rfc3339"]
[[column]]
name = "spare"
part = "headroom"
[[column]]
name = "taken"
part = "headroom"
scale = -0.5
[[column]]
name = "price"
part = "check"
max = 100
"#;
    let table = "t,taken,spare,price\n2024-01-01T00:00:00Z,8,1.5,1\n2024-01-01T00:15:00Z,8,1.5,101\n";
    let import = take(profile, table);
    assert_eq!(import.rows.len(), 1);
    assert_eq!(import.rows[0].headroom(), Kw(-10_000));
    assert_eq!(import.rejected[0].column, "price");
    assert_eq!(forecast_csv(&import), "interval_start,zone,headroom_mw\n2024-01-01T00:00:00Z,z,-10.0\n");
}

#[test]
fn a_part_that_cannot_be_negative_is_rejected() {
    let profile = plain("", "").replace("min = 0.0\n", "scale = -1.0\n");
    let import = take(&profile, "t,d\n2024-01-01T00:00:00Z,5\n");
    assert_eq!(import.rejected[0].reason, "demand_mw comes to -5.0 MW, which cannot be below 0");
    assert!(!import.is_complete());
}

#[test]
fn a_table_that_does_not_fit_is_refused_as_a_whole() {
    let profile = plain("skip_lines = 1", "");
    let cases: [(&[u8], &str); 7] = [
        (b"", "found nothing"),
        (b"title\nt,d\n", "only a header row"),
        (b"title\nt;d\n1;2\n", "one cell `t;d`"),
        (b"title\nx,y\n1,2\n", "the columns x, y"),
        (b"title\nt,d,d\n1,2,3\n", "this column 2 times"),
        (b"title\nt,d\n1,\xd1\xef\n", "t.csv, row 3: found the byte 0xd1; expected UTF-8 text"),
        (b"title\nt,d\n1999-01-01T00:00:00Z,1\n2199-01-01T00:00:00Z,1\n", "row 3 is 1999-01-01T00:00:00Z"),
    ];
    for (table, expected) in cases {
        let message = refuse(&profile, table);
        assert!(message.contains(expected), "{message}");
    }
    let both = refuse(&profile, b"title\nx,y\n1,2\n");
    assert!(both.contains("t.csv, t:") && both.contains("t.csv, d:"), "{both}");
}

#[test]
fn nothing_outside_of_the_bounds_is_taken_or_rejected() {
    let bounds = "from = \"2024-01-01T01:00:00Z\"\nto = \"2024-01-01T02:00:00Z\"";
    let table = "t,d\n2024-01-01T00:00:00Z,x\n2024-01-01T01:00:00Z,1\n2024-01-01T02:00:00Z,2\n";
    let import = take(&plain(bounds, ""), table);
    assert_eq!((import.rows.len(), import.rejected.len(), import.outside), (1, 0, 2));
    assert!(import.is_complete());
}

/// Every cell that a hostile or broken table could well have.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[0-9 .,;\"-]{0,12}",
        (0..40_i64).prop_map(|half| format!("2024-02-29 {:02}:{:02}", half / 2 + 4, half % 2 * 30)),
        (0..2_000_i64).prop_map(|hour| DateTime::from_timestamp(hour * 3_600, 0).unwrap().to_rfc3339()),
        "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
        any::<String>(),
    ]
}

fn profiles() -> Vec<Profile> {
    let almaty = "time_zone = \"Asia/Almaty\"";
    let texts = [
        plain("", ""),
        plain("fill = \"last\"", almaty),
        plain("separator = \";\"\ndecimal = \",\"\nthousands = [\" \"]\nskip_lines = 1", almaty),
        plain("", &format!("{almaty}\nperiod_column = \"d\"")),
        plain("", &format!("{almaty}\nlabel = \"end\"")),
    ];
    texts.iter().map(|text| Profile::from_toml("p.toml", text).unwrap()).collect()
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for profile in profiles() {
            noise::table(&profile, &bytes);
            noise::table(&profile, &[b"t,d\n".as_slice(), &bytes].concat());
        }
    }

    #[test]
    fn arbitrary_tables_never_panic(rows in proptest::collection::vec((cell(), cell()), 0..20), comma in any::<bool>()) {
        let separator = if comma { ',' } else { ';' };
        let body: String = rows.iter().map(|(t, d)| format!("{t}{separator}{d}\n")).collect();
        for profile in profiles() {
            for title in ["", "title\n"] {
                noise::table(&profile, format!("{title}t{separator}d\n{body}").as_bytes());
            }
        }
    }

    #[test]
    fn arbitrary_profiles_never_panic(text in any::<String>(), step in any::<u32>(), at in "[0-9T:-]{0,20}") {
        let _ = Profile::from_toml("p.toml", &text);
        let changed = plain(&format!("from = \"{at}\""), &format!("time_zone = {text:?}"));
        let _ = Profile::from_toml("p.toml", &changed.replace("= 60", &format!("= {step}")));
    }
}

/// The profile of an example and the real table it is for, or nothing where the data is not at hand.
fn real(profile: &str, table: &str) -> Option<Import> {
    let Some(folder) = std::env::var_os("KEZEK_TEST_DATA") else {
        println!("skipped: KEZEK_TEST_DATA does not name the folder with {table}");
        return None;
    };
    let bytes = std::fs::read(std::path::Path::new(&folder).join(table)).unwrap();
    Some(import(&example(profile), table, &bytes).unwrap())
}

fn example(name: &str) -> Profile {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/import").join(name);
    Profile::from_toml(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Sum of the headroom over all rows, in kW, to be compared with another program's.
fn total_kw(import: &Import) -> i64 {
    import.rows.iter().map(|row| row.headroom().0).sum()
}

#[test]
fn the_example_profiles_are_good() {
    let zones = ["korem-north-south", "korem-west", "opsd-greece", "opsd-gb"]
        .map(|name| example(&format!("{name}.toml")).zone().to_string());
    assert_eq!(zones, ["north-south", "west", "greece", "gb"]);
}

#[test]
fn korem_north_and_south_goes_in() {
    let table = "kz/korem_ct_zone1_north_south_2026-09-01_03.csv";
    let Some(import) = real("korem-north-south.toml", table) else { return };
    assert!(import.is_complete() && import.rejected.is_empty());
    assert_eq!((import.rows.len(), total_kw(&import)), (72, -2_070_010));
    assert_eq!(import.rows.iter().filter(|row| row.headroom() < Kw::ZERO).count(), 45);
    assert_eq!(import.rows.iter().map(|row| row.headroom()).min(), Some(Kw(-1_198_314)));
}

#[test]
fn korem_west_goes_in_across_the_change_of_offset() {
    let table = "kz/korem_ct_zone2_west_2024-02-28_03-02_tzswitch.csv";
    let Some(import) = real("korem-west.toml", table) else { return };
    assert!(import.is_complete() && import.rejected.is_empty());
    assert_eq!((import.rows.len(), total_kw(&import)), (96, 7_833_920));
    assert_eq!(import.rows.iter().filter(|row| row.headroom() < Kw::ZERO).count(), 6);
}

#[test]
fn the_answer_of_korems_service_is_the_same_table() {
    let table = "kz/korem_ct_zone1_north_south_2026-09-01_03.json";
    let Some(import) = real("korem-api-north-south.toml", table) else { return };
    assert!(import.is_complete() && import.rejected.is_empty());
    assert_eq!((import.rows.len(), total_kw(&import)), (72, -2_070_010));
}

#[test]
fn opsd_greece_goes_in_but_for_its_last_blank_hour() {
    let table = "opsd/opsd_greece_load_forecast_actual_2019-10_2020-09.csv";
    let Some(import) = real("opsd-greece.toml", table) else { return };
    assert_eq!((import.rows.len(), total_kw(&import)), (8_785, 26_298_809_320));
    assert_eq!(kinds(&import), [(RejectKind::Value, Some(8_787))]);
    assert_eq!(import.missing, ["2020-09-30T23:00:00Z".parse::<DateTime<Utc>>().unwrap()]);
}

#[test]
fn opsd_great_britain_goes_in_but_for_what_is_absent_or_impossible() {
    let table = "opsd/opsd_gb_load_forecast_actual_price_2019-10_2020-09.csv";
    let Some(import) = real("opsd-gb.toml", table) else { return };
    assert_eq!((import.rows.len(), total_kw(&import)), (8_707, 144_022_957_000));
    assert_eq!((import.rejected.len(), import.missing.len()), (72 + 7, 72 + 7));
    assert!(import.rejected.iter().all(|reject| reject.kind == RejectKind::Value));
    let absent = import.rejected.iter().filter(|reject| reject.reason == "no value");
    assert_eq!(absent.count(), 72);
    let impossible: Vec<u64> =
        import.rejected.iter().filter(|r| r.reason != "no value").filter_map(|r| r.row).collect();
    assert_eq!(impossible, [2_335, 5_862, 5_909, 6_657, 7_097, 7_098, 7_108]);
}

#[test]
fn settlement_periods_of_great_britain_go_in() {
    let profile = plain("", "time_zone = \"Europe/London\"\nperiod_column = \"settlement_period\"")
        .replace("step_minutes = 60", "step_minutes = 30")
        .replace("\"%Y-%m-%d %H:%M\"", "\"%Y-%m-%d\"")
        .replace("column = \"t\"", "column = \"settlement_date\"")
        .replace("name = \"d\"", "name = \"nd_mw\"")
        .replace("max = 90.0", "max = 90000.0");
    let Some(folder) = std::env::var_os("KEZEK_TEST_DATA") else {
        println!("skipped: KEZEK_TEST_DATA does not name the folder with dst/");
        return;
    };
    let table =
        std::fs::read_to_string(std::path::Path::new(&folder).join("dst/neso_gb_demand_dst_days.csv"))
            .unwrap();
    let intervals = |day: &str| {
        let rows = table.lines().filter(|line| line.starts_with(day) || line.starts_with("settlement"));
        let import = take(&profile, &rows.collect::<Vec<_>>().join("\n"));
        assert!(import.is_complete() && import.rejected.is_empty());
        import.rows.len()
    };
    assert_eq!(["2025-10-26", "2026-03-29", "2026-01-01"].map(intervals), [50, 46, 48]);
}
