//! From a proposal to verdicts.

use chrono::TimeDelta;
use kezek_journal::verify;
use kezek_model::receipt::{Act, Compliance, Response};
use kezek_server::ServerError;

use crate::receiver::hourly;
use crate::world::{PLAN, World, after, day_before, evening, proposal};

fn status_of<T: std::fmt::Debug>(result: Result<T, ServerError>) -> (u16, String) {
    let Err(ServerError::Answered { status, error, .. }) = result else { panic!("{result:?}") };
    (status, error)
}

#[tokio::test]
async fn a_plan_becomes_orders_receipts_readings_and_verdicts() {
    let world = World::new().await;
    let [n1, s1, s2] = world.enrol_all().await;
    let digest = world.propose(&PLAN).await;
    assert_eq!(digest, PLAN.digest().unwrap());

    let (status, error) = status_of(world.as_("author").approve(&digest, "").await);
    assert_eq!(status, 409, "the author approves: {error}");
    assert!(error.contains("another person"), "{error}");
    let approved = world.as_("approver").approve(&digest, "seen").await.unwrap();
    assert_eq!((approved.approved, approved.approvals, approved.needed), (true, 1, 1));
    assert_eq!(approved.orders.len(), 3);
    assert_eq!(status_of(world.as_("second").approve(&digest, "").await).0, 409);

    world.room().tick().await.unwrap();
    for receiver in [&n1, &s1, &s2] {
        let orders = receiver.orders();
        assert_eq!(orders.len(), 1, "{}", receiver.facility);
        let order = &orders[0];
        assert_eq!(
            (order.facility.as_str(), order.environment.as_str()),
            (receiver.facility.as_str(), "test")
        );
        assert!(approved.orders.contains(&order.order_no));
        assert!(order.not_before <= order.deliver_by && order.window_to <= order.expires, "S12");
        let bundle = world.as_(if receiver.facility == "S2" { "auditor" } else { &receiver.facility });
        let bundle = bundle.bundle(&order.order_no).await.unwrap();
        assert_eq!(&bundle.body, order);
    }

    let (o1, o2) = (n1.orders().remove(0), s1.orders().remove(0));
    let accepted = n1.signed_answer(&o1, Response::Accepted, world.now());
    assert_eq!(
        world.signed("/api/v1/answers", accepted.clone()).await,
        (200, serde_json::json!({"taken": true}))
    );
    assert_eq!(world.signed("/api/v1/answers", accepted).await, (200, serde_json::json!({"taken": false})));
    let forged = s1.signed_answer(&o1, Response::Accepted, world.now());
    assert_eq!(world.signed("/api/v1/answers", forged).await.0, 401, "signed by another facility");
    let refused = s1.signed_answer(&o2, Response::Refused { reason: "furnace".into() }, world.now());
    assert_eq!(world.signed("/api/v1/answers", refused).await.0, 200);

    world.run_until(evening() + TimeDelta::hours(6)).await;
    // N1 keeps to its limits, S1 draws as if nothing had been said, S2 has no meter.
    let limits: Vec<f64> = PLAN
        .allocations
        .iter()
        .filter(|row| row.facility.as_str() == "N1")
        .map(|row| row.limit.mw())
        .collect();
    let readings = n1.signed_readings(&hourly("N1", evening(), &limits));
    assert_eq!(world.signed("/api/v1/readings", readings.clone()).await.1["taken"], true);
    assert_eq!(world.signed("/api/v1/readings", readings).await.1["taken"], false);
    let foreign = n1.signed_readings(&hourly("S1", evening(), &[0.0]));
    assert_eq!(world.signed("/api/v1/readings", foreign).await.0, 401);
    let mut feigned = hourly("S1", evening(), &[0.0; 6]);
    feigned.iter_mut().for_each(|reading| reading.source = "grid-company".into());
    let status = world.signed("/api/v1/readings", s1.signed_readings(&feigned)).await.0;
    assert_eq!(status, 403, "a facility speaks for itself only");
    let by_token = serde_json::json!({"readings": feigned}).to_string();
    assert_eq!(world.raw("POST", "/api/v1/readings", Some("S1"), by_token).await.status, 403);
    let mut s1_readings = hourly("S1", evening(), &[20.0; 6]);
    s1_readings.iter_mut().for_each(|reading| reading.source = "grid-company".into());
    assert!(world.as_("auditor").readings(s1_readings).await.unwrap().taken);
    let report = n1.signed_report(&o1, Act::Restored, o1.restore.as_ref().unwrap().from);
    assert_eq!(world.signed("/api/v1/reports", report).await.1["taken"], true);

    world.run_until(evening() + TimeDelta::hours(9)).await;
    let status = world.as_("auditor").status().await.unwrap();
    let counts = status.counts;
    assert_eq!(
        (counts.orders, counts.received, counts.accepted, counts.refused, counts.silent),
        (3, 3, 1, 1, 1)
    );
    assert_eq!((counts.complying, counts.breach, counts.unknown, counts.restored), (1, 1, 1, 1));
    assert!(status.warnings.iter().any(|warning| warning.kind == "silent"), "{:?}", status.warnings);

    let verdicts = world.as_("auditor").verdicts(None, Some("S1")).await.unwrap();
    assert!(verdicts.verdicts.iter().all(|verdict| verdict.compliance == Compliance::Breach));
    assert_eq!(verdicts.totals[0].verdict, Some(Compliance::Breach));
    assert!(verdicts.totals[0].is_final);

    // The plan leaves 3 MWh uncovered. S1 takes back its 30, S2 (no meter: 12 MW are taken) its 30.
    let uncovered = status.uncovered;
    assert!((uncovered.mwh - south_short()).abs() < 1e-6, "{uncovered:?}");
    assert!((uncovered.assumed_hours - 6.0).abs() < 1e-9);
    assert_eq!(uncovered.intervals, 12);

    let heads: Vec<_> =
        [&n1, &s1, &s2].iter().map(|receiver| receiver.orders()[0].journal_head.clone()).collect();
    let head = world.as_("auditor").journal_head().await.unwrap();
    let verified = verify(world.database(), &[heads, vec![head.clone()]].concat()).unwrap();
    assert!(verified.is_sound(), "S9: {:?}", verified.faults);
    assert_eq!(verified.head, head);
}

/// By hand: in the south 32 MW draw on headroom and planned import, in the north N1 keeps to its limit.
fn south_short() -> f64 {
    let south = PLAN.zones.iter().filter(|row| row.zone.as_str() == "south");
    south.map(|row| (32.0 - row.headroom_mw - row.import_mw).max(0.0)).sum()
}

#[tokio::test]
async fn a_plan_that_fails_its_check_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let mut plan = PLAN.clone();
    plan.allocations[0].cut.0 += 1_000;
    let result = world.as_("planner").propose(&proposal(&plan)).await;
    let Err(ServerError::Answered { status: 409, error, faults, .. }) = result else { panic!("{result:?}") };
    assert!(error.contains("fails its check") && !faults.is_empty(), "{error}: {faults:?}");
    assert_eq!(world.as_("auditor").proposals().await.unwrap(), []);

    let mut body = proposal(&PLAN);
    body.case.files.insert("forecast.csv".into(), b"interval_start,zone,headroom_mw\n".to_vec());
    let result = world.as_("planner").propose(&body).await;
    let Err(ServerError::Answered { status: 400, faults, .. }) = result else { panic!("{result:?}") };
    assert!(faults.iter().any(|fault| fault.contains("forecast.csv")), "{faults:?}");
}

#[tokio::test]
async fn two_people_approve_what_is_above_the_configured_power() {
    let world = World::with(|config| config.two_people_above = Some(kezek_model::units::Kw(30_000))).await;
    let digest = world.propose(&PLAN).await;
    let first = world.as_("approver").approve(&digest, "first").await.unwrap();
    assert_eq!((first.approved, first.needed, first.orders.len()), (false, 2, 0));
    assert_eq!(status_of(world.as_("approver").approve(&digest, "again").await).0, 409);
    let second = world.as_("second").approve(&digest, "").await.unwrap();
    assert_eq!((second.approved, second.approvals, second.orders.len()), (true, 2, 3));
    let detail = world.as_("auditor").proposal(&digest).await.unwrap();
    assert_eq!(detail.row.approvals[0].comment, "first");
    assert_eq!((detail.row.status.as_str(), detail.drafts.len(), detail.orders.len()), ("approved", 3, 3));
    let kept = world.as_("auditor").plan(&digest).await.unwrap();
    assert_eq!(kept.digest().unwrap(), digest);
}

#[tokio::test]
async fn a_returned_plan_cannot_be_approved() {
    let world = World::new().await;
    let digest = world.propose(&PLAN).await;
    assert_eq!(status_of(world.as_("approver").send_back(&digest, " ").await).0, 400, "without a word");
    world.as_("approver").send_back(&digest, "forecast is old").await.unwrap();
    let (status, error) = status_of(world.as_("second").approve(&digest, "").await);
    assert!(status == 409 && error.contains("forecast is old"), "{status} {error}");
}

#[tokio::test]
async fn a_newer_plan_supersedes_and_a_recall_brings_the_older_order_back() {
    let world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    assert_eq!(status_of(world.as_("author").propose(&proposal(&PLAN)).await).0, 409, "known already");

    let stale = world.propose(&after(&"0".repeat(64))).await;
    let (status, error) = status_of(world.as_("approver").approve(&stale, "").await);
    assert!(status == 409 && error.contains("clash"), "{error}");

    world.set(day_before() + TimeDelta::hours(1));
    let orders = world.issue(&after(&PLAN.digest().unwrap())).await;
    world.room().tick().await.unwrap();
    let came = n1.orders();
    assert_eq!(came.len(), 2);
    assert_eq!((came[0].sequence, came[1].sequence), (1, 2));
    assert_eq!(came[1].supersedes.as_ref(), Some(&came[0].order_no));
    let rows = world.as_("N1").orders(Some("superseded"), None).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0].order_no, rows[0].successor.as_ref()), (&came[0].order_no, Some(&came[1].order_no)));

    let newest = orders.iter().find(|number| number.as_str().contains("N1")).unwrap();
    let recall = world.as_("dispatcher").recall(newest, "supply is back").await.unwrap().recall_order_no;
    world.room().tick().await.unwrap();
    let came = n1.orders();
    assert_eq!((came.len(), came[2].sequence, &came[2].order_no), (3, 3, &recall));
    assert_eq!(came[2].supersedes.as_ref(), Some(newest));
    let row = world.as_("auditor").order(&came[0].order_no).await.unwrap();
    assert_eq!(row.row.life, "live", "what held below holds again");
    assert_eq!(status_of(world.as_("dispatcher").recall(newest, "again").await).0, 409);
    assert!(verify(world.database(), &[]).unwrap().is_sound());

    world.run_until(evening() + TimeDelta::hours(6)).await;
    let uncovered = world.as_("auditor").status().await.unwrap().uncovered;
    assert_eq!(uncovered.intervals, 12, "two plans for the same time count once: {uncovered:?}");
    assert!((uncovered.assumed_hours - 18.0).abs() < 1e-9, "{uncovered:?}");
}
