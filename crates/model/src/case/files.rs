//! The files of a case, carried as one piece.

use super::document::MOST_BYTES as MOST_TOML_BYTES;
use super::settings::{self, schedule_names};
use super::table::MOST_BYTES;
use super::{auction, facilities, forecast, history, overlays, registry};
use crate::fault::{Fault, Faults};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The tables that the planner reads; whatever else lies in the folder is left alone.
const TABLES: [&str; 8] = [
    facilities::FILE,
    forecast::FILE,
    overlays::NOMINATIONS,
    overlays::QUOTAS,
    overlays::TIES,
    overlays::KEPT,
    history::LEDGER,
    history::STATE,
];

/// The tables that the auction reads.
const AUCTION_TABLES: [&str; 5] =
    [facilities::FILE, overlays::TIES, auction::BIDS, auction::QUOTA, auction::PREPAID];

/// Largest table of the registry, in bytes: it is read again while the control room works.
const MOST_REGISTRY_BYTES: usize = 32 << 20;

/// The tables of the registry.
const REGISTRY_TABLES: [&str; 3] = [registry::CONTACTS, registry::ENDPOINTS, registry::TENANTS];

/// The files that a case consists of, byte for byte, so that they can be sent and kept as evidence.
///
/// `case.toml` and tables stand under their names, schedules under the path that `case.toml` gives them.
/// As JSON every file is a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFiles {
    /// Contents by name.
    #[serde(serialize_with = "write_texts", deserialize_with = "read_texts")]
    pub files: BTreeMap<String, Vec<u8>>,
}

impl CaseFiles {
    /// Reads `case.toml`, the tables that exist and the schedules that `case.toml` names, relative to the folder.
    ///
    /// What is missing is left out; [`super::Case::parse`] tells it together with all other faults.
    ///
    /// # Errors
    /// When there is no such folder, or a file is there but cannot be read or is too large.
    pub fn from_folder(folder: &Path) -> Result<Self, Faults> {
        let mut reading = Reading::open(folder)?;
        TABLES.into_iter().for_each(|name| reading.take(name, MOST_BYTES));
        let schedules =
            reading.files.get(settings::FILE).map(|bytes| schedule_names(bytes)).unwrap_or_default();
        for name in schedules {
            if !reading.files.contains_key(&name) {
                reading.take(&name, MOST_TOML_BYTES);
            }
        }
        reading.finish()
    }

    /// Reads `case.toml` and the tables of the auction; what only the plan reads is left alone.
    ///
    /// What is missing is left out; [`super::Auction::parse`] tells it together with all other faults.
    ///
    /// # Errors
    /// As [`CaseFiles::from_folder`].
    pub fn of_auction(folder: &Path) -> Result<Self, Faults> {
        let mut reading = Reading::open(folder)?;
        AUCTION_TABLES.into_iter().for_each(|name| reading.take(name, MOST_BYTES));
        reading.finish()
    }

    /// Reads the tables of the registry; a case that lies in the same folder is left alone.
    ///
    /// # Errors
    /// As [`CaseFiles::from_folder`].
    pub fn of_registry(folder: &Path) -> Result<Self, Faults> {
        let mut reading = Reading::in_folder(folder, "the folder of a registry, with contacts.csv")?;
        REGISTRY_TABLES.into_iter().for_each(|name| reading.take(name, MOST_REGISTRY_BYTES));
        reading.finish()
    }

    /// The content of a file, where the case has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}

struct Reading<'a> {
    folder: &'a Path,
    files: BTreeMap<String, Vec<u8>>,
    faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    /// Opens the folder and reads `case.toml`.
    fn open(folder: &'a Path) -> Result<Self, Faults> {
        let mut reading = Self::in_folder(folder, "the folder of a case, with case.toml")?;
        reading.take(settings::FILE, MOST_TOML_BYTES);
        Ok(reading)
    }

    fn in_folder(folder: &'a Path, expected: &str) -> Result<Self, Faults> {
        match folder.is_dir() {
            true => Ok(Self { folder, files: BTreeMap::new(), faults: Vec::new() }),
            false => Err(Faults(vec![io_fault(&folder.display().to_string(), "no such folder", expected)])),
        }
    }

    fn finish(self) -> Result<CaseFiles, Faults> {
        if self.faults.is_empty() { Ok(CaseFiles { files: self.files }) } else { Err(Faults(self.faults)) }
    }

    fn take(&mut self, name: &str, most: usize) {
        let path = self.folder.join(name);
        if !path.exists() {
            return;
        }
        match read_bounded(&path, most) {
            Ok(bytes) => _ = self.files.insert(name.to_owned(), bytes),
            Err(found) => self.faults.push(io_fault(
                name,
                &found,
                "a file that can be read: look at its kind, size and rights",
            )),
        }
    }
}

fn read_bounded(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    if !path.is_file() {
        return Err("something that is no file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > most { Err(format!("more than {most} bytes")) } else { Ok(bytes) }
}

fn io_fault(file: &str, found: &str, expected: &str) -> Fault {
    Fault {
        file: file.to_owned(),
        row: None,
        column: None,
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

fn write_texts<S: Serializer>(files: &BTreeMap<String, Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = |(name, bytes): (_, &Vec<u8>)| match String::from_utf8(bytes.clone()) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(serde::ser::Error::custom(format!(
            "{name} is not UTF-8; read the case first, that says where"
        ))),
    };
    let texts = files.iter().map(text).collect::<Result<BTreeMap<&String, String>, S::Error>>()?;
    texts.serialize(serializer)
}

fn read_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<u8>>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    Ok(texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect())
}
