//! What holds of whatever comes over a wire or out of a journal: an error or a sound value, never a panic. The tests
//! ask it of a run's bytes that chance has changed, `./dev fuzz` of what libFuzzer thinks up. Each fails by a panic.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use kezek_agent::{Pins, Refusal, check};
use kezek_courier::address::{AddressRules, Allowed};
use kezek_courier::network::{Network, special};
use kezek_courier::{Headers, PrivateKey, PublicKey, Purpose, Signature, Signed, open_signed, sign, verify};
use kezek_engine::{Event, State, due, next_due, permit, query, step};
use kezek_journal::{Location, Stretch};
use kezek_model::canonical::canonical_json;
use kezek_model::order::Order;
use kezek_model::receipt::{Answer, Report};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The environment of [`order`].
pub const ENVIRONMENT: &str = "pretend";

/// One of each that [`text`] reads.
pub const TEXTS: [&str; 9] = [
    "whpk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    "whsk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    "10.0.0.0/8",
    "fd00::/8",
    "https://mine.example:8443/orders?one=two",
    "http://[64:ff9b::10.0.0.1]/orders",
    "http://0x7f.1/",
    "postgres://kezek:word@localhost/kezek?sslmode=disable",
    "order-17\n1643047200\nv1a,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== v1,x",
];

/// A key that everyone knows.
#[must_use]
#[allow(clippy::expect_used, reason = "a constant")]
pub fn key() -> PrivateKey {
    "whsk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".parse().expect("43 digits and one sign")
}

/// Of an event that could be read: it may be asked for, stepped, and what follows be looked at. What is refused
/// changes nothing, and what the journal would keep of it does the same again.
pub fn event(before: &State, event: Event, at: DateTime<Utc>) {
    let (mut state, mut again) = (before.clone(), before.clone());
    let is_refused = permit(&state, &event, at).is_err();
    let kept = serde_json::to_vec(&event).ok().and_then(|kept| serde_json::from_slice(&kept).ok());
    let effects = step(&mut state, event, at);
    assert!(!is_refused || effects.is_empty() && state == *before, "a refused event does something");
    if let Some(kept) = kept {
        assert_eq!(step(&mut again, kept, at), effects, "a replay has other effects");
        assert_eq!(again, state, "a replay gives another state");
    }
    let _ = (next_due(&state), due(&state, at, 100), query::summary(&state));
    let _ = (query::orders(&state, at).count(), query::proposals(&state, at).len());
}

/// Of a facility's answer or report. Without a good signature nothing is taken; with one, what was signed.
pub fn word_of_a_facility(bytes: &[u8]) {
    word::<Answer>(Purpose::Answer, bytes);
    word::<Report>(Purpose::Report, bytes);
}

fn word<T: DeserializeOwned + Serialize + Clone + PartialEq + Debug>(purpose: Purpose, bytes: &[u8]) {
    let keys = [key().public()];
    assert!(open_signed::<T>(purpose, bytes, &keys).is_err(), "taken without a signature");
    let Ok(said) = serde_json::from_slice::<T>(bytes) else { return };
    let Ok(signed) = Signed::new(purpose, said.clone(), &key()) else { return };
    let opened = serde_json::to_vec(&signed).map(|bytes| open_signed::<T>(purpose, &bytes, &keys));
    assert_eq!(opened.ok().and_then(Result::ok).map(|opened| opened.body), Some(said));
}

/// Of an order at a facility, even if the control room's own key has signed it: what is taken can be kept.
pub fn order(bytes: &[u8], at: DateTime<Utc>) {
    let _ = received(bytes, at);
    // The same words in canonical form, signed by whoever may: what is taken then must be sound.
    if let Ok(order) = serde_json::from_slice::<Order>(bytes)
        && let Ok(canonical) = canonical_json(&order)
        && let Ok(taken) = received(&canonical, at)
    {
        let _ = (check::admit(&[], &taken, at), taken.limit_at(at), taken.starts());
    }
}

/// What a facility makes of an order with good signatures over whatever it says.
fn received(bytes: &[u8], at: DateTime<Utc>) -> Result<Order, Refusal> {
    let (key, order) = (key(), serde_json::from_slice::<Order>(bytes).ok());
    let facility = order.as_ref().map_or("F1".into(), |order| order.facility.clone());
    let id = order.as_ref().map_or("one".to_owned(), |order| order.order_no.to_string());
    let mut headers = HeaderMap::new();
    let mut put = |name, value: &str| HeaderValue::from_str(value).map(|value| headers.insert(name, value));
    if let Ok(envelope) = sign(bytes, &id, at, &[&key]) {
        for (name, value) in envelope.pairs() {
            let _ = put(HeaderName::from_static(name), value);
        }
    }
    if let Some(signed) = order.and_then(|order| Signed::new(Purpose::Order, order, &key).ok()) {
        let own = format!("{}:{}", signed.key_id, signed.signature);
        let _ = put(HeaderName::from_static(check::ORDER_SIGNATURE_HEADER), &own);
    }
    let (environment, control_room_keys) = (ENVIRONMENT.to_owned(), vec![key.public()]);
    let pins = Pins { facility, environment, control_room_keys, key_id: key.key_id() };
    check::open(&headers, bytes, &pins, at).map(|signed| signed.body)
}

/// Of a part of the chain in a file of evidence: it has heads or a first record that is none, and says so again.
pub fn stretch(bytes: &[u8]) {
    let Ok(stretch) = serde_json::from_slice::<Stretch>(bytes) else { return };
    match stretch.heads() {
        Ok(heads) => assert_eq!(heads.len(), stretch.links.len()),
        Err(seq) => assert!(seq > stretch.after.seq || seq == u64::MAX),
    }
    let again = serde_json::to_vec(&stretch).map(|bytes| serde_json::from_slice::<Stretch>(&bytes));
    assert_eq!(again.ok().and_then(Result::ok).map(|again| again.heads()), Some(stretch.heads()));
}

/// Of a line of settings, of an address or key in the registry, of the three headers of a message, line by line.
pub fn text(text: &str) {
    the_same_again::<PublicKey>(text);
    the_same_again::<Signature>(text);
    the_same_again::<Network>(text);
    the_same_again::<Allowed>(text);
    let _ = (text.parse::<PrivateKey>(), text.parse::<Location>().map(|location| location.to_string()));
    never_inside(text);
    let mut lines = text.splitn(3, '\n').map(str::to_owned);
    if let (Some(id), Some(timestamp), Some(signature)) = (lines.next(), lines.next(), lines.next()) {
        let headers = Headers { id, timestamp, signature };
        assert!(verify(&headers, b"x", &[key().public()], DateTime::UNIX_EPOCH).is_err());
    }
}

fn the_same_again<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string().parse::<T>().ok(), Some(value));
    }
}

/// No address is taken whose host is a special one, however it is spelt.
fn never_inside(text: &str) {
    let Ok(url) = AddressRules::default().check_url(text) else { return };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if let Ok(address) = host.parse() {
        assert_eq!(special(address), None, "{text} leads to {address}");
    }
    assert_eq!(AddressRules::default().check_url(url.as_str()).ok(), Some(url));
}
