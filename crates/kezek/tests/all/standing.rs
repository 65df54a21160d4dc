//! Where a facility stands beside its orders, as people type it: the address that holds, what is given of one's own
//! accord, and licences.

use crate::room::{Evening, at, settings};
use crate::{run, snapshot};
use kezek_courier::PrivateKey;
use std::path::PathBuf;

fn token(evening: &Evening, person: &str) -> PathBuf {
    let path = evening.home.path().join(format!("{person}.token"));
    std::fs::write(&path, person).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_let_an_address_hold_and_a_file_alone_nothing() {
    let evening = Evening::new().await;
    let key = PrivateKey::generate().unwrap().public();
    let header = "facility,channel,address,public_key,relay\n";
    let row = format!("S1,push,https://orders.example.kz/s1,{key},regional-grid\n");
    evening.registry("endpoints.csv", &format!("{header}{row}")).await;
    let path = evening.home.path().join("registry/endpoints.csv");
    let facilities = || evening.as_("auditor", &["facilities"]).ends_with(0).stdout;
    settings().bind(|| snapshot!("adopt-proposed", facilities()));
    let [chief, own] = ["chief", "administrator"].map(|person| token(&evening, person));
    let ask = |facility: &str, second: &PathBuf, yes: &[&str]| {
        let args = ["adopt", facility, "--reason", "from May on", "--second-token-file", run::arg(second)];
        evening.as_("administrator", &[&args[..], yes].concat())
    };
    let adopt = |facility: &str, second: &PathBuf| ask(facility, second, &["--yes"]);
    let unasked = ask("S1", &chief, &[]).ends_with(7).stderr;
    settings().bind(|| snapshot!("adopt-asked", unasked));
    let alone = adopt("S1", &own).ends_with(7);
    assert!(alone.stderr.contains("another person must"), "{}", alone.stderr);
    adopt("N1", &chief).ends_with(3);
    assert!(facilities().contains("takes two people"), "nothing holds yet");
    std::fs::write(&path, format!("{header}{row}N1,push,https://a.example.kz/n1,,\n")).unwrap();
    let spoilt = adopt("S1", &chief).ends_with(7);
    assert!(spoilt.stderr.contains("endpoints.csv, row 3, public_key"), "{}", spoilt.stderr);
    std::fs::write(&path, format!("{header}{}", row.replace("/s1", "/south"))).unwrap();
    let adopted = adopt("S1", &chief).ends_with(0);
    let expected = "orders for S1 go to https://orders.example.kz/south from now on\n";
    assert_eq!(adopted.stdout, expected, "what the file says now, and not when it was last looked at");
    settings().bind(|| snapshot!("adopt-adopted", facilities()));
    adopt("S1", &chief).ends_with(7);
    let missing = adopt("S1", &evening.home.path().join("nobody.token")).ends_with(3);
    assert!(missing.stderr.contains("nobody.token"), "{}", missing.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_facility_gives_is_declared_before_it_begins_and_listed_with_what_the_meter_says() {
    let evening = Evening::new().await;
    let declare = |person: &str, facility: &str, from: &str, limit: &str| {
        let args = ["voluntary", "declare", facility, "--from", from, "--to", "2026-01-14T20:00:00+05:00"];
        let more = ["--limit-mw", limit, "--cut-mw", "15", "--said-by", "A. Serik"];
        evening.as_(person, &[&args[..], &more[..]].concat())
    };
    let none = evening.as_("auditor", &["voluntary", "list"]).ends_with(0).stdout;
    assert_eq!(none, "nobody has declared a voluntary cut\n");
    let six = "2026-01-14T18:00:00+05:00";
    declare("auditor", "N1", six, "5").ends_with(7);
    declare("dispatcher", "N9", six, "5").ends_with(3);
    declare("dispatcher", "N1", "2026-01-14T18:00", "5").ends_with(2);
    assert!(declare("dispatcher", "N1", six, "5.0001").ends_with(3).stderr.contains("whole number of kW"));
    let begun = declare("dispatcher", "N1", "2026-01-14T16:00:00+05:00", "5").ends_with(7);
    assert!(begun.stderr.contains("was possible until 2026-01-14 11:00:00 UTC"), "{}", begun.stderr);
    assert!(declare("dispatcher", "N1", six, "5").ends_with(0).stdout.contains("is kept"));
    assert!(declare("dispatcher", "N1", six, "5").ends_with(0).stdout.contains("nothing changes"));
    evening.run_until(at("2026-01-14T16:00:00Z")).await;
    settings().bind(|| {
        snapshot!("voluntary", evening.as_("auditor", &["voluntary", "list"]).ends_with(0).stdout);
        let csv = ["voluntary", "list", "--format", "csv"];
        snapshot!("voluntary-csv", evening.as_("auditor", &csv).ends_with(0).stdout);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_licence_says_what_the_next_case_must_say() {
    let evening = Evening::new().await;
    evening.registry("tenants.csv", "facility,tenant,licence\nN1,Alpha,L-7\nS1,Alpha,L-7\n").await;
    let licence = |person: &str, verb: &str, licence: &str| {
        evening.as_(person, &["licence", verb, licence, "--reason", "order 7 of the ministry"])
    };
    let list = || evening.as_("auditor", &["licence", "list"]).ends_with(0).stdout;
    assert_eq!(list(), "no licence is suspended\n");
    licence("auditor", "suspend", "L-7").ends_with(7);
    let suspended = licence("dispatcher", "suspend", "L-7").ends_with(0).stdout;
    settings().bind(|| {
        snapshot!("licence-suspended", suspended);
        snapshot!("licences", list());
    });
    licence("dispatcher", "suspend", "L-7").ends_with(7);
    assert!(
        licence("dispatcher", "suspend", "L-9").ends_with(0).stdout.contains("no facility stands under it")
    );
    let again = licence("administrator", "reinstate", "L-7").ends_with(0).stdout;
    assert_eq!(again, "licence L-7 holds again; give it its quota in the next case\n");
    licence("administrator", "reinstate", "L-7").ends_with(7);
    assert!(!list().contains("L-7"), "{}", list());
}
