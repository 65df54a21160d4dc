//! What can go wrong in this room. A message never repeats its source; [`describe`] joins the two.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// Every failure of keys, envelopes, signatures, addresses and the wire.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// A private key file is missing or unreadable.
    #[error("the private key file {path} cannot be read; name an existing one, a new key is never made silently", path = path.display())]
    KeyFileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A private key file could not be written.
    #[error("the private key file {path} cannot be written (an existing file is never overwritten)", path = path.display())]
    KeyFileUnwritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A private key file holds something else.
    #[error("the private key file {path} holds no usable key", path = path.display())]
    KeyFileMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with its text.
        source: Box<CourierError>,
    },
    /// A private key file that anybody on the machine may read.
    #[error("the private key file {path} can be read by anybody on this machine (mode {mode:o}); make it private (chmod 600 {path}), and make a new key if others may have read it", path = path.display())]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A text is not a key.
    #[error("not a {kind} key: {why}; expected {prefix} and 44 characters of base64")]
    KeyText {
        /// `private` or `public`.
        kind: &'static str,
        /// The prefix such a text begins with.
        prefix: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a new key")]
    NoRandomness(#[source] getrandom::Error),
    /// A message id that cannot be signed without doubt about where it ends.
    #[error("message id '{id}' cannot be used: 1 to {limit} visible ASCII characters without '.' are expected", limit = crate::limits::MAX_ID_BYTES)]
    BadMessageId {
        /// The id.
        id: String,
    },
    /// There is no key to sign or to compare with.
    #[error("no key was given to {purpose}; configure at least one")]
    NoKeys {
        /// `sign with` or `compare with`.
        purpose: &'static str,
    },
    /// A header of the envelope is absent.
    #[error("header {name} is missing")]
    HeaderMissing {
        /// The header.
        name: &'static str,
    },
    /// A header of the envelope is there but cannot be used.
    #[error("header {name} cannot be used: {why}")]
    HeaderUnusable {
        /// The header.
        name: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The time stamp is not a number of seconds.
    #[error("webhook-timestamp '{found}' is not a time in whole seconds since 1970")]
    BadTimestamp {
        /// The text found.
        found: String,
    },
    /// The time stamp is too old or too far ahead.
    #[error(
        "the message was stamped {stamped_at}, the clock here says {now}: more than {tolerance_s} s apart; check both clocks"
    )]
    Stale {
        /// The stamp of the message.
        stamped_at: DateTime<Utc>,
        /// The receiver's clock.
        now: DateTime<Utc>,
        /// The distance allowed, in seconds.
        tolerance_s: i64,
    },
    /// There is no signature of the kind used here.
    #[error(
        "webhook-signature holds no Ed25519 signature (v1a); signatures by a shared secret (v1) are not taken"
    )]
    NoSignature,
    /// There are more signatures than anyone needs.
    #[error("webhook-signature holds {count} signatures; at most {limit} are looked at", limit = crate::limits::MAX_SIGNATURES)]
    TooManySignatures {
        /// How many.
        count: usize,
    },
    /// A file with a secret is missing or unreadable.
    #[error("the secret file {path} cannot be read", path = path.display())]
    SecretUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file with a secret that anybody on the machine may read.
    #[error("the secret file {path} can be read by anybody on this machine (mode {mode:o}); make it private (chmod 600 {path})", path = path.display())]
    SecretOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The settings of the gateway for short messages cannot work.
    #[error("the gateway for short messages cannot be used: {why}")]
    BadGateway {
        /// What is wrong.
        why: &'static str,
    },
    /// The settings of the mail relay cannot work.
    #[error("the mail relay cannot be used: {why}")]
    BadMailRelay {
        /// What is wrong.
        why: &'static str,
    },
    /// No signature fits any pinned key.
    #[error("the signature fits none of the pinned keys ({pinned})")]
    WrongSignature {
        /// Fingerprints of the pinned keys.
        pinned: String,
    },
    /// A detached signature is not 64 bytes of base64.
    #[error("not a signature: expected 88 characters of base64")]
    SignatureText,
    /// The signer is not pinned here.
    #[error("signed by key {key_id}, which is not pinned here (pinned: {pinned})")]
    UnknownKey {
        /// Fingerprint the message names.
        key_id: String,
        /// Fingerprints of the pinned keys.
        pinned: String,
    },
    /// A value has no canonical form.
    #[error("the value cannot be signed")]
    NotCanonical(#[from] kezek_model::canonical::CanonicalError),
    /// A whole number would change its value on the way.
    #[error(
        "the number {found} cannot be signed: whole numbers are exact in JSON up to 9007199254740991 only"
    )]
    NumberTooLarge {
        /// The number.
        found: String,
    },
    /// Received bytes, or a value to be signed, are not the JSON expected.
    #[error("not the JSON expected")]
    NotJson(#[source] serde_json::Error),
    /// A message is longer than a receiver looks at.
    #[error("the message has {length} bytes; at most {limit} are taken")]
    TooLong {
        /// Its length, in bytes.
        length: usize,
        /// The bound, in bytes.
        limit: usize,
    },
    /// An entry of the allow-list is malformed.
    #[error("address rule '{found}': {why}")]
    BadAddressRule {
        /// The entry.
        found: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An address is no URL that can be sent to.
    #[error("address '{found}' cannot be used: {why}")]
    BadUrl {
        /// The address, without a password.
        found: String,
        /// What is wrong with it.
        why: String,
    },
    /// An address may not be sent to.
    #[error("{host} is refused: {why}; name it in the address rules if it is meant")]
    AddressRefused {
        /// The host of the URL, with the address it resolved to where that is the reason.
        host: String,
        /// The kind of address.
        why: String,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// No connection, or no answer, in time.
    #[error("{host} did not {what} within {seconds} s")]
    TimedOut {
        /// The host of the URL.
        host: String,
        /// `connect` or `answer`.
        what: &'static str,
        /// The time allowed, in seconds.
        seconds: f64,
    },
    /// Settings of encryption that do not fit together.
    #[error("[tls] {why}")]
    TlsSettings {
        /// Which, and what is expected.
        why: &'static str,
    },
    /// A file of the settings of encryption cannot be used.
    #[error("the file {path} of [tls] cannot be used, expected {expected} in PEM", path = path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The encrypted connection was not made.
    #[error("no trusted encrypted connection to {host}; check certificate, name and authority")]
    Tls {
        /// The host of the URL.
        host: String,
        /// What the library said.
        source: rustls::Error,
    },
    /// The connection failed otherwise.
    #[error("{host} cannot be reached")]
    Unreachable {
        /// The host of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// An error and its sources in one line, nothing said twice.
#[must_use]
pub fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_said_once() {
        let inner = io::Error::other("connection refused");
        let error =
            CourierError::Unreachable { host: "a.example".into(), source: Box::new(io::Error::other(inner)) };
        assert_eq!(describe(&error), "a.example cannot be reached: connection refused");
    }
}
