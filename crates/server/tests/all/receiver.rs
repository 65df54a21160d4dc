//! A facility's web server: verifies what comes, remembers it, answers as it is told to.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::{DateTime, Utc};
use kezek_courier::{PrivateKey, PublicKey, Purpose, Signed, receive};
use kezek_journal::SqliteReader;
use kezek_model::canonical::canonical_json;
use kezek_model::order::Order;
use kezek_model::receipt::{Act, Answer, Quality, Reading, Report, Response};
use kezek_model::units::Kw;
use kezek_server::Now;
use kezek_server::post::ORDER_SIGNATURE_HEADER;
use serde_json::json;
use std::ops::ControlFlow;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub(crate) struct Receiver {
    pub(crate) facility: String,
    pub(crate) key: PrivateKey,
    shared: Arc<Shared>,
    address: String,
}

struct Shared {
    /// What it answers.
    status: AtomicU16,
    /// What came: when by the receiver's clock, and what.
    came: Mutex<Vec<(DateTime<Utc>, Order)>>,
    pinned: Mutex<Option<(PublicKey, Now)>>,
    /// Empty while it holds requests without answering.
    gate: Semaphore,
    journal: PathBuf,
}

impl Receiver {
    pub(crate) async fn start(facility: &str, journal: PathBuf) -> Self {
        let shared = Arc::new(Shared {
            status: AtomicU16::new(200),
            came: Mutex::default(),
            pinned: Mutex::default(),
            gate: Semaphore::new(1),
            journal,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().route("/orders", post(take)).with_state(Arc::clone(&shared));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { facility: facility.into(), key: PrivateKey::generate().unwrap(), shared, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    pub(crate) fn pin(&self, key: PublicKey, now: Now) {
        *self.shared.pinned.lock().unwrap() = Some((key, now));
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// From now on requests arrive and are not answered.
    pub(crate) async fn hold(&self) {
        self.shared.gate.acquire().await.unwrap().forget();
    }

    pub(crate) fn release(&self) {
        self.shared.gate.add_permits(1);
    }

    pub(crate) fn came(&self) -> Vec<(DateTime<Utc>, Order)> {
        self.shared.came.lock().unwrap().clone()
    }

    pub(crate) fn orders(&self) -> Vec<Order> {
        self.came().into_iter().map(|(_, order)| order).collect()
    }

    pub(crate) fn signed_answer(&self, order: &Order, answer: Response, at: DateTime<Utc>) -> Vec<u8> {
        let answer = Answer {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            answer,
            by: "agent".into(),
            at,
        };
        serde_json::to_vec(&Signed::new(Purpose::Answer, answer, &self.key).unwrap()).unwrap()
    }

    pub(crate) fn signed_report(&self, order: &Order, act: Act, at: DateTime<Utc>) -> Vec<u8> {
        let report = Report {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            act,
            limit: None,
            due_at: at,
            at,
        };
        serde_json::to_vec(&Signed::new(Purpose::Report, report, &self.key).unwrap()).unwrap()
    }

    pub(crate) fn signed_readings(&self, readings: &[Reading]) -> Vec<u8> {
        let body = json!({"environment": "test", "readings": readings});
        serde_json::to_vec(&Signed::new(Purpose::Report, body, &self.key).unwrap()).unwrap()
    }
}

/// Hourly readings of a facility.
pub(crate) fn hourly(facility: &str, from: DateTime<Utc>, mean_mw: &[f64]) -> Vec<Reading> {
    let hour = |place: usize| from + chrono::TimeDelta::hours(i64::try_from(place).unwrap());
    let reading = |(place, mw): (usize, &f64)| Reading {
        facility: facility.into(),
        interval_start: hour(place),
        interval_end: hour(place + 1),
        mean: Kw::from_mw(*mw).unwrap(),
        quality: Quality::Ok,
        source: "agent".into(),
    };
    mean_mw.iter().enumerate().map(reading).collect()
}

/// Whether the journal says that this attempt was intended: asked while the order is being handed over (S8).
fn is_intended(journal: &std::path::Path, order: &Order, attempt: usize) -> bool {
    let mut found = false;
    let reader = SqliteReader::open(journal).unwrap();
    let visit = &mut |record: kezek_journal::Record| {
        let event = &record.body["event"];
        found |= record.kind == "attempt-intended"
            && event["order_no"] == order.order_no.as_str()
            && event["attempt"] == attempt;
        ControlFlow::Continue(())
    };
    reader.load(0, visit).unwrap();
    found
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let (key, now) = shared.pinned.lock().unwrap().clone().unwrap();
    let verified = receive(&headers, &body, &[key], now()).unwrap();
    let order: Order = serde_json::from_slice(&body).unwrap();
    assert_eq!(verified.id, order.order_no.as_str());
    assert_eq!(body, canonical_json(&order).unwrap(), "the signed bytes are canonical");
    let (key_id, signature) = headers[ORDER_SIGNATURE_HEADER].to_str().unwrap().split_once(':').unwrap();
    let bundle = Signed { body: order.clone(), key_id: key_id.into(), signature: signature.parse().unwrap() };
    bundle.verify(Purpose::Order, &[key]).unwrap();
    let attempt = {
        let mut came = shared.came.lock().unwrap();
        came.push((now(), order.clone()));
        came.iter().filter(|(_, known)| known.order_no == order.order_no).count()
    };
    assert!(is_intended(&shared.journal, &order, attempt), "S8: sent without a durable intent");
    let _open = shared.gate.acquire().await.unwrap();
    StatusCode::from_u16(shared.status.load(Ordering::SeqCst)).unwrap()
}
