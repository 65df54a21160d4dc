//! The outbox: answers, reports and readings go to the control room until it has taken them.

use crate::agent::Agent;
use crate::ledger::Ledger;
use crate::memory::Content;
use crate::record::Record;
use chrono::{DateTime, Utc};
use kezek_courier::error::describe;
use kezek_courier::{CourierError, Purpose, Signed};
use kezek_model::receipt::Reading;
use serde::{Deserialize, Serialize};

/// The most answers and reports tried in one tick.
const PARCELS_PER_TICK: usize = 64;
/// The most readings in one message.
pub(crate) const READINGS_PER_MESSAGE: usize = 500;

/// Readings as they are signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Readings {
    environment: String,
    readings: Vec<Reading>,
}

/// A message whose turn it is.
struct Message {
    path: &'static str,
    body: Vec<u8>,
    /// What to write down when it was taken.
    mark: Record,
}

/// What came of an attempt.
enum Attempt {
    Taken,
    /// The control room answered something else than yes: this message waits.
    NotTaken,
    /// Nobody answered: every message waits.
    NobodyThere,
}

impl Agent {
    /// Makes one attempt for every message whose turn it is.
    pub(crate) async fn send(&self) {
        let _turn = self.0.sending.lock().await;
        let now = self.now();
        for message in self.due_messages(now) {
            match self.attempt(&message).await {
                Attempt::Taken => self.ledger().record_mark(message.mark),
                Attempt::NotTaken => self.ledger().put_off(&message.mark, now),
                Attempt::NobodyThere => return self.ledger().put_off_all(now),
            }
        }
    }

    fn due_messages(&self, now: DateTime<Utc>) -> Vec<Message> {
        let ledger = self.ledger();
        let due = ledger.memory.parcels.iter().filter(|(_, parcel)| parcel.turn.retry_at(now).is_none());
        let parcels = due.take(PARCELS_PER_TICK).map(|(number, parcel)| match &parcel.content {
            Content::Answer(answer) => message("answers", answer, Record::Sent { parcel: *number }),
            Content::Report(report) => message("reports", report, Record::Sent { parcel: *number }),
        });
        let messages: Result<Vec<_>, CourierError> = parcels.chain(self.due_readings(&ledger, now)).collect();
        messages
            .inspect_err(|error| tracing::error!(%error, "messages could not be made"))
            .unwrap_or_default()
    }

    fn due_readings(&self, ledger: &Ledger, now: DateTime<Utc>) -> Option<Result<Message, CourierError>> {
        let memory = &ledger.memory;
        // Readings of a clock that ran ahead are not believed there and must not hold up the others.
        let over = memory.readings.iter().filter(|reading| reading.interval_end <= now);
        let readings: Vec<_> = over.take(READINGS_PER_MESSAGE).cloned().collect();
        let until = readings.last().filter(|_| memory.readings_turn.retry_at(now).is_none())?.interval_end;
        let environment = self.0.config.environment.clone();
        let signed = Signed::new(Purpose::Report, Readings { environment, readings }, &self.0.key);
        Some(signed.and_then(|signed| message("readings", &signed, Record::ReadingsSent { until })))
    }

    async fn attempt(&self, message: &Message) -> Attempt {
        let url = self.0.config.api(message.path);
        match self.0.client.post(&url, &[], message.body.clone()).await {
            Ok(answer) if (200..300).contains(&answer.status) => Attempt::Taken,
            Ok(answer) => {
                let said = String::from_utf8_lossy(&answer.body);
                tracing::warn!(%url, status = answer.status, %said, "the control room did not take a message");
                Attempt::NotTaken
            }
            Err(error) => {
                tracing::warn!(error = %describe(&error), "the control room cannot be reached; messages wait");
                Attempt::NobodyThere
            }
        }
    }
}

fn message<T: Serialize>(
    path: &'static str,
    signed: &Signed<T>,
    mark: Record,
) -> Result<Message, CourierError> {
    let body = serde_json::to_vec(signed).map_err(CourierError::NotJson)?;
    Ok(Message { path, body, mark })
}

impl Ledger {
    fn put_off(&mut self, mark: &Record, now: DateTime<Utc>) {
        match mark {
            Record::Sent { parcel } => {
                if let Some(parcel) = self.memory.parcels.get_mut(parcel) {
                    parcel.turn.failed(now);
                }
            }
            _ => self.memory.readings_turn.failed(now),
        }
    }

    fn put_off_all(&mut self, now: DateTime<Utc>) {
        let memory = &mut self.memory;
        let readings = (!memory.readings.is_empty()).then_some(&mut memory.readings_turn);
        let turns = memory.parcels.values_mut().map(|parcel| &mut parcel.turn).chain(readings);
        turns.filter(|turn| turn.retry_at(now).is_none()).for_each(|turn| turn.failed(now));
    }
}
