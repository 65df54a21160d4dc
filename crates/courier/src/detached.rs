//! Detached signatures over canonical JSON (RFC 8785), for what is kept, forwarded or carried by hand: orders,
//! a facility's answers, reports and voluntary cuts. A prefix that is never sent keeps a signature of one kind from
//! being passed off as another.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_model::canonical::{canonical_bytes, is_exact};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::CourierError;
use crate::keys::{PrivateKey, PublicKey, fingerprints};
use crate::once::Once;

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The control room orders.
    Order,
    /// A facility answers an order.
    Answer,
    /// A facility reports what its meter says.
    Report,
    /// A facility declares a voluntary cut.
    Voluntary,
    /// A facility asks for its orders.
    Fetch,
    /// The control room says what it knows of an order.
    Evidence,
    /// The control room knows again who signed in on its pages.
    Session,
    /// The control room knows again who left to sign in elsewhere.
    Trip,
}

impl Purpose {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Order => b"kezek-order-v1\n",
            Self::Answer => b"kezek-answer-v1\n",
            Self::Report => b"kezek-report-v1\n",
            Self::Voluntary => b"kezek-voluntary-v1\n",
            Self::Fetch => b"kezek-fetch-v1\n",
            Self::Evidence => b"kezek-evidence-v1\n",
            Self::Session => b"kezek-session-v1\n",
            Self::Trip => b"kezek-trip-v1\n",
        }
    }
}

/// An Ed25519 signature, written as base64.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature([u8; 64]);

impl FromStr for Signature {
    type Err = CourierError;

    fn from_str(text: &str) -> Result<Self, CourierError> {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(CourierError::SignatureText)
    }
}

impl TryFrom<String> for Signature {
    type Error = CourierError;

    fn try_from(text: String) -> Result<Self, CourierError> {
        text.parse()
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        signature.to_string()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A value with the fingerprint of its signer and the signature over its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed<T> {
    /// What was signed.
    pub body: T,
    /// Fingerprint of the signer's public key.
    pub key_id: String,
    /// The signature.
    pub signature: Signature,
}

impl<T: Serialize> Signed<T> {
    /// Signs a value.
    ///
    /// # Errors
    /// As [`sign_detached`].
    pub fn new(purpose: Purpose, body: T, key: &PrivateKey) -> Result<Self, CourierError> {
        let signature = sign_detached(purpose, &body, key)?;
        Ok(Self { body, key_id: key.key_id(), signature })
    }

    /// Verifies a value that was kept as it was signed. What comes from a wire goes through [`open_signed`],
    /// which also covers fields this version does not know.
    ///
    /// # Errors
    /// When the signer is not pinned or the signature does not fit.
    pub fn verify<'k>(&self, purpose: Purpose, keys: &'k [PublicKey]) -> Result<&'k PublicKey, CourierError> {
        let key = pinned(keys, &self.key_id)?;
        verify_detached(purpose, &self.body, &self.signature, key)?;
        Ok(key)
    }
}

/// The signature over a value's canonical JSON.
///
/// # Errors
/// When the value has no canonical form, or holds a whole number that JSON does not carry exactly.
pub fn sign_detached<T: Serialize + ?Sized>(
    purpose: Purpose,
    value: &T,
    key: &PrivateKey,
) -> Result<Signature, CourierError> {
    Ok(Signature(key.sign(&signed_bytes(purpose, &exact_canonical(value)?))))
}

/// Compares a signature with a value and a key.
///
/// # Errors
/// When the value has no canonical form or the signature does not fit.
pub fn verify_detached<T: Serialize + ?Sized>(
    purpose: Purpose,
    value: &T,
    signature: &Signature,
    key: &PublicKey,
) -> Result<(), CourierError> {
    fits(purpose, &exact_canonical(value)?, signature, key)
}

/// Verifies received bytes that hold a [`Signed`] value, then reads the value from the very bytes that were
/// verified. Order of keys and spacing do not matter; a field this version does not know is covered too. An object
/// with the same key twice is refused: others might read the first one.
///
/// # Errors
/// When the bytes are not such JSON, the signer is not pinned, or the signature does not fit.
pub fn open_signed<T: DeserializeOwned>(
    purpose: Purpose,
    bytes: &[u8],
    keys: &[PublicKey],
) -> Result<Signed<T>, CourierError> {
    let received: Signed<Once> = serde_json::from_slice(bytes).map_err(CourierError::NotJson)?;
    let key = pinned(keys, &received.key_id)?;
    let canonical = exact_canonical(&received.body.0)?;
    fits(purpose, &canonical, &received.signature, key)?;
    let body = serde_json::from_slice(&canonical).map_err(CourierError::NotJson)?;
    Ok(Signed { body, key_id: received.key_id, signature: received.signature })
}

fn pinned<'k>(keys: &'k [PublicKey], key_id: &str) -> Result<&'k PublicKey, CourierError> {
    keys.iter().find(|key| key.key_id() == key_id).ok_or_else(|| CourierError::UnknownKey {
        key_id: key_id.escape_debug().take(32).collect(),
        pinned: fingerprints(keys),
    })
}

fn fits(
    purpose: Purpose,
    canonical: &[u8],
    signature: &Signature,
    key: &PublicKey,
) -> Result<(), CourierError> {
    if key.fits(&signed_bytes(purpose, canonical), &signature.0) {
        return Ok(());
    }
    Err(CourierError::WrongSignature { pinned: key.key_id() })
}

fn signed_bytes(purpose: Purpose, canonical: &[u8]) -> Vec<u8> {
    [purpose.prefix(), canonical].concat()
}

/// RFC 8785 writes every number as a double: two long whole numbers could share one signature.
fn exact_canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CourierError> {
    let value = serde_json::to_value(value).map_err(CourierError::NotJson)?;
    check_numbers(&value)?;
    Ok(canonical_bytes(&value)?)
}

fn check_numbers(value: &Value) -> Result<(), CourierError> {
    match value {
        Value::Number(number) => match is_exact(number) {
            true => Ok(()),
            false => Err(CourierError::NumberTooLarge { found: number.to_string() }),
        },
        Value::Array(values) => values.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Limit {
        facility: String,
        limit_kw: u64,
    }

    fn limit() -> Limit {
        Limit { facility: "ekibastuz-1".into(), limit_kw: 12_500 }
    }

    fn key() -> PrivateKey {
        PrivateKey::generate().unwrap()
    }

    #[test]
    fn a_signed_value_is_opened_in_any_order_and_spacing() {
        let key = key();
        let signed = Signed::new(Purpose::Order, limit(), &key).unwrap();
        signed.verify(Purpose::Order, &[key.public()]).unwrap();
        let text = format!(
            r#"{{ "signature":"{}", "body": {{"limit_kw": 1.25e4, "facility":"ekibastuz-\u0031"}}, "key_id":"{}" }}"#,
            signed.signature, signed.key_id
        );
        assert_eq!(open_signed::<Limit>(Purpose::Order, text.as_bytes(), &[key.public()]).unwrap(), signed);
    }

    #[test]
    fn a_signature_of_one_kind_is_none_of_another() {
        let key = key();
        let words = [Purpose::Answer, Purpose::Report, Purpose::Voluntary, Purpose::Fetch];
        let kinds = [&[Purpose::Order, Purpose::Evidence][..], &words].concat();
        for &made in &kinds {
            let bytes = serde_json::to_vec(&Signed::new(made, limit(), &key).unwrap()).unwrap();
            for &read in &kinds {
                let result = open_signed::<Limit>(read, &bytes, &[key.public()]);
                assert_eq!(result.is_ok(), made == read, "{made:?} read as {read:?}");
            }
        }
    }

    #[test]
    fn a_field_unknown_here_is_covered_by_the_signature() {
        let key = key();
        let body = json!({"facility": "ekibastuz-1", "limit_kw": 12500, "later": [1, 2]});
        let mut signed = Signed::new(Purpose::Order, body, &key).unwrap();
        let bytes = serde_json::to_vec(&signed).unwrap();
        assert_eq!(open_signed::<Limit>(Purpose::Order, &bytes, &[key.public()]).unwrap().body, limit());
        signed.body["later"] = json!([1, 3]);
        let bytes = serde_json::to_vec(&signed).unwrap();
        let error = open_signed::<Limit>(Purpose::Order, &bytes, &[key.public()]).unwrap_err();
        assert!(matches!(error, CourierError::WrongSignature { .. }), "{error}");
    }

    #[test]
    fn a_signer_that_is_not_pinned_is_named() {
        let (key, foreign) = (key(), key());
        let mut signed = Signed::new(Purpose::Answer, limit(), &foreign).unwrap();
        let error = signed.verify(Purpose::Answer, &[key.public()]).unwrap_err();
        assert!(
            matches!(&error, CourierError::UnknownKey { key_id, .. } if *key_id == foreign.key_id()),
            "{error}"
        );
        signed.key_id = key.key_id();
        let error = signed.verify(Purpose::Answer, &[key.public()]).unwrap_err();
        assert!(matches!(error, CourierError::WrongSignature { .. }), "{error}");
    }

    #[test]
    fn a_whole_number_that_json_would_round_is_not_signed() {
        for number in [json!(9_007_199_254_740_992_u64), json!(u64::MAX), json!(-9_007_199_254_740_992_i64)] {
            let error = sign_detached(Purpose::Order, &json!({"a": [number]}), &key()).unwrap_err();
            assert!(matches!(error, CourierError::NumberTooLarge { .. }), "{error}");
        }
        sign_detached(
            Purpose::Order,
            &json!([9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64]),
            &key(),
        )
        .unwrap();
    }

    #[test]
    fn a_signature_travels_as_base64() {
        let signature = sign_detached(Purpose::Report, &limit(), &key()).unwrap();
        let json = serde_json::to_string(&signature).unwrap();
        assert_eq!((json.len(), serde_json::from_str::<Signature>(&json).unwrap()), (90, signature));
        for bad in ["", "AAAA", "not base64"] {
            assert!(matches!(bad.parse::<Signature>(), Err(CourierError::SignatureText)), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_change_of_meaning_is_refused(place in any::<usize>(), byte in any::<u8>()) {
            let key: PrivateKey = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=".parse().unwrap();
            let signed = Signed::new(Purpose::Order, limit(), &key).unwrap();
            let mut bytes = serde_json::to_vec(&signed).unwrap();
            let place = place % bytes.len();
            bytes[place] = byte;
            if let Ok(opened) = open_signed::<Limit>(Purpose::Order, &bytes, &[key.public()]) {
                prop_assert_eq!(opened, signed);
            }
        }
    }
}
