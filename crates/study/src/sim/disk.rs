//! The pretend disk under a real store: full for a while, unsure of what it wrote, and cut off in the middle.

use super::crash::Fate;
use kezek_journal::{Entry, Head, JournalError, MemoryStore, Record, SqliteStore, Store, Visit};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A disk with a journal on it. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    medium: Medium,
    /// Nothing can be written.
    is_full: bool,
    /// The next append is written, and said to have failed.
    is_unsure: bool,
    /// The next append is the last of this process.
    dying: Option<Fate>,
    /// Whether it was.
    is_dead: bool,
    /// So many records are read before the process ends.
    read_limit: Option<usize>,
    /// Everything that the disk said is kept, as it said it.
    acknowledged: Vec<Head>,
}

#[derive(Debug)]
enum Medium {
    Memory(MemoryStore),
    File(OnFile),
}

/// A journal in a folder; a crash leaves a copy of what was on the disk, and the next start goes on from there.
#[derive(Debug)]
struct OnFile {
    folder: PathBuf,
    /// Starts so far.
    generation: u32,
    store: Option<SqliteStore>,
}

const NAME: &str = "journal.db";
const LOG: &str = "journal.db-wal";

fn failed(doing: &'static str, what: &str) -> JournalError {
    JournalError::File { path: NAME.into(), doing, source: io::Error::other(what.to_owned()) }
}

impl Disk {
    /// A disk in memory: a batch is on it wholly or not at all.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Medium::Memory(MemoryStore::new()))
    }

    /// A disk in a folder, with SQLite's own files: a torn batch is torn in its write-ahead log.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::of(Medium::File(OnFile { folder: folder.to_owned(), generation: 0, store: None }))
    }

    fn of(medium: Medium) -> Self {
        let (is_full, is_unsure, is_dead) = (false, false, false);
        let (dying, read_limit, acknowledged) = (None, None, Vec::new());
        Self(Arc::new(Mutex::new(Inner {
            medium,
            is_full,
            is_unsure,
            dying,
            is_dead,
            read_limit,
            acknowledged,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the journal to a process that starts.
    pub(super) fn mount(&self) -> Result<Box<dyn Store>, JournalError> {
        let mut inner = self.inner();
        (inner.is_dead, inner.dying, inner.is_unsure) = (false, None, false);
        if let Medium::File(file) = &mut inner.medium {
            file.open()?;
        }
        let head = inner.store()?.head()?;
        inner.acknowledged.push(head.clone());
        drop(inner);
        Ok(Box::new(Mounted { disk: self.clone(), head }))
    }

    pub(super) fn set_full(&self, is_full: bool) {
        self.inner().is_full = is_full;
    }

    pub(super) fn set_unsure(&self) {
        self.inner().is_unsure = true;
    }

    pub(super) fn die_at_append(&self, fate: Fate) {
        self.inner().dying = Some(fate);
    }

    pub(super) fn die_in_reading(&self, after_records: usize) {
        self.inner().read_limit = Some(after_records);
    }

    pub(super) fn live(&self) {
        let mut inner = self.inner();
        (inner.dying, inner.read_limit, inner.is_full, inner.is_unsure) = (None, None, false, false);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.inner().is_dead
    }

    /// What the disk has acknowledged since the last question.
    pub(super) fn take_acknowledged(&self) -> Vec<Head> {
        std::mem::take(&mut self.inner().acknowledged)
    }

    /// The process ends here. Of what it had begun to write nothing is kept, but its torn beginning may be.
    pub(super) fn pull_the_plug(&self, fate: Fate) -> Result<(), JournalError> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        if let Medium::File(file) = &mut inner.medium
            && !inner.is_dead
        {
            let (database, log) = file.read()?;
            let log = if fate == Fate::Torn { [&log[..], &[0x5a; 417]].concat() } else { log };
            file.leave(&database, &log)?;
        }
        inner.is_dead = true;
        Ok(())
    }

    /// Every record, as it is kept.
    ///
    /// # Errors
    /// When the journal is broken.
    pub fn records(&self) -> Result<Vec<Record>, JournalError> {
        self.read(0).map(|(records, ..)| records)
    }

    /// The records after a number, the end, and how many of them are read before the process ends.
    fn read(&self, after_seq: u64) -> Result<(Vec<Record>, Head, Option<usize>), JournalError> {
        let (mut inner, mut records) = (self.inner(), Vec::new());
        let head = inner.store()?.load(after_seq, &mut |record| {
            records.push(record);
            ControlFlow::Continue(())
        })?;
        Ok((records, head, inner.read_limit.take()))
    }

    /// Writes something behind the back of everybody.
    pub(super) fn write_anyway(&self, entry: Entry) -> Result<Head, JournalError> {
        self.inner().store()?.append(&[entry])
    }
}

impl Inner {
    fn store(&mut self) -> Result<&mut dyn Store, JournalError> {
        match &mut self.medium {
            Medium::Memory(store) => Ok(store),
            Medium::File(OnFile { store: Some(store), .. }) => Ok(store),
            Medium::File(_) => Err(failed("opening", "nobody has opened it")),
        }
    }

    fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError> {
        if self.is_dead {
            return Err(failed("appending", "the process has ended"));
        }
        if let Some(fate) = self.dying.take() {
            self.is_dead = true;
            return self.last_append(entries, fate);
        }
        if self.is_full {
            return Err(failed("appending", "no space left on device"));
        }
        let head = self.store()?.append(entries)?;
        if std::mem::take(&mut self.is_unsure) {
            return Err(failed("appending", "input/output error after the write"));
        }
        self.acknowledged.push(head.clone());
        Ok(head)
    }

    fn last_append(&mut self, entries: &[Entry], fate: Fate) -> Result<Head, JournalError> {
        match &mut self.medium {
            // A batch is one transaction: what is torn is not there.
            Medium::Memory(store) if fate == Fate::Kept => store.append(entries).map(|_| ())?,
            Medium::Memory(_) => {}
            Medium::File(file) => file.last_append(entries, fate)?,
        }
        Err(failed("appending", "the process has ended"))
    }
}

impl OnFile {
    fn place(&self) -> PathBuf {
        self.folder.join(self.generation.to_string())
    }

    fn open(&mut self) -> Result<(), JournalError> {
        drop(self.store.take());
        fs::create_dir_all(self.place()).map_err(|_| failed("opening", "no folder"))?;
        self.store = Some(SqliteStore::open(&self.place().join(NAME))?);
        Ok(())
    }

    /// Database and write-ahead log, as they are on the disk while the writer lives.
    fn read(&self) -> Result<(Vec<u8>, Vec<u8>), JournalError> {
        let database = fs::read(self.place().join(NAME)).map_err(|_| failed("copying", "no database"))?;
        Ok((database, fs::read(self.place().join(LOG)).unwrap_or_default()))
    }

    /// What the next start will find.
    fn leave(&mut self, database: &[u8], log: &[u8]) -> Result<(), JournalError> {
        drop(self.store.take());
        self.generation += 1;
        let place = self.place();
        let written = fs::create_dir_all(&place)
            .and_then(|()| fs::write(place.join(NAME), database))
            .and_then(|()| fs::write(place.join(LOG), log));
        written.map_err(|_| failed("copying", "no space"))
    }

    fn last_append(&mut self, entries: &[Entry], fate: Fate) -> Result<(), JournalError> {
        let before = self.read()?;
        if let Some(store) = &mut self.store {
            store.append(entries)?;
        }
        let after = self.read()?;
        let grew = before.0 == after.0 && before.1.len() < after.1.len();
        let (database, log) = match fate {
            Fate::Kept => after,
            // What is torn: all but the last page of what was being written.
            Fate::Torn if grew => {
                let end = (before.1.len() + after.1.len()) / 2 + 7;
                (after.0, after.1[..end.min(after.1.len() - 1)].to_vec())
            }
            Fate::LostTail | Fate::Torn => before,
        };
        self.leave(&database, &log)
    }
}

/// The journal in the hands of one process.
struct Mounted {
    disk: Disk,
    /// Where this process left it.
    head: Head,
}

impl Store for Mounted {
    fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError> {
        let mut inner = self.disk.inner();
        let found = if inner.is_dead { self.head.clone() } else { inner.store()?.head()? };
        if found != self.head {
            return Err(JournalError::HeadMoved { expected: self.head.clone(), found });
        }
        let head = inner.append(entries)?;
        self.head.clone_from(&head);
        Ok(head)
    }

    fn head(&self) -> Result<Head, JournalError> {
        Ok(self.head.clone())
    }

    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        // Whoever visits may ask for a document, so the disk is not held meanwhile.
        let (records, head, limit) = self.disk.read(after_seq)?;
        let upto = limit.unwrap_or(records.len());
        for record in records.into_iter().take(upto) {
            let end = record.head();
            if visit(record) == ControlFlow::Break(()) {
                return Ok(end);
            }
        }
        match limit {
            Some(_) => Err(failed("reading", "the process has ended")),
            None => Ok(head),
        }
    }

    fn put_document(&mut self, bytes: &[u8]) -> Result<String, JournalError> {
        self.disk.inner().store()?.put_document(bytes)
    }

    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.disk.inner().store()?.document(digest)
    }
}
