//! The plug is pulled: nothing is lost, nothing doubled.

use std::fs;
use std::time::Duration;

use kezek_journal::verify;
use kezek_model::receipt::Response;
use kezek_server::{ControlRoom, ServerError};

use crate::world::{PLAN, World};

#[tokio::test]
async fn a_crash_in_the_middle_of_delivery_loses_and_doubles_nothing() {
    let mut world = World::new().await;
    let [n1, s1, s2] = world.enrol_all().await;
    s2.hold().await;
    let issued = world.issue(&PLAN).await;
    world.room().advance().await.unwrap();
    while s2.came().is_empty() || n1.came().is_empty() || s1.came().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = n1.signed_answer(&n1.orders()[0], Response::Accepted, world.now());
    assert_eq!(world.signed("/api/v1/answers", answer.clone()).await.0, 200);
    while world.as_("auditor").status().await.unwrap().counts.received < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = world.room().look(Clone::clone);
    world.crash().await;
    s2.release();

    world.start().await;
    let after = world.room().look(Clone::clone);
    assert_eq!((before.state.epoch(), after.state.epoch()), (1, 2));
    assert_eq!(after.head.seq, before.head.seq + 1, "only the new start was added");
    world.room().tick().await.unwrap();
    let rows = world.as_("auditor").orders(None, None).await.unwrap();
    assert_eq!(rows.len(), issued.len());
    assert!(rows.iter().all(|row| issued.contains(&row.order_no) && row.delivery == "received"), "{rows:?}");
    assert_eq!((n1.came().len(), s1.came().len()), (1, 1), "what had arrived is not sent again");
    let came = s2.orders();
    assert_eq!(came.len(), 2, "what was under way is sent again");
    assert_eq!(came[0], came[1], "with the same bytes");
    assert_eq!(world.signed("/api/v1/answers", answer).await.1["taken"], false, "the answer is remembered");
    assert!(verify(world.database(), &[before.head, came[0].journal_head.clone()]).unwrap().is_sound());
}

/// Waits until so many orders have been received, by the control room's own book.
async fn received(world: &World, count: u64) {
    let known = || world.room().look(|book| kezek_engine::query::summary(&book.state).received);
    while known() < count {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn wherever_the_plug_is_pulled_each_facility_ends_with_its_one_order() {
    for point in 0..5 {
        let mut world = World::new().await;
        let receivers = world.enrol_all().await;
        let issued = world.issue(&PLAN).await;
        if point > 0 {
            world.room().advance().await.unwrap();
            received(&world, point - 1).await;
        }
        world.crash().await;
        world.start().await;
        world.room().tick().await.unwrap();
        let rows = world.as_("auditor").orders(None, None).await.unwrap();
        assert_eq!(rows.len(), 3, "point {point}");
        assert!(rows.iter().all(|row| row.delivery == "received"), "point {point}: {rows:?}");
        for receiver in &receivers {
            let mut orders = receiver.orders();
            orders.dedup();
            assert_eq!(orders.len(), 1, "point {point}: one order, however often it came");
            assert!(issued.contains(&orders[0].order_no));
        }
        let heads: Vec<_> =
            receivers.iter().map(|receiver| receiver.orders()[0].journal_head.clone()).collect();
        assert!(verify(world.database(), &heads).unwrap().is_sound(), "point {point}");
    }
}

#[tokio::test]
async fn a_replay_gives_the_same_orders_to_the_byte() {
    let mut world = World::new().await;
    world.enrol_all().await;
    world.set(world.now() + chrono::TimeDelta::nanoseconds(123_456_789));
    let issued = world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    let mut before = Vec::new();
    for number in &issued {
        before.push(world.as_("auditor").bundle(number).await.unwrap());
    }
    world.crash().await;
    world.start().await;
    for (number, known) in issued.iter().zip(before) {
        assert_eq!(world.as_("auditor").bundle(number).await.unwrap(), known);
    }
}

#[tokio::test]
async fn one_writer_one_environment_and_an_unbroken_chain() {
    let mut world = World::new().await;
    world.propose(&PLAN).await;
    let second = ControlRoom::open(world.config.clone(), world.clock()).await.err().unwrap();
    assert!(second.to_string().contains("another process"), "{second}");
    world.crash().await;

    let mut config = world.config.clone();
    config.environment = "live".into();
    let other = ControlRoom::open(config, world.clock()).await.err().unwrap();
    assert!(matches!(other, ServerError::Refused(_)), "{other}");

    let mut bytes = fs::read(world.database()).unwrap();
    let place = bytes.windows(6).position(|window| window == b"author").unwrap();
    let author = bytes[place..].windows(6).position(|window| window == b"author").unwrap() + place;
    bytes[author] = b'A';
    fs::write(world.database(), bytes).unwrap();
    let broken = ControlRoom::open(world.config.clone(), world.clock()).await.err().unwrap();
    assert_eq!(broken.exit_code(), 9, "{broken}");
}
