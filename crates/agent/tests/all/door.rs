//! What the door takes and what it refuses, over a real socket.

use crate::world::{World, at};
use axum::http::HeaderMap;
use chrono::TimeDelta;
use kezek_agent::Agent;
use kezek_courier::{AddressRules, GuardedClient, PrivateKey, Timeouts};
use kezek_model::canonical::canonical_json;
use kezek_model::order::{Order, Priority};
use kezek_model::units::Kw;

struct Door {
    world: World,
    agent: Agent,
    url: String,
    client: GuardedClient,
}

impl Door {
    async fn open() -> Self {
        let world = World::new("'accept'");
        let agent = world.open();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let router = agent.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let rules = AddressRules { allow_loopback: true, allow: vec![] };
        let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
        Self { world, agent, url, client }
    }

    async fn post(&self, headers: &HeaderMap, body: Vec<u8>) -> (u16, String) {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let answer = self.client.post(&self.url, &headers, body).await.unwrap();
        (answer.status, String::from_utf8(answer.body).unwrap())
    }

    async fn give(&self, order: &Order) -> (u16, String) {
        let (headers, body) = self.world.envelope(order);
        self.post(&headers, body).await
    }

    /// Nothing was stored and nothing moves.
    async fn assert_untouched(&self) {
        assert_eq!(self.agent.standing().holdings.len(), 0);
        self.world.set(at(30));
        self.agent.tick().await;
        assert_eq!(self.world.told(), []);
    }
}

#[tokio::test]
async fn an_order_is_taken_once_and_told_twice() {
    let door = Door::open().await;
    let order = door.world.order(1);
    let (status, said) = door.give(&order).await;
    assert_eq!((status, said.as_str()), (200, r#"{"order_no":"2022-0124-F1-v1","duplicate":false}"#));
    door.agent.tick().await;
    door.world.set(at(0));
    door.agent.tick().await;
    let (status, said) = door.give(&order).await;
    assert_eq!(status, 200, "{said}");
    assert!(said.contains(r#""duplicate":true"#), "{said}");
    door.agent.tick().await;
    assert_eq!(door.agent.standing().holdings.len(), 1);
    assert_eq!(door.world.told(), [(at(0), Some(2000))]);
    door.world.set(at(500));
    assert_eq!(door.give(&order).await.0, 200, "a duplicate is known also after it has expired");
}

#[tokio::test]
async fn older_and_conflicting_orders_are_refused() {
    let door = Door::open().await;
    let (first, second) = (door.world.order(1), door.world.order(2));
    assert_eq!(door.give(&second).await.0, 200);
    let (status, said) = door.give(&first).await;
    assert_eq!(status, 409);
    assert!(said.contains("older than the newest") && said.contains("higher sequence"), "{said}");
    let mut twin = second.clone();
    twin.order_no = "another".into();
    let (status, said) = door.give(&twin).await;
    assert_eq!(status, 409);
    assert!(said.contains("same sequence"), "{said}");
    let mut changed = second;
    changed.segments[0].limit = Kw(3000);
    let (status, said) = door.give(&changed).await;
    assert_eq!(status, 409);
    assert!(said.contains("same number"), "{said}");
    let mut new_epoch = first;
    new_epoch.epoch = 2;
    assert_eq!(door.give(&new_epoch).await.0, 200);
    assert_eq!(door.give(&door.world.order(3)).await.0, 409, "a control room of the past");
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_said() {
    let door = Door::open().await;
    type Wrong = fn(&mut Order);
    let cases: [(&str, u16, &str, Wrong); 16] = [
        ("environment", 409, "environment 'training'", |order| order.environment = "training".into()),
        ("facility", 409, "for facility F2, this is F1", |order| order.facility = "F2".into()),
        ("floor", 400, "below the floor of 0.5 MW", |order| order.segments[0].limit = Kw(499)),
        ("negative", 400, "below the floor of 0.0 MW", |order| {
            (order.floor, order.segments[0].limit) = (Kw(-9), Kw(-1));
        }),
        ("empty segment", 400, "empty or outside", |order| order.segments[0].to = order.segments[0].from),
        ("before the window", 400, "outside the window", |order| order.segments[0].from = at(-1)),
        ("after its slot", 400, "outside the window", |order| {
            order.segments[0].to = order.restore.as_ref().unwrap().from + TimeDelta::seconds(1);
        }),
        ("overlap", 400, "begins before", |order| {
            let mut twin = order.segments[0].clone();
            (order.segments[0].to, twin.from) = (at(31), at(30));
            order.segments.push(twin);
        }),
        ("unsorted", 400, "begins before", |order| {
            let mut twin = order.segments[0].clone();
            (order.segments[0].from, twin.to) = (at(30), at(30));
            order.segments.push(twin);
        }),
        ("window", 400, "window is empty", |order| order.window_to = order.window_from),
        ("early slot", 400, "before the end of the last segment", |order| {
            order.restore.as_mut().unwrap().from = at(59);
        }),
        ("slot alone", 400, "slot without a limit", |order| order.segments.clear()),
        ("recall of nothing", 400, "names no order", |order| {
            order.kind = kezek_model::order::OrderKind::Recall
        }),
        ("end of time", 400, "not in 2000 to 2999", |order| {
            order.expires = chrono::DateTime::<chrono::Utc>::MAX_UTC
        }),
        ("early", 425, "not to be taken before", |order| order.not_before = at(-60) + TimeDelta::seconds(31)),
        ("late", 409, "expired at", |order| order.expires = at(-60) - TimeDelta::seconds(31)),
    ];
    for (name, expected, words, wrong) in cases {
        let mut order = door.world.order(1);
        wrong(&mut order);
        let (status, said) = door.give(&order).await;
        assert_eq!(status, expected, "{name}: {said}");
        assert!(said.contains(words) && said.contains("hint"), "{name}: {said}");
    }
    let mut recall = door.world.order(1);
    (recall.kind, recall.supersedes) = (kezek_model::order::OrderKind::Recall, Some("x".into()));
    assert!(door.give(&recall).await.1.contains("recall that sets limits"));
    door.assert_untouched().await;
}

#[tokio::test]
async fn validity_is_judged_with_thirty_seconds_of_patience() {
    let door = Door::open().await;
    let mut order = door.world.order(1);
    order.not_before = at(-60) + TimeDelta::seconds(30);
    order.expires = at(-60) - TimeDelta::seconds(30);
    assert_eq!(door.give(&order).await.0, 200);
}

#[tokio::test]
async fn nothing_unproven_is_believed() {
    let door = Door::open().await;
    let world = &door.world;
    let order = world.order(1);
    let (headers, body) = world.envelope(&order);
    let stranger = PrivateKey::generate().unwrap();
    let without = |name: &str| {
        let mut headers = headers.clone();
        headers.remove(name);
        headers
    };
    let with = |name: &'static str, value: &str| {
        let mut headers = headers.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let strange = world.headers(&order, &body, &stranger);
    let own_only = with("kezek-order-signature", strange["kezek-order-signature"].to_str().unwrap());
    let mut envelope_only = strange.clone();
    envelope_only.insert("kezek-order-signature", headers["kezek-order-signature"].clone());
    for (headers, words) in [
        (strange, "none of the pinned keys"),
        (own_only, "which is not pinned here"),
        (envelope_only, "none of the pinned keys"),
        (without("webhook-signature"), "webhook-signature is missing"),
        (without("webhook-id"), "webhook-id is missing"),
        (without("kezek-order-signature"), "kezek-order-signature is missing"),
        (with("kezek-order-signature", "nonsense"), "holds no colon"),
        (with("kezek-order-signature", "a:b"), "holds no signature"),
        (with("webhook-id", "other"), "none of the pinned keys"),
    ] {
        let (status, said) = door.post(&headers, body.clone()).await;
        assert_eq!(status, 401, "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    for place in (0..body.len()).step_by(7) {
        let mut changed = body.clone();
        changed[place] ^= 1;
        assert_eq!(door.post(&headers, changed).await.0, 401, "byte {place}");
    }
    world.set(at(-60) + TimeDelta::seconds(301));
    let (status, said) = door.post(&headers, body).await;
    assert_eq!(status, 401);
    assert!(said.contains("check both clocks"), "{said}");
    world.set(at(-60));
    door.assert_untouched().await;
}

#[tokio::test]
async fn signed_bytes_that_are_no_canonical_order_are_refused() {
    let door = Door::open().await;
    let order = door.world.order(1);
    let canonical = String::from_utf8(canonical_json(&order).unwrap()).unwrap();
    for (body, words) in [
        (canonical.replacen('{', "{\"extra\":1,", 1), "unknown field `extra`"),
        (canonical.replacen(':', ": ", 1), "canonical JSON"),
        (canonical.replace("\"sequence\":1", "\"sequence\":1.0"), "not an order"),
        (canonical.replace("2022-01-23T18:00:00Z", "2022-01-24T00:00:00+06:00"), "canonical JSON"),
        (canonical[..canonical.len() - 1].to_owned(), "not an order"),
        (String::new(), "not an order"),
    ] {
        let headers = door.world.headers(&order, body.as_bytes(), &door.world.room);
        let (status, said) = door.post(&headers, body.clone().into_bytes()).await;
        assert_eq!(status, 400, "{body}: {said}");
        assert!(said.contains(words), "{said}");
    }
    let mut other_id = door.world.order(1);
    other_id.order_no = "other".into();
    let headers = door.world.headers(&other_id, canonical.as_bytes(), &door.world.room);
    let (status, said) = door.post(&headers, canonical.into_bytes()).await;
    assert_eq!(status, 400);
    assert!(said.contains("webhook-id is other"), "{said}");
    door.assert_untouched().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_looked_at() {
    let door = Door::open().await;
    let (headers, _) = door.world.envelope(&door.world.order(1));
    let (status, said) = door.post(&headers, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(status, 413, "{said}");
    assert!(said.contains("1048576 bytes"), "{said}");
    door.assert_untouched().await;
}

#[tokio::test]
async fn a_drill_is_answered_and_moves_nothing() {
    let door = Door::open().await;
    let mut drill = door.world.order(1);
    drill.priority = Priority::Drill;
    assert_eq!(door.give(&drill).await.0, 200);
    door.world.leap(&door.agent, at(120)).await;
    assert!(door.agent.standing().holdings[0].answer.is_some());
    assert_eq!(door.world.told(), []);
}

/// The only way to hold the door open is to be the control room, and not for long.
#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let door = Door::open().await;
    let address = door.url.strip_prefix("http://").unwrap().strip_suffix("/orders").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST /orders HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
    let mut said = Vec::new();
    let reading = stream.read_to_end(&mut said);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(60), reading).await.expect("it waits on");
    let said = String::from_utf8(said).unwrap();
    assert!(said.starts_with("HTTP/1.1 408 ") && said.contains("retry-after: 1"), "{said}");
    assert!(said.contains("did not come within") && said.contains("hint"), "{said}");
    door.assert_untouched().await;
}
