//! Store and memory together: nothing is known here that was not written first.

use crate::error::AgentError;
use crate::holdings::Target;
use crate::memory::Memory;
use crate::record::Record;
use crate::store::Store;
use chrono::{DateTime, Utc};

/// What the agent knows, and the file that remembers it.
#[derive(Debug)]
pub(crate) struct Ledger {
    store: Store,
    pub(crate) memory: Memory,
    /// A change that the driver has not carried out yet.
    pub(crate) pending: Option<Pending>,
    /// Whether the driver was told since the start what holds: it may have forgotten.
    pub(crate) is_confirmed: bool,
    /// First instant that no reading has covered yet.
    pub(crate) meter_from: DateTime<Utc>,
}

/// A change that the driver has not carried out yet.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) target: Target,
    pub(crate) due_at: DateTime<Utc>,
    /// After a failure: when the driver is tried again.
    pub(crate) retry_at: Option<DateTime<Utc>>,
}

impl Ledger {
    pub(crate) fn new(
        store: Store,
        records: Vec<Record>,
        meter_from: impl FnOnce(&Memory) -> DateTime<Utc>,
    ) -> Self {
        let mut memory = Memory::default();
        records.into_iter().for_each(|record| memory.take(record));
        let meter_from = meter_from(&memory);
        Self { store, memory, pending: None, is_confirmed: false, meter_from }
    }

    /// Whether nothing more can be written until a restart.
    pub(crate) fn is_closed(&self) -> bool {
        self.store.is_closed()
    }

    /// Writes records, then knows them.
    pub(crate) fn record(&mut self, records: Vec<Record>) -> Result<(), AgentError> {
        self.store.append(&records)?;
        records.into_iter().for_each(|record| self.memory.take(record));
        Ok(())
    }

    /// Knows what has happened also when it could not be written: acting on time goes on with a full disk.
    pub(crate) fn record_fact(&mut self, record: Record) {
        if let Err(error) = self.store.append(std::slice::from_ref(&record)) {
            tracing::error!(%error, "what was done could not be written and will be done once more after a restart");
        }
        self.memory.take(record);
    }

    /// Knows what may be lost in a power failure because it is then only done once more.
    pub(crate) fn record_mark(&mut self, record: Record) {
        if let Err(error) = self.store.append_mark(&record) {
            tracing::warn!(%error, "what was sent could not be marked and will be sent once more after a restart");
        }
        self.memory.take(record);
    }
}
