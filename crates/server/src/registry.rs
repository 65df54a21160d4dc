//! The registry beside the case: read when the control room opens and whenever its files have changed. Files that cannot
//! be used change nothing: what was read before goes on to hold, and the status says why.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use kezek_engine::Event;
use kezek_model::fault::Faults;
use kezek_model::registry::Registry;

use crate::error::ServerError;
use crate::record::{Input, Remark};
use crate::room::ControlRoom;

/// Its files.
pub(crate) const FILES: [&str; 3] = ["contacts.csv", "endpoints.csv", "tenants.csv"];

/// Length and time of each file: what tells that one was changed.
type Stamp = [Option<(u64, SystemTime)>; 3];

/// The folder, and how it was found last.
#[derive(Default)]
pub(crate) struct Shelf {
    folder: Option<PathBuf>,
    seen: Mutex<Option<Stamp>>,
    trouble: Mutex<Vec<String>>,
    /// Whoever looks or imports: what was imported is taken under the name of who did it.
    turn: tokio::sync::Mutex<()>,
}

impl Shelf {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    fn note(&self, trouble: Vec<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// What became of a file that was to be imported.
pub(crate) enum Replaced {
    /// It holds.
    Holds,
    /// Nothing has changed, for all of this.
    Faulty(Vec<String>),
}

/// The folder as it would be with another file: read elsewhere, so that faults change nothing.
fn read_with(folder: &Path, name: &str, text: &str) -> std::io::Result<Result<(), Faults>> {
    let aside = folder.join(".import");
    match std::fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(&aside)?;
    for other in FILES.into_iter().filter(|other| *other != name) {
        match std::fs::copy(folder.join(other), aside.join(other)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => _ = copied?,
        }
    }
    std::fs::write(aside.join(name), text)?;
    let read = Registry::read(&aside).map(|_| ());
    if read.is_ok() {
        std::fs::rename(aside.join(name), folder.join(name))?;
    }
    std::fs::remove_dir_all(&aside)?;
    Ok(read)
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

    /// A file of the registry as it stands.
    pub(crate) fn registry_file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.shelf.folder.as_ref()?.join(name)).ok()
    }

    /// Puts a file of the registry in the place of the one before, if all three can be used then. One at a time.
    pub(crate) async fn replace_registry(
        &self,
        name: &'static str,
        text: String,
        remark: Remark,
    ) -> Result<Replaced, ServerError> {
        let broke_off = ServerError::BrokeOff { what: "the import" };
        let Some(folder) = self.shelf.folder.clone() else {
            let what = "kezek.toml names no folder of the registry".into();
            return Err(ServerError::NotUnderstood { what });
        };
        let _turn = self.shelf.turn.lock().await;
        let written = tokio::task::spawn_blocking(move || read_with(&folder, name, &text)).await;
        match written.map_err(|_| broke_off)? {
            Ok(Ok(())) => {}
            Ok(Err(faults)) => {
                let file = |fault: &kezek_model::fault::Fault| fault.to_string().replace(".import/", "");
                return Ok(Replaced::Faulty(faults.0.iter().map(file).collect()));
            }
            Err(error) => {
                let what = format!("the file cannot be written: {error}");
                return Err(ServerError::NotUnderstood { what });
            }
        }
        self.look_at_registry_as(remark).await?;
        Ok(Replaced::Holds)
    }

    /// Reads the registry where its files have changed since it was looked at last. Says whether another one holds now.
    ///
    /// # Errors
    /// When the journal cannot be written; it is read again at the next look.
    pub async fn look_at_registry(&self) -> Result<bool, ServerError> {
        let _turn = self.shelf.turn.lock().await;
        self.look_at_registry_as(Remark::default()).await
    }

    async fn look_at_registry_as(&self, remark: Remark) -> Result<bool, ServerError> {
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
            Ok(registry) => self.take_registry(registry, remark).await?,
            Err(faults) => {
                self.keep_registry(&faults);
                false
            }
        };
        *self.shelf.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
        Ok(changed)
    }

    async fn take_registry(&self, registry: Registry, remark: Remark) -> Result<bool, ServerError> {
        let read = Input::from(Event::RegistryRead { registry: Box::new(registry) }).with_remark(remark);
        let changed = match self.happen(vec![read]).await {
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
