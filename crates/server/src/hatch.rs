//! Where orders are handed to facilities that nobody can reach: a delivery waits here for the facility's next request, a
//! request for the next delivery. Nothing here is remembered over a restart, and nothing here is a receipt.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use kezek_engine::Outcome;
use kezek_model::ids::{FacilityId, OrderNo};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::limits::HAND_OVER_WITHIN;

/// An order as it would be pushed: the headers of its envelope and the signed bytes.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request that waits for an order; an error of the first means that a newer one has taken its place.
pub(crate) type Waiting = (oneshot::Receiver<Handed>, OwnedSemaphorePermit);

/// Why a request may not wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// As many wait as may.
    Full,
    /// The control room is ending.
    Ending,
}

/// One facility here.
#[derive(Default)]
struct Seat {
    /// The latest request that was taken: an older one is a replay.
    asked_at: Option<DateTime<Utc>>,
    /// The request that waits.
    asks: Option<oneshot::Sender<Handed>>,
    /// Told when a request has come.
    news: Arc<Notify>,
    /// The delivery under way, which ends once the facility has spoken of its order.
    delivery: Option<(OrderNo, oneshot::Sender<()>)>,
}

type Seats = BTreeMap<FacilityId, Seat>;

/// The place where facilities fetch their orders.
pub(crate) struct Hatch {
    seats: Mutex<Seats>,
    /// Bounds the requests that wait.
    turns: Arc<Semaphore>,
    /// Whether everybody is sent away.
    closed: watch::Sender<bool>,
}

impl Hatch {
    pub(crate) fn new(most_waiting: usize) -> Self {
        Self {
            seats: Mutex::default(),
            turns: Arc::new(Semaphore::new(most_waiting)),
            closed: watch::Sender::default(),
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request of this instant is newer than all of this facility before; then it is the latest.
    pub(crate) fn is_new(&self, facility: &FacilityId, at: DateTime<Utc>) -> bool {
        let mut seats = self.seats();
        let seat = seats.entry(facility.clone()).or_default();
        let is_new = seat.asked_at.is_none_or(|before| before < at);
        if is_new {
            seat.asked_at = Some(at);
        }
        is_new
    }

    /// Lets a request wait in the place of any other of this facility.
    pub(crate) fn wait(&self, facility: &FacilityId) -> Result<Waiting, Crowd> {
        let mut seats = self.seats();
        if *self.closed.borrow() {
            return Err(Crowd::Ending);
        }
        let turn = Arc::clone(&self.turns).try_acquire_owned().map_err(|_| Crowd::Full)?;
        let (asks, waits) = oneshot::channel();
        let seat = seats.entry(facility.clone()).or_default();
        seat.asks = Some(asks);
        seat.news.notify_one();
        Ok((waits, turn))
    }

    /// Waits for a request of the facility and hands it what `make` gives then. Returns how the attempt failed; nothing
    /// where the facility has spoken of the order meanwhile, which is recorded with its word.
    pub(crate) async fn hand_over(
        &self,
        facility: &FacilityId,
        order_no: &OrderNo,
        make: impl Fn() -> Result<Handed, Outcome>,
    ) -> Option<Outcome> {
        let (tell, told) = oneshot::channel();
        self.seats().entry(facility.clone()).or_default().delivery = Some((order_no.clone(), tell));
        let spoken = async {
            if told.await.is_err() {
                // Another delivery took its place; this one ends by its time.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = spoken => None,
            outcome = self.offer(facility, make) => Some(outcome),
        }
    }

    async fn offer(&self, facility: &FacilityId, make: impl Fn() -> Result<Handed, Outcome>) -> Outcome {
        let until = Instant::now() + HAND_OVER_WITHIN;
        loop {
            let asks = match timeout_at(until, self.asks(facility)).await {
                Err(_) => return failed("the facility did not ask for its orders in time"),
                Ok(None) => return failed("the control room is ending"),
                Ok(Some(asks)) => asks,
            };
            match make() {
                Err(outcome) => return outcome,
                // Whoever asked has gone: the next one gets it.
                Ok(handed) => {
                    if asks.send(handed).is_ok() {
                        break;
                    }
                }
            }
        }
        // Once the control room is ending nobody can say so any more.
        let mut closed = self.closed.subscribe();
        let _ = tokio::time::timeout(HAND_OVER_WITHIN, closed.wait_for(|closed| *closed)).await;
        failed("it was handed over, but the facility has not said that it holds it")
    }

    /// The next request of a facility; `None` once the control room is ending.
    async fn asks(&self, facility: &FacilityId) -> Option<oneshot::Sender<Handed>> {
        loop {
            let news = {
                let mut seats = self.seats();
                if *self.closed.borrow() {
                    return None;
                }
                let seat = seats.entry(facility.clone()).or_default();
                if let Some(asks) = seat.asks.take().filter(|asks| !asks.is_closed()) {
                    return Some(asks);
                }
                Arc::clone(&seat.news)
            };
            news.notified().await;
        }
    }

    /// The facility has spoken of an order, and its word is recorded: its delivery is over.
    pub(crate) fn spoken(&self, facility: &FacilityId, order_no: &OrderNo) {
        let mut seats = self.seats();
        let Some(seat) = seats.get_mut(facility) else { return };
        if let Some((_, tell)) = seat.delivery.take_if(|(number, _)| number == order_no) {
            // The delivery may have ended by its time.
            let _ = tell.send(());
        }
    }

    /// Sends everybody away.
    pub(crate) fn close(&self) {
        let mut seats = self.seats();
        self.closed.send_replace(true);
        for seat in seats.values_mut() {
            seat.asks = None;
            seat.news.notify_one();
        }
    }
}

fn failed(reason: &str) -> Outcome {
    Outcome::Failed { reason: reason.into(), retry_after_s: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Result<Handed, Outcome> {
        Ok(Handed { headers: HeaderMap::new(), body: b"order".to_vec() })
    }

    fn facility() -> FacilityId {
        "F1".into()
    }

    #[test]
    fn as_many_wait_as_may_and_one_of_each_facility() {
        let hatch = Hatch::new(2);
        let (mut first, turn) = hatch.wait(&facility()).unwrap();
        let second = hatch.wait(&facility()).unwrap();
        assert!(first.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert_eq!(hatch.wait(&"F2".into()).unwrap_err(), Crowd::Full);
        drop(turn);
        let third = hatch.wait(&"F2".into()).unwrap();
        assert_eq!(hatch.wait(&"F3".into()).unwrap_err(), Crowd::Full);
        drop((second, third));
        assert!(hatch.wait(&"F3".into()).is_ok());
    }

    #[test]
    fn a_request_that_is_not_newer_is_a_replay() {
        let (hatch, at) = (Hatch::new(1), DateTime::UNIX_EPOCH);
        assert!(hatch.is_new(&facility(), at));
        assert!(!hatch.is_new(&facility(), at) && hatch.is_new(&"F2".into(), at));
        assert!(hatch.is_new(&facility(), at + chrono::TimeDelta::milliseconds(1)));
        assert!(!hatch.is_new(&facility(), at));
    }

    #[tokio::test]
    async fn a_delivery_ends_with_the_word_of_its_facility_only() {
        let (hatch, number) = (Arc::new(Hatch::new(1)), OrderNo::from("o-1"));
        let delivering = {
            let (hatch, number) = (Arc::clone(&hatch), number.clone());
            tokio::spawn(async move { hatch.hand_over(&facility(), &number, paper).await })
        };
        let gone = hatch.wait(&facility()).unwrap();
        drop(gone);
        let (waits, _turn) = hatch.wait(&facility()).unwrap();
        assert_eq!(waits.await.unwrap().body, b"order");
        hatch.spoken(&facility(), &"o-2".into());
        hatch.spoken(&"F2".into(), &number);
        tokio::task::yield_now().await;
        assert!(!delivering.is_finished(), "handed over is not received");
        hatch.spoken(&facility(), &number);
        assert_eq!(delivering.await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_may_not_leave_is_not_handed_over_and_the_end_sends_everybody_away() {
        let hatch = Hatch::new(1);
        let (mut waits, turn) = hatch.wait(&facility()).unwrap();
        let outcome = hatch.hand_over(&facility(), &"o-1".into(), || Err(failed("frozen"))).await;
        assert_eq!(outcome, Some(failed("frozen")));
        assert!(waits.try_recv().is_err());
        let hatch = Arc::new(hatch);
        drop((waits, turn));
        let (waits, _turn) = hatch.wait(&facility()).unwrap();
        let delivering = {
            let hatch = Arc::clone(&hatch);
            tokio::spawn(async move { hatch.hand_over(&facility(), &"o-2".into(), paper).await })
        };
        waits.await.unwrap();
        hatch.close();
        assert!(
            matches!(delivering.await.unwrap(), Some(Outcome::Failed { .. })),
            "nobody said that it came"
        );
        assert_eq!(hatch.wait(&facility()).unwrap_err(), Crowd::Ending);
        let outcome = hatch.hand_over(&facility(), &"o-1".into(), paper).await;
        assert_eq!(outcome, Some(failed("the control room is ending")));
    }
}
