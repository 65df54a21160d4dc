//! Asking for orders, where nobody can reach this facility: the next request says what became of the order before.

use crate::agent::Agent;
use crate::error::AgentError;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{Answer, CourierError, Purpose, Signed};
use kezek_model::ids::OrderNo;
use kezek_model::receipt::{Fetch, Handover};
use std::time::Duration;

/// The status of an order that is longer than an answer may be, or broke off.
const NOT_WHOLE: u16 = 503;
/// The longest explanation that is sent along, in characters.
const MAX_ERROR: usize = 500;

/// What the next request has to say.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    asked_at: Option<DateTime<Utc>>,
    previous: Option<Handover>,
}

impl Asking {
    /// Each request is of a later instant than the one before: older ones are refused as replays.
    fn next(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let later = self.asked_at.map(|before| before + TimeDelta::milliseconds(1));
        let at = later.map_or(now, |later| later.max(now));
        self.asked_at = Some(at);
        at
    }
}

impl Agent {
    /// Asks the control room for the next order and takes it with every check of a pushed one; says whether one came.
    /// Waits there for so long, at most [`kezek_courier::limits::FETCH_WITHIN`].
    ///
    /// # Errors
    /// When the control room cannot be reached or does not answer the request.
    pub async fn fetch(&self, wait: Duration) -> Result<bool, AgentError> {
        let mut asking = self.0.asking.lock().await;
        let body = Fetch {
            facility: self.0.config.facility.clone(),
            environment: self.0.config.environment.clone(),
            at: asking.next(self.now()),
            wait_s: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX),
            previous: asking.previous.clone(),
        };
        let signed = Signed::new(Purpose::Fetch, body, &self.0.key)?;
        let bytes = serde_json::to_vec(&signed).map_err(CourierError::NotJson)?;
        let answer = self.0.fetcher.post(&self.0.config.api("orders/fetch"), &[], bytes).await?;
        match answer.status {
            200 => asking.previous = self.handed(answer).await,
            204 => asking.previous = None,
            status => {
                let said = String::from_utf8_lossy(&answer.body).chars().take(MAX_ERROR).collect();
                return Err(AgentError::FetchRefused { status, said });
            }
        }
        Ok(asking.previous.is_some())
    }

    /// What is to be said of what was handed over; an envelope without a number cannot be spoken of.
    async fn handed(&self, answer: Answer) -> Option<Handover> {
        let number = answer.headers.get(kezek_courier::envelope::ID_HEADER)?.to_str().ok()?.to_owned();
        let taken = match answer.whole {
            true => self.receive(answer.headers, answer.body.into()).await,
            false => {
                let error = "it came in part only".to_owned();
                return Some(Handover { order_no: OrderNo::from(number), status: NOT_WHOLE, error });
            }
        };
        let (status, error) = match taken {
            Ok(_) => (200, String::new()),
            Err(refusal) => {
                tracing::warn!(%refusal, "an order was not taken");
                (refusal.status(), refusal.to_string().chars().take(MAX_ERROR).collect())
            }
        };
        Some(Handover { order_no: OrderNo::from(number), status, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_of_ever_later_instants_whatever_the_clock_does() {
        let at = |seconds| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let mut asking = Asking::default();
        let asked: Vec<_> = [5, 5, 4, 9].into_iter().map(|seconds| asking.next(at(seconds))).collect();
        assert_eq!((asked[0], asked[3]), (at(5), at(9)));
        assert!(asked.is_sorted_by(|one, other| one < other), "{asked:?}");
    }
}
