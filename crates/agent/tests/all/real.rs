//! The real loop, with the machine's clock.

use crate::world::{Room, World, at};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_agent::{Agent, Store, run};
use kezek_courier::{AddressRules, GuardedClient, Timeouts};
use kezek_model::receipt::{Act, Response};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loop_takes_an_order_cuts_answers_restores_and_ends() {
    let room = Room::default();
    let (address, _serving) = room.listen().await;
    let mut world = World::new("'manual'");
    world.set(Utc::now());
    world.config.server_url = format!("http://{address}");
    let admin = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    world.config.admin_listen = Some(admin);
    let store = Store::open(&world.config.store_file).unwrap();
    let driver = Box::new(Arc::clone(&world.load));
    let agent = Agent::open(world.config.clone(), store, driver, Arc::new(Utc::now)).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = format!("http://{}/orders", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(agent, listener, async {
        let _ = stopped.await;
    }));

    let mut order = world.order(1);
    let from = Utc::now();
    let to = from + TimeDelta::seconds(4);
    (order.window_from, order.window_to, order.expires) = (from, to, to);
    (order.segments[0].from, order.segments[0].to) = (from, to);
    order.restore.as_mut().unwrap().from = to;
    let (headers, body) = world.envelope(&order);
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let rules = AddressRules { allow_loopback: true, allow: vec![] };
    let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
    assert_eq!(client.post(&door, &headers, body).await.unwrap().status, 200);
    until("the cut", || world.told().len() == 1).await;
    assert!(Utc::now() < to, "an order is carried out at once");

    let said = json!({ "by": "A. Duty", "answer": { "response": "accepted" } }).to_string().into_bytes();
    let url = format!("http://{admin}/orders/{}/answer", order.order_no);
    assert_eq!(client.post(&url, &[], said.clone()).await.unwrap().status, 200);
    assert_eq!(client.post(&url, &[("host", "web.example.kz")], said.clone()).await.unwrap().status, 403);
    let unknown = format!("http://{admin}/orders/none/answer");
    assert_eq!(client.post(&unknown, &[], said).await.unwrap().status, 404);
    let page = client.get(&format!("http://{admin}/orders"), &[]).await.unwrap();
    assert!(String::from_utf8(page.body).unwrap().starts_with(r#"{"limit_mw":2.0,"#));

    until("the report", || room.reports(&world).len() == 2).await;
    let restored = room.reports(&world).pop().unwrap();
    assert_eq!((restored.act, restored.due_at), (Act::Restored, to));
    assert!(to <= restored.at && restored.at < to + TimeDelta::seconds(2), "{restored:?}");
    until("the answer", || room.answers(&world).len() == 1).await;
    let answer = room.answers(&world).pop().unwrap();
    assert_eq!((answer.answer, answer.by.as_str()), (Response::Accepted, "A. Duty"));
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(world.told().len(), 2, "the end of the agent moves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_comes_up_with_its_clock_set_back_releases_nothing() {
    let world = World::new("'accept'");
    let agent = world.open();
    assert_eq!(world.give(&agent, &world.order(1)).await, 200);
    world.leap(&agent, at(10)).await;
    drop(agent);
    world.set(DateTime::UNIX_EPOCH);
    let agent = world.open();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(agent.clone(), listener, async {
        let _ = stopped.await;
    }));
    until("the limit, told once more", || world.told().len() == 2).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.told().iter().map(|(_, limit)| *limit).collect::<Vec<_>>(), [Some(2000), Some(2000)]);
    assert_eq!(agent.standing().applied.limit.map(|limit| limit.0), Some(2000));
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}
