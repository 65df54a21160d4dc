//! Canonical JSON (RFC 8785) and SHA-256 digests: the same meaning always gives the same bytes.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
#[error("no canonical JSON for this value (a map whose keys are not text)")]
pub struct CanonicalError(#[from] serde_json::Error);

/// The canonical JSON bytes of a value, as RFC 8785 defines them.
///
/// # Errors
/// When the value holds a map whose keys are not text.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    Ok(serde_json_canonicalizer::to_vec(value)?)
}

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of the canonical JSON of a value, as 64 lower-case hexadecimal digits.
///
/// # Errors
/// As [`canonical_json`].
pub fn digest_of<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(sha256_hex(&canonical_json(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_numbers_and_order_of_keys_do_not_matter() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b": 1.0, "a": 10.50}"#).unwrap();
        let two: serde_json::Value = serde_json::from_str(r#"{"a": 1.05e1, "b": 1}"#).unwrap();
        assert_eq!(canonical_json(&one).unwrap(), br#"{"a":10.5,"b":1}"#);
        assert_eq!(digest_of(&one).unwrap(), digest_of(&two).unwrap());
    }

    #[test]
    fn digest_is_the_published_one_of_abc() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn keys_that_are_no_text_have_no_canonical_form() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(canonical_json(&map).is_err());
    }
}
