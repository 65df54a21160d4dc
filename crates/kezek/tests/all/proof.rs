//! What is proven afterwards: settlement and evidence of the evening, with one facility that obeys, one that refuses and
//! one that says yes and does not cut.

use crate::room::{Evening, at, settings};
use crate::{run, snapshot};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_courier::{PrivateKey, PublicKey, Purpose, Signed};
use kezek_journal::{Link, Record, Stretch};
use kezek_model::canonical::canonical_json;
use kezek_model::order::Head;
use kezek_server::evidence::verify::{Finding, verify};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Two versions of prices: the second begins in the middle of the evening.
fn case(home: &tempfile::TempDir) -> PathBuf {
    let folder = run::copy_of("small", home);
    let first = std::fs::read_to_string(run::root().join("schedules/penalty-assumed.toml")).unwrap();
    let second = first
        .replace("penalty/1", "penalty/2")
        .replace("2025-12-01", "2026-01-10")
        .replace("[scope]", "daily_from = \"19:00\"\n\n[scope]")
        .replace("penalty_per_mwh = 581.68", "penalty_per_mwh = 700.00\ncredit_per_mwh = 200.00");
    std::fs::write(folder.join("first.toml"), first).unwrap();
    std::fs::write(folder.join("second.toml"), second).unwrap();
    run::replace(
        &folder.join("case.toml"),
        "name = \"small\"",
        "name = \"small\"\nschedules = [\"first.toml\", \"second.toml\"]",
    );
    folder
}

async fn evening() -> Evening {
    let evening = approved().await;
    evening.run_until(at("2026-01-16T12:00:00Z")).await;
    evening
}

async fn approved() -> Evening {
    let evening = proposed(&[]).await;
    evening.as_("chief", &["approve", "latest", "--yes"]).ends_with(0);
    evening
}

async fn proposed(more: &[&str]) -> Evening {
    let home = run::home();
    let case = case(&home);
    let evening = Evening::of(home, &case).await;
    let plan = run::planned(run::arg(&case), &evening.home.path().join("plan"));
    let propose = ["propose", run::arg(&case), run::arg(&plan)];
    evening.as_("author", &[&propose[..], more].concat()).ends_with(0);
    evening
}

fn exported(evening: &Evening, order: &str) -> PathBuf {
    let out = evening.home.path().join(format!("{order}.json"));
    evening.as_("auditor", &["evidence", "export", order, "--out", run::arg(&out)]).ends_with(0);
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_settled_by_the_prices_of_each_hour() {
    let evening = evening().await;
    let dispatch = |args: &[&str]| evening.as_("dispatcher", args).ends_with(0).stdout;
    settings().bind(|| {
        snapshot!("settlement", dispatch(&["settlement", "--zone", "Asia/Almaty"]));
        snapshot!("settlement-csv", dispatch(&["settlement", "--facility", "S2", "--format", "csv"]));
    });
    let told: Value = serde_json::from_str(&dispatch(&["settlement", "--format", "json"])).unwrap();
    let cents = |text: &Value| text.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    for line in told["lines"].as_array().unwrap() {
        let sign = if line["kind"] == "penalty" { 1.0 } else { -1.0 };
        let exact = sign * line["energy_mwh"].as_f64().unwrap() * cents(&line["price_per_mwh"]) as f64;
        assert!((exact - cents(&line["amount"]) as f64).abs() <= 0.5, "{line}");
    }
    let owed: i64 = told["lines"].as_array().unwrap().iter().map(|line| cents(&line["amount"])).sum();
    let sums: i64 = told["sums"].as_array().unwrap().iter().map(|sum| cents(&sum["amount"])).sum();
    assert_eq!(owed, sums);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_evidence_of_an_order_proves_itself() {
    let evening = evening().await;
    for order in ["2026-0115-N1-v1", "2026-0115-S1-v1", "2026-0115-S2-v1"] {
        let file = exported(&evening, order);
        let found = run::kezek(&["evidence", "verify", run::arg(&file)]).ends_with(0).stdout;
        assert!(found.contains("the evidence holds"), "{found}");
        if order.contains("S2") {
            settings().bind(|| snapshot!("evidence", found));
        }
    }
    let file = evening.home.path().join("2026-0115-S2-v1.json");
    let key = control_room_key(&evening).public().to_string();
    let other = PrivateKey::generate().unwrap().public().to_string();
    let check = |more: &[&str]| run::kezek(&[&["evidence", "verify", run::arg(&file)], more].concat());
    assert!(check(&["--key", &key]).ends_with(0).stdout.contains("signed by the control room"));
    assert!(check(&["--key", &other]).ends_with(9).stdout.contains("FAULT  seal"));
    let body: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let head: Head = serde_json::from_value(body["body"]["heads"][0].clone()).unwrap();
    check(&["--head", &head.to_string()]).ends_with(0);
    let forged = Head { hash: "0".repeat(64), ..head };
    assert!(check(&["--head", &forged.to_string()]).ends_with(9).stdout.contains("FAULT  chain"));
    check(&["--key", "nonsense"]).ends_with(2);
    run::kezek(&["evidence", "verify", "nowhere.json"]).ends_with(3);
    let again = ["evidence", "export", "2026-0115-S2-v1", "--out", run::arg(&file)];
    assert!(evening.as_("auditor", &again).ends_with(3).stderr.contains("exists already"));
    let unknown = evening.home.path().join("unknown.json");
    evening
        .as_("auditor", &["evidence", "export", "2020-0101-N1-v1", "--out", run::arg(&unknown)])
        .ends_with(3);
    assert!(!unknown.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recalled_order_its_recall_and_an_evening_that_is_not_over_prove_themselves() {
    let evening = approved().await;
    evening.run_until(at("2026-01-15T14:30:00Z")).await;
    let holds = |order: &str| {
        let file = exported(&evening, order);
        let found = run::kezek(&["evidence", "verify", run::arg(&file)]).ends_with(0).stdout;
        std::fs::remove_file(file).unwrap();
        found
    };
    assert!(holds("2026-0115-S2-v1").contains("breach, so far"));
    evening
        .as_("dispatcher", &["recall", "2026-0115-S2-v1", "--reason", "unit 3 is back", "--yes"])
        .ends_with(0);
    evening.run_until(at("2026-01-16T12:00:00Z")).await;
    assert!(holds("2026-0115-S2-v1").contains("breach, final"));
    assert!(holds("2026-0115-S2-v2").contains("never governed"));
    let settled =
        evening.as_("dispatcher", &["settlement", "--order", "2026-0115-S2-v1"]).ends_with(0).stdout;
    assert!(
        settled.contains("12:00-14:00") && !settled.contains("penalty/2"),
        "the recall ends it: {settled}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_evidence_of_an_emergency_wants_its_second_person() {
    let evening = proposed(&["--emergency"]).await;
    evening.as_("author", &["approve", "latest", "--yes"]).ends_with(0);
    let out = |name: &str| evening.home.path().join(name);
    let export = |out: &PathBuf| {
        evening.as_("auditor", &["evidence", "export", "2026-0115-N1-v1", "--out", run::arg(out)])
    };
    let (alone, both) = (out("alone.json"), out("both.json"));
    assert!(export(&alone).ends_with(9).stderr.contains("no second person"));
    run::kezek(&["evidence", "verify", run::arg(&alone)]).ends_with(9);
    evening.as_("chief", &["approve", "latest", "--yes"]).ends_with(0);
    export(&both).ends_with(0);
    let found = run::kezek(&["evidence", "verify", run::arg(&both)]).ends_with(0).stdout;
    assert!(found.contains("the second in time"), "{found}");
}

fn control_room_key(evening: &Evening) -> PrivateKey {
    PrivateKey::load(&evening.home.path().join("control-room.key")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_changed_byte_is_refused() {
    let evening = evening().await;
    let bytes = std::fs::read(exported(&evening, "2026-0115-S2-v1")).unwrap();
    assert_eq!(verify(&bytes, None, &[]).faults, []);
    let mut places: Vec<usize> = (0..bytes.len()).step_by(bytes.len() / 250).collect();
    places.extend(bytes.len() - 200..bytes.len());
    for place in places {
        for bit in [1, 0x20] {
            let mut changed = bytes.clone();
            changed[place] ^= bit;
            let finding = verify(&changed, None, &[]);
            assert!(!finding.is_sound(), "byte {place}, {:?} for {:?}", changed[place], bytes[place]);
        }
    }
    for changed in [&bytes[..bytes.len() - 1], &[&bytes[..], b"\n"].concat(), b"", b"{}"] {
        assert!(!verify(changed, None, &[]).is_sound());
    }
}

/// A file whose control room lies: changed, and signed again with its key.
struct Forger {
    body: Value,
    key: PrivateKey,
}

impl Forger {
    fn judged(&self, change: impl FnOnce(&mut Value)) -> Finding {
        let mut body = self.body.clone();
        change(&mut body);
        let signed = Signed::new(Purpose::Evidence, body, &self.key).unwrap();
        let key: PublicKey = self.key.public();
        verify(&canonical_json(&signed).unwrap(), Some(&key), &[])
    }

    fn faults(&self, change: impl FnOnce(&mut Value)) -> Vec<&'static str> {
        self.judged(change).faults.into_iter().map(|(part, _)| part).collect()
    }
}

/// The first whole record of a kind.
fn record<'a>(body: &'a mut Value, kind: &str) -> &'a mut Value {
    let stretches = body["chain"].as_array_mut().unwrap().iter_mut();
    let mut links = stretches.flat_map(|stretch| stretch["links"].as_array_mut().unwrap());
    let found = links.find(|link| link["whole"]["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}"))
}

/// Names the heads that the changed records lead to, as one could who wrote the journal anew.
fn rename_heads(body: &mut Value) {
    let chain: Vec<Stretch> = serde_json::from_value(body["chain"].clone()).unwrap();
    let ends: Vec<Head> = chain.iter().filter_map(|stretch| stretch.heads().unwrap().pop()).collect();
    body["heads"] = json!(ends);
}

/// Puts the stub of a record in its place.
fn hide(body: &mut Value, kind: &str) {
    let chain: Vec<Stretch> = serde_json::from_value(body["chain"].clone()).unwrap();
    let heads = chain[0].heads().unwrap();
    let place =
        chain[0].links.iter().position(|link| matches!(link, Link::Whole(whole) if whole.kind == kind));
    let place = place.unwrap();
    let Link::Whole(whole) = &chain[0].links[place] else { unreachable!() };
    let hidden = Record {
        seq: heads[place].seq,
        at: whole.at.parse().unwrap(),
        kind: whole.kind.clone(),
        body: whole.body.clone(),
        documents: whole.documents.clone(),
        prev: if place == 0 { chain[0].after.hash.clone() } else { heads[place - 1].hash.clone() },
        hash: heads[place].hash.clone(),
    };
    body["chain"][0]["links"][place] = serde_json::to_value(Link::stub(&hidden).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_part_finds_its_own_forgery_though_the_control_room_signs_it() {
    let evening = evening().await;
    let bytes = std::fs::read(exported(&evening, "2026-0115-S2-v1")).unwrap();
    let body = serde_json::from_slice::<Value>(&bytes).unwrap()["body"].take();
    let forger = Forger { body, key: control_room_key(&evening) };
    assert_eq!(forger.faults(|_| ()), Vec::<&str>::new());

    let event = |body: &mut Value, kind: &str, field: &str, value: Value| {
        record(body, kind)["whole"]["body"]["event"][field] = value;
    };
    // The approver is another person: the chain breaks; written anew, the author is found.
    assert_eq!(forger.faults(|body| event(body, "approved", "person", "bolat".into())), ["chain"]);
    let own = forger.faults(|body| {
        event(body, "approved", "person", "Author".into());
        rename_heads(body);
    });
    assert_eq!(own, ["approvals"]);
    // A reading is shifted: the chain breaks; written anew, the facility has not signed it and the verdict is another.
    let shift = |body: &mut Value| {
        let reading = &mut record(body, "read")["whole"]["body"]["event"]["readings"][0];
        reading["mean_mw"] = json!(reading["mean_mw"].as_f64().unwrap() + 1.0);
    };
    assert!(forger.faults(shift).starts_with(&["chain"]));
    let anew = forger.faults(|body| {
        shift(body);
        rename_heads(body);
    });
    assert!(anew.contains(&"readings"), "{anew:?}");
    // A receipt is dropped from the chain, replaced by its stub, or what the facility signed is another's.
    let dropped = forger.faults(|body| {
        let links = body["chain"][0]["links"].as_array_mut().unwrap();
        links.retain(|link| link["whole"]["kind"] != "answered");
    });
    assert!(dropped.contains(&"chain"), "{dropped:?}");
    assert_eq!(forger.faults(|body| hide(body, "answered")), ["documents"]);
    let swapped = forger.faults(|body| {
        let digest = record(body, "answered")["whole"]["documents"][0].as_str().unwrap().to_owned();
        body["documents"][&digest] = STANDARD.encode(b"{}").into();
    });
    assert_eq!(swapped, ["documents"]);
    // An attempt is hidden.
    assert_eq!(forger.faults(|body| hide(body, "attempt-intended")), ["delivery"]);
    // The chain is cut off.
    let cut = forger.faults(|body| {
        body["chain"][0]["links"].as_array_mut().unwrap().pop();
    });
    assert!(cut.contains(&"chain"), "{cut:?}");
    // The order, the plan, the forecast, the verdict.
    assert_eq!(
        forger.faults(|body| body["orders"][0]["body"]["segments"][0]["limit_mw"] = json!(7.5)),
        ["order", "plan", "verdict"]
    );
    let spoilt = |body: &mut Value| body["forecast"]["sha256"] = "0".repeat(64).into();
    assert_eq!(forger.faults(spoilt), ["plan"]);
    assert_eq!(forger.faults(|body| body["verdict"]["breach"] = json!(0)), ["verdict"]);
    assert_eq!(forger.faults(|body| body["orders"] = json!([])), ["chain", "order"]);
    // That a record is hidden with all that came with it only the control room's word excludes: without its key it shows.
    let hidden = |body: &mut Value| {
        let digest = record(body, "answered")["whole"]["documents"][0].as_str().unwrap().to_owned();
        hide(body, "answered");
        body["documents"].as_object_mut().unwrap().remove(&digest);
    };
    assert_eq!(forger.faults(hidden), Vec::<&str>::new());
    let mut file: Value = serde_json::from_slice(&bytes).unwrap();
    hidden(&mut file["body"]);
    let unsigned = verify(&canonical_json(&file).unwrap(), None, &[]).faults;
    assert_eq!(unsigned.iter().map(|(part, _)| *part).collect::<Vec<_>>(), ["seal"]);
}
