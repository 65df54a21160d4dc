//! The receiving side: what a facility does with a message before it believes anything in it.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

use crate::envelope::{Headers, VerifiedId, verify};
use crate::error::CourierError;
use crate::keys::PublicKey;
use crate::limits::MAX_MESSAGE_BYTES;

/// Checks length, headers, signature and time stamp of a request.
///
/// # Errors
/// When the message is longer than [`MAX_MESSAGE_BYTES`], a header is missing, or as [`verify`].
pub fn receive(
    headers: &HeaderMap,
    body: &[u8],
    keys: &[PublicKey],
    now: DateTime<Utc>,
) -> Result<VerifiedId, CourierError> {
    if body.len() > MAX_MESSAGE_BYTES {
        return Err(CourierError::TooLong { length: body.len(), limit: MAX_MESSAGE_BYTES });
    }
    verify(&Headers::from_map(headers)?, body, keys, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::sign;
    use crate::keys::PrivateKey;

    #[test]
    fn a_message_at_the_bound_is_taken_and_one_byte_more_is_not() {
        let key = PrivateKey::generate().unwrap();
        let now = DateTime::from_timestamp(1_642_960_800, 0).unwrap();
        for (length, taken) in [(MAX_MESSAGE_BYTES, true), (MAX_MESSAGE_BYTES + 1, false)] {
            let body = vec![b'x'; length];
            let mut map = HeaderMap::new();
            for (name, value) in sign(&body, "m1", now, &[&key]).unwrap().pairs() {
                map.insert(name, value.parse().unwrap());
            }
            let result = receive(&map, &body, &[key.public()], now);
            assert_eq!(result.is_ok(), taken);
            assert_eq!(matches!(result, Err(CourierError::TooLong { .. })), !taken);
        }
    }
}
