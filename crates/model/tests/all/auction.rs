//! The reader of an auction: shapes, faults, order of rows.

use crate::faults::{Place, at, judge};
use crate::noise::SPITE;
use crate::sample::{edit, files, put, text};
use kezek_model::amount::{Money, Price, Wh};
use kezek_model::case::{Auction, Case, CaseFiles};
use kezek_model::fault::Fault;
use proptest::prelude::*;

const BIDS: &str = "\
interval_start,facility,mwh,price_per_mwh,bid_at
2022-01-24T00:00:00+06:00,F1,10,15.5,2022-01-23T09:30:00+06:00
2022-01-24T00:00:00+06:00,F1,5,14,
2022-01-24T01:00:00+06:00,F2,2.5,12.000001,2022-01-23T09:31:00+06:00
";
const QUOTA: &str = "\
interval_start,zone,mwh
2022-01-24T00:00:00+06:00,north,20
2022-01-24T01:00:00+06:00,north,20
2022-01-24T02:00:00+06:00,north,0
2022-01-24T03:00:00+06:00,north,7.25
2022-01-24T00:00:00+06:00,south,3
2022-01-24T01:00:00+06:00,south,3
2022-01-24T02:00:00+06:00,south,3
2022-01-24T03:00:00+06:00,south,3
";
const PREPAID: &str = "facility,amount\nF1,1000.25\nF3,7\n";

/// The sample with what an auction needs, and without what only a plan does.
fn auction_files() -> CaseFiles {
    let mut files = files();
    for (name, text) in [("bids.csv", BIDS), ("quota.csv", QUOTA), ("prepaid.csv", PREPAID)] {
        put(&mut files, name, text);
    }
    files.files.retain(|name, _| {
        ["case.toml", "facilities.csv", "ties.csv", "bids.csv", "quota.csv", "prepaid.csv"]
            .contains(&name.as_str())
    });
    files
}

fn faults(files: &CaseFiles) -> Vec<Fault> {
    Auction::parse(files).expect_err("these files should be refused").0
}

#[test]
fn energy_and_money_are_whole_numbers() {
    let auction = Auction::parse(&auction_files()).unwrap();
    assert_eq!((auction.lot_mwh, auction.start_price_per_mwh), (Wh(1_000_000), Price(0)));
    assert_eq!(auction.zones[0].quota_mwh.as_ref().unwrap()[3], Wh(7_250_000));
    let prepaid: Vec<Money> = auction.bidders.iter().map(|bidder| bidder.prepaid).collect();
    assert_eq!(prepaid, [1_000_250_000, 0, 7_000_000].map(Money::from_millionths));
    let bids: Vec<_> =
        auction.bids.iter().map(|bid| (bid.interval, bid.bidder, bid.price_per_mwh.0)).collect();
    assert_eq!(bids, [(0, 0, 14_000_000), (0, 0, 15_500_000), (1, 1, 12_000_001)]);
    assert_eq!(auction.ties[0].limit_mwh[0], Some(Wh(100_000_000)));
    assert_eq!((auction.ties[0].limit_mwh[1], auction.ties[0].from, auction.ties[0].to), (None, 0, 1));
}

#[test]
fn settings_may_be_left_out_and_ties_shorter_than_an_hour_carry_less() {
    let mut files = auction_files();
    edit(&mut files, "case.toml", "[auction]\nlot_mwh = 1.0\nstart_price_per_mwh = 0.0\n", "");
    edit(&mut files, "case.toml", "step_minutes = 60", "step_minutes = 15");
    edit(&mut files, "case.toml", "end = \"2022-01-24T04:00\"", "end = \"2022-01-24T00:15\"");
    files.files.remove("ties.csv");
    let first =
        |text: &str, rows| text.lines().take(rows).map(|line| format!("{line}\n")).collect::<String>();
    put(&mut files, "bids.csv", &first(BIDS, 3));
    put(&mut files, "quota.csv", &first(QUOTA, 2));
    let auction = Auction::parse(&files).unwrap();
    assert_eq!(auction.lot_mwh, Wh(1_000_000));
    assert_eq!(auction.ties[0].limit_mwh, [Some(Wh(525_000_000))]);
    assert_eq!(auction.zones[1].quota_mwh, None, "nobody bids there");
}

#[test]
fn each_fault_gives_one_clear_message() {
    const B: &str = "bids.csv";
    const Q: &str = "quota.csv";
    const P: &str = "prepaid.csv";
    let changes: [(&str, &str, &str, Place, &[&str]); 21] = [
        (B, "F1,10,15.5", "F9,10,15.5", at(2, "facility"), &["F9", "facilities.csv"]),
        (B, "F1,10,15.5", "F1,-10,15.5", at(2, "mwh"), &["-10", "MWh from 0"]),
        (B, "F1,10,15.5", "F1,,15.5", at(2, "mwh"), &["blank"]),
        (B, "F1,10,15.5", "F1,0.0000001,15.5", at(2, "mwh"), &["six decimals"]),
        (B, "F1,10,15.5", "F1,10,\"15,5\"", at(2, "price_per_mwh"), &["write 15.5"]),
        (B, "F1,10,15.5", "F1,10,NaN", at(2, "price_per_mwh"), &["finite"]),
        (B, "2022-01-23T09:30:00+06:00", "2022-01-23T09:30:00", at(2, "bid_at"), &["offset"]),
        (
            B,
            "2022-01-24T01:00:00+06:00",
            "2022-01-24T01:30:00+06:00",
            at(4, "interval_start"),
            &["60 minutes"],
        ),
        (B, "2022-01-24T01:00:00+06:00", "2022-01-25T01:00:00+06:00", at(4, "interval_start"), &["horizon"]),
        (B, "F1,5,14,", "F1,5,15.50,2022-01-23T03:30:00Z", at(3, "facility"), &["second time", "row 2"]),
        (B, "price_per_mwh", "price_per_mhw", at(1, "price_per_mhw"), &["unknown column", "price_per_mwh"]),
        (Q, "south,3\n2022-01-24T01", "sauth,3\n2022-01-24T01", at(6, "zone"), &["[[zone]]", "south"]),
        (
            Q,
            "2022-01-24T02:00:00+06:00,north,0\n",
            "",
            (None, Some("interval_start")),
            &["no row for zone \"north\""],
        ),
        (Q, "north,0", "north,", at(4, "mwh"), &["blank"]),
        (Q, "north,7.25", "north,2e6", at(5, "mwh"), &["1000000"]),
        (
            Q,
            "2022-01-24T01:00:00+06:00,north",
            "2022-01-24T00:00:00+06:00,north",
            at(3, "interval_start"),
            &["second time", "row 2"],
        ),
        (P, "F3,7", "F1,7", at(3, "facility"), &["second time", "row 2"]),
        (P, "F3,7", "F4,7", at(3, "facility"), &["F4"]),
        (P, "1000.25", "-1", at(2, "amount"), &["money, zero or more"]),
        ("case.toml", "lot_mwh = 1.0", "lot_mwh = 1.00000005", at(46, "auction.lot_mwh"), &["six decimals"]),
        (
            "case.toml",
            "start_price_per_mwh = 0.0",
            "start_price_per_mwh = 0.1234567",
            at(47, "auction.start_price_per_mwh"),
            &["six decimals"],
        ),
    ];
    for (file, old, new, place, fragments) in changes {
        let mut files = auction_files();
        edit(&mut files, file, old, new);
        judge(&format!("{file}: {old:?} -> {new:?}"), &faults(&files), file, place, fragments);
    }
}

#[test]
fn a_zone_in_which_somebody_bids_needs_a_quota() {
    let mut files = auction_files();
    let north: Vec<&str> = QUOTA.lines().filter(|line| !line.contains("south")).collect();
    put(&mut files, "quota.csv", &north.join("\n"));
    judge("no south", &faults(&files), "quota.csv", (None, Some("zone")), &["\"south\"", "row 4", "with 0"]);
}

#[test]
fn what_is_missing_is_told_together() {
    let mut files = auction_files();
    for name in ["bids.csv", "quota.csv", "prepaid.csv", "facilities.csv"] {
        files.files.remove(name);
    }
    let told: Vec<_> = faults(&files).into_iter().map(|fault| (fault.file, fault.found)).collect();
    let expected = ["bids.csv", "facilities.csv", "prepaid.csv", "quota.csv"];
    assert_eq!(told, expected.map(|name| (name.to_owned(), "no such file".to_owned())));
}

#[test]
fn order_of_rows_and_spelling_change_nothing() {
    let files = auction_files();
    let auction = Auction::parse(&files).unwrap();
    let mut turned = files.clone();
    for name in ["bids.csv", "quota.csv", "prepaid.csv", "facilities.csv", "ties.csv"] {
        let whole = text(&files, name);
        let mut rows: Vec<&str> = whole.lines().skip(1).collect();
        rows.reverse();
        put(&mut turned, name, &format!("{}\n{}\n", whole.lines().next().unwrap(), rows.join("\n")));
    }
    edit(&mut turned, "bids.csv", ",10,15.5,", ",1e1,15.50,");
    let again = Auction::parse(&turned).unwrap();
    assert_eq!(auction, again);
    assert_eq!(auction.digest().unwrap(), again.digest().unwrap());
    edit(&mut turned, "prepaid.csv", "F3,7", "F3,8");
    assert_ne!(auction.digest().unwrap(), Auction::parse(&turned).unwrap().digest().unwrap());
}

#[test]
fn a_case_and_its_auction_leave_each_other_alone() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(home.path().join(name), bytes).unwrap();
    let auction = auction_files();
    for (name, bytes) in &auction.files {
        write(name, bytes);
    }
    write("forecast.csv", b"not,read");
    write("nominations.csv", b"not,read");
    assert_eq!(Auction::read(home.path()).unwrap(), Auction::parse(&auction).unwrap());
    assert_eq!(CaseFiles::of_auction(home.path()).unwrap(), auction);
    let mut case = files();
    let without = Case::parse(&case).unwrap().digest().unwrap();
    put(&mut case, "bids.csv", "not,read");
    assert_eq!(Case::parse(&case).unwrap().digest().unwrap(), without);
    let nowhere = Auction::read(&home.path().join("nowhere")).unwrap_err();
    assert!(nowhere.to_string().contains("no such folder"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_auction_or_faults_never_a_panic(edits in prop::collection::vec((any::<usize>(), any::<usize>(), 0..12_usize, 0..SPITE.len()), 1..4)) {
        let mut files = auction_files();
        for (which, at, cut, spite) in edits {
            let name = files.files.keys().nth(which % files.files.len()).unwrap().clone();
            let bytes = files.files.get_mut(&name).unwrap();
            let start = at % (bytes.len() + 1);
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, SPITE[spite].bytes());
        }
        match Auction::parse(&files) {
            Ok(auction) => prop_assert!(auction.digest().is_ok()),
            Err(faults) => prop_assert!(!faults.0.is_empty()),
        }
    }
}
