//! The way of an order over the pretend network and back, in real envelopes with real signatures.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use kezek_agent::check::ORDER_SIGNATURE_HEADER;
use kezek_courier::{PrivateKey, PublicKey, Purpose, Signed, open_signed, sign};
use kezek_engine::{Event, Outcome};
use kezek_model::canonical::canonical_json;
use kezek_model::order::Order;
use kezek_model::receipt::{Answer, Report};

use super::facility::{Kind, Readings};

/// A message on the wire.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// An order in its envelope; none where it cannot be signed.
pub(super) fn post(order: &Order, key: &PrivateKey, now: DateTime<Utc>) -> Option<Post> {
    let body = canonical_json(order).ok()?;
    let envelope = sign(&body, order.order_no.as_str(), now, &[key]).ok()?;
    let bundle = Signed::new(Purpose::Order, order, key).ok()?;
    let own = format!("{}:{}", bundle.key_id, bundle.signature);
    let mut headers = HeaderMap::new();
    let pairs = envelope.pairs().into_iter().chain([(ORDER_SIGNATURE_HEADER, own.as_str())]);
    for (name, value) in pairs {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
    }
    Some(Post { headers, body })
}

/// What the messenger makes of a status.
pub(super) fn outcome(status: u16) -> Outcome {
    let reason = format!("answered {status}");
    match status {
        200..=299 => Outcome::Received { status },
        408 | 425 | 429 | 500..=599 => Outcome::Failed { reason, retry_after_s: None },
        _ => Outcome::Alarm { reason },
    }
}

pub(super) fn timed_out() -> Outcome {
    Outcome::Failed { reason: "no answer within 10 s".to_owned(), retry_after_s: None }
}

/// A facility's word, verified with the key that it is enrolled with; none where it does not fit.
pub(super) fn open(kind: Kind, bytes: &[u8], key: &PublicKey) -> Option<Event> {
    let keys = std::slice::from_ref(key);
    match kind {
        Kind::Answer => {
            let answer = open_signed::<Answer>(kind.purpose(), bytes, keys).ok()?.body;
            Some(Event::Answered { answer, entered_by: None })
        }
        Kind::Report => {
            let report = open_signed::<Report>(kind.purpose(), bytes, keys).ok()?.body;
            Some(Event::Reported { report })
        }
        Kind::Readings => {
            let readings = open_signed::<Readings>(kind.purpose(), bytes, keys).ok()?.body.readings;
            Some(Event::Read { readings })
        }
    }
}
