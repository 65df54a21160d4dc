//! A journal comes back from a backup, and is tried out before that is needed.
//!
//! What left after the backup was taken is lost, and facilities hold it. They obey the newest order by epoch and
//! sequence, so that whatever is issued from here on has to be in an epoch above any that the lost journal reached. How
//! many starts it saw since the backup nobody knows; but every start takes one epoch and more than one second, so no
//! journal is ever in an epoch above the seconds since 1970, and neither is one that was restored before. So a restore
//! goes on in that epoch.

use std::fs::DirBuilder;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, Utc};
use kezek_engine::Event;
use kezek_engine::query::summary;
use kezek_journal::{Copied, Head, JournalError, Location, Reader, SqliteReader, copy, verify, verify_at};
use serde::Serialize;

use crate::book::Book;
use crate::error::ServerError;
use crate::record::Input;
use crate::replay::read_on;

/// What a restore brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// As much as the backup held.
    pub copied: Copied,
    /// When the last thing happened that the backup knows of.
    pub last: Option<DateTime<Utc>>,
    /// The next start is in an epoch above this one.
    pub epoch: u64,
    /// The end of the journal now.
    pub head: Head,
}

/// Brings the journal in the file `backup` back into `to`, which is empty, so that a control room can go on there.
///
/// # Errors
/// When the backup does not hold, cannot be replayed, or ends in the future of this machine's clock; when `to` is not
/// empty or cannot be written.
pub fn restore(backup: &Path, to: &Location, now: DateTime<Utc>) -> Result<Restored, ServerError> {
    require_sound(&Location::from(backup))?;
    let from = SqliteReader::open(backup)?;
    let mut book = Book::new();
    read_on(&from, &mut book)?;
    let last = (book.head != Head::empty()).then_some(book.clock);
    if let Some(last) = last.filter(|last| *last > now) {
        return Err(ServerError::ClockBehind { now, last });
    }
    let mut store = to.store("kezek db restore")?;
    let copied = copy(&from, &mut *store, &to.to_string())?;
    let epoch = book.state.epoch().saturating_add(1).max(u64::try_from(now.timestamp()).unwrap_or(0));
    let input = Input::from(Event::Restored { epoch, head: copied.head.clone() });
    book.permit(&input.happening, now)?;
    let entry = input.entry(now).map_err(|error| ServerError::NotUnderstood { what: error.to_string() })?;
    let head = store.append(&[entry])?;
    Ok(Restored { copied, last, epoch, head })
}

/// The heads that the orders in a journal carry, as far as it can be read.
#[must_use]
pub fn carried(journal: &dyn Reader) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut visit = |record: kezek_journal::Record| {
        let head = record.body.pointer("/event/journal_head");
        heads.extend(head.and_then(|head| serde_json::from_value::<Head>(head.clone()).ok()));
        ControlFlow::Continue(())
    };
    // It ends at the first record that is broken; a verification finds that and all others.
    drop(journal.load(0, &mut visit));
    heads
}

fn require_sound(journal: &Location) -> Result<u64, ServerError> {
    let heads = match journal.reader() {
        Ok(reader) => carried(&*reader),
        // What is wrong with it the verification says.
        Err(error @ JournalError::Missing { .. }) => return Err(error.into()),
        Err(_) => Vec::new(),
    };
    let found = match journal {
        Location::File(path) => verify(path, &heads),
        server @ Location::Server(_) => verify_at(server, &heads),
    }?;
    match found.faults.first() {
        None => Ok(u64::try_from(heads.len()).unwrap_or(u64::MAX)),
        Some(fault) => {
            let (seq, what) = (fault.seq.unwrap_or(0), fault.to_string());
            Err(JournalError::Broken { seq, what }.into())
        }
    }
}

/// What a drill found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drill {
    /// What came back.
    pub restored: Restored,
    /// Heads carried by orders that were held against the chain.
    pub heads_compared: u64,
    /// Name of the environment, where a control room was ever started on it.
    pub environment: Option<String>,
    /// Orders that the replay knows.
    pub orders: u64,
    /// Facilities enrolled.
    pub enrolled: usize,
    /// Seconds for verifying the backup and restoring it.
    pub restore_s: f64,
    /// Seconds for recomputing the restored chain.
    pub verify_s: f64,
    /// Seconds for replaying every event.
    pub replay_s: f64,
}

/// Restores a backup into a folder of its own, verifies the chain, replays everything, and removes the folder.
///
/// # Errors
/// Whatever would keep the backup from being restored.
pub fn drill(backup: &Path, now: DateTime<Utc>) -> Result<Drill, ServerError> {
    let scratch = Scratch::new()?;
    let to = Location::File(scratch.0.join("drill.db"));
    let (restored, restore_s) = timed(|| restore(backup, &to, now))?;
    let (heads_compared, verify_s) = timed(|| require_sound(&to))?;
    let (book, replay_s) = timed(|| {
        let mut book = Book::new();
        read_on(&*to.reader()?, &mut book)?;
        Ok(book)
    })?;
    if book.head != restored.head {
        return Err(
            JournalError::HeadMoved { expected: restored.head.clone(), found: book.head.clone() }.into()
        );
    }
    Ok(Drill {
        heads_compared,
        environment: book.state.environment().map(str::to_owned),
        orders: summary(&book.state).orders,
        enrolled: book.state.enrolments().count(),
        restored,
        restore_s,
        verify_s,
        replay_s,
    })
}

fn timed<T>(act: impl FnOnce() -> Result<T, ServerError>) -> Result<(T, f64), ServerError> {
    let began = Instant::now();
    let done = act()?;
    Ok((done, began.elapsed().as_secs_f64()))
}

/// A folder that only this user can read and that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, JournalError> {
        let path = std::env::temp_dir().join(format!("kezek-drill-{}", std::process::id()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        let doing = "making a folder for the drill";
        made.map_err(|source| JournalError::File { path: path.clone(), doing, source })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is only a copy.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
