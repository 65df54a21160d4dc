//! The store: one JSON record a line, appended and made durable before anybody is told. Every line carries the
//! SHA-256 of itself and of all lines before it.
//!
//! A last line without its end was cut by a power failure before anybody was told of it and is taken off. Any other
//! damage is not repaired: nobody knows what the missing words were, and a guess could release a load. Whole
//! lines missing at the end cannot be seen here; the control room sees them by an order's missing effect.

use crate::error::AgentError;
use crate::record::Record;
use kezek_model::canonical::sha256_hex;
use kezek_model::ids::FacilityId;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const BEFORE_HASH: &str = "{\"hash\":\"";
const AFTER_HASH: &str = "\",\"line\":";
const HASH_DIGITS: usize = 64;
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// An open store; no other process can open it meanwhile.
#[derive(Debug)]
pub struct Store {
    file: File,
    path: PathBuf,
    /// Hash of the last line.
    head: String,
    /// Bytes up to the end of the last line.
    length: u64,
    /// Whether the end of the file is no longer known.
    closed: bool,
    /// What was read at opening, until the agent takes it.
    records: Vec<Record>,
}

impl Store {
    /// Makes a new store; an existing file is never overwritten.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, facility: &FacilityId, environment: &str) -> Result<Self, AgentError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        let file = options.open(path).map_err(AgentError::file(path, "make a new store"))?;
        let mut store = Self::locked(file, path)?;
        let first = Record::Opened { facility: facility.clone(), environment: environment.to_owned() };
        store.append(std::slice::from_ref(&first))?;
        sync_folder(path)?;
        store.records = vec![first];
        Ok(store)
    }

    /// Opens a store and reads all of it.
    ///
    /// # Errors
    /// When it is missing, in use, unreadable or damaged elsewhere than in a torn last line.
    pub fn open(path: &Path) -> Result<Self, AgentError> {
        if !path.try_exists().map_err(AgentError::file(path, "look for the store"))? {
            return Err(AgentError::StoreMissing { path: path.to_owned() });
        }
        let file = OpenOptions::new().read(true).append(true).open(path);
        let mut store = Self::locked(file.map_err(AgentError::file(path, "open the store"))?, path)?;
        let mut bytes = Vec::new();
        store.file.read_to_end(&mut bytes).map_err(AgentError::file(path, "read the store"))?;
        store.replay(&bytes)?;
        store.cut_torn_end(&bytes)?;
        Ok(store)
    }

    fn locked(file: File, path: &Path) -> Result<Self, AgentError> {
        lock(&file, path)?;
        let head = "0".repeat(HASH_DIGITS);
        Ok(Self { file, path: path.to_owned(), head, length: 0, closed: false, records: Vec::new() })
    }

    fn replay(&mut self, bytes: &[u8]) -> Result<(), AgentError> {
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let Some(line) = line.strip_suffix(b"\n") else { break };
            let damaged = |why| AgentError::StoreDamaged { path: self.path.clone(), line: index + 1, why };
            let (hash, record) = decode(line, &self.head).map_err(damaged)?;
            if (index == 0) != matches!(record, Record::Opened { .. }) {
                return Err(damaged("the record that opens a store is not where it belongs".into()));
            }
            self.head = hash;
            self.length += line.len() as u64 + 1;
            self.records.push(record);
        }
        match self.records.is_empty() {
            true => {
                let (path, why) = (self.path.clone(), "the record that opens a store is missing".into());
                Err(AgentError::StoreDamaged { path, line: 1, why })
            }
            false => Ok(()),
        }
    }

    fn cut_torn_end(&mut self, bytes: &[u8]) -> Result<(), AgentError> {
        let torn = bytes.len() as u64 - self.length;
        if torn == 0 {
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), bytes = torn, "the last record was torn and is cut off");
        let cut = self.file.set_len(self.length).and_then(|()| self.file.sync_all());
        cut.map_err(AgentError::file(&self.path, "cut off a torn record"))
    }

    /// Whether it takes no more records after a failed write.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The records read at opening; nothing the second time.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// Appends records; when it returns they survive a power failure.
    ///
    /// # Errors
    /// When the disk does not take them: then none of them is stored.
    pub fn append(&mut self, records: &[Record]) -> Result<(), AgentError> {
        self.write(records)?;
        if let Err(error) = self.file.sync_data() {
            // What reached the disk is not known, and asking again may say yes without having done it.
            self.closed = true;
            return Err(AgentError::file(&self.path, "make a record durable")(error));
        }
        Ok(())
    }

    /// Appends a record that may be lost in a power failure, because it is then only done once more.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_mark(&mut self, record: &Record) -> Result<(), AgentError> {
        self.write(std::slice::from_ref(record))
    }

    fn write(&mut self, records: &[Record]) -> Result<(), AgentError> {
        if self.closed {
            return Err(AgentError::StoreClosed { path: self.path.clone() });
        }
        let (mut head, mut text) = (self.head.clone(), String::new());
        for record in records {
            let line = encode(record, &mut head).map_err(AgentError::file(&self.path, "write a record"))?;
            text += &line;
        }
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            // Half a line must not stay in front of the next one.
            self.closed = self.file.set_len(self.length).and_then(|()| self.file.sync_all()).is_err();
            return Err(AgentError::file(&self.path, "write a record")(error));
        }
        self.head = head;
        self.length += text.len() as u64;
        Ok(())
    }
}

/// A command that is just being started holds what this process held until it runs: such a lock soon goes.
fn lock(file: &File, path: &Path) -> Result<(), AgentError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(AgentError::file(path, "lock the store")(error)),
        }
    }
    Err(AgentError::StoreInUse { path: path.to_owned() })
}

fn encode(record: &Record, head: &mut String) -> std::io::Result<String> {
    let json = serde_json::to_string(record)?;
    *head = sha256_hex(format!("{head}{json}").as_bytes());
    Ok(format!("{BEFORE_HASH}{head}{AFTER_HASH}{json}}}\n"))
}

fn decode(line: &[u8], head: &str) -> Result<(String, Record), String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not text".to_owned())?;
    let rest = text.strip_prefix(BEFORE_HASH).ok_or("it does not begin with its hash")?;
    let hash = rest.get(..HASH_DIGITS).ok_or("its hash is too short")?;
    let json = rest[HASH_DIGITS..].strip_prefix(AFTER_HASH).and_then(|rest| rest.strip_suffix('}'));
    let json = json.ok_or("it is not a record with its hash")?;
    if sha256_hex(format!("{head}{json}").as_bytes()) != hash {
        return Err("its hash does not fit: this line or one before it was changed or lost".into());
    }
    let record = serde_json::from_str(json).map_err(|error| format!("it is not a known record ({error})"))?;
    Ok((hash.to_owned(), record))
}

/// A new file is durable only when its folder is.
pub(crate) fn sync_folder(path: &Path) -> Result<(), AgentError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(AgentError::file(path, "make its folder durable"))
}
