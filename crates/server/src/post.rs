//! One attempt at delivery: the order's canonical bytes in the envelope of Standard Webhooks, with the signature that
//! stays with the order beside it.

use chrono::{DateTime, Utc};
use kezek_courier::error::describe;
use kezek_courier::{Answer, CourierError, GuardedClient, PrivateKey, Purpose, Signed, Timeouts, sign};
use kezek_engine::Outcome;
use kezek_model::canonical::canonical_json;
use kezek_model::order::Order;

use crate::config::Config;
use crate::error::ServerError;

/// Name of the header with the signature over the order alone, as `key_id:base64`.
pub const ORDER_SIGNATURE_HEADER: &str = "kezek-order-signature";

/// Longest wait that a receiver may ask for, in seconds.
const MAX_RETRY_AFTER_S: u32 = 86_400;

/// Whoever carries orders.
pub(crate) struct Messenger {
    client: GuardedClient,
    key: PrivateKey,
}

impl Messenger {
    pub(crate) fn new(config: &Config) -> Result<Self, ServerError> {
        let key = PrivateKey::load(&config.key_file)?;
        let client = GuardedClient::new(config.addresses.clone(), Timeouts::default())?;
        Ok(Self { client, key })
    }

    pub(crate) fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The order with the signature that proves it anywhere, without a network.
    pub(crate) fn bundle(&self, order: Order) -> Result<Signed<Order>, CourierError> {
        Signed::new(Purpose::Order, order, &self.key)
    }

    /// Makes one attempt.
    pub(crate) async fn deliver(&self, address: &str, order: Order, now: DateTime<Utc>) -> Outcome {
        match self.attempt(address, order, now).await {
            Ok(answer) => judge(&answer, now),
            Err(error) => judge_error(&error),
        }
    }

    async fn attempt(&self, address: &str, order: Order, now: DateTime<Utc>) -> Result<Answer, CourierError> {
        let body = canonical_json(&order)?;
        let envelope = sign(&body, order.order_no.as_str(), now, &[&self.key])?;
        let bundle = self.bundle(order)?;
        let signature = format!("{}:{}", bundle.key_id, bundle.signature);
        let [id, timestamp, signatures] = envelope.pairs();
        let headers = [id, timestamp, signatures, (ORDER_SIGNATURE_HEADER, signature.as_str())];
        self.client.post(address, &headers, body).await
    }
}

/// Whether trying again makes sense: 3xx, 410 and other refusals are for a person.
fn judge(answer: &Answer, now: DateTime<Utc>) -> Outcome {
    let status = answer.status;
    match status {
        200..=299 => Outcome::Received { status },
        408 | 425 | 429 | 500..=599 => Outcome::Failed {
            reason: format!("answered {status}"),
            retry_after_s: retry_after_s(answer, now),
        },
        300..=399 => Outcome::Alarm {
            reason: format!("answered {status}: redirects are not followed; correct the address"),
        },
        410 => Outcome::Alarm { reason: "answered 410: nobody takes orders there any more".into() },
        _ => Outcome::Alarm { reason: format!("answered {status}{}; check address and keys", said(answer)) },
    }
}

/// What the receiver says is wrong, cut to a line.
fn said(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let line: String = text.chars().filter(|letter| !letter.is_control()).take(200).collect();
    if line.is_empty() { line } else { format!(" ({line})") }
}

fn judge_error(error: &CourierError) -> Outcome {
    let reason = describe(error);
    match error {
        CourierError::TimedOut { .. } | CourierError::Unreachable { .. } => {
            Outcome::Failed { reason, retry_after_s: None }
        }
        _ => Outcome::Alarm { reason },
    }
}

/// `Retry-After` in seconds or as a date; a date is measured against the `Date` of the same answer where it has one.
fn retry_after_s(answer: &Answer, now: DateTime<Utc>) -> Option<u32> {
    let text = |name| answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let date = |text| DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc());
    let asked = text("retry-after").filter(|asked| !asked.is_empty())?;
    if asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(asked.parse().unwrap_or(MAX_RETRY_AFTER_S).min(MAX_RETRY_AFTER_S));
    }
    let from = text("date").and_then(date).unwrap_or(now);
    let seconds = (date(asked)? - from).num_seconds().clamp(0, i64::from(MAX_RETRY_AFTER_S));
    u32::try_from(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue};

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert("retry-after", HeaderValue::from_str(text).unwrap());
        }
        Answer { status, headers, body: b"older\nsequence".to_vec(), whole: true }
    }

    #[test]
    fn each_status_is_received_tried_again_or_an_alarm() {
        let now = DateTime::UNIX_EPOCH;
        for status in 200..600 {
            let kind = match judge(&answer(status, None), now) {
                Outcome::Received { .. } => 0,
                Outcome::Failed { .. } => 1,
                Outcome::Alarm { .. } => 2,
            };
            let expected = match status {
                200..300 => 0,
                408 | 425 | 429 | 500.. => 1,
                _ => 2,
            };
            assert_eq!(kind, expected, "{status}");
        }
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_as_a_date() {
        let now = "2022-01-24T08:00:00Z".parse().unwrap();
        let wait = |text| retry_after_s(&answer(503, text), now);
        assert_eq!(wait(Some(" 7 ")), Some(7));
        assert_eq!(wait(Some("99999999999")), Some(86_400));
        assert_eq!(wait(Some("Mon, 24 Jan 2022 08:01:30 GMT")), Some(90));
        assert_eq!(wait(Some("Mon, 24 Jan 2022 07:00:00 GMT")), Some(0));
        assert_eq!((wait(Some("soon")), wait(Some("-3")), wait(None)), (None, None, None));
    }

    #[test]
    fn an_alarm_repeats_what_the_receiver_said_on_one_line() {
        let Outcome::Alarm { reason } = judge(&answer(409, None), DateTime::UNIX_EPOCH) else { panic!() };
        assert_eq!(reason, "answered 409 (oldersequence); check address and keys");
    }
}
