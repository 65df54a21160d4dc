//! Which forecast a case was made from.

use super::{CaseFiles, forecast};
use crate::canonical::sha256_hex;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A forecast as it stood when a case was made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vintage {
    /// Of the file, byte for byte.
    pub sha256: String,
    /// The latest instant at which any of its rows was published; `None` where the file does not say.
    pub published_at: Option<DateTime<Utc>>,
}

impl CaseFiles {
    /// The forecast that the case was made from; `None` where it has none.
    #[must_use]
    pub fn vintage(&self) -> Option<Vintage> {
        let bytes = self.get(forecast::FILE)?;
        Some(Vintage { sha256: sha256_hex(bytes), published_at: published_at(bytes) })
    }
}

fn published_at(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let mut table = csv::Reader::from_reader(bytes);
    let column = table.headers().ok()?.iter().position(|name| name.trim() == "published_at")?;
    let rows = table.records().filter_map(Result::ok);
    let stamp = |row: csv::StringRecord| DateTime::parse_from_rfc3339(row.get(column)?.trim()).ok();
    rows.filter_map(stamp).map(|stamp| stamp.to_utc()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vintage(text: &str) -> Option<Vintage> {
        let files = [("forecast.csv".to_owned(), text.as_bytes().to_vec())];
        CaseFiles { files: files.into() }.vintage()
    }

    #[test]
    fn the_latest_publication_of_any_row_is_told() {
        let text = "zone,published_at\nnorth,2022-01-22T18:00:00+06:00\nsouth,2022-01-22T13:00:00Z\nwest,\n";
        let told = vintage(text).unwrap();
        assert_eq!(told.published_at, Some("2022-01-22T13:00:00Z".parse().unwrap()));
        assert_eq!(told.sha256, sha256_hex(text.as_bytes()));
        assert_eq!(vintage("zone\nnorth\n").unwrap().published_at, None);
        assert_eq!(CaseFiles::default().vintage(), None);
    }
}
