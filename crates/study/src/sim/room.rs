//! The control room as the pretend world sees it. The world brings the store and the clocks, and carries what leaves.

use super::clock::Clock;
use chrono::{DateTime, Utc};
use kezek_engine::{Config, Effects, Event, Refusal, State};
use kezek_journal::Store;

/// What a room is asked in one batch.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Let this happen; the evidence is kept with it.
    Happen(Box<Event>, Option<Vec<u8>>),
    /// Let happen what time has brought.
    Due,
}

/// Why what was asked has not happened.
#[derive(Clone, Debug)]
pub enum Denied {
    /// The engine does not permit it.
    Refused(Refusal),
    /// The journal could not be written.
    Journal(String),
}

/// Whoever writes first and acts after: takes a batch, writes what is permitted of it, and only then says what follows.
pub trait Corridor {
    /// Serves a batch; one answer for each, in the same order, once it is durable.
    fn serve(&mut self, batch: Vec<Asked>) -> Vec<Result<Effects, Denied>>;

    /// Lets somebody look at what is durable.
    fn look(&self, look: &mut dyn FnMut(&State));

    /// Engine time.
    fn now(&self) -> DateTime<Utc>;
}

/// With what a room starts.
pub struct Start {
    /// Its journal, which it reads again before anything else.
    pub store: Box<dyn Store>,
    /// Its clocks.
    pub clock: Clock,
    /// Name of its environment.
    pub environment: String,
    /// Its settings.
    pub config: Config,
}

/// Starts a control room: reads the journal again and begins a new epoch.
pub type Opening<'a> = &'a (dyn Fn(Start) -> Result<Box<dyn Corridor>, String> + Sync);
