//! What facilities give of their own accord, and licences suspended in the middle of a plan.

use chrono::TimeDelta;
use kezek_courier::{Purpose, Signed};
use kezek_model::receipt::Voluntary;
use kezek_model::units::Kw;

use crate::receiver::hourly;
use crate::world::{PLAN, World, day_before};

#[tokio::test]
async fn a_signed_voluntary_cut_is_kept_credited_by_the_meter_and_makes_no_order() {
    let world = World::new().await;
    let n1 = world.enrol("N1").await;
    let from = day_before() + TimeDelta::hours(1);
    let declared = Voluntary {
        facility: "N1".into(),
        environment: "test".into(),
        from,
        to: from + TimeDelta::hours(2),
        limit: Kw(4_000),
        cut: Kw(6_000),
        by: "agent".into(),
    };
    let signed =
        |key| serde_json::to_vec(&Signed::new(Purpose::Voluntary, declared.clone(), key).unwrap()).unwrap();
    let stranger = kezek_courier::PrivateKey::generate().unwrap();
    assert_eq!(world.signed("/api/v1/voluntary/signed", signed(&stranger)).await.0, 401);
    for taken in [true, false] {
        let (status, body) = world.signed("/api/v1/voluntary/signed", signed(&n1.key)).await;
        assert_eq!((status, &body["taken"]), (200, &taken.into()));
    }
    let later = Voluntary { from: declared.to, to: declared.to + TimeDelta::hours(1), ..declared.clone() };
    assert!(world.as_("auditor").volunteered(&later).await.is_err(), "not hers");
    world.as_("dispatcher").volunteered(&later).await.unwrap();
    world.set(from + TimeDelta::hours(4));
    let readings = n1.signed_readings(&hourly("N1", from, &[4.1, 9.0, 4.0]));
    assert_eq!(world.signed("/api/v1/readings", readings).await.0, 200);
    let rows = world.as_("N1").voluntary().await.unwrap();
    let seen: Vec<_> =
        rows.iter().map(|row| (row.kept_minutes, row.missed_minutes, row.credited_mwh)).collect();
    assert_eq!(seen, [(60, 60, 6.0), (60, 0, 6.0)]);
    assert_eq!((rows[0].entered_by.as_deref(), rows[1].entered_by.as_deref()), (None, Some("dispatcher")));
    assert!(world.as_("S1").voluntary().await.unwrap().is_empty(), "each sees its own");
    assert!(world.as_("auditor").orders(None, None).await.unwrap().is_empty(), "never an order");
}

#[tokio::test]
async fn a_suspended_licence_is_shown_with_person_time_and_reason_and_orders_bind_on() {
    let folder = tempfile::tempdir().unwrap();
    let tenants = "facility,tenant,licence\nN1,Alpha,L-7\nS1,Alpha,L-7\nS2,Beta,L-8\n";
    std::fs::write(folder.path().join("tenants.csv"), tenants).unwrap();
    let world = World::with(|config| config.registry = Some(folder.path().to_owned())).await;
    world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    assert!(world.as_("auditor").suspend_licence("L-7", "order 7").await.is_err(), "not theirs");
    let row = world.as_("administrator").suspend_licence("L-7", "order 7").await.unwrap();
    assert_eq!(
        (row.person.as_str(), row.reason.as_str(), row.since),
        ("administrator", "order 7", world.now())
    );
    let named: Vec<_> = row.facilities.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["N1", "S1"]);
    for number in &orders {
        assert_eq!(world.as_("auditor").order(number).await.unwrap().row.life, "live");
    }
    assert_eq!(world.as_("N1").licences().await.unwrap()[0].facilities.len(), 1, "sees itself");
    world.as_("administrator").reinstate_licence("L-7", "withdrawn").await.unwrap();
    assert!(world.as_("auditor").licences().await.unwrap().is_empty());
}
