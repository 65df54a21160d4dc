//! A record in the form it is kept in: text in every column, equal meaning in equal bytes.

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use kezek_model::canonical::{canonical_bytes, canonical_json, sha256_hex};
use serde_json::Value;

use crate::limits::MAX_BODY_BYTES;
use crate::record::Record;
use kezek_model::order::Head;

/// The columns of one record.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) at: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) documents: String,
    pub(crate) prev: String,
    pub(crate) hash: String,
}

impl Row {
    /// Number and hash as they stand there, whether they are right or not.
    pub(crate) fn head(&self) -> Head {
        Head { seq: u64::try_from(self.seq).unwrap_or(0), hash: self.hash.clone() }
    }

    /// The record, if every column fits the chain that ends at `after`; otherwise everything that does not.
    pub(crate) fn open(self, after: &Head) -> Result<Record, Vec<String>> {
        let mut faults = Vec::new();
        let seq = self.checked_seq(after, &mut faults);
        if self.prev != after.hash {
            faults
                .push(format!("prev is {:?}, but the record before has the hash {}", self.prev, after.hash));
        }
        let at = noted(self.checked_at(), &mut faults);
        let body = noted(self.checked_body(), &mut faults);
        let documents = noted(self.checked_documents(), &mut faults);
        let (Some(at), Some(body), Some(documents)) = (at, body, documents) else { return Err(faults) };
        self.check_hash(seq, &documents, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Record { seq, at, kind: self.kind, body, documents, prev: self.prev, hash: self.hash })
    }

    fn checked_seq(&self, after: &Head, faults: &mut Vec<String>) -> u64 {
        let expected = after.seq.saturating_add(1);
        if u64::try_from(self.seq) != Ok(expected) {
            faults.push(format!(
                "seq is {}, expected {expected}: records are missing or out of order",
                self.seq
            ));
        }
        u64::try_from(self.seq).unwrap_or(0)
    }

    fn checked_at(&self) -> Result<DateTime<Utc>, String> {
        DateTime::parse_from_rfc3339(&self.at)
            .ok()
            .map(|at| at.to_utc())
            .filter(|at| stamp(*at).as_deref() == Some(self.at.as_str()))
            .ok_or_else(|| format!("at is {:?}, expected RFC 3339 in UTC with six decimals", self.at))
    }

    fn checked_body(&self) -> Result<Value, String> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(format!("body has {} bytes, expected at most {MAX_BODY_BYTES}", self.body.len()));
        }
        canonical_value(&self.body).ok_or_else(|| "body is not canonical JSON".to_owned())
    }

    fn checked_documents(&self) -> Result<Vec<String>, String> {
        canonical_value(&self.documents)
            .and_then(|value| serde_json::from_value(value).ok())
            .ok_or_else(|| "documents is not a canonical JSON array of digests".to_owned())
    }

    /// Once the body is known to be canonical, its text stands for its value.
    fn check_hash(&self, seq: u64, documents: &[String], faults: &mut Vec<String>) {
        let sealed =
            Sealed { seq, at: &self.at, kind: &self.kind, body: &self.body, documents, prev: &self.prev };
        match sealed.hash() {
            Some(hash) if hash == self.hash => {}
            Some(hash) => faults.push(format!("hash is {:?}, but the columns give {hash}", self.hash)),
            None => faults.push("the columns have no canonical form".to_owned()),
        }
    }
}

/// What the hash is computed over.
pub(crate) struct Sealed<'a> {
    pub(crate) seq: u64,
    pub(crate) at: &'a str,
    pub(crate) kind: &'a str,
    /// Canonical JSON.
    pub(crate) body: &'a str,
    pub(crate) documents: &'a [String],
    pub(crate) prev: &'a str,
}

impl Sealed<'_> {
    /// SHA-256 of [`Sealed::text`].
    pub(crate) fn hash(&self) -> Option<String> {
        Some(sha256_hex(self.text()?.as_bytes()))
    }

    /// The canonical JSON of all columns, written column by column: that of a part is the part of the whole.
    pub(crate) fn text(&self) -> Option<String> {
        let text = |text: &str| String::from_utf8(canonical_json(&text).ok()?).ok();
        let documents = match self.documents {
            [] => String::new(),
            documents => {
                format!(r#""documents":{},"#, String::from_utf8(canonical_json(&documents).ok()?).ok()?)
            }
        };
        let (at, kind, prev) = (text(self.at)?, text(self.kind)?, text(self.prev)?);
        let (body, seq) = (self.body, self.seq);
        Some(format!(r#"{{"at":{at},"body":{body},{documents}"kind":{kind},"prev":{prev},"seq":{seq}}}"#))
    }
}

/// The one spelling of an instant: RFC 3339, UTC, six decimals. None for years that RFC 3339 cannot write.
pub(crate) fn stamp(at: DateTime<Utc>) -> Option<String> {
    (0..=9999).contains(&at.year()).then(|| at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The value of a text, if the text is its canonical form.
pub(crate) fn canonical_value(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text).ok()?;
    let canonical = canonical_bytes(&value).ok()?;
    (canonical == text.as_bytes()).then_some(value)
}

fn noted<T>(found: Result<T, String>, faults: &mut Vec<String>) -> Option<T> {
    found.map_err(|fault| faults.push(fault)).ok()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn equal_instants_have_equal_bytes() {
        let at = Utc.with_ymd_and_hms(2022, 1, 23, 18, 0, 0).unwrap();
        assert_eq!(stamp(at).unwrap(), "2022-01-23T18:00:00.000000Z");
        assert_eq!(stamp(at + chrono::TimeDelta::nanoseconds(999)), stamp(at));
        assert_eq!(stamp(at + chrono::TimeDelta::days(3_000_000)), None);
    }

    #[test]
    fn only_canonical_text_is_a_value() {
        assert!(canonical_value(r#"{"a":1,"b":[]}"#).is_some());
        for text in [r#"{"b":[],"a":1}"#, r#"{"a": 1}"#, r#"{"a":1,"a":1}"#, "1.0", "1e2", "", "nul"] {
            assert!(canonical_value(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_hash_is_over_the_canonical_json_of_the_columns() {
        let body = r#"{"a":"кезек","b":2}"#;
        let sealed = Sealed { seq: 1, at: "t", kind: "k", body, documents: &[], prev: "0" };
        let by_hand = r#"{"at":"t","body":{"a":"кезек","b":2},"kind":"k","prev":"0","seq":1}"#;
        assert_eq!(sealed.hash().unwrap(), kezek_model::canonical::sha256_hex(by_hand.as_bytes()));
        let named = Sealed { documents: &["d".to_owned()], ..sealed };
        let by_hand =
            r#"{"at":"t","body":{"a":"кезек","b":2},"documents":["d"],"kind":"k","prev":"0","seq":1}"#;
        assert_eq!(named.hash().unwrap(), kezek_model::canonical::sha256_hex(by_hand.as_bytes()));
    }
}
