//! What the control room knows: the engine's state, enrolment codes, and where the papers of a plan are kept.
//! Nothing but the journal read from its beginning.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kezek_engine::{Effects, Event, State, permit, step};
use kezek_model::ids::FacilityId;
use kezek_model::order::Head;

use crate::error::ServerError;
use crate::limits::MAX_CODES;
use crate::record::{CodeEvent, DeskEvent, Happening, Remark};

/// Everything that has happened, added up.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// The orders and all that leads to them.
    pub state: State,
    /// The end of the journal.
    pub head: Head,
    /// By SHA-256 of the code.
    pub(crate) codes: BTreeMap<String, Code>,
    /// By digest of the plan.
    pub(crate) papers: BTreeMap<String, Papers>,
    /// Until when the sound of the alarm is muted, by person.
    pub(crate) muted: BTreeMap<String, DateTime<Utc>>,
    /// Engine time: never runs backwards.
    pub(crate) clock: DateTime<Utc>,
}

/// An enrolment code that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) facility: FacilityId,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) by: String,
    /// Address and key, once it was used.
    pub(crate) used: Option<(String, String)>,
}

/// The documents of a proposal, by the digest they are kept under, and what was said of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Papers {
    pub(crate) plan: String,
    pub(crate) case: String,
    pub(crate) comment: Option<String>,
    pub(crate) asked_gap: Option<f64>,
    /// The plan that it was made from by hand.
    pub(crate) edited_from: Option<String>,
    /// What approvers said, by person.
    pub(crate) remarks: Vec<(String, String)>,
}

impl Book {
    pub(crate) fn new() -> Self {
        Self {
            state: State::new(),
            head: Head::empty(),
            codes: BTreeMap::new(),
            papers: BTreeMap::new(),
            muted: BTreeMap::new(),
            clock: DateTime::<Utc>::MIN_UTC,
        }
    }

    /// Whether it may happen.
    pub(crate) fn permit(&self, happening: &Happening, now: DateTime<Utc>) -> Result<(), ServerError> {
        match happening {
            Happening::Engine(event) => Ok(permit(&self.state, event, now)?),
            Happening::Code(CodeEvent::CodeIssued { .. }) => {
                let waiting =
                    self.codes.values().filter(|code| code.used.is_none() && now < code.expires).count();
                match waiting < MAX_CODES {
                    true => Ok(()),
                    false => Err(ServerError::Busy { waiting }),
                }
            }
            Happening::Code(CodeEvent::CodeUsed { code_sha256, .. }) => self.permit_use(code_sha256, now),
            Happening::Desk(_) => Ok(()),
        }
    }

    fn permit_use(&self, code_sha256: &str, now: DateTime<Utc>) -> Result<(), ServerError> {
        let why = match self.codes.get(code_sha256) {
            None => "is not known",
            Some(code) if code.used.is_some() => "was used already",
            Some(code) if code.expires <= now => "has expired",
            Some(_) => return Ok(()),
        };
        Err(ServerError::Code { why })
    }

    /// Remembers what happened and says what follows outside.
    pub(crate) fn apply(
        &mut self,
        happening: Happening,
        remark: &Remark,
        documents: &[String],
        at: DateTime<Utc>,
    ) -> Effects {
        self.clock = self.clock.max(at);
        match happening {
            Happening::Engine(event) => {
                self.note_papers(&event, remark, documents);
                step(&mut self.state, event, at)
            }
            Happening::Code(event) => {
                self.note_code(event, at);
                Effects::new()
            }
            Happening::Desk(DeskEvent::SoundMuted { person, until }) => {
                self.muted.insert(person, until);
                Effects::new()
            }
        }
    }

    fn note_papers(&mut self, event: &Event, remark: &Remark, documents: &[String]) {
        match (event, documents) {
            (Event::Proposed(proposed), [plan, case, ..]) => {
                let papers = Papers {
                    plan: plan.clone(),
                    case: case.clone(),
                    comment: remark.comment.clone(),
                    asked_gap: remark.asked_gap,
                    edited_from: remark.edited_from.clone(),
                    remarks: Vec::new(),
                };
                self.papers.insert(proposed.plan_digest.clone(), papers);
            }
            (Event::Approved { plan_digest, person, .. }, _) => {
                if let (Some(papers), Some(said)) = (self.papers.get_mut(plan_digest), &remark.comment) {
                    papers.remarks.push((person.clone(), said.clone()));
                }
            }
            _ => {}
        }
    }

    /// Codes long past are forgotten here; the journal has them.
    fn note_code(&mut self, event: CodeEvent, at: DateTime<Utc>) {
        match event {
            CodeEvent::CodeIssued { facility, code_sha256, expires, by } => {
                self.codes.retain(|_, code| at < code.expires || code.used.is_some());
                self.codes.insert(code_sha256, Code { facility, expires, by, used: None });
            }
            CodeEvent::CodeUsed { code_sha256, address, public_key } => {
                if let Some(code) = self.codes.get_mut(&code_sha256) {
                    code.used = Some((address, public_key));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn code(digest: &str, expires: DateTime<Utc>) -> Happening {
        let (facility, code_sha256) = ("F1".into(), digest.into());
        Happening::Code(CodeEvent::CodeIssued { facility, code_sha256, expires, by: "Admin".into() })
    }

    fn used(digest: &str) -> Happening {
        let (address, public_key) = ("a".into(), "k".into());
        Happening::Code(CodeEvent::CodeUsed { code_sha256: digest.into(), address, public_key })
    }

    fn why(result: Result<(), ServerError>) -> &'static str {
        let Err(ServerError::Code { why }) = result else { panic!("{result:?}") };
        why
    }

    #[test]
    fn a_code_is_good_once_and_for_a_time() {
        let start = DateTime::UNIX_EPOCH;
        let hour = TimeDelta::hours(1);
        let mut book = Book::new();
        book.apply(code("a", start + hour), &Remark::default(), &[], start);
        book.apply(code("b", start + hour), &Remark::default(), &[], start);
        assert!(book.permit(&used("a"), start).is_ok());
        assert_eq!(why(book.permit(&used("x"), start)), "is not known");
        assert_eq!(why(book.permit(&used("b"), start + hour)), "has expired");
        book.apply(used("a"), &Remark::default(), &[], start);
        assert_eq!(why(book.permit(&used("a"), start)), "was used already");
    }
}
