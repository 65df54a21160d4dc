//! The envelope of Standard Webhooks: three headers around the bytes of a message, signed with Ed25519 (`v1a`)
//! over `id.timestamp.body`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

use crate::error::CourierError;
use crate::keys::{PrivateKey, PublicKey, fingerprints};
use crate::limits::{MAX_ID_BYTES, MAX_SIGNATURES, TIMESTAMP_TOLERANCE_S};

/// Name of the header with the message id.
pub const ID_HEADER: &str = "webhook-id";
/// Name of the header with the time stamp of the attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Name of the header with the signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

const SCHEME_PREFIX: &str = "v1a,";

/// The three headers, as text on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `webhook-id`: the same at every attempt.
    pub id: String,
    /// `webhook-timestamp`: new at every attempt.
    pub timestamp: String,
    /// `webhook-signature`: one signature for each key in use.
    pub signature: String,
}

impl Headers {
    /// Takes the three headers out of a request.
    ///
    /// # Errors
    /// When one is missing, appears twice or is not text.
    pub fn from_map(map: &HeaderMap) -> Result<Self, CourierError> {
        Ok(Self {
            id: single(map, ID_HEADER)?,
            timestamp: single(map, TIMESTAMP_HEADER)?,
            signature: single(map, SIGNATURE_HEADER)?,
        })
    }

    /// The headers as pairs of name and value.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [(ID_HEADER, &self.id), (TIMESTAMP_HEADER, &self.timestamp), (SIGNATURE_HEADER, &self.signature)]
    }
}

fn single(map: &HeaderMap, name: &'static str) -> Result<String, CourierError> {
    let mut values = map.get_all(name).iter();
    let value = values.next().ok_or(CourierError::HeaderMissing { name })?;
    if values.next().is_some() {
        return Err(CourierError::HeaderUnusable { name, why: "it appears more than once" });
    }
    let text = value.to_str();
    text.map(str::to_owned).map_err(|_| CourierError::HeaderUnusable { name, why: "it is not visible ASCII" })
}

/// What a verified envelope proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedId {
    /// The message id; the same id is the same message, however often it comes.
    pub id: String,
    /// The time stamp of this attempt.
    pub stamped_at: DateTime<Utc>,
    /// Fingerprint of the pinned key that fitted.
    pub key_id: String,
}

/// Signs a message with every key given (two while a key is being replaced).
///
/// # Errors
/// When the id is empty, too long, holds a full stop or an invisible character, or no key is given.
pub fn sign(
    body: &[u8],
    id: &str,
    now: DateTime<Utc>,
    keys: &[&PrivateKey],
) -> Result<Headers, CourierError> {
    check_id(id)?;
    if keys.is_empty() {
        return Err(CourierError::NoKeys { purpose: "sign with" });
    }
    let timestamp = now.timestamp().to_string();
    let message = signed_bytes(id, &timestamp, body);
    let signatures: Vec<_> =
        keys.iter().map(|key| format!("{SCHEME_PREFIX}{}", STANDARD.encode(key.sign(&message)))).collect();
    Ok(Headers { id: id.to_owned(), timestamp, signature: signatures.join(" ") })
}

/// Verifies an envelope: some signature must fit some pinned key, and the stamp must lie within
/// [`TIMESTAMP_TOLERANCE_S`] of `now`.
///
/// # Errors
/// A bad id or time stamp, a stale stamp, no `v1a` signature, too many, or none that fits.
pub fn verify(
    headers: &Headers,
    body: &[u8],
    keys: &[PublicKey],
    now: DateTime<Utc>,
) -> Result<VerifiedId, CourierError> {
    check_id(&headers.id)?;
    if keys.is_empty() {
        return Err(CourierError::NoKeys { purpose: "compare with" });
    }
    let stamped_at = parse_timestamp(&headers.timestamp)?;
    let signatures = candidates(&headers.signature)?;
    let message = signed_bytes(&headers.id, &headers.timestamp, body);
    let fits = |key: &&PublicKey| signatures.iter().any(|signature| key.fits(&message, signature));
    let key =
        keys.iter().find(fits).ok_or_else(|| CourierError::WrongSignature { pinned: fingerprints(keys) })?;
    // Staleness is judged last: a clock that differs is worth a message only when the sender is genuine.
    check_age(stamped_at, now)?;
    Ok(VerifiedId { id: headers.id.clone(), stamped_at, key_id: key.key_id() })
}

/// A full stop in the id would let two different messages have the same signed bytes.
fn check_id(id: &str) -> Result<(), CourierError> {
    let visible = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    if visible && (1..=MAX_ID_BYTES).contains(&id.len()) {
        return Ok(());
    }
    Err(CourierError::BadMessageId { id: id.escape_debug().take(MAX_ID_BYTES).collect() })
}

fn parse_timestamp(text: &str) -> Result<DateTime<Utc>, CourierError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if digits { text.parse().ok() } else { None };
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| CourierError::BadTimestamp { found: text.escape_debug().take(32).collect() })
}

fn check_age(stamped_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), CourierError> {
    let distance_s = now.timestamp().abs_diff(stamped_at.timestamp());
    if distance_s <= TIMESTAMP_TOLERANCE_S.unsigned_abs() {
        return Ok(());
    }
    Err(CourierError::Stale { stamped_at, now, tolerance_s: TIMESTAMP_TOLERANCE_S })
}

/// The `v1a` signatures of the header. One that is not 64 bytes of base64 can fit no key and is left out.
fn candidates(header: &str) -> Result<Vec<[u8; 64]>, CourierError> {
    let texts: Vec<_> = header.split(' ').filter_map(|part| part.strip_prefix(SCHEME_PREFIX)).collect();
    match texts.len() {
        0 => Err(CourierError::NoSignature),
        count if count > MAX_SIGNATURES => Err(CourierError::TooManySignatures { count }),
        _ => Ok(texts.into_iter().filter_map(|text| STANDARD.decode(text).ok()?.try_into().ok()).collect()),
    }
}

fn signed_bytes(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_642_960_800 + seconds, 0).unwrap()
    }

    fn key() -> PrivateKey {
        PrivateKey::generate().unwrap()
    }

    #[test]
    fn a_signed_message_is_verified_with_its_id_stamp_and_key() {
        let key = key();
        let headers = sign(b"{}", "order-7/rev-1", at(0), &[&key]).unwrap();
        assert_eq!(headers.timestamp, "1642960800");
        let verified = verify(&headers, b"{}", &[key.public()], at(7)).unwrap();
        assert_eq!(
            verified,
            VerifiedId { id: "order-7/rev-1".into(), stamped_at: at(0), key_id: key.key_id() }
        );
    }

    #[test]
    fn while_keys_rotate_either_key_is_enough() {
        let (old, new, foreign) = (key(), key(), key());
        let headers = sign(b"x", "m1", at(0), &[&old, &new]).unwrap();
        assert_eq!(headers.signature.split(' ').count(), 2);
        for (pinned, fitting) in [
            (vec![old.public()], &old),
            (vec![new.public()], &new),
            (vec![foreign.public(), new.public()], &new),
        ] {
            assert_eq!(verify(&headers, b"x", &pinned, at(0)).unwrap().key_id, fitting.key_id());
        }
        let error = verify(&headers, b"x", &[foreign.public()], at(0)).unwrap_err();
        assert!(error.to_string().contains(&foreign.key_id()), "{error}");
    }

    #[test]
    fn signatures_of_other_schemes_are_passed_over() {
        let key = key();
        let mut headers = sign(b"x", "m1", at(0), &[&key]).unwrap();
        headers.signature = format!("v1,AAAA v1a,short {}", headers.signature);
        verify(&headers, b"x", &[key.public()], at(0)).unwrap();
        headers.signature = "v1,AAAA".into();
        assert!(matches!(verify(&headers, b"x", &[key.public()], at(0)), Err(CourierError::NoSignature)));
        headers.signature = ["v1a,AAAA"; 9].join(" ");
        let error = verify(&headers, b"x", &[key.public()], at(0)).unwrap_err();
        assert!(matches!(error, CourierError::TooManySignatures { count: 9 }), "{error}");
    }

    #[test]
    fn the_stamp_may_be_five_minutes_off_and_no_more() {
        let key = key();
        let headers = sign(b"x", "m1", at(0), &[&key]).unwrap();
        for (seconds, fresh) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
            let result = verify(&headers, b"x", &[key.public()], at(seconds));
            assert_eq!(result.is_ok(), fresh, "{seconds} s");
            assert_eq!(matches!(result, Err(CourierError::Stale { .. })), !fresh, "{seconds} s");
        }
    }

    #[test]
    fn a_stamp_that_is_no_number_is_named() {
        let key = key();
        for bad in ["", "now", "-5", "+1642960800", " 1642960800", "1642960800.0", "99999999999999999999"] {
            let mut headers = sign(b"x", "m1", at(0), &[&key]).unwrap();
            headers.timestamp = bad.into();
            let error = verify(&headers, b"x", &[key.public()], at(0)).unwrap_err();
            assert!(matches!(error, CourierError::BadTimestamp { .. }), "{bad}: {error}");
        }
    }

    #[test]
    fn an_id_is_visible_and_has_no_full_stop() {
        for bad in ["", "a.b", "a b", "a\n", "ж", &"x".repeat(129)] {
            let error = sign(b"x", bad, at(0), &[&key()]).unwrap_err();
            assert!(matches!(error, CourierError::BadMessageId { .. }), "{bad}: {error}");
        }
        sign(b"x", &"x".repeat(128), at(0), &[&key()]).unwrap();
    }

    #[test]
    fn nobody_signs_or_verifies_without_a_key() {
        assert!(matches!(sign(b"x", "m1", at(0), &[]), Err(CourierError::NoKeys { .. })));
        let headers = sign(b"x", "m1", at(0), &[&key()]).unwrap();
        assert!(matches!(verify(&headers, b"x", &[], at(0)), Err(CourierError::NoKeys { .. })));
    }

    #[test]
    fn each_header_is_needed_once() {
        let headers = sign(b"x", "m1", at(0), &[&key()]).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers.pairs() {
            let missing = Headers::from_map(&map).unwrap_err();
            assert!(
                matches!(missing, CourierError::HeaderMissing { name: said } if said == name),
                "{missing}"
            );
            map.insert(name, value.parse().unwrap());
        }
        assert_eq!(Headers::from_map(&map).unwrap(), headers);
        map.append(ID_HEADER, "m2".parse().unwrap());
        assert!(matches!(Headers::from_map(&map), Err(CourierError::HeaderUnusable { .. })));
        map.insert(ID_HEADER, HeaderValue::from_bytes(b"m\xff").unwrap());
        assert!(matches!(Headers::from_map(&map), Err(CourierError::HeaderUnusable { .. })));
    }

    /// Puts another byte at a place of the text; `None` where that is no text or the same one.
    fn altered(text: &str, place: usize, byte: u8) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let place = place % bytes.len();
        if bytes[place] == byte {
            return None;
        }
        bytes[place] = byte;
        String::from_utf8(bytes).ok()
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_refused(
            body in proptest::collection::vec(any::<u8>(), 1..200),
            part in 0..4usize, place in any::<usize>(), byte in any::<u8>(),
        ) {
            let key: PrivateKey = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=".parse().unwrap();
            let genuine = sign(&body, "order-17", at(0), &[&key]).unwrap();
            prop_assert!(verify(&genuine, &body, &[key.public()], at(0)).is_ok());
            let (mut headers, mut received) = (genuine.clone(), body.clone());
            match part {
                0 => received[place % body.len()] = byte,
                1 => headers.id = altered(&genuine.id, place, byte).unwrap_or(genuine.id.clone()),
                2 => headers.timestamp = altered(&genuine.timestamp, place, byte).unwrap_or(genuine.timestamp.clone()),
                _ => headers.signature = altered(&genuine.signature, place, byte).unwrap_or(genuine.signature.clone()),
            }
            prop_assume!(headers != genuine || received != body);
            prop_assert!(verify(&headers, &received, &[key.public()], at(0)).is_err());
        }

        #[test]
        fn no_header_text_makes_the_verifier_panic(id in ".*", timestamp in ".*", signature in "(v1a,)?.*") {
            let headers = Headers { id, timestamp, signature };
            prop_assert!(verify(&headers, b"x", &[key().public()], at(0)).is_err());
        }
    }
}
