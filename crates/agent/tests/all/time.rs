//! On time, with and without a network.

use crate::world::{Room, World, at};
use chrono::TimeDelta;
use kezek_model::receipt::{Act, Quality, Response};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn cut_and_restored_on_time_without_a_network_and_told_when_it_is_back() {
    let room = Room::default();
    let (address, serving) = room.listen().await;
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    assert_eq!(world.give(&agent, &world.order(1)).await, 200);
    serving.abort();
    let _ = serving.await;
    world.leap(&agent, at(90)).await;
    assert_eq!(world.told(), [(at(0), Some(2000)), (at(75), None)]);
    assert_eq!(room.got.lock().unwrap().len(), 0);
    let readings_waiting = 10;
    assert_eq!(agent.standing().unsent, 1 + 2 + readings_waiting);

    let _serving = room.listen_at(address).await;
    world.leap(&agent, at(91)).await;
    assert_eq!(agent.standing().unsent, 0);
    let answers = room.answers(&world);
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (&answers[0].answer, answers[0].by.as_str(), answers[0].at),
        (&Response::Accepted, "agent", at(-60))
    );
    let reports: Vec<_> = room
        .reports(&world)
        .iter()
        .map(|report| (report.act, report.limit.map(|l| l.0), report.due_at, report.at))
        .collect();
    assert_eq!(reports, [(Act::Limited, Some(2000), at(0), at(0)), (Act::Restored, None, at(75), at(75))]);
    let readings = room.readings(&world);
    assert_eq!(readings.len(), readings_waiting);
    let means: Vec<_> = readings.iter().map(|reading| reading.mean.0 / 1000).collect();
    assert_eq!(means, [10, 10, 10, 10, 2, 2, 2, 2, 2, 10]);
    assert!(readings.iter().all(|reading| reading.quality == Quality::Ok && reading.source == "agent"));
    assert_eq!((readings[0].interval_start, readings[9].interval_end), (at(-60), at(90)));
}

#[tokio::test]
async fn failed_sends_are_tried_again_at_the_agreed_distances() {
    let world = World::new("'accept'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    let mut attempts = Vec::new();
    for _ in 0..8 {
        agent.tick().await;
        let due = agent.next_due().unwrap();
        attempts.push((due - world.now()).num_seconds());
        world.set(due);
    }
    assert_eq!(attempts, [1, 2, 4, 8, 15, 30, 30, 30]);
}

#[tokio::test]
async fn a_message_that_is_not_taken_waits_alone() {
    let room = Room::default();
    let (address, _serving) = room.listen().await;
    room.status.store(409, Ordering::Relaxed);
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    agent.tick().await;
    assert_eq!((agent.standing().unsent, agent.next_due()), (1, Some(at(-60) + TimeDelta::seconds(1))));
    room.status.store(200, Ordering::Relaxed);
    world.set(at(-60) + TimeDelta::seconds(1));
    agent.tick().await;
    assert_eq!(agent.standing().unsent, 0);
}

#[tokio::test]
async fn a_driver_that_fails_is_tried_again_and_what_held_holds() {
    let world = World::new("'accept'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.load.fails.store(true, Ordering::Relaxed);
    world.leap(&agent, at(0) + TimeDelta::seconds(59)).await;
    assert_eq!(agent.standing().applied.limit, None);
    world.load.fails.store(false, Ordering::Relaxed);
    world.leap(&agent, at(74)).await;
    assert_eq!(world.told(), [(at(1), Some(2000))]);
    world.load.fails.store(true, Ordering::Relaxed);
    world.leap(&agent, at(75) + TimeDelta::seconds(10)).await;
    assert_eq!(agent.standing().applied.limit.map(|limit| limit.0), Some(2000), "a failure releases nothing");
    world.load.fails.store(false, Ordering::Relaxed);

    let room = Room::default();
    let (address, _serving) = room.listen().await;
    drop(agent);
    let mut world = world;
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    world.leap(&agent, at(80)).await;
    let reports: Vec<_> = room.reports(&world).iter().map(|report| (report.act, report.due_at)).collect();
    let expected =
        [(Act::Failed, at(0)), (Act::Limited, at(0)), (Act::Failed, at(75)), (Act::Restored, at(75))];
    assert_eq!(reports, expected);
}

#[tokio::test]
async fn a_clock_set_back_brings_the_limit_of_that_instant_back() {
    let world = World::new("'accept'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.leap(&agent, at(76)).await;
    world.set(at(10));
    agent.tick().await;
    assert_eq!(agent.standing().applied.limit.map(|limit| limit.0), Some(2000));
}

#[tokio::test]
async fn a_clock_that_ran_ahead_and_was_set_right_stops_no_readings() {
    let room = Room::default();
    let (address, serving) = room.listen().await;
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let mut agent = world.open();
    serving.abort();
    let _ = serving.await;
    world.set(at(60 * 24));
    agent.tick().await;
    let _serving = room.listen_at(address).await;
    for (now, restarts) in [(at(0), false), (at(15), false), (at(30), true), (at(45), false)] {
        world.set(now);
        if restarts {
            drop(agent);
            agent = world.open();
        }
        agent.tick().await;
    }
    let readings = room.readings(&world);
    let came = |from: i64| readings.iter().any(|reading| reading.interval_start == at(from));
    assert!([0, 15, 30].into_iter().all(came), "{readings:?}");
    assert!(readings.iter().all(|reading| reading.interval_end <= at(45)), "{readings:?}");
}

#[tokio::test]
async fn a_deeper_order_is_followed_by_the_one_below_it() {
    let room = Room::default();
    let (address, _serving) = room.listen().await;
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    let mut deep = world.order(2);
    (deep.window_from, deep.window_to) = (at(10), at(20));
    (deep.segments[0].from, deep.segments[0].to) = (at(10), at(20));
    deep.segments[0].limit = deep.floor;
    deep.restore.as_mut().unwrap().from = at(25);
    world.give(&agent, &world.order(1)).await;
    world.give(&agent, &deep).await;
    world.leap(&agent, at(90)).await;
    let expected = [(at(0), Some(2000)), (at(10), Some(500)), (at(25), Some(2000)), (at(75), None)];
    assert_eq!(world.told(), expected);
    let reports: Vec<_> = room
        .reports(&world)
        .iter()
        .map(|report| (report.sequence, report.act, report.limit.map(|limit| limit.0)))
        .collect();
    assert_eq!(
        reports,
        [
            (1, Act::Limited, Some(2000)),
            (2, Act::Limited, Some(500)),
            (2, Act::Restored, Some(2000)),
            (1, Act::Limited, Some(2000)),
            (1, Act::Restored, None),
        ]
    );
}

#[tokio::test]
async fn a_recall_lifts_the_limit_and_is_answered_itself() {
    let room = Room::default();
    let (address, _serving) = room.listen().await;
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    let order = world.order(1);
    world.give(&agent, &order).await;
    world.leap(&agent, at(30)).await;
    assert_eq!(world.give(&agent, &world.recall(2, &order)).await, 200);
    world.leap(&agent, at(100)).await;
    assert_eq!(world.told(), [(at(0), Some(2000)), (at(30), None)]);
    assert_eq!(room.answers(&world).len(), 2);
    let last = room.reports(&world).pop().unwrap();
    assert_eq!((last.sequence, last.act, last.limit, last.due_at), (1, Act::Restored, None, at(30)));
}

#[tokio::test]
async fn answers_follow_the_policy() {
    let world = World::new("{ accept-after = 600 }");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    agent.tick().await;
    assert_eq!(agent.standing().holdings[0].answer, None);
    assert_eq!(agent.next_due(), Some(at(-50)));
    world.leap(&agent, at(-50)).await;
    agent.tick().await;
    let answer = agent.standing().holdings[0].answer.clone().unwrap();
    assert_eq!((answer.answer, answer.at), (Response::Accepted, at(-50)));

    let world = World::new("{ refuse = 'hospital' }");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.leap(&agent, at(90)).await;
    assert_eq!(world.told(), [], "a refused order is not carried out");

    let world = World::new("'manual'");
    let agent = world.open();
    let order = world.order(1);
    world.give(&agent, &order).await;
    world.leap(&agent, at(5)).await;
    assert_eq!(world.told(), [(at(0), Some(2000))], "an unanswered order is obeyed");
    let refused = Response::Refused { reason: "pumps".into() };
    agent.answer(&order.order_no, "A. Duty", refused).await.unwrap();
    agent.tick().await;
    assert_eq!(world.told()[1..], [(at(5), None)]);
    let unknown = agent.answer(&"none".into(), "A. Duty", Response::Accepted).await.unwrap_err();
    assert!(unknown.to_string().contains("order none is not stored here"));
}

#[tokio::test]
async fn a_driver_that_failed_may_have_cut_and_is_told_again_that_the_load_is_free() {
    let world = World::new("'accept'");
    let agent = world.open();
    let order = world.order(1);
    world.give(&agent, &order).await;
    world.load.fails.store(true, Ordering::Relaxed);
    world.leap(&agent, at(1)).await;
    world.give(&agent, &world.recall(2, &order)).await;
    world.leap(&agent, at(2)).await;
    world.load.fails.store(false, Ordering::Relaxed);
    drop(agent);
    let agent = world.open();
    world.leap(&agent, at(5)).await;
    assert_eq!(world.told(), [(at(2), None)]);
}
