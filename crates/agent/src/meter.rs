//! Readings: the mean power of every interval, aligned to UTC.

use crate::agent::Agent;
use crate::config::AgentConfig;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::record::Record;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use kezek_courier::error::describe;
use kezek_model::receipt::{Quality, Reading};

/// The most intervals read in one tick.
const READINGS_PER_TICK: usize = 100;
/// What lies further back is not read any more.
const LOOKS_BACK: TimeDelta = TimeDelta::days(7);
const SOURCE: &str = "agent";

/// Length of a reading's interval.
pub(crate) fn step(config: &AgentConfig) -> TimeDelta {
    TimeDelta::minutes(i64::from(config.meter_minutes))
}

/// Where reading begins after a start: after the last reading, or with the running interval.
pub(crate) fn first_start(memory: &Memory, step: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    let running = aligned(now, step);
    let until = memory.read_until.filter(|until| running - *until <= LOOKS_BACK).unwrap_or(running);
    not_ahead(until, step, now)
}

/// Where reading goes on. A clock that ran ahead and was set right again must not stop it until that time comes.
fn not_ahead(from: DateTime<Utc>, step: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    if from - now > step { aligned(now, step) } else { from }
}

fn aligned(at: DateTime<Utc>, step: TimeDelta) -> DateTime<Utc> {
    at.duration_trunc(step).unwrap_or(at)
}

impl Agent {
    /// Looks at the meter and reads every interval that has ended.
    pub(crate) async fn meter(&self) {
        let _turn = self.0.metering.lock().await;
        let now = self.now();
        if let Err(error) = self.0.driver.sample(now).await {
            tracing::warn!(error = %describe(&error), "the meter could not be read");
        }
        let step = step(&self.0.config);
        let from = self.ledger().meter_from.max(aligned(now, step) - LOOKS_BACK);
        let mut from = not_ahead(from, step, now);
        let mut records = Vec::new();
        for _ in 0..READINGS_PER_TICK {
            if from + step > now {
                break;
            }
            records.extend(self.reading(from, from + step).await);
            from += step;
        }
        self.keep(records, from).await;
    }

    async fn reading(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Record> {
        let mean = self.0.driver.mean_power(from, to).await;
        let mean = mean.inspect_err(|error| tracing::warn!(error = %describe(error), %from, "no reading"));
        let mean = mean.ok().flatten()?;
        let reading = Reading {
            facility: self.0.config.facility.clone(),
            interval_start: from,
            interval_end: to,
            mean: mean.power,
            quality: if mean.is_complete { Quality::Ok } else { Quality::Estimated },
            source: SOURCE.to_owned(),
        };
        Some(Record::Read { reading })
    }

    async fn keep(&self, records: Vec<Record>, until: DateTime<Utc>) {
        if records.is_empty() {
            self.ledger().meter_from = until;
            return;
        }
        let kept = self.with_ledger(move |_, ledger| {
            ledger.record(records)?;
            ledger.meter_from = until;
            Ok(())
        });
        if let Err(error) = kept.await.and_then(|kept| kept) {
            tracing::error!(%error, "readings could not be stored");
        }
    }

    /// When the running interval ends.
    pub(crate) fn next_reading(&self, ledger: &Ledger) -> Option<DateTime<Utc>> {
        ledger.meter_from.checked_add_signed(step(&self.0.config))
    }
}
