//! Whom this agent believes: written at enrolment, read at every start.

use crate::error::AgentError;
use crate::store::sync_folder;
use kezek_courier::PublicKey;
use kezek_model::ids::FacilityId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// The pinned control room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// The facility that was enrolled.
    pub facility: FacilityId,
    /// The control room's environment.
    pub environment: String,
    /// Its keys; two while one is being replaced.
    pub control_room_keys: Vec<PublicKey>,
    /// Fingerprint of the facility's own key.
    pub key_id: String,
}

impl Pins {
    /// Reads the file that [`Pins::save`] wrote.
    ///
    /// # Errors
    /// When it is missing, unreadable, or holds no key.
    pub fn load(path: &Path) -> Result<Self, AgentError> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(AgentError::NotEnrolled { path: path.to_owned() });
            }
            read => read.map_err(AgentError::file(path, "read the pinned keys"))?,
        };
        let malformed = |why| AgentError::PinsMalformed { path: path.to_owned(), why };
        let pins: Self = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        match pins.control_room_keys.is_empty() {
            true => Err(malformed("it holds no key".into())),
            false => Ok(pins),
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), AgentError> {
        let cannot = |source| AgentError::file(path, "write the pinned keys")(source);
        let text = serde_json::to_string_pretty(self).map_err(|error| cannot(error.into()))?;
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let draft = Path::new(&name);
        let written = File::create(draft)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(draft, path));
        written.map_err(cannot)?;
        sync_folder(path)
    }
}
