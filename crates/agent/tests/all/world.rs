//! A control room made by hand, and one facility.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_agent::{Agent, AgentConfig, Driver, DriverError, Driving, Mean, Pins, Simulated, Store};
use kezek_courier::{AddressRules, PrivateKey, Purpose, open_signed, sign, sign_detached};
use kezek_model::canonical::canonical_json;
use kezek_model::order::{Head, Notice, Order, OrderKind, Priority, RestoreSlot, Segment};
use kezek_model::receipt::{Answer, Reading, Report};
use kezek_model::units::Kw;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// 24 January 2022, 00:00 in Almaty, and whole minutes after it.
pub(crate) fn at(minute: i64) -> DateTime<Utc> {
    "2022-01-23T18:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) room: PrivateKey,
    pub(crate) clock: Arc<Mutex<DateTime<Utc>>>,
    pub(crate) load: Arc<Watched>,
    pub(crate) config: AgentConfig,
}

/// A simulated load that counts what it is told, and can be made to fail.
pub(crate) struct Watched {
    pub(crate) load: Simulated,
    pub(crate) told: Mutex<Vec<(DateTime<Utc>, Option<i64>)>>,
    pub(crate) fails: AtomicBool,
}

impl Driver for Watched {
    fn set_limit(&self, limit: Option<Kw>, at: DateTime<Utc>) -> Driving<'_, ()> {
        if self.fails.load(Ordering::Relaxed) {
            let source = std::io::Error::other("no contact");
            return Box::pin(async { Err(DriverError::NotRun { command: "breaker".into(), source }) });
        }
        self.told.lock().unwrap().push((at, limit.map(|limit| limit.0)));
        self.load.set_limit(limit, at)
    }

    fn sample(&self, at: DateTime<Utc>) -> Driving<'_, ()> {
        self.load.sample(at)
    }

    fn mean_power(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Driving<'_, Option<Mean>> {
        self.load.mean_power(from, to)
    }
}

impl World {
    /// An enrolled facility of 10 MW, an hour before the first window.
    pub(crate) fn new(answer: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let config: AgentConfig = toml::from_str(&format!(
            "facility = 'F1'\nenvironment = 'test'\nserver_url = 'http://127.0.0.1:9'\nlisten = '127.0.0.1:0'\n\
             public_address = 'http://127.0.0.1:1/orders'\nkey_file = '{}'\nstore_file = '{}'\nstate_file = '{}'\n\
             answer = {answer}\ndriver = {{ kind = 'simulated', nominated_mw = 10 }}",
            file("agent.key"),
            file("agent.store"),
            file("agent.json"),
        ))
        .unwrap();
        let config =
            AgentConfig { addresses: AddressRules { allow_loopback: true, allow: vec![] }, ..config };
        let (own, room) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
        own.save(&config.key_file).unwrap();
        let pins = Pins {
            facility: "F1".into(),
            environment: "test".into(),
            control_room_keys: vec![room.public()],
            key_id: own.key_id(),
        };
        pins.save(&config.state_file).unwrap();
        Store::create(&config.store_file, &"F1".into(), "test").unwrap();
        let load = Simulated::constant(Kw(10_000));
        let load = Watched { load, told: Mutex::default(), fails: AtomicBool::new(false) };
        Self { dir, room, clock: Arc::new(Mutex::new(at(-60))), load: Arc::new(load), config }
    }

    pub(crate) fn set(&self, now: DateTime<Utc>) {
        *self.clock.lock().unwrap() = now;
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().unwrap()
    }

    pub(crate) fn open(&self) -> Agent {
        let store = Store::open(&self.config.store_file).unwrap();
        let clock = Arc::clone(&self.clock);
        let now = Arc::new(move || *clock.lock().unwrap());
        Agent::open(self.config.clone(), store, Box::new(Arc::clone(&self.load)), now).unwrap()
    }

    pub(crate) fn told(&self) -> Vec<(DateTime<Utc>, Option<i64>)> {
        self.load.told.lock().unwrap().clone()
    }

    /// An order for the window `[0, 60)` minutes: 2 MW, back at minute 75.
    pub(crate) fn order(&self, sequence: u64) -> Order {
        let now = self.now();
        Order {
            order_no: format!("2022-0124-F1-v{sequence}").into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "test".into(),
            facility: "F1".into(),
            sequence,
            epoch: 1,
            supersedes: None,
            plan_digest: "00".into(),
            notice: Notice::default(),
            issued_at: now,
            not_before: now,
            expires: at(75),
            ack_by: at(-30),
            deliver_by: at(-30),
            window_from: at(0),
            window_to: at(60),
            segments: vec![Segment { from: at(0), to: at(60), limit: Kw(2000), cut: Kw(8000) }],
            depth_base: "nominated".into(),
            floor: Kw(500),
            ramp_up: None,
            restore: Some(RestoreSlot { from: at(75), to: Kw(10_000) }),
            journal_head: Head::empty(),
        }
    }

    pub(crate) fn recall(&self, sequence: u64, of: &Order) -> Order {
        let mut recall = self.order(sequence);
        (recall.kind, recall.supersedes) = (OrderKind::Recall, Some(of.order_no.clone()));
        (recall.segments, recall.restore) = (vec![], None);
        recall
    }

    /// The headers and the body of an order, stamped now.
    pub(crate) fn envelope(&self, order: &Order) -> (HeaderMap, Vec<u8>) {
        let body = canonical_json(order).unwrap();
        (self.headers(order, &body, &self.room), body)
    }

    pub(crate) fn headers(&self, order: &Order, body: &[u8], key: &PrivateKey) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in sign(body, order.order_no.as_str(), self.now(), &[key]).unwrap().pairs() {
            map.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let signature = sign_detached(Purpose::Order, order, key).unwrap();
        let text = format!("{}:{signature}", key.key_id());
        map.insert("kezek-order-signature", HeaderValue::from_str(&text).unwrap());
        map
    }

    /// Gives an order to the agent; the status of the answer.
    pub(crate) async fn give(&self, agent: &Agent, order: &Order) -> u16 {
        let (headers, body) = self.envelope(order);
        agent.receive(headers, body.into()).await.map_or_else(|refusal| refusal.status(), |_| 200)
    }

    /// Sets the clock to each instant at which something is due, until `end`.
    pub(crate) async fn leap(&self, agent: &Agent, end: DateTime<Utc>) {
        loop {
            agent.tick().await;
            match agent.next_due().filter(|due| *due <= end) {
                Some(due) => self.set(due),
                None => return self.set(end),
            }
        }
    }
}

/// The last part of the path, and the body.
type Got = (String, Vec<u8>);

/// A control room that writes down what it gets.
#[derive(Clone, Default)]
pub(crate) struct Room {
    pub(crate) got: Arc<Mutex<Vec<Got>>>,
    pub(crate) status: Arc<AtomicU16>,
}

impl Room {
    pub(crate) async fn listen(&self) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.status.store(200, Ordering::Relaxed);
        (address, self.serve(listener))
    }

    pub(crate) async fn listen_at(&self, address: SocketAddr) -> tokio::task::JoinHandle<()> {
        self.serve(tokio::net::TcpListener::bind(address).await.unwrap())
    }

    fn serve(&self, listener: tokio::net::TcpListener) -> tokio::task::JoinHandle<()> {
        let router = Router::new().route("/api/v1/{what}", post(write_down)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
    }

    fn bodies(&self, what: &str) -> Vec<Vec<u8>> {
        let got = self.got.lock().unwrap();
        got.iter().filter(|(path, _)| path == what).map(|(_, body)| body.clone()).collect()
    }

    pub(crate) fn answers(&self, world: &World) -> Vec<Answer> {
        let keys = [PrivateKey::load(&world.config.key_file).unwrap().public()];
        self.bodies("answers")
            .iter()
            .map(|body| open_signed(Purpose::Answer, body, &keys).unwrap().body)
            .collect()
    }

    pub(crate) fn reports(&self, world: &World) -> Vec<Report> {
        let keys = [PrivateKey::load(&world.config.key_file).unwrap().public()];
        self.bodies("reports")
            .iter()
            .map(|body| open_signed(Purpose::Report, body, &keys).unwrap().body)
            .collect()
    }

    pub(crate) fn readings(&self, world: &World) -> Vec<Reading> {
        let keys = [PrivateKey::load(&world.config.key_file).unwrap().public()];
        let open = |body: &Vec<u8>| {
            let signed = open_signed::<serde_json::Value>(Purpose::Report, body, &keys).unwrap();
            serde_json::from_value::<Vec<Reading>>(signed.body["readings"].clone()).unwrap()
        };
        self.bodies("readings").iter().flat_map(open).collect()
    }
}

async fn write_down(State(room): State<Room>, Path(what): Path<String>, body: Bytes) -> StatusCode {
    let status = room.status.load(Ordering::Relaxed);
    if status == 200 {
        room.got.lock().unwrap().push((what, body.to_vec()));
    }
    StatusCode::from_u16(status).unwrap()
}
