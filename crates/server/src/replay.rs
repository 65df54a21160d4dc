//! The book is the journal read from its beginning; whoever has read a part reads on from there.

use std::ops::ControlFlow;

use kezek_journal::{JournalError, Reader, Store, Visit};
use kezek_model::order::Head;

use crate::book::Book;
use crate::error::ServerError;
use crate::record::replay;

/// A journal that is held for writing, as one that is only read.
pub(crate) struct StoreReader<'a>(pub(crate) &'a dyn Store);

impl Reader for StoreReader<'_> {
    fn head(&self) -> Result<Head, JournalError> {
        self.0.head()
    }

    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        self.0.load(after_seq, visit)
    }

    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.document(digest)
    }

    fn digests(&self) -> Result<Vec<String>, JournalError> {
        Ok(Vec::new())
    }
}

/// Reads what the book does not have yet; the journal checks the chain as it is read.
pub(crate) fn read_on(journal: &dyn Reader, book: &mut Book) -> Result<(), ServerError> {
    let mut failed = None;
    let after = book.head.clone();
    journal.load(after.seq, &mut |record| {
        let (seq, at, head, prev) = (record.seq, record.at, record.head(), record.prev.clone());
        let document = |digest: &str| match journal.document(digest) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(format!("its document {digest} is missing")),
            Err(error) => Err(error.to_string()),
        };
        let follows = match seq == after.seq + 1 && prev != after.hash {
            true => Err("it does not follow the record that was read before".to_owned()),
            false => Ok(()),
        };
        let remembered = follows.and_then(|()| replay(record, document)).and_then(|read| {
            book.permit(&read.happening, at).map_err(|error| error.to_string())?;
            book.apply(read.happening, &read.remark, &read.documents, at);
            // At once: where the reading breaks off, it goes on from here.
            book.head = head;
            Ok(())
        });
        match remembered {
            Ok(()) => ControlFlow::Continue(()),
            Err(what) => {
                failed = Some(ServerError::Unreplayable { seq, what });
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}

/// Who holds a journal, for people: the machine, the address, the process.
pub(crate) fn holder(listen: &str) -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let machine = if machine.trim().is_empty() { "this machine" } else { machine.trim() };
    format!("{machine}, {listen}, process {}", std::process::id())
}
