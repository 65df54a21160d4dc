//! The registry beside the case: read when the control room opens and whenever its files have changed. Files that cannot
//! be used change nothing: what was read before goes on to hold, and the status says why.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use kezek_engine::Event;
use kezek_model::fault::Faults;
use kezek_model::registry::Registry;

use crate::error::ServerError;
use crate::room::ControlRoom;

const FILES: [&str; 3] = ["contacts.csv", "endpoints.csv", "tenants.csv"];

/// Length and time of each file: what tells that one was changed.
type Stamp = [Option<(u64, SystemTime)>; 3];

/// The folder, and how it was found last.
#[derive(Default)]
pub(crate) struct Shelf {
    folder: Option<PathBuf>,
    seen: Mutex<Option<Stamp>>,
    trouble: Mutex<Vec<String>>,
}

impl Shelf {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    fn note(&self, trouble: Vec<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

fn stamp(folder: &Path) -> Stamp {
    FILES.map(|name| {
        let found = std::fs::metadata(folder.join(name)).ok()?;
        Some((found.len(), found.modified().ok()?))
    })
}

impl ControlRoom {
    /// What is wrong with the files of the registry, a fault a line; nothing where they could be used.
    #[must_use]
    pub fn registry_trouble(&self) -> Vec<String> {
        self.shelf.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the registry where its files have changed since it was looked at last. Says whether another one holds now.
    ///
    /// # Errors
    /// When the journal cannot be written; it is read again at the next look.
    pub async fn look_at_registry(&self) -> Result<bool, ServerError> {
        let Some(folder) = self.shelf.folder.clone() else { return Ok(false) };
        let before = *self.shelf.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = tokio::task::spawn_blocking(move || {
            let now = stamp(&folder);
            (before != Some(now)).then(|| (now, Registry::read(&folder)))
        });
        let read =
            reading.await.map_err(|_| ServerError::BrokeOff { what: "the reading of the registry" })?;
        let Some((stamp, read)) = read else { return Ok(false) };
        let changed = match read {
            Ok(registry) => self.take_registry(registry).await?,
            Err(faults) => {
                self.keep_registry(&faults);
                false
            }
        };
        *self.shelf.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
        Ok(changed)
    }

    async fn take_registry(&self, registry: Registry) -> Result<bool, ServerError> {
        let read = Event::RegistryRead { registry: Box::new(registry) };
        let changed = match self.happen(vec![read.into()]).await {
            Ok(_) => true,
            Err(ServerError::Refused(refusal)) if refusal.is_duplicate() => false,
            Err(error) => return Err(error),
        };
        self.shelf.note(Vec::new());
        Ok(changed)
    }

    fn keep_registry(&self, faults: &Faults) {
        let lines: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
        tracing::warn!(faults = lines.len(), first = %lines[0], "the registry cannot be used; the one before holds");
        self.shelf.note(lines);
    }
}
