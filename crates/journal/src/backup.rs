//! A backup is a journal in one closed file, whatever it was taken from. A server may go on meanwhile.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::copy::{Copied, copy};
use crate::error::JournalError;
use crate::location::{Location, Server};
use crate::lock::beside;
use crate::postgres::PostgresReader;
use crate::reader::SqliteReader;
use crate::sqlite::SqliteStore;
use crate::verify::verify;

/// Pages that SQLite copies before it lets a writer in again: all of them, so that none comes in between.
const ALL_PAGES: i32 = i32::MAX;

/// Writes the journal as it is now into the new file `to` and verifies what was written. The file has its name only once it is whole.
///
/// # Errors
/// When `to` exists, when the journal is broken or cannot be read, when the file cannot be written.
pub fn backup(from: &Location, to: &Path) -> Result<Copied, JournalError> {
    let part = beside(to, ".part");
    refuse_existing(to)?;
    refuse_existing(&part)?;
    let written = match from {
        Location::File(path) => copy_pages(path, &part),
        Location::Server(server) => copy_records(server, &part),
    };
    let outcome = written.and_then(|()| proven(&part)).and_then(|copied| {
        name(&part, to)?;
        Ok(copied)
    });
    if outcome.is_err() {
        // It may never have been made.
        drop(std::fs::remove_file(&part));
    }
    drop(std::fs::remove_file(beside(&part, ".lock")));
    outcome
}

fn refuse_existing(path: &Path) -> Result<(), JournalError> {
    let file = |source| JournalError::File { path: path.to_owned(), doing: "making the backup", source };
    match path.try_exists().map_err(file)? {
        false => Ok(()),
        true => Err(file(std::io::Error::from(std::io::ErrorKind::AlreadyExists))),
    }
}

/// SQLite's own on-line backup, in one step: one state of the journal, between two batches.
fn copy_pages(from: &Path, to: &Path) -> Result<(), JournalError> {
    let reader = SqliteReader::open(from)?;
    let failed = reader.failed("copying its pages");
    let mut copy = Connection::open(to).map_err(&failed)?;
    let pages = Backup::new(&reader.conn, &mut copy).map_err(&failed)?;
    pages.run_to_completion(ALL_PAGES, std::time::Duration::ZERO, None).map_err(&failed)?;
    drop(pages);
    copy.close().map_err(|(_, source)| failed(source))
}

fn copy_records(server: &Server, to: &Path) -> Result<(), JournalError> {
    let reader = PostgresReader::open(server)?;
    let mut store = SqliteStore::open(to)?;
    copy(&reader, &mut store, &to.display().to_string()).map(|_| ())
}

/// What the file holds, once all of it was recomputed.
fn proven(file: &Path) -> Result<Copied, JournalError> {
    let found = verify(file, &[])?;
    match found.faults.first() {
        None => Ok(Copied { records: found.records, documents: found.documents, head: found.head }),
        Some(fault) => Err(JournalError::Broken { seq: fault.seq.unwrap_or(0), what: fault.what.clone() }),
    }
}

fn name(part: &Path, to: &Path) -> Result<(), JournalError> {
    let file = |source| JournalError::File { path: to.to_owned(), doing: "naming the backup", source };
    File::open(part).and_then(|file| file.sync_all()).map_err(file)?;
    std::fs::rename(part, to).map_err(file)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder: PathBuf = folder.unwrap_or(Path::new(".")).into();
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file)
}
