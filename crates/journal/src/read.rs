//! Reading a journal wherever it is kept.

use kezek_model::order::Head;

use crate::error::JournalError;
use crate::location::Location;
use crate::postgres::{PostgresReader, PostgresStore};
use crate::reader::SqliteReader;
use crate::sqlite::SqliteStore;
use crate::store::{Store, Visit};

/// A journal that is only read.
pub trait Reader {
    /// As [`Store::head`].
    ///
    /// # Errors
    /// As there.
    fn head(&self) -> Result<Head, JournalError>;

    /// As [`Store::load`].
    ///
    /// # Errors
    /// As there.
    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError>;

    /// As [`Store::document`].
    ///
    /// # Errors
    /// As there.
    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// The digests of all documents, ascending.
    ///
    /// # Errors
    /// When the database fails.
    fn digests(&self) -> Result<Vec<String>, JournalError>;
}

macro_rules! reads {
    ($store:ty) => {
        impl Reader for $store {
            fn head(&self) -> Result<Head, JournalError> {
                <$store>::head(self)
            }
            fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
                <$store>::load(self, after_seq, visit)
            }
            fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
                <$store>::document(self, digest)
            }
            fn digests(&self) -> Result<Vec<String>, JournalError> {
                <$store>::digests(self)
            }
        }
    };
}

reads!(SqliteReader);
reads!(PostgresReader);

impl Location {
    /// Opens the journal here for reading.
    ///
    /// # Errors
    /// As [`SqliteReader::open`] and [`PostgresReader::open`].
    pub fn reader(&self) -> Result<Box<dyn Reader>, JournalError> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteReader::open(path)?),
            Self::Server(server) => Box::new(PostgresReader::open(server)?),
        })
    }

    /// Opens the journal here for writing, and makes it if there is none; `holder` says to people who does.
    ///
    /// # Errors
    /// As [`SqliteStore::open`] and [`PostgresStore::open`].
    pub fn store(&self, holder: &str) -> Result<Box<dyn Store>, JournalError> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteStore::open(path)?),
            Self::Server(server) => Box::new(PostgresStore::open(server, holder)?),
        })
    }
}
