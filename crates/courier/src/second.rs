//! The second channel: short messages through an operator's HTTP gateway, e-mail through its mail relay. What became of
//! a message is said in three words, and none of them is a receipt of whoever should read it.

pub mod gateway;
pub mod mail;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::CourierError;
use crate::keys::{FOR_ANYBODY, mode_of};

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// The gateway or relay took it; that is all that is known.
    Taken {
        /// What it said.
        said: String,
    },
    /// A later attempt makes sense.
    Retry {
        /// What happened.
        reason: String,
    },
    /// A further attempt would end the same way: a person must correct a setting or an address.
    Alarm {
        /// What happened.
        reason: String,
    },
}

/// Largest secret file.
const MAX_SECRET_BYTES: u64 = 16 * 1024;

/// The text of a file that only its owner and group may read.
///
/// # Errors
/// When it is missing, unreadable, no text, or may be read by anybody.
pub(crate) fn secret(path: &Path) -> Result<String, CourierError> {
    let unreadable = |source| CourierError::SecretUnreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mode = mode_of(&file).map_err(unreadable)?;
    if mode & FOR_ANYBODY != 0 {
        return Err(CourierError::SecretOpen { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(MAX_SECRET_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}
