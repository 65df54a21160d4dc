//! Ed25519 keys and their text forms: `whsk_` and `whpk_` followed by base64, as Standard Webhooks writes them.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use kezek_model::canonical::sha256_hex;
use serde::{Deserialize, Serialize};

use crate::error::CourierError;

const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// A key file is 50 bytes; what is longer is something else and is not read whole.
const MAX_KEY_FILE_BYTES: u64 = 1024;
const FINGERPRINT_DIGITS: usize = 16;
/// Permissions of those who are neither owner nor group.
pub(crate) const FOR_ANYBODY: u32 = 0o007;

/// A private key. It is shown as `***` and leaves this room only through [`PrivateKey::save`].
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A new key from the randomness of the operating system.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn generate() -> Result<Self, CourierError> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(CourierError::NoRandomness)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The key in a file that [`PrivateKey::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, unreadable, holds anything but one private key, or may be read by anybody (on Unix; its
    /// group may). No key is made instead.
    pub fn load(path: &Path) -> Result<Self, CourierError> {
        let unreadable = |source| CourierError::KeyFileUnreadable { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        let mode = mode_of(&file).map_err(unreadable)?;
        file.take(MAX_KEY_FILE_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
        let key = std::str::from_utf8(&bytes)
            .map_err(|_| private_text("it is not text"))
            .and_then(|text| text.trim().parse())
            .map_err(|error| CourierError::KeyFileMalformed {
                path: path.to_owned(),
                source: Box::new(error),
            })?;
        closed(path, mode).map(|()| key)
    }

    /// Writes the key to a new file that only its owner may read (mode 0600 on Unix).
    ///
    /// # Errors
    /// When the file exists or cannot be written; half a file is not left behind.
    pub fn save(&self, path: &Path) -> Result<(), CourierError> {
        let unwritten = |source| CourierError::KeyFileUnwritten { path: path.to_owned(), source };
        let mut file = create_secret(path).map_err(unwritten)?;
        let text = format!("{PRIVATE_PREFIX}{}\n", STANDARD.encode(self.0.as_bytes()));
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|source| {
            // The first error is the one to report.
            let _ = fs::remove_file(path);
            unwritten(source)
        })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The fingerprint of the public half, see [`PublicKey::key_id`].
    #[must_use]
    pub fn key_id(&self) -> String {
        self.public().key_id()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// Whether a private file is kept from those who are neither its owner nor of its group.
///
/// # Errors
/// When it cannot be asked, or anybody may read it.
pub(crate) fn kept_private(path: &Path, file: &File) -> Result<(), CourierError> {
    let unreadable = |source| CourierError::KeyFileUnreadable { path: path.to_owned(), source };
    closed(path, mode_of(file).map_err(unreadable)?)
}

fn closed(path: &Path, mode: u32) -> Result<(), CourierError> {
    match mode & FOR_ANYBODY {
        0 => Ok(()),
        _ => Err(CourierError::KeyFileOpen { path: path.to_owned(), mode }),
    }
}

/// Permissions of a file; none where the system has no such thing.
pub(crate) fn mode_of(file: &File) -> std::io::Result<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(file.metadata()?.permissions().mode() & 0o777)
    }
    #[cfg(not(unix))]
    {
        file.metadata().map(|_| 0)
    }
}

fn create_secret(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl FromStr for PrivateKey {
    type Err = CourierError;

    fn from_str(text: &str) -> Result<Self, CourierError> {
        let seed = decode(text, PRIVATE_PREFIX).map_err(private_text)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }
}

/// A public key that signatures are compared with. Keys for which almost any signature fits are refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The fingerprint: the first 16 hexadecimal digits of the SHA-256 of the 32 key bytes.
    #[must_use]
    pub fn key_id(&self) -> String {
        let mut digits = sha256_hex(self.0.as_bytes());
        digits.truncate(FINGERPRINT_DIGITS);
        digits
    }

    pub(crate) fn fits(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

/// The fingerprints of some keys, for a message to a person.
pub(crate) fn fingerprints(keys: &[PublicKey]) -> String {
    let mut ids: Vec<_> = keys.iter().map(PublicKey::key_id).collect();
    ids.sort();
    ids.join(", ")
}

impl FromStr for PublicKey {
    type Err = CourierError;

    fn from_str(text: &str) -> Result<Self, CourierError> {
        let bytes = decode(text, PUBLIC_PREFIX).map_err(public_text)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| public_text("it is no point of the curve"))?;
        if key.is_weak() {
            return Err(public_text("it is weak, signatures under it prove nothing"));
        }
        if key.to_edwards().compress().to_bytes() != bytes {
            return Err(public_text("it is a second spelling of another key"));
        }
        Ok(Self(key))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = CourierError;

    fn try_from(text: String) -> Result<Self, CourierError> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The reasons are fixed texts, so that no part of a private key can end in a log.
fn decode(text: &str, prefix: &str) -> Result<[u8; 32], &'static str> {
    let Some(encoded) = text.strip_prefix(prefix) else {
        return Err(match text.get(..5) {
            Some(PRIVATE_PREFIX) => "it is a private key",
            Some(PUBLIC_PREFIX) => "it is a public key",
            _ => "the prefix is missing",
        });
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| "what follows the prefix is not base64")?;
    bytes.try_into().map_err(|_| "it does not have 32 bytes")
}

fn private_text(why: &'static str) -> CourierError {
    CourierError::KeyText { kind: "private", prefix: PRIVATE_PREFIX, why }
}

fn public_text(why: &'static str) -> CourierError {
    CourierError::KeyText { kind: "public", prefix: PUBLIC_PREFIX, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::describe;

    #[test]
    fn a_saved_key_is_the_same_key_and_private_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control-room.key");
        let key = PrivateKey::generate().unwrap();
        key.save(&path).unwrap();
        assert_eq!(PrivateKey::load(&path).unwrap().public(), key.public());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = PrivateKey::generate().unwrap();
        let error = other.save(&path).unwrap_err();
        assert!(matches!(error, CourierError::KeyFileUnwritten { .. }), "{error}");
        assert_eq!(PrivateKey::load(&path).unwrap().public(), key.public());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_anybody_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        PrivateKey::generate().unwrap().save(&path).unwrap();
        for (mode, refused) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = PrivateKey::load(&path);
            assert_eq!(
                matches!(found, Err(CourierError::KeyFileOpen { .. })),
                refused,
                "{mode:o}: {found:?}"
            );
        }
    }

    #[test]
    fn a_missing_file_is_an_error_and_stays_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent.key");
        let text = describe(&PrivateKey::load(&path).unwrap_err());
        assert!(text.contains("absent.key") && text.contains("never made silently"), "{text}");
        assert!(!path.exists());
    }

    #[test]
    fn a_malformed_file_names_the_path_and_never_the_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.key");
        let key = PrivateKey::generate().unwrap();
        let secret = STANDARD.encode(key.0.as_bytes());
        for content in [
            String::new(),
            secret.clone(),
            format!("whsk_{}", &secret[..40]),
            format!("whsk_{secret}{secret}"),
            format!("{}\n", key.public()),
            "x".repeat(5000),
        ] {
            fs::write(&path, &content).unwrap();
            let text = describe(&PrivateKey::load(&path).unwrap_err());
            assert!(text.contains("broken.key") && text.contains("expected whsk_"), "{text}");
            assert!(!text.contains(&secret[..40]), "{text}");
        }
        fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
        assert!(matches!(PrivateKey::load(&path), Err(CourierError::KeyFileMalformed { .. })));
    }

    #[test]
    fn debug_shows_stars() {
        assert_eq!(format!("{:?}", PrivateKey::generate().unwrap()), "***");
    }

    #[test]
    fn the_published_pair_of_rfc_8032_has_its_public_half() {
        // RFC 8032, section 7.1, test 1.
        let private: PrivateKey = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=".parse().unwrap();
        assert_eq!(private.public().to_string(), "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        // sha256 of the 32 bytes d75a9801...07511a
        assert_eq!(private.key_id(), "21fe31dfa154a261");
    }

    #[test]
    fn a_public_key_travels_as_text() {
        let key = PrivateKey::generate().unwrap().public();
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("\"{key}\""));
        assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), key);
    }

    #[test]
    fn weak_and_malformed_public_keys_are_refused() {
        let point = |hex_first: u8, rest: u8, last: u8| {
            let mut bytes = [rest; 32];
            bytes[0] = hex_first;
            bytes[31] = last;
            format!("whpk_{}", STANDARD.encode(bytes))
        };
        for (text, why) in [
            (point(1, 0, 0), "weak"),
            (point(0, 0, 0), "weak"),
            (point(0xec, 0xff, 0x7f), "weak"),
            (point(2, 0, 0), "no point"),
            ("whpk_".to_owned(), "32 bytes"),
            ("whpk_!!".to_owned(), "base64"),
            ("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=".to_owned(), "private key"),
            ("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(), "prefix"),
        ] {
            let error = text.parse::<PublicKey>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
