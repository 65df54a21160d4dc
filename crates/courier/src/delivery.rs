//! One attempt to deliver a message, and what came of it. When to try again is decided by those who remember
//! the attempts; here it is only said whether trying again makes sense.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use crate::client::{Answer, GuardedClient};
use crate::envelope::sign;
use crate::error::{CourierError, describe};
use crate::keys::PrivateKey;
use crate::limits::MAX_RETRY_AFTER;

/// A message on its way. At a further attempt only `now` differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Where to, as the registry has it.
    pub url: String,
    /// The message id, the same at every attempt.
    pub id: String,
    /// The bytes to deliver, the same at every attempt.
    pub body: Vec<u8>,
    /// Headers beside those of the envelope, the same at every attempt.
    pub headers: Vec<(&'static str, String)>,
    /// The time of this attempt, stamped and signed.
    pub now: DateTime<Utc>,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx: somebody took it. Nothing is said about who, or whether it will be obeyed.
    Received {
        /// The HTTP status.
        status: u16,
        /// The body of the answer, at most [`crate::limits::MAX_ANSWER_BYTES`] of it.
        body: Vec<u8>,
        /// False when the answer was longer than that, or broke off.
        whole: bool,
    },
    /// Whether it arrived is not known, or the other side asks for patience: a later attempt makes sense.
    Retry {
        /// What happened, in words.
        reason: String,
        /// The wait the other side asked for.
        retry_after: Option<Duration>,
    },
    /// A further attempt would end the same way: a person has to correct an address, a certificate or a key.
    Alarm {
        /// What happened, in words.
        reason: String,
    },
}

/// The outcome of an attempt, once it is there.
pub type Delivery<'c> = Pin<Box<dyn Future<Output = Outcome> + Send + 'c>>;

/// Whoever carries messages: over the wire, or only as if.
pub trait Courier: Send + Sync {
    /// Makes one attempt.
    fn deliver(&self, dispatch: Dispatch) -> Delivery<'_>;
}

/// Carries messages over HTTP, signed with every key it was given.
#[derive(Debug, Clone)]
pub struct HttpCourier {
    client: GuardedClient,
    keys: Vec<PrivateKey>,
}

impl HttpCourier {
    /// A courier that signs with these keys: one, or two while a key is being replaced.
    ///
    /// # Errors
    /// When no key is given.
    pub fn new(client: GuardedClient, keys: Vec<PrivateKey>) -> Result<Self, CourierError> {
        if keys.is_empty() {
            return Err(CourierError::NoKeys { purpose: "sign with" });
        }
        Ok(Self { client, keys })
    }

    async fn attempt(&self, dispatch: Dispatch) -> Result<Outcome, CourierError> {
        let keys: Vec<_> = self.keys.iter().collect();
        let envelope = sign(&dispatch.body, &dispatch.id, dispatch.now, &keys)?;
        let further = dispatch.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = envelope.pairs().into_iter().chain(further).collect();
        let answer = self.client.post(&dispatch.url, &headers, dispatch.body).await?;
        Ok(judge(answer, dispatch.now))
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, dispatch: Dispatch) -> Delivery<'_> {
        Box::pin(async move { self.attempt(dispatch).await.unwrap_or_else(|error| judge_error(&error)) })
    }
}

fn judge(answer: Answer, now: DateTime<Utc>) -> Outcome {
    match answer.status {
        200..=299 => Outcome::Received { status: answer.status, body: answer.body, whole: answer.whole },
        408 | 425 | 429 | 500..=599 => Outcome::Retry {
            reason: answered(answer.status, "a later attempt may succeed"),
            retry_after: retry_after(&answer.headers, now),
        },
        300..=399 => Outcome::Alarm {
            reason: answered(answer.status, "redirects are not followed; correct the address"),
        },
        410 => Outcome::Alarm { reason: answered(answer.status, "nobody takes orders there any more") },
        _ => {
            let reason = answered(answer.status, "the other side does not take it; check address and keys");
            Outcome::Alarm { reason: reason + &said(&answer.body) }
        }
    }
}

/// What the other side says is wrong, cut to a line.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String = text.chars().filter(|letter| !letter.is_control()).take(MAX_SAID).collect();
    if line.is_empty() { line } else { format!(" ({line})") }
}

/// Letters of a refusal that are repeated to a person.
const MAX_SAID: usize = 200;

fn answered(status: u16, meaning: &str) -> String {
    let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("answered {status} {}: {meaning}", name.unwrap_or("(no known status)"))
}

/// As [`judge`], where nobody's clock matters.
pub(crate) fn judge_status(answer: Answer) -> Outcome {
    judge(answer, DateTime::UNIX_EPOCH)
}

/// What came of an attempt by the receiver's own signed word: the status that it would have answered with, and why.
#[must_use]
pub fn judge_word(status: u16, error: &str) -> Outcome {
    judge_status(Answer { status, headers: HeaderMap::new(), body: error.as_bytes().to_vec(), whole: true })
}

pub(crate) fn judge_error(error: &CourierError) -> Outcome {
    let reason = describe(error);
    match error {
        CourierError::TimedOut { .. } | CourierError::Unreachable { .. } => {
            Outcome::Retry { reason, retry_after: None }
        }
        _ => Outcome::Alarm { reason },
    }
}

/// `Retry-After` in seconds or as a date. A date is measured against the `Date` of the same answer where there
/// is one, so that a clock that differs does not turn a minute into a day.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = header_text(headers, &RETRY_AFTER)?;
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit a number ask for a longer wait than any.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let from = header_text(headers, &DATE).and_then(http_date).unwrap_or(now);
        (http_date(text)? - from).to_std().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

fn header_text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2022-01-24T08:00:00Z".parse().unwrap()
    }

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Answer {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        Answer { status, headers: pairs.collect(), body: b"x".to_vec(), whole: true }
    }

    #[test]
    fn each_status_is_received_tried_again_or_an_alarm() {
        for status in 200..600 {
            let kind = match judge(answer(status, &[]), now()) {
                Outcome::Received { .. } => "received",
                Outcome::Retry { .. } => "retry",
                Outcome::Alarm { .. } => "alarm",
            };
            let expected = match status {
                200..300 => "received",
                408 | 425 | 429 => "retry",
                300..500 => "alarm",
                _ => "retry",
            };
            assert_eq!(kind, expected, "{status}");
        }
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_as_a_date() {
        let date = ("date", "Mon, 24 Jan 2022 09:00:00 GMT");
        for (headers, seconds) in [
            (vec![("retry-after", "7")], Some(7)),
            (vec![("retry-after", " 0 ")], Some(0)),
            (vec![("retry-after", "Mon, 24 Jan 2022 08:01:30 GMT")], Some(90)),
            (vec![("retry-after", "Mon, 24 Jan 2022 07:00:00 GMT")], Some(0)),
            (vec![("retry-after", "Mon, 24 Jan 2022 09:00:20 GMT"), date], Some(20)),
            (vec![("retry-after", "99999999")], Some(86_400)),
            (vec![("retry-after", "99999999999999999999999")], Some(86_400)),
            (vec![("retry-after", "Sun, 24 Jan 2100 08:00:00 GMT")], Some(86_400)),
            (vec![("retry-after", "-3")], None),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "")], None),
            (vec![], None),
        ] {
            let outcome = judge(answer(503, &headers), now());
            let Outcome::Retry { retry_after, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), seconds, "{headers:?}");
        }
    }
}
