//! Every fault of a case gives one clear message: those of single tables.

use crate::faults::{Place, at, expect, judge};
use crate::sample::{edit, faults, files, put, stochastic, text};
use kezek_model::case::Case;

#[test]
fn of_facilities() {
    const F: &str = "facilities.csv";
    expect(&[
        (F, ",40.0,100.0,", ",\"40,5\",100.0,", at(2, "cut_cost_per_mwh"), &["decimal comma", "40.5"]),
        (F, ",40.0,100.0,", ",40,5,100.0,", (Some(2), None), &["28 cells", "27 cells", "decimal comma"]),
        (F, ",40.0,100.0,", ",forty,100.0,", at(2, "cut_cost_per_mwh"), &["forty", "decimal point"]),
        (F, ",40.0,100.0,", ",NaN,100.0,", at(2, "cut_cost_per_mwh"), &["finite"]),
        (F, ",40.0,100.0,", ",40.0,inf,", at(2, "event_cost"), &["finite"]),
        (F, ",40.0,100.0,", ",-40.0,100.0,", at(2, "cut_cost_per_mwh"), &["zero or more"]),
        (F, "false,20.0,", "false,20.0005,", at(2, "nominated_mw"), &["20.0005", "three decimals"]),
        (F, "false,20.0,", "false,-20,", at(2, "nominated_mw"), &["MW from 0"]),
        (F, "false,20.0,", "false,2000000,", at(2, "nominated_mw"), &["1000000"]),
        (F, "false,20.0,", "false,,", at(2, "nominated_mw"), &["blank", "nominations.csv"]),
        (F, "18.0,2.0,", "18.0,-2.0,", at(2, "floor_mw"), &["-2.0"]),
        (F, "18.0,2.0,", "18.0,2.0001,", at(2, "floor_mw"), &["three decimals"]),
        (F, ",60,60,240,", ",60,60,30,", at(2, "max_cut_min"), &["30", "min_cut_min, 60"]),
        (F, ",60,60,240,", ",60,60.5,240,", at(2, "min_cut_min"), &["whole minutes"]),
        (F, ",60,60,240,", ",-60,60,240,", at(2, "notice_min"), &["whole minutes"]),
        (F, ",120,2,10.5", ",120,2.5,10.5", at(2, "max_events_per_day"), &["whole number"]),
        (F, ",120,2,10.5", ",120,2,-1", at(2, "max_cut_hours"), &["hours"]),
        (F, ",15.0,digital", ",15.0005,digital", at(2, "ramp_up_mw_per_h"), &["three decimals"]),
        (F, "21.5", "x", at(2, "twelve_month_max_mw"), &["MW"]),
        (F, "2023-12-31", "2020-12-31", at(2, "licence_to"), &["licence_from, 2021-01-01"]),
        (F, "2023-12-31", "31.12.2023", at(2, "licence_to"), &["YYYY-MM-DD"]),
        (F, "2023-12-31", "2023-02-30", at(2, "licence_to"), &["calendar"]),
        (F, "north,Asia/Almaty,1", "nort,Asia/Almaty,1", at(2, "zone"), &["[[zone]]", "mean `north`"]),
        (F, "south,Asia/Almaty,2", ",Asia/Almaty,2", at(3, "zone"), &["blank"]),
        (F, "Asia/Qyzylorda", "Asia/Kyzylorda", at(4, "time_zone"), &["IANA", "mean `Asia/Qyzylorda`"]),
        (F, "Asia/Qyzylorda", "", at(4, "time_zone"), &["blank", "IANA"]),
        (F, "Asia/Almaty,2,", "Asia/Almaty,2.5,", at(3, "tier"), &["whole"]),
        (F, "1,false,", "1,FALSE,", at(2, "protected"), &["FALSE", "`true` or `false`"]),
        (F, "1,false,", "1,0,", at(2, "protected"), &["`true` or `false`"]),
        (F, "F1,Yard", ",Yard", at(2, "facility"), &["blank"]),
        (F, "F2,Halls", "F1,Halls", at(3, "facility"), &["\"F1\" a second time", "row 2", "row 3"]),
        (F, ",region,", ",regoin,", at(1, "regoin"), &["unknown column", "mean `region`"]),
        (
            F,
            ",nominated_mw,",
            ",nominatd_mw,",
            at(1, "nominatd_mw"),
            &["unknown column", "mean `nominated_mw`"],
        ),
        (F, ",region,", ",floor_mw,", at(1, "floor_mw"), &["second time"]),
        (F, ",region,", ",,", (Some(1), None), &["column 26 without a name"]),
        (F, "F2,Halls,", "F2,", (Some(3), None), &["26 cells", "27 cells"]),
        (F, "F1,Yard", "F1,\"Yard", (Some(2), None), &["quotation mark"]),
        (F, "F2,Halls", ",,,,,,,,,,,,,,,,,,,,,,,,,,\nF2,Halls", (Some(3), None), &["blank cells", "delete"]),
    ]);
}

#[test]
fn of_a_column_that_is_missing() {
    let without = |file: &str, column: &str| {
        let mut case = files();
        let table = text(&case, file);
        let place = table.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
        let cut = |line: &str| {
            let cells = line.split(',').enumerate().filter(|(at, _)| *at != place);
            cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",")
        };
        put(&mut case, file, &table.lines().map(cut).collect::<Vec<_>>().join("\n"));
        case
    };
    for optional in ["class", "region", "twelve_month_max_mw"] {
        Case::parse(&without("facilities.csv", optional)).unwrap();
    }
    Case::parse(&without("state.csv", "events_today")).unwrap();
    let case = files();
    for file in case.files.keys().filter(|name| name.ends_with(".csv")) {
        let table = text(&case, file);
        for column in table.lines().next().unwrap().split(',') {
            if ["class", "region", "twelve_month_max_mw", "events_today"].contains(&column) {
                continue;
            }
            let found = faults(&without(file, column));
            assert_eq!(found.len(), 1, "{file} without {column}: {found:#?}");
            assert_eq!(
                (found[0].file.as_str(), found[0].row, found[0].column.as_deref()),
                (&file[..], Some(1), Some(column))
            );
            assert_eq!(found[0].found, "no such column");
        }
    }
}

#[test]
fn of_forecast() {
    const F: &str = "forecast.csv";
    const FIRST: &str = "2022-01-24T00:00:00+06:00,north,24.0\n";
    expect(&[
        (
            F,
            FIRST,
            "",
            (None, Some("interval_start")),
            &["no row for zone \"north\" at 2022-01-23T18:00:00Z", "4 intervals"],
        ),
        (F, FIRST, "2022-01-24T00:00:00+06:00,north,\n", at(2, "headroom_mw"), &["blank"]),
        (F, FIRST, "2022-01-24T00:00:00,north,24.0\n", at(2, "interval_start"), &["without offset"]),
        (F, FIRST, "24.01.2022 00:00,north,24.0\n", at(2, "interval_start"), &["RFC 3339"]),
        (F, FIRST, ",north,24.0\n", at(2, "interval_start"), &["blank"]),
        (F, FIRST, "2022-01-24T00:30:00+06:00,north,24.0\n", at(2, "interval_start"), &["every 60 minutes"]),
        (
            F,
            FIRST,
            "2022-01-24T00:00:00+05:00,north,24.0\n",
            at(4, "interval_start"),
            &["second time", "row 2"],
        ),
        (
            F,
            FIRST,
            "2022-01-24T04:00:00+06:00,north,24.0\n",
            at(2, "interval_start"),
            &["within the horizon", "2022-01-23T22:00:00Z"],
        ),
        (
            F,
            FIRST,
            "2022-01-23T23:00:00+06:00,north,24.0\n",
            at(2, "interval_start"),
            &["within the horizon"],
        ),
        (F, FIRST, "2022-01-24T00:00:00+06:00,west,24.0\n", at(2, "zone"), &["west", "[[zone]]"]),
        (
            F,
            FIRST,
            "2022-01-24T00:00:00+06:00,north,24.0\n2022-01-24T00:00:00+06:00,north,24.0\n",
            at(3, "interval_start"),
            &["second time", "row 2", "row 3"],
        ),
        (F, FIRST, "2022-01-24T00:00:00+06:00,north,-inf\n", at(2, "headroom_mw"), &["finite"]),
        (
            F,
            FIRST,
            "2022-01-24T00:00:00+06:00,north,\"24,0\"\n",
            at(2, "headroom_mw"),
            &["decimal comma", "24.0"],
        ),
        (F, FIRST, "2022-01-24T00:00:00+06:00,north,24,0\n", (Some(2), None), &["4 cells", "decimal comma"]),
        (F, FIRST, "2022-01-24T00:00:00+06:00,north,1e7\n", at(2, "headroom_mw"), &["1000000"]),
        (F, "headroom_mw", "hedroom_mw", at(1, "hedroom_mw"), &["mean `headroom_mw`"]),
    ]);
}

#[test]
fn of_parts_and_scenarios() {
    let judge_table = |header: &str, row_end: &str, place: Place, fragments: &[&str]| {
        let mut case = files();
        let rows = text(&case, "forecast.csv")
            .replace("-16.0", "16.0")
            .lines()
            .skip(1)
            .map(|row| format!("{row}{row_end}\n"))
            .collect::<String>();
        put(&mut case, "forecast.csv", &format!("interval_start,zone,{header}\n{rows}"));
        judge(header, &faults(&case), "forecast.csv", place, fragments);
    };
    judge_table("headroom_mw,supply_mw", ",1", at(1, "headroom_mw"), &["never both"]);
    judge_table("supply_mw,import_mw,demand_mw", ",1,1", at(1, "reserve_mw"), &["no such column"]);
    judge_table("headroom_mw,scenario", ",cold", at(1, "probability"), &["beside scenario"]);
    judge_table("headroom_mw,probability", ",1", at(1, "scenario"), &["beside probability"]);
    judge_table(
        "headroom_mw,scenario,probability",
        ",cold,0.9",
        (None, Some("probability")),
        &["0.9 together"],
    );
    let mut bare = files();
    put(&mut bare, "forecast.csv", "interval_start,zone\n");
    let found = faults(&bare);
    assert!(
        found.iter().any(|fault| fault.found == "no such column" && fault.expected.contains("supply_mw")),
        "{found:#?}"
    );
    let judge_cell = |old: &str, new: &str, place: Place, fragments: &[&str]| {
        let mut case = stochastic();
        edit(&mut case, "forecast.csv", old, new);
        judge(new, &faults(&case), "forecast.csv", place, fragments);
    };
    judge_cell(
        "mild,0.75",
        "mild,0.7",
        at(5, "probability"),
        &["0.75", "0.7 for scenario \"mild\"", "row 3"],
    );
    judge_cell("mild,0.75", "mild,1.75", at(3, "probability"), &["0 to 1"]);
    judge_cell("mild,0.75", ",0.75", at(3, "scenario"), &["blank"]);
    judge_cell("T11:00:00Z", "T11:00", at(2, "published_at"), &["without offset"]);
    let mut negative = files();
    let original = text(&negative, "forecast.csv");
    let rows = original.lines().skip(1).map(|row| format!("{},1,-1,1,0\n", row.rsplit_once(',').unwrap().0));
    let table =
        format!("interval_start,zone,supply_mw,import_mw,demand_mw,reserve_mw\n{}", rows.collect::<String>());
    put(&mut negative, "forecast.csv", &table.replacen(",1,-1,1,0", ",1,-1,-1,0", 1));
    judge("demand", &faults(&negative), "forecast.csv", at(2, "demand_mw"), &["MW from 0"]);
}

#[test]
fn of_the_other_tables() {
    expect(&[
        ("nominations.csv", "F3,7.125", "F3,", at(3, "mw"), &["blank"]),
        ("nominations.csv", "F3,7.125", "F3,7.1251", at(3, "mw"), &["three decimals"]),
        ("nominations.csv", "F3,7.125", "F9,7.125", at(3, "facility"), &["facilities.csv"]),
        (
            "nominations.csv",
            "2022-01-24T01:00:00+06:00,F3,7.125\n",
            "",
            (None, Some("interval_start")),
            &["no row for facility \"F3\" at 2022-01-23T19:00:00Z"],
        ),
        (
            "nominations.csv",
            "2022-01-24T01:00:00+06:00,F3",
            "2022-01-24T00:00:00+06:00,F3",
            at(3, "interval_start"),
            &["second time", "row 2"],
        ),
        (
            "nominations.csv",
            "2022-01-24T01:00:00+06:00,F3",
            "2022-01-24T01:00:00,F3",
            at(3, "interval_start"),
            &["without offset"],
        ),
        (
            "nominations.csv",
            "2022-01-24T01:00:00+06:00,F3",
            "2022-01-24T01:10:00+06:00,F3",
            at(3, "interval_start"),
            &["every 60 minutes"],
        ),
        ("nominations.csv", "facility,mw", "facility,mwh", at(1, "mwh"), &["mean `mw`"]),
        ("quotas.csv", "F2,10.0", "F2,-1", at(2, "mw"), &["MW from 0"]),
        (
            "quotas.csv",
            "2022-01-24T03:00:00+06:00,F2,12.0\n",
            "",
            (None, Some("interval_start")),
            &["no row for facility \"F2\""],
        ),
        ("ties.csv", "north-south,100.0", "north-sud,100.0", at(2, "tie"), &["[[tie]]"]),
        ("ties.csv", ",90.0,", ",-90.0,", at(5, "limit_mw"), &["MW from 0"]),
        (
            "ties.csv",
            "2022-01-24T03:00:00+06:00,north-south,90.0,50.0\n",
            "",
            (None, Some("interval_start")),
            &["tie \"north-south\""],
        ),
        ("kept.csv", "F1,4.0", "F1,", at(3, "cut_mw"), &["blank"]),
        ("kept.csv", "F1,4.0", "F1,-4", at(3, "cut_mw"), &["MW from 0"]),
        (
            "kept.csv",
            "2022-01-24T01:00:00+06:00",
            "2022-01-25T01:00:00+06:00",
            at(3, "interval_start"),
            &["within the horizon"],
        ),
        (
            "kept.csv",
            "2022-01-24T01:00:00+06:00",
            "2022-01-24T00:00:00+06:00",
            at(3, "interval_start"),
            &["second time"],
        ),
        ("ledger.csv", "F2,500,0", "F2,500,-1", at(3, "cut_mwh"), &["zero or more"]),
        ("ledger.csv", "F2,500,0", "F1,500,0", at(3, "facility"), &["second time", "row 2"]),
        ("ledger.csv", "F2,500,0", "F2,,0", at(3, "nominated_mwh"), &["blank"]),
        ("state.csv", "5.0,2022-01-23T17:30:00Z", "5.0,", at(2, "cut_since"), &["blank", "above 0"]),
        (
            "state.csv",
            "2022-01-23T17:30:00Z",
            "2022-01-23T18:30:00Z",
            at(2, "cut_since"),
            &["start of the horizon"],
        ),
        (
            "state.csv",
            "2022-01-23T10:00:00Z",
            "2022-01-23T18:00:01Z",
            at(3, "last_cut_end"),
            &["start of the horizon"],
        ),
        (
            "state.csv",
            "2022-01-23T10:00:00Z",
            "2022-01-23T10:00:00",
            at(3, "last_cut_end"),
            &["without offset"],
        ),
        ("state.csv", "F2,0", "F2,", at(3, "cut_mw"), &["blank"]),
        ("state.csv", "F2,0", "F1,0", at(3, "facility"), &["second time"]),
        ("state.csv", "F2,0", "F7,0", at(3, "facility"), &["facilities.csv"]),
        ("state.csv", ",,1\n", ",,1.5\n", at(2, "events_today"), &["whole"]),
    ]);
}
