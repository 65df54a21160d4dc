//! Canonical JSON (RFC 8785) and SHA-256 digests: the same meaning always gives the same bytes.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

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

/// The same as [`canonical_json`] of a value that was read already, several times as fast for nearly all of them.
///
/// # Errors
/// As [`canonical_json`].
pub fn canonical_bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    if !is_plain(value) {
        return canonical_json(value);
    }
    let mut bytes = Vec::with_capacity(512);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, PlainFormatter))?;
    Ok(bytes)
}

/// Whether a number has a canonical form that says the same: RFC 8785 knows doubles only, so that an integer beyond
/// 2^53 - 1 might be rounded.
#[must_use]
pub fn is_exact(number: &Number) -> bool {
    const MOST: u64 = (1 << 53) - 1;
    let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    magnitude.is_none_or(|magnitude| magnitude <= MOST)
}

/// Whether order of keys and integers are canonical as they stand: a map is sorted by UTF-8, which is the order of
/// UTF-16 that RFC 8785 asks for where all keys are ASCII.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_exact(number),
        Value::Array(values) => values.iter().all(is_plain),
        Value::Object(fields) => fields.iter().all(|(key, value)| key.is_ascii() && is_plain(value)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Compact JSON with the numbers of ECMAScript.
struct PlainFormatter;

impl Formatter for PlainFormatter {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format_finite(value).as_bytes())
    }
}

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four_bits: u8| char::from(DIGITS[usize::from(four_bits)]);
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 of the canonical JSON of a value, as 64 lower-case hexadecimal digits.
///
/// # Errors
/// As [`canonical_json`].
pub fn digest_of<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    let value = serde_json::to_value(value)?;
    Ok(sha256_hex(&canonical_bytes(&value)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spelling_of_numbers_and_order_of_keys_do_not_matter() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b": 1.0, "a": 10.50}"#).unwrap();
        let two: serde_json::Value = serde_json::from_str(r#"{"a": 1.05e1, "b": 1}"#).unwrap();
        assert_eq!(canonical_json(&one).unwrap(), br#"{"a":10.5,"b":1}"#);
        assert_eq!(digest_of(&one).unwrap(), digest_of(&two).unwrap());
    }

    fn values() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-5_000_000_i64..5_000_000).prop_map(|n| Value::from(n as f64 / 1000.0)),
            any::<f64>().prop_filter_map("finite", |n| serde_json::Number::from_f64(n).map(Value::from)),
            (-30_i32..30, any::<i16>()).prop_map(|(e, m)| Value::from(f64::from(m) * 10_f64.powi(e))),
        ];
        let text = prop_oneof![
            "[a-z_]{0,6}",
            ".{0,4}",
            "[\u{e000}-\u{ffff}\u{10000}-\u{1ffff}\\\"\u{0}-\u{1f}\u{7f}]{0,3}"
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number,
            text.clone().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            let map = proptest::collection::btree_map(text.clone(), inner.clone(), 0..6);
            prop_oneof![
                proptest::collection::vec(inner, 0..6).prop_map(Value::from),
                map.prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_quick_way_gives_the_same_bytes(value in values()) {
            prop_assert_eq!(canonical_bytes(&value).unwrap(), canonical_json(&value).unwrap());
        }
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
