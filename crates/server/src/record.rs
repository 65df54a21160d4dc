//! What is written into the journal, and how it is read again.
//!
//! A record's kind is the name of what happened. Its body is `{"event": ..., "remark": ...}`; an event too large
//! for a body is kept as the last document of its record, and the body says so.

use chrono::{DateTime, Utc};
use kezek_engine::Event;
use kezek_journal::{Entry, Record};
use kezek_model::ids::FacilityId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limits::MAX_EVENT_BYTES;

/// Something that happened, to be written down and remembered.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// To the orders and all that leads to them.
    Engine(Event),
    /// To enrolment codes.
    Code(CodeEvent),
    /// At the desk of somebody who watches.
    Desk(DeskEvent),
}

/// What somebody who watches does, and nobody else sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DeskEvent {
    /// The sound of the alarm is muted for one person.
    SoundMuted {
        /// Whose.
        person: String,
        /// For how long.
        until: DateTime<Utc>,
    },
}

/// A one-time code that lets a facility enrol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CodeEvent {
    /// It was given to a facility. The code itself is written nowhere.
    CodeIssued {
        /// Whose.
        facility: FacilityId,
        /// SHA-256 of the code.
        code_sha256: String,
        /// Good until then.
        expires: DateTime<Utc>,
        /// By whom.
        by: String,
    },
    /// The facility used it.
    CodeUsed {
        /// SHA-256 of the code.
        code_sha256: String,
        /// The address that the facility gave.
        address: String,
        /// The key that the facility gave.
        public_key: String,
    },
}

/// What is written beside an event because the event has no place for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Who entered it, where the event does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
    /// What the person said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The gap that was asked for when the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_gap: Option<f64>,
    /// The plan that a person has changed by hand into this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_from: Option<String>,
}

/// One input to the journal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    pub(crate) happening: Happening,
    pub(crate) remark: Remark,
    /// Evidence that is kept with the record.
    pub(crate) documents: Vec<Vec<u8>>,
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self { happening: Happening::Engine(event), remark: Remark::default(), documents: Vec::new() }
    }
}

impl From<CodeEvent> for Input {
    fn from(event: CodeEvent) -> Self {
        Self { happening: Happening::Code(event), remark: Remark::default(), documents: Vec::new() }
    }
}

impl From<DeskEvent> for Input {
    fn from(event: DeskEvent) -> Self {
        Self { happening: Happening::Desk(event), remark: Remark::default(), documents: Vec::new() }
    }
}

impl Input {
    pub(crate) fn with_document(mut self, bytes: Vec<u8>) -> Self {
        self.documents.push(bytes);
        self
    }

    pub(crate) fn with_remark(mut self, remark: Remark) -> Self {
        self.remark = remark;
        self
    }

    /// The entry that keeps it.
    pub(crate) fn entry(&self, at: DateTime<Utc>) -> Result<Entry, serde_json::Error> {
        let event = match &self.happening {
            Happening::Engine(event) => serde_json::to_value(event)?,
            Happening::Code(event) => serde_json::to_value(event)?,
            Happening::Desk(event) => serde_json::to_value(event)?,
        };
        let kind = event.get("event").and_then(Value::as_str).unwrap_or("event").to_owned();
        let mut documents = self.documents.clone();
        let bytes = serde_json::to_vec(&event)?;
        let mut body = if bytes.len() > MAX_EVENT_BYTES {
            documents.push(bytes);
            json!({"event_in_document": true})
        } else {
            json!({"event": event})
        };
        if self.remark != Remark::default() {
            body["remark"] = serde_json::to_value(&self.remark)?;
        }
        Ok(Entry { at, kind, body, documents })
    }
}

/// What was read: as [`Input`], with the digests of the documents in place of the documents.
pub(crate) struct Replayed {
    pub(crate) happening: Happening,
    pub(crate) remark: Remark,
    pub(crate) documents: Vec<String>,
}

/// Reads a record again; `document` fetches one by digest.
pub(crate) fn replay(
    record: Record,
    document: impl FnOnce(&str) -> Result<Vec<u8>, String>,
) -> Result<Replayed, String> {
    let (mut body, mut documents) = (record.body, record.documents);
    let remark = match body.get_mut("remark").map(Value::take) {
        Some(remark) => serde_json::from_value(remark).map_err(|error| error.to_string())?,
        None => Remark::default(),
    };
    let event = match body.get_mut("event").map(Value::take) {
        Some(event) => event,
        None => {
            let digest = documents.pop().ok_or("it has neither an event nor a document")?;
            serde_json::from_slice(&document(&digest)?).map_err(|error| error.to_string())?
        }
    };
    let happening = match record.kind.split_once('-') {
        Some(("code", _)) => serde_json::from_value(event).map(Happening::Code),
        Some(("sound", _)) => serde_json::from_value(event).map(Happening::Desk),
        _ => serde_json::from_value(event).map(Happening::Engine),
    };
    Ok(Replayed { happening: happening.map_err(|error| error.to_string())?, remark, documents })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_engine::{CheckSummary, Outcome, PlanSummary, Proposed};
    use kezek_journal::{MemoryStore, Store};
    use std::ops::ControlFlow;

    fn back_and_forth(input: &Input) -> Replayed {
        let mut store = MemoryStore::new();
        store.append(&[input.entry(DateTime::UNIX_EPOCH).unwrap()]).unwrap();
        let mut found = None;
        let keep = &mut |record| {
            found = Some(record);
            ControlFlow::Continue(())
        };
        store.load(0, keep).unwrap();
        let fetch = |digest: &str| store.document(digest).unwrap().ok_or_else(String::new);
        replay(found.unwrap(), fetch).unwrap()
    }

    fn proposed(author: &str) -> Input {
        Input::from(Event::Proposed(Box::new(Proposed {
            plan_digest: "p".into(),
            parent: None,
            case_digest: "c".into(),
            author: author.into(),
            summary: PlanSummary { cut_mwh: 10.0, ..PlanSummary::default() },
            drafts: Vec::new(),
            check: CheckSummary::default(),
            bounds: None,
        })))
    }

    #[test]
    fn what_is_written_is_read_again_with_remark_and_documents() {
        let remark = Remark { comment: Some("look".into()), asked_gap: Some(0.05), ..Remark::default() };
        let input = proposed("Aigul").with_remark(remark.clone()).with_document(b"plan".to_vec());
        let read = back_and_forth(&input);
        assert_eq!((read.happening, read.remark), (input.happening, remark));
        assert_eq!(read.documents, [kezek_model::canonical::sha256_hex(b"plan")]);
    }

    #[test]
    fn a_large_event_goes_into_a_document_and_comes_back() {
        let input = proposed(&"x".repeat(2 << 20)).with_document(b"plan".to_vec());
        let entry = input.entry(DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((entry.kind.as_str(), entry.documents.len()), ("proposed", 2));
        let read = back_and_forth(&input);
        assert_eq!((read.happening, read.documents.len()), (input.happening, 1));
    }

    #[test]
    fn kinds_are_the_names_of_what_happened() {
        let outcome = Outcome::Failed { reason: "no".into(), retry_after_s: None };
        let ended = Input::from(Event::AttemptEnded { order_no: "o".into(), attempt: 1, outcome });
        assert_eq!(ended.entry(DateTime::UNIX_EPOCH).unwrap().kind, "attempt-ended");
        let (code_sha256, address, public_key) = ("c".into(), "a".into(), "k".into());
        let used = Input::from(CodeEvent::CodeUsed { code_sha256, address, public_key });
        assert_eq!(used.entry(DateTime::UNIX_EPOCH).unwrap().kind, "code-used");
        assert_eq!(back_and_forth(&used).happening, used.happening);
        let muted = Input::from(DeskEvent::SoundMuted { person: "D".into(), until: DateTime::UNIX_EPOCH });
        assert_eq!(muted.entry(DateTime::UNIX_EPOCH).unwrap().kind, "sound-muted");
        assert_eq!(back_and_forth(&muted).happening, muted.happening);
    }
}
