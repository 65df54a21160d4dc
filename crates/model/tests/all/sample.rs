//! A small case with every file and nearly every column.

use kezek_model::case::{Case, CaseFiles};
use kezek_model::fault::Fault;

/// The schedule that the case names.
pub(crate) const SCHEDULE: &str = "../orders/evening.toml";

const CASE: &str = r#"name = "sample"
issued_at = 2022-01-23T12:00:00Z
schedules = ["../orders/evening.toml"]

[horizon]
start = "2022-01-24T00:00"
end = "2022-01-24T04:00"
time_zone = "Asia/Almaty"
step_minutes = 60

[objective]
policy = "least-cost"
uncovered_cost_per_mwh = 5000.0
currency = "USD"

[solver]
gap = 0.001
time_limit_s = 30
threads = 2
seed = 1

[[zone]]
id = "north"
restore_limit_mw = 150.0

[[zone]]
id = "south"

[[tie]]
id = "north-south"
from = "north"
to = "south"
limit_mw = 2100.0
reverse_limit_mw = 1500.0

[[tier]]
id = 2
adder_per_mwh = 200.0

[risk]
alpha = 0.95
weight = 100
known_at = 2022-01-23T18:00:00Z

[auction]
lot_mwh = 1.0
start_price_per_mwh = 0.0
"#;

const FACILITIES: &str = "\
facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,nominated_mw,quota_mw,floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,max_cut_min,min_gap_min,max_events_per_day,max_cut_hours,ramp_up_mw_per_h,class,region,twelve_month_max_mw
F1,Yard,Alpha LLP,L-1,2021-01-01,2023-12-31,north,Asia/Almaty,1,false,20.0,18.0,2.0,1.0,,40.0,100.0,60,60,240,120,2,10.5,15.0,digital-mining,Pavlodar,21.5
F2,Halls,Beta LLP,L-2,,,south,Asia/Almaty,2,,12.5,,,,2.5,50.0,,,,,,,,,,,
F3,Қазақ орталығы,Gamma LLP,L-3,,,south,Asia/Qyzylorda,,true,,,,,,,,,,,,,,,,,
";

const FORECAST: &str = "\
interval_start,zone,headroom_mw
2022-01-24T00:00:00+06:00,north,24.0
2022-01-24T00:00:00+06:00,south,-16.0
2022-01-24T01:00:00+06:00,north,24.0
2022-01-24T01:00:00+06:00,south,24.5
2022-01-24T02:00:00+06:00,north,24.0
2022-01-24T02:00:00+06:00,south,12.0
2022-01-24T03:00:00+06:00,north,24.0
2022-01-24T03:00:00+06:00,south,10.0
";

const NOMINATIONS: &str = "\
interval_start,facility,mw
2022-01-24T00:00:00+06:00,F3,7.0
2022-01-24T01:00:00+06:00,F3,7.125
2022-01-24T02:00:00+06:00,F3,8.0
2022-01-24T03:00:00+06:00,F3,9.0
";

const QUOTAS: &str = "\
interval_start,facility,mw
2022-01-24T00:00:00+06:00,F2,10.0
2022-01-24T01:00:00+06:00,F2,
2022-01-24T02:00:00+06:00,F2,11.0
2022-01-24T03:00:00+06:00,F2,12.0
";

const TIES: &str = "\
interval_start,tie,limit_mw,reverse_limit_mw
2022-01-24T00:00:00+06:00,north-south,100.0,50.0
2022-01-24T01:00:00+06:00,north-south,,50.0
2022-01-24T02:00:00+06:00,north-south,100.0,
2022-01-24T03:00:00+06:00,north-south,90.0,50.0
";

const LEDGER: &str = "facility,nominated_mwh,cut_mwh\nF1,1000.5,20\nF2,500,0\n";

const STATE: &str = "\
facility,cut_mw,cut_since,last_cut_end,events_today
F1,5.0,2022-01-23T17:30:00Z,,1
F2,0,,2022-01-23T10:00:00Z,
";

const KEPT: &str =
    "interval_start,facility,cut_mw\n2022-01-24T00:00:00+06:00,F1,5.0\n2022-01-24T01:00:00+06:00,F1,4.0\n";

const ORDER: &str = r#"title = "Evening limit"
number = "2022-01-21/1"
issuer = "System operator"
signatory = "A. Person"
basis = "Tense balance"
issued = 2022-01-21

[period]
first_day = 2022-01-24
last_day = 2022-01-31
time_zone = "Asia/Almaty"
daily_from = "17:00"
daily_to = "23:00"

[scope]
classes = ["digital-mining"]

[depth]
kind = "full"
"#;

/// The files of the sample.
pub(crate) fn files() -> CaseFiles {
    let texts = [
        ("case.toml", CASE),
        ("facilities.csv", FACILITIES),
        ("forecast.csv", FORECAST),
        ("nominations.csv", NOMINATIONS),
        ("quotas.csv", QUOTAS),
        ("ties.csv", TIES),
        ("ledger.csv", LEDGER),
        ("state.csv", STATE),
        ("kept.csv", KEPT),
        (SCHEDULE, ORDER),
    ];
    CaseFiles { files: texts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into() }
}

/// The sample as a stochastic case of two scenarios.
pub(crate) fn stochastic() -> CaseFiles {
    let mut rows = vec!["interval_start,zone,headroom_mw,scenario,probability,published_at".to_owned()];
    for row in FORECAST.lines().skip(1) {
        rows.push(format!("{row},cold,0.25,2022-01-23T11:00:00Z"));
        rows.push(format!("{row},mild,0.75,"));
    }
    let mut files = files();
    put(&mut files, "forecast.csv", &(rows.join("\n") + "\n"));
    files
}

/// The text of a file of the case.
pub(crate) fn text(files: &CaseFiles, name: &str) -> String {
    String::from_utf8(files.files[name].clone()).unwrap()
}

/// Replaces a file.
pub(crate) fn put(files: &mut CaseFiles, name: &str, text: &str) {
    files.files.insert(name.to_owned(), text.as_bytes().to_vec());
}

/// Replaces the first occurrence of a text in a file, which must be there.
pub(crate) fn edit(files: &mut CaseFiles, name: &str, old: &str, new: &str) {
    let before = text(files, name);
    assert!(before.contains(old), "{name} has no {old:?}");
    put(files, name, &before.replacen(old, new, 1));
}

/// The faults of files that are no case.
pub(crate) fn faults(files: &CaseFiles) -> Vec<Fault> {
    Case::parse(files).expect_err("these files should be refused").0
}

#[test]
fn the_sample_is_a_case_in_the_shapes_of_the_types() {
    let case = Case::parse(&files()).unwrap();
    assert_eq!((case.grid.len, case.facilities.len(), case.zones.len()), (4, 3, 2));
    let [yard, halls, centre] = &case.facilities[..] else { panic!("three facilities") };
    assert_eq!(yard.nomination_kw.iter().map(|kw| kw.0).collect::<Vec<_>>(), [20_000; 4]);
    assert_eq!(yard.quota_kw[3].unwrap().0, 18_000);
    assert_eq!(
        yard.kept_kw.iter().map(|kw| kw.map(|kw| kw.0)).collect::<Vec<_>>(),
        [Some(5000), Some(4000), None, None]
    );
    assert_eq!((yard.state.cut_kw.0, yard.state.events_today), (5000, Some(1)));
    assert_eq!((yard.ledger.nominated_mwh, halls.ledger.cut_mwh), (1000.5, 0.0));
    assert_eq!(
        halls.quota_kw.iter().map(|kw| kw.map(|kw| kw.0)).collect::<Vec<_>>(),
        [Some(10_000), None, Some(11_000), Some(12_000)]
    );
    assert_eq!(
        (halls.class.as_str(), halls.tier, halls.protected, halls.notice_minutes),
        ("digital-mining", 2, false, 0)
    );
    assert_eq!(
        (centre.tier, centre.protected, centre.max_cut_minutes, centre.block_kw),
        (1, true, None, None)
    );
    assert_eq!(centre.nomination_kw.iter().map(|kw| kw.0).collect::<Vec<_>>(), [7000, 7125, 8000, 9000]);
    assert_eq!(case.ties[0].limit_mw, [Some(100.0), None, Some(100.0), Some(90.0)]);
    assert_eq!(case.ties[0].reverse_limit_mw, [Some(50.0), Some(50.0), None, Some(50.0)]);
    assert_eq!(case.scenarios[0].headroom_mw[1], [-16.0, 24.5, 12.0, 10.0]);
    assert_eq!(case.tier_adder_per_mwh[&2], 200.0);
    assert_eq!(case.schedules[0].number, "2022-01-21/1");
}

#[test]
fn parts_are_added_up_to_the_headroom() {
    let mut files = files();
    let original = text(&files, "forecast.csv");
    let rows = original.lines().skip(1).map(|row| {
        let (key, _) = row.rsplit_once(',').unwrap();
        format!("{key},100.3,-0.1,90.1,10")
    });
    let header = "interval_start,zone,supply_mw,import_mw,demand_mw,reserve_mw".to_owned();
    let table: Vec<String> = std::iter::once(header).chain(rows).collect();
    put(&mut files, "forecast.csv", &table.join("\r\n"));
    let case = Case::parse(&files).unwrap();
    assert_eq!(case.scenarios[0].headroom_mw, [[0.1; 4]; 2]);
}

#[test]
fn scenarios_keep_their_probabilities() {
    let case = Case::parse(&stochastic()).unwrap();
    let scenarios: Vec<_> = case.scenarios.iter().map(|s| (s.id.as_str(), s.probability)).collect();
    assert_eq!(scenarios, [("cold", 0.25), ("mild", 0.75)]);
}

#[test]
fn files_come_from_a_folder_and_travel_as_text() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("case");
    for name in ["case", "orders"] {
        std::fs::create_dir(home.path().join(name)).unwrap();
    }
    let files = files();
    for (name, bytes) in &files.files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    std::fs::write(folder.join("bids.csv"), "not,read").unwrap();
    let found = CaseFiles::from_folder(&folder).unwrap();
    assert_eq!(found, files);
    let sent = serde_json::to_string(&found).unwrap();
    assert!(sent.contains("\"case.toml\":\"name = "));
    assert_eq!(serde_json::from_str::<CaseFiles>(&sent).unwrap(), files);
    assert_eq!(Case::read(&folder).unwrap(), Case::parse(&files).unwrap());
    std::fs::remove_file(folder.join(SCHEDULE)).unwrap();
    assert_eq!(Case::read(&folder).unwrap_err().0.len(), 1);
    assert!(Case::read(&home.path().join("nowhere")).unwrap_err().to_string().contains("no such folder"));
}
