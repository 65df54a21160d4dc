//! What was refused, and to whom: a file of JSON lines beside the journal, bounded in size. It is no part of the
//! journal, whose chain anybody who knocks could otherwise make longer.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::limits::{BURST, MAX_BURSTS, MAX_REFUSED_BYTES, MAX_REFUSED_TEXT, REFUSALS};
use crate::throttle::Buckets;

/// Something that was asked and refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// When, by the clock of the control room; of the first where several are one.
    pub at: DateTime<Utc>,
    /// Who asked, where a token said so.
    pub person: Option<String>,
    /// From which address.
    pub from: Option<String>,
    /// How.
    pub method: String,
    /// What.
    pub path: String,
    /// The HTTP status of the refusal.
    pub status: u16,
    /// What was said.
    pub error: String,
    /// How often more within the minute; 0 for the first.
    pub repeated: u64,
}

/// Where refusals of a journal are kept; the older half ends in `.1`.
#[must_use]
pub fn file_of(database: &Path) -> PathBuf {
    ending(database, ".refused.jsonl")
}

fn ending(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}

/// All refusals that are kept, oldest first; a torn line is left out.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn read(database: &Path) -> std::io::Result<Vec<Refused>> {
    let file = file_of(database);
    let mut found = Vec::new();
    for path in [ending(&file, ".1"), file] {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            text => text?,
        };
        found.extend(text.lines().filter_map(|line| serde_json::from_str::<Refused>(line).ok()));
    }
    Ok(found)
}

/// What makes two refusals one burst.
type Kind = (Option<String>, Option<String>, String, u16);

/// Writes refusals down, once a burst.
pub(crate) struct RefusedBook {
    file: PathBuf,
    rate: Buckets<()>,
    bursts: Mutex<BTreeMap<Kind, (Instant, Refused)>>,
}

impl RefusedBook {
    pub(crate) fn new(database: &Path) -> Self {
        Self { file: file_of(database), rate: Buckets::new(REFUSALS), bursts: Mutex::default() }
    }

    /// Writes it down, or counts it to the burst it belongs to.
    pub(crate) fn keep(&self, mut refused: Refused, now: Instant) {
        for text in [&mut refused.path, &mut refused.error, &mut refused.method] {
            *text = text.chars().take(MAX_REFUSED_TEXT).collect();
        }
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        self.end_bursts(&mut bursts, |began| now.duration_since(began) >= BURST);
        let method = format!("{} {}", refused.method, refused.path);
        let kind = (refused.person.clone(), refused.from.clone(), method, refused.status);
        if let Some((_, burst)) = bursts.get_mut(&kind) {
            burst.repeated += 1;
            return;
        }
        if bursts.len() >= MAX_BURSTS || self.rate.take(&(), now).is_err() {
            // Somebody tries everything: all of it is one burst.
            let rest = (None, None, String::new(), 0);
            let other = || (now, Refused { error: "many different refusals".into(), ..refused.clone() });
            bursts.entry(rest).or_insert_with(other).1.repeated += 1;
            return;
        }
        self.tell(&refused);
        bursts.insert(kind, (now, refused));
    }

    /// Writes down how often what was told repeated itself.
    pub(crate) fn close(&self) {
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        self.end_bursts(&mut bursts, |_| true);
    }

    fn end_bursts(&self, bursts: &mut BTreeMap<Kind, (Instant, Refused)>, is_over: impl Fn(Instant) -> bool) {
        bursts.retain(|_, (began, burst)| {
            let over = is_over(*began);
            if over && burst.repeated > 0 {
                self.tell(burst);
            }
            !over
        });
    }

    fn tell(&self, refused: &Refused) {
        let Refused { person, from, method, path, status, error, repeated, .. } = refused;
        tracing::warn!(?person, ?from, %method, %path, status, %error, repeated, "refused");
        if let Err(error) = self.write(refused) {
            tracing::error!(%error, file = %self.file.display(), "a refusal was not written down");
        }
    }

    fn write(&self, refused: &Refused) -> std::io::Result<()> {
        if fs::metadata(&self.file).is_ok_and(|data| data.len() >= MAX_REFUSED_BYTES) {
            fs::rename(&self.file, ending(&self.file, ".1"))?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let line = serde_json::to_string(refused)? + "\n";
        options.open(&self.file)?.write_all(line.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn refused(path: &str) -> Refused {
        Refused {
            at: DateTime::UNIX_EPOCH,
            person: Some("Aigul".into()),
            from: Some("192.0.2.1".into()),
            method: "POST".into(),
            path: path.into(),
            status: 403,
            error: "Aigul may not do this".into(),
            repeated: 0,
        }
    }

    #[test]
    fn a_burst_is_written_once_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("kezek.db");
        let (book, start) = (RefusedBook::new(&database), Instant::now());
        for _ in 0..10 {
            book.keep(refused("/a"), start);
        }
        book.keep(refused("/b"), start);
        assert_eq!(read(&database).unwrap(), [refused("/a"), refused("/b")]);
        book.keep(refused("/a"), start + BURST);
        let repeated = read(&database).unwrap().iter().map(|refused| refused.repeated).collect::<Vec<_>>();
        assert_eq!(repeated, [0, 0, 9, 0]);
    }

    #[test]
    fn a_flood_of_different_ones_is_counted_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("kezek.db");
        let (book, start) = (RefusedBook::new(&database), Instant::now());
        for number in 0..50_000_u32 {
            book.keep(refused(&format!("/{number}/{}", "x".repeat(5_000))), start);
        }
        book.close();
        let told = read(&database).unwrap();
        assert!(told.len() <= 101, "{}", told.len());
        assert_eq!(told.len() as u64 + told.iter().map(|told| told.repeated).sum::<u64>(), 50_001);
        for second in 0..3_000 {
            book.keep(
                refused(&format!("/{second}/{}", "x".repeat(5_000))),
                start + Duration::from_secs(second),
            );
        }
        let sizes = [file_of(&database), ending(&file_of(&database), ".1")];
        assert!(
            sizes
                .iter()
                .all(|path| fs::metadata(path).map_or(0, |data| data.len()) <= MAX_REFUSED_BYTES + 4_096)
        );
    }
}
