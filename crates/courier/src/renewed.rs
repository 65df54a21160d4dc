//! What is made of files and made anew when they change: certificates are renewed while the program runs.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::error::{CourierError, describe};

/// Time of the last change and length of each file; none of one that cannot be asked.
type Stamps = Vec<Option<(SystemTime, u64)>>;

type Make<T> = dyn Fn() -> Result<T, CourierError> + Send + Sync;

/// Something made of files. What was made last stays good while the files are missing or do not fit together.
pub(crate) struct Renewed<T> {
    files: Vec<PathBuf>,
    make: Box<Make<T>>,
    held: Mutex<(Stamps, T)>,
}

impl<T: Clone> Renewed<T> {
    pub(crate) fn new(
        files: Vec<PathBuf>,
        make: impl Fn() -> Result<T, CourierError> + Send + Sync + 'static,
    ) -> Result<Self, CourierError> {
        // Asked first: what changes meanwhile is read again.
        let stamps = stamps(&files);
        let held = Mutex::new((stamps, make()?));
        Ok(Self { files, make: Box::new(make), held })
    }

    /// What the files say now, or said when they could last be used.
    pub(crate) fn current(&self) -> T {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = stamps(&self.files);
        if held.0 != stamps {
            held.0 = stamps;
            match (self.make)() {
                Ok(made) => {
                    tracing::info!(file = %self.files[0].display(), "certificates were renewed");
                    held.1 = made;
                }
                // Once for each change: the stamps are noted.
                Err(error) => {
                    tracing::warn!(error = %describe(&error), "the old certificates are kept");
                }
            }
        }
        held.1.clone()
    }
}

fn stamps(files: &[PathBuf]) -> Stamps {
    let stamp = |file: &PathBuf| {
        let data = fs::metadata(file).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    files.iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_file_and_keeps_what_could_last_be_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        fs::write(&file, "1").unwrap();
        let read = file.clone();
        let made = Renewed::new(vec![file.clone()], move || {
            let text = fs::read_to_string(&read).unwrap_or_default();
            text.parse::<u8>().map_err(|_| CourierError::SignatureText)
        });
        let made = made.unwrap();
        assert_eq!(made.current(), 1);
        for (text, expected) in [("20", 20), ("broken", 20), ("7", 7)] {
            fs::write(&file, text).unwrap();
            assert_eq!(made.current(), expected, "{text}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(made.current(), 7);
    }
}
