//! Every fault of a case gives one clear message: whole files, and all faults together.

use crate::faults::{Place, at, judge};
use crate::sample::{SCHEDULE, edit, faults, files, put, text};
use kezek_model::case::{Case, CaseFiles};

#[test]
fn of_files_as_a_whole() {
    let whole = |file: &str, bytes: &[u8], place: Place, fragments: &[&str]| {
        let mut case = files();
        case.files.insert(file.to_owned(), bytes.to_vec());
        judge(&format!("{file}: {}", String::from_utf8_lossy(bytes)), &faults(&case), file, place, fragments);
    };
    for file in [
        "facilities.csv",
        "forecast.csv",
        "nominations.csv",
        "quotas.csv",
        "ties.csv",
        "ledger.csv",
        "state.csv",
        "kept.csv",
    ] {
        whole(file, b"", (None, None), &["empty file", "header row"]);
        whole(file, b"\xEF\xBB\xBF\r\n", (None, None), &["empty file"]);
        whole(file, b"one,two\n1,2\n", (Some(1), None), &["no known column", "header row"]);
        whole(file, b"facility;interval_start;zone;mw\n", (Some(1), None), &["commas", "semicolons"]);
        whole(file, "мощность\n".as_bytes(), (Some(1), None), &["no known column"]);
        whole(file, b"facility\n\xCC\xEE\xF9\n", (Some(2), None), &["0xCC", "UTF-8", "iconv"]);
    }
    let endless = format!("facility\r\n{}", "F1,".repeat(30_000));
    whole("facilities.csv", endless.as_bytes(), (Some(2), None), &["endless line"]);
    whole("case.toml", b"\xFF\xFEn\0", (Some(1), None), &["0xFF", "UTF-8"]);
    let header = text(&files(), "facilities.csv").lines().next().unwrap().to_owned() + "\n";
    let mut none = files();
    none.files.retain(|name, _| {
        !["nominations.csv", "quotas.csv", "ledger.csv", "state.csv", "kept.csv"].contains(&&name[..])
    });
    put(&mut none, "facilities.csv", &header);
    judge("no rows", &faults(&none), "facilities.csv", (None, None), &["only a header row"]);
    for file in ["case.toml", "facilities.csv", "forecast.csv"] {
        let mut case = files();
        case.files.remove(file);
        judge(file, &faults(&case), file, (None, None), &["no such file"]);
    }
    let mut case = files();
    case.files.remove(SCHEDULE);
    judge(
        "schedule",
        &faults(&case),
        "case.toml",
        at(3, "schedules"),
        &["evening.toml", "relative to the folder"],
    );
    for file in ["nominations.csv", "quotas.csv", "ties.csv", "ledger.csv", "state.csv", "kept.csv"] {
        let mut case = files();
        case.files.remove(file);
        let blank_nomination = file == "nominations.csv";
        assert_eq!(Case::parse(&case).is_err(), blank_nomination, "{file} is optional");
    }
}

#[test]
fn of_schedules() {
    let mut case = files();
    let order = text(&case, SCHEDULE);
    put(&mut case, "second.toml", &order);
    edit(&mut case, "case.toml", "evening.toml\"]", "evening.toml\", \"second.toml\"]");
    judge("number", &faults(&case), "second.toml", (None, Some("number")), &["2022-01-21/1", "evening.toml"]);
    let mut case = files();
    edit(&mut case, SCHEDULE, "issued = 2022-01-21", "issued = 2022-01-21\nsupersedes = \"1999/9\"");
    Case::parse(&case).unwrap();
    edit(&mut case, SCHEDULE, "kind = \"full\"", "kind = \"deep\"");
    let found = faults(&case);
    assert!(found.iter().all(|fault| fault.file == SCHEDULE), "{found:#?}");
}

#[test]
fn all_come_together_in_the_order_of_files_and_rows() {
    let mut case = files();
    edit(&mut case, "state.csv", "F2,0", "F2,-1");
    edit(&mut case, "facilities.csv", "2023-12-31", "never");
    edit(&mut case, "facilities.csv", ",2.5,50.0", ",x,50.0");
    edit(&mut case, "case.toml", "seed = 1", "sede = 1");
    edit(&mut case, "forecast.csv", "north,24.0", "north,NaN");
    let places: Vec<_> = faults(&case).into_iter().map(|fault| (fault.file, fault.row.unwrap())).collect();
    let expected = [
        ("case.toml", 20),
        ("facilities.csv", 2),
        ("facilities.csv", 3),
        ("forecast.csv", 2),
        ("state.csv", 3),
    ];
    assert_eq!(places, expected.map(|(file, row)| (file.to_owned(), row)));
}

#[test]
fn a_fault_has_no_senseless_consequences() {
    let one = |what: &str, change: &dyn Fn(&mut CaseFiles)| {
        let mut case = files();
        change(&mut case);
        let found = faults(&case);
        assert_eq!(found.len(), 1, "{what}: {found:#?}");
    };
    one("a zone that is misspelt everywhere in facilities", &|case| {
        let table = text(case, "facilities.csv").replace(",south,", ",suth,");
        put(case, "facilities.csv", &table);
    });
    one("a horizon that cannot be read", &|case| edit(case, "case.toml", "2022-01-24T00:00", "soon"));
    one("zones that cannot be read", &|case| edit(case, "case.toml", "id = \"south\"", "id = 7"));
    one("a tie that cannot be read", &|case| edit(case, "case.toml", "limit_mw = 2100.0", "limit_mw = true"));
    one("a case.toml that is no TOML", &|case| edit(case, "case.toml", "[horizon]", "[horizon"));
    one("an encoding that is not UTF-8", &|case| {
        case.files.insert("facilities.csv".into(), b"facility\n\xFF".to_vec());
    });
    one("a row of facilities that is cut off", &|case| {
        edit(case, "facilities.csv", ",digital-mining,Pavlodar,21.5", "")
    });
    one("a facility without name", &|case| edit(case, "facilities.csv", "F2,Halls", ",Halls"));
    one("a forecast with an unknown column for zone", &|case| {
        edit(case, "forecast.csv", ",zone,", ",zones,")
    });
}

#[test]
fn rows_are_counted_as_an_editor_does() {
    let mut case = files();
    edit(&mut case, "facilities.csv", "F1,Yard", "F1,\"Yard\nof two lines\"");
    edit(&mut case, "facilities.csv", "F3,", "\n\nF3,");
    edit(&mut case, "facilities.csv", "Asia/Qyzylorda", "nowhere");
    let unix = text(&case, "facilities.csv");
    for table in
        [unix.clone(), unix.replace('\n', "\r\n"), unix.replace('\n', "\r"), format!("\u{feff}{unix}")]
    {
        put(&mut case, "facilities.csv", &table);
        let found = faults(&case);
        assert_eq!((found.len(), found[0].row), (1, Some(7)), "{found:#?}");
    }
}

#[test]
fn more_than_a_thousand_are_counted() {
    let mut case = files();
    let row = "2022-01-24T00:00:00,F3,x\n".repeat(2000);
    put(&mut case, "nominations.csv", &format!("interval_start,facility,mw\n{row}"));
    let found = faults(&case);
    assert_eq!(found.len(), 1001);
    assert!(found[1000].found.starts_with("3000 more"), "{}", found[1000]);
}

#[test]
fn what_would_not_fit_into_memory_is_refused() {
    let mut case = files();
    let table = text(&case, "facilities.csv");
    let (header, row) = (table.lines().next().unwrap(), table.lines().nth(2).unwrap());
    let many =
        |count: usize| (0..count).map(|n| row.replacen("F2", &format!("G{n}"), 1) + "\n").collect::<String>();
    case.files.retain(|name, _| {
        !["nominations.csv", "quotas.csv", "ledger.csv", "state.csv", "kept.csv"].contains(&&name[..])
    });
    put(&mut case, "facilities.csv", &format!("{header}\n{}", many(50_001)));
    judge("facilities", &faults(&case), "facilities.csv", (Some(50_002), None), &["50000"]);
    put(&mut case, "facilities.csv", &format!("{header}\n{}", many(2_000)));
    edit(&mut case, "case.toml", "2022-01-24T04:00", "2022-12-24T00:00");
    judge("cells", &faults(&case), "case.toml", (None, Some("horizon")), &["2000 names", "shorten"]);
}
