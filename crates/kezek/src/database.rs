//! Where a journal is, as it is said on a command line, and the password for it, which is never said there.

use kezek_journal::Location;
use kezek_server::config::read_password;
use std::convert::Infallible;
use std::path::PathBuf;

const PASSWORD: &str = "KEZEK_DATABASE_PASSWORD";
const PASSWORD_FILE: &str = "KEZEK_DATABASE_PASSWORD_FILE";

/// For the help of every verb that takes a journal.
pub(crate) const HELP: &str = "\
A journal is a file or postgres://USER@HOST:PORT/DATABASE. The password for it stands in the variable
KEZEK_DATABASE_PASSWORD, or in the file that KEZEK_DATABASE_PASSWORD_FILE names, never on the command line.";

/// A journal as an argument.
pub(crate) fn location(text: &str) -> Result<Location, Infallible> {
    text.parse()
}

/// The password that the environment holds or names.
///
/// # Errors
/// When the file cannot be used.
pub(crate) fn password() -> anyhow::Result<Option<String>> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(Some(password));
    }
    match std::env::var_os(PASSWORD_FILE) {
        Some(file) => Ok(Some(read_password(&PathBuf::from(file))?)),
        None => Ok(None),
    }
}

/// A journal that was named, with what lets us in.
///
/// # Errors
/// As [`password`].
pub(crate) fn open(named: &Location) -> anyhow::Result<Location> {
    match named {
        Location::File(_) => Ok(named.clone()),
        Location::Server(_) => Ok(named.clone().with_password(password()?)),
    }
}
