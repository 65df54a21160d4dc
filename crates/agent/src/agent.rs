//! The agent: store, driver and keys under one clock that is handed in.

use crate::config::AgentConfig;
use crate::driver::Driver;
use crate::error::AgentError;
use crate::fetch::Asking;
use crate::holdings::{self, Holding, Target};
use crate::ledger::Ledger;
use crate::meter;
use crate::pins::Pins;
use crate::record::Record;
use crate::store::Store;
use chrono::{DateTime, Utc};
use kezek_courier::limits::{FETCH_WITHIN, TOTAL_TIMEOUT};
use kezek_courier::{GuardedClient, PrivateKey, Timeouts};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Mutex as Turnstile, Notify};

/// The clock: the machine's, or that of a demo.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What runs at a facility. Clones are the same agent.
#[derive(Clone)]
pub struct Agent(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: AgentConfig,
    pub(crate) pins: Pins,
    pub(crate) key: PrivateKey,
    pub(crate) client: GuardedClient,
    /// Waits longer, where this facility asks for its orders.
    pub(crate) fetcher: GuardedClient,
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) now: Now,
    ledger: Mutex<Ledger>,
    /// Limits are set one after another.
    pub(crate) acting: Turnstile<()>,
    pub(crate) metering: Turnstile<()>,
    pub(crate) sending: Turnstile<()>,
    /// One request for orders at a time.
    pub(crate) asking: Turnstile<Asking>,
    /// Rung when an order or an answer came.
    pub(crate) news: Notify,
}

/// Where an agent stands, for its people.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What the driver was last brought to.
    pub applied: Target,
    /// What the orders say about now.
    pub wanted: Target,
    /// Every stored order, by epoch and sequence.
    pub holdings: Vec<Holding>,
    /// Answers, reports and readings that the control room has not taken.
    pub unsent: usize,
}

impl Agent {
    /// An agent over an opened store. The driver is not touched before the first tick, and then only where a stored
    /// order says so.
    ///
    /// # Errors
    /// When the agent is not enrolled, its key is missing, or key, store, pins and configuration do not belong
    /// together.
    pub fn open(
        config: AgentConfig,
        mut store: Store,
        driver: Box<dyn Driver>,
        now: Now,
    ) -> Result<Self, AgentError> {
        config.check()?;
        let (pins, key) = (Pins::load(&config.state_file)?, PrivateKey::load(&config.key_file)?);
        let records = store.take_records();
        belong_together(&config, &pins, &key, &records)?;
        let client = GuardedClient::with_tls(config.addresses.clone(), Timeouts::default(), &config.tls)?;
        let patient = Timeouts { total: FETCH_WITHIN + TOTAL_TIMEOUT, ..Timeouts::default() };
        let fetcher = GuardedClient::with_tls(config.addresses.clone(), patient, &config.tls)?;
        let (opened_at, step) = (now(), meter::step(&config));
        let ledger = Ledger::new(store, records, |memory| meter::first_start(memory, step, opened_at));
        let (acting, metering, sending, asking) = Default::default();
        let ledger = Mutex::new(ledger);
        let inner = Inner {
            config,
            pins,
            key,
            client,
            fetcher,
            driver,
            now,
            ledger,
            acting,
            metering,
            sending,
            asking,
            news: Notify::new(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Does everything that is due: answers, limits, readings, and one attempt for every message whose turn it is.
    /// Returns when it is done.
    pub async fn tick(&self) {
        self.answer_due().await;
        self.act(None).await;
        self.meter().await;
        self.send().await;
    }

    /// The next instant at which a tick would do something, `now` itself where something is due; `None` only where
    /// the clock ends.
    #[must_use]
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let now = self.now();
        let ledger = self.ledger();
        let candidates = [
            self.next_answer(&ledger),
            next_act(&ledger, now),
            self.next_reading(&ledger),
            next_send(&ledger, now),
        ];
        candidates.into_iter().flatten().map(|due| due.max(now)).min()
    }

    /// Where the agent stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let now = self.now();
        let ledger = self.ledger();
        let memory = &ledger.memory;
        Standing {
            applied: memory.applied.clone(),
            wanted: holdings::target(&memory.holdings, now),
            holdings: memory.holdings.clone(),
            unsent: memory.parcels.len() + memory.readings.len(),
        }
    }

    /// The configuration it was opened with.
    #[must_use]
    pub fn config(&self) -> &AgentConfig {
        &self.0.config
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.0.now)()
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work on the ledger that may wait for the disk, off the threads that serve connections.
    pub(crate) async fn with_ledger<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self, &mut Ledger) -> T + Send + 'static,
    ) -> Result<T, AgentError> {
        let agent = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut ledger = agent.ledger();
            work(&agent, &mut ledger)
        });
        done.await.map_err(|error| AgentError::Stopped { what: error.to_string() })
    }
}

fn next_act(ledger: &Ledger, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let later = holdings::next_change(&ledger.memory.holdings, now);
    let open = ledger.open_change(holdings::target(&ledger.memory.holdings, now));
    let retry = open.map(|target| ledger.driver_retry(&target, now).unwrap_or(now));
    later.into_iter().chain(retry).min()
}

fn next_send(ledger: &Ledger, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let memory = &ledger.memory;
    let readings = (!memory.readings.is_empty()).then_some(&memory.readings_turn);
    let turns = memory.parcels.values().map(|parcel| &parcel.turn).chain(readings);
    turns.map(|turn| turn.retry_at(now).unwrap_or(now)).min()
}

fn belong_together(
    config: &AgentConfig,
    pins: &Pins,
    key: &PrivateKey,
    records: &[Record],
) -> Result<(), AgentError> {
    let equal = |what, found: &str, expected: &str, hint| match found == expected {
        true => Ok(()),
        false => {
            Err(AgentError::Mismatch { what, found: found.to_owned(), expected: expected.to_owned(), hint })
        }
    };
    let (facility, environment) = (config.facility.as_str(), config.environment.as_str());
    let enrol = "correct the configuration, or enrol anew";
    equal("the enrolled facility", pins.facility.as_str(), facility, enrol)?;
    equal("the enrolled environment", &pins.environment, environment, enrol)?;
    equal(
        "the fingerprint of the key file",
        &key.key_id(),
        &pins.key_id,
        "put the key file back, or enrol anew",
    )?;
    let Some(Record::Opened { facility: stored, environment: stored_in }) = records.first() else {
        return equal("the store's facility", "unknown", facility, "open the store once, for one agent");
    };
    let store = "name this facility's own store_file";
    equal("the store's facility", stored.as_str(), facility, store)?;
    equal("the store's environment", stored_in, environment, store)
}
