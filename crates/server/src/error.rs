//! What can go wrong in the corridor.

use std::io;
use std::path::PathBuf;

use kezek_courier::CourierError;
use kezek_engine::Refusal;
use kezek_journal::JournalError;

/// Why the control room, its server or its client refused. The text of a source is never repeated: print the chain.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The configuration file cannot be read.
    #[error("the configuration {path} cannot be read; check the path", path = path.display())]
    ConfigUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration file is not what is expected.
    #[error("the configuration {path} cannot be used", path = path.display())]
    ConfigMalformed {
        /// The file.
        path: PathBuf,
        /// Line and column, found and expected.
        source: Box<toml::de::Error>,
    },
    /// A value of the configuration cannot be used.
    #[error("configuration: {what}")]
    ConfigWrong {
        /// Key, found, expected.
        what: String,
    },
    /// The journal failed or is broken.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file of refusals is there and cannot be read.
    #[error("the refusals in {path} cannot be read", path = path.display())]
    RefusalsUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A record of the journal fits the chain but cannot be replayed.
    #[error("journal record {seq} cannot be replayed: {what}; use the version that wrote it")]
    Unreplayable {
        /// Number of the record.
        seq: u64,
        /// Why not.
        what: String,
    },
    /// The clock stands before the end of a backup, and an epoch taken from it could be too low.
    #[error("this machine's clock shows {now}, but the backup goes on until {last}; set the clock right")]
    ClockBehind {
        /// What the clock shows.
        now: chrono::DateTime<chrono::Utc>,
        /// When the last thing in the backup happened.
        last: chrono::DateTime<chrono::Utc>,
    },
    /// A file with a secret cannot be used.
    #[error("the file {path} with the password for the database {why}", path = path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The file of the accounts cannot be used.
    #[error("the accounts in {path}: {why}", path = path.display())]
    Accounts {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Keys, signatures, addresses, the wire.
    #[error(transparent)]
    Courier(#[from] CourierError),
    /// The engine does not permit it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An enrolment code is not good.
    #[error("the enrolment code {why}; ask the control room for a new one")]
    Code {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The last append failed: nothing is issued until one succeeds.
    #[error("the journal cannot be written, so nothing is issued; what was asked has not happened ({why})")]
    JournalDown {
        /// What the journal said.
        why: String,
    },
    /// Too many inputs wait for the journal.
    #[error("{waiting} inputs wait for the journal already; try again in a second")]
    Busy {
        /// How many.
        waiting: usize,
    },
    /// What was asked for is larger than is given at once.
    #[error("{what} has more than {most_bytes} bytes, the most that is given at once")]
    TooMuch {
        /// What was asked for.
        what: &'static str,
        /// The bound.
        most_bytes: usize,
    },
    /// A paper could not be typeset.
    #[error("{why}")]
    Unset {
        /// What the press said.
        why: String,
    },
    /// The control room has been closed.
    #[error("the control room is closed")]
    Closed,
    /// Something inside broke off.
    #[error("{what} broke off; what was asked may not have happened, look before repeating it")]
    BrokeOff {
        /// What.
        what: &'static str,
    },
    /// No answer came from the server.
    #[error(
        "{server} gave no answer; check the address, whether `kezek serve` runs there, and under https the authorities \
         you trust (--authorities-file)"
    )]
    Unreachable {
        /// Where.
        server: String,
        /// What the library said.
        source: reqwest::Error,
    },
    /// Where people sign in elsewhere, something is not as it should be.
    #[error("the OpenID provider {issuer}: {why}")]
    OpenId {
        /// The provider.
        issuer: String,
        /// What is wrong.
        why: String,
    },
    /// The server answered with an error.
    #[error("the server answered {status}: {error}{}", hint_text(.hint))]
    Answered {
        /// The HTTP status.
        status: u16,
        /// What is wrong.
        error: String,
        /// What to do.
        hint: String,
        /// The faults of a case or the findings of a check.
        faults: Vec<String>,
    },
    /// What the server answered is not understood.
    #[error(
        "the answer of the server is not what is expected ({what}); client and server may differ in version"
    )]
    NotUnderstood {
        /// What differs.
        what: String,
    },
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("; {hint}") }
}

impl ServerError {
    /// The exit code of a command that ends with this error, as the conventions list them.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ConfigUnreadable { .. }
            | Self::ConfigMalformed { .. }
            | Self::ConfigWrong { .. }
            | Self::ClockBehind { .. }
            | Self::PasswordFile { .. } => 3,
            Self::Journal(error) => journal_exit_code(error),
            Self::Unreplayable { .. } => 9,
            Self::Refused(_) | Self::Code { .. } => 7,
            Self::Answered { status, .. } => match status {
                400 | 404 | 413 | 422 => 3,
                401 | 403 | 409 => 7,
                _ => 8,
            },
            Self::Courier(_) | Self::NotUnderstood { .. } | Self::Unreachable { .. } => 8,
            _ => 1,
        }
    }
}

fn journal_exit_code(error: &JournalError) -> u8 {
    match error {
        JournalError::Broken { .. }
        | JournalError::NotAJournal { .. }
        | JournalError::DocumentChanged { .. }
        | JournalError::HeadMoved { .. } => 9,
        JournalError::Missing { .. }
        | JournalError::Address { .. }
        | JournalError::Unsafe { .. }
        | JournalError::NotEmpty { .. } => 3,
        JournalError::Led { .. } | JournalError::LeaseLost { .. } => 7,
        JournalError::Server { .. } | JournalError::NoAnswer { .. } => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_published_ones() {
        let broken = JournalError::Broken { seq: 3, what: "hash".into() };
        assert_eq!(ServerError::Journal(broken).exit_code(), 9);
        let answered = |status| ServerError::Answered {
            status,
            error: "no".into(),
            hint: String::new(),
            faults: Vec::new(),
        };
        assert_eq!([400, 403, 409, 503].map(|status| answered(status).exit_code()), [3, 7, 7, 8]);
        assert_eq!(ServerError::Closed.exit_code(), 1);
    }
}
