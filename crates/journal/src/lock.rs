//! One writer: an exclusive lock on a file beside the journal, given back by the system when the process ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::JournalError;

/// Held as long as the journal is open for writing.
#[derive(Debug)]
pub(crate) struct WriterLock {
    /// Closing it gives the lock back. The file itself stays: removing it would let two writers lock different files.
    _file: File,
}

impl WriterLock {
    /// Takes the lock of the journal at `path`, or says that somebody else has it.
    pub(crate) fn take(path: &Path) -> Result<Self, JournalError> {
        let beside = beside(path, ".lock");
        let failed =
            |source| JournalError::File { path: beside.clone(), doing: "locking the journal", source };
        let file = File::options().create(true).append(true).open(&beside).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Taken { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// The file whose name is that of the journal with `ending` added, as SQLite names its own.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The path with links followed, so that two names of one journal share one lock.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf, JournalError> {
    let absolute = |_| std::path::absolute(path);
    path.canonicalize().or_else(absolute).map_err(|source| JournalError::File {
        path: path.to_owned(),
        doing: "finding the journal",
        source,
    })
}
