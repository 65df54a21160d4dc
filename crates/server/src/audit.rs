//! Who did what, when and why: the acts of people in a journal, and what was refused to them.
//!
//! An act is told by its record: whatever names a person in its event or remark is one. What was refused stands in a
//! bounded file beside the journal ([`crate::refused`]), not in its chain.

pub(crate) mod recent;

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use kezek_journal::{JournalError, Location, Reader, Record};
use kezek_model::ids::{FacilityId, OrderNo};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ServerError;
use crate::refused;

/// Where the name of whoever acted may stand in an event.
const PERSONS: [&str; 3] = ["person", "author", "by"];
/// Where the name of a second person may stand.
const SECONDS: [&str; 2] = ["confirmed_by", "approved_by"];
/// Where the reason may stand.
const REASONS: [&str; 3] = ["reason", "comment", "answer"];

/// Something that somebody did, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When, by the clock of the control room.
    pub at: DateTime<Utc>,
    /// Number of the journal's record; none of what was refused.
    pub seq: Option<u64>,
    /// `done`, or `refused` with the HTTP status.
    pub outcome: String,
    /// Who; none where nobody had proven a name.
    pub person: Option<String>,
    /// Who stood beside.
    pub second_person: Option<String>,
    /// What, as the journal or the API calls it.
    pub action: String,
    /// The facility it is about.
    pub facility: Option<FacilityId>,
    /// The order it is about.
    pub order_no: Option<OrderNo>,
    /// The plan it is about.
    pub plan_digest: Option<String>,
    /// The licence it is about.
    #[serde(default)]
    pub licence: Option<String>,
    /// Why: what the person said, or what was said to the person.
    pub reason: String,
    /// From which address; only of what was refused.
    pub from: Option<String>,
}

/// Which deeds; all of them unless something is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// By this person, alone or beside another.
    pub person: Option<String>,
    /// About this order.
    pub order_no: Option<String>,
    /// About this facility or one of its orders.
    pub facility: Option<String>,
    /// Not before this instant.
    pub since: Option<DateTime<Utc>>,
    /// Leave out what was refused.
    pub done_only: bool,
}

/// The deeds in a journal and its file of refusals, by time. A journal on a server has none beside it.
///
/// # Errors
/// When the journal or the file cannot be read, or the chain is broken.
pub fn deeds(database: &Location, wanted: &Wanted) -> Result<Vec<Deed>, ServerError> {
    let reader = database.reader()?;
    let (mut found, mut failed) = (Vec::new(), None);
    let visit = &mut |record: Record| match done(&*reader, record) {
        Ok(deed) => {
            found.extend(deed.filter(|deed| wanted.is_met_by(deed)));
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    };
    reader.load(0, visit)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(file) = database.path().filter(|_| !wanted.done_only) {
        let unreadable = |source| ServerError::RefusalsUnreadable { path: refused::file_of(file), source };
        let refused = refused::read(file).map_err(unreadable)?;
        found.extend(refused.into_iter().map(Deed::from).filter(|deed| wanted.is_met_by(deed)));
    }
    found.sort_by_key(|deed| deed.at);
    Ok(found)
}

impl Wanted {
    fn is_met_by(&self, deed: &Deed) -> bool {
        let person = self.person.as_ref().is_none_or(|person| {
            [&deed.person, &deed.second_person].into_iter().flatten().any(|found| found == person)
        });
        let order = self.order_no.as_deref().is_none_or(|order| deed.names(order, "/orders/"));
        let facility = self.facility.as_deref().is_none_or(|facility| {
            deed.facility.as_ref().is_some_and(|found| found.as_str() == facility)
                || deed.names(facility, "/facilities/")
        });
        person && order && facility && self.since.is_none_or(|since| since <= deed.at)
    }
}

impl Deed {
    /// Whether it is about an order, or was asked at an address about this.
    fn names(&self, name: &str, below: &str) -> bool {
        let is_order = self.order_no.as_ref().is_some_and(|order| order.as_str() == name);
        let mut asked = self.action.split(below).skip(1);
        is_order || asked.any(|rest| rest.split('/').next() == Some(name))
    }
}

impl From<refused::Refused> for Deed {
    fn from(refused: refused::Refused) -> Self {
        let again = match refused.repeated {
            0 => String::new(),
            times => format!(" ({times} times more within the minute)"),
        };
        Self {
            at: refused.at,
            seq: None,
            outcome: format!("refused {}", refused.status),
            person: refused.person,
            second_person: None,
            action: format!("{} {}", refused.method, refused.path),
            facility: None,
            order_no: None,
            plan_digest: None,
            licence: None,
            reason: refused.error + &again,
            from: refused.from,
        }
    }
}

/// The deed in a record; none where no person did it.
fn done(reader: &dyn Reader, record: Record) -> Result<Option<Deed>, JournalError> {
    let event = match record.body.get("event") {
        Some(event) => event.clone(),
        None => match record.documents.last() {
            Some(digest) => {
                let bytes = reader.document(digest)?.unwrap_or_default();
                serde_json::from_slice(&bytes).unwrap_or_default()
            }
            None => Value::Null,
        },
    };
    Ok(deed(&record, &event))
}

fn deed(record: &Record, event: &Value) -> Option<Deed> {
    // A facility's answer or voluntary cut is told by the person there.
    let inner =
        ["answer", "declared"].iter().find_map(|name| event.get(name).filter(|word| word.is_object()));
    let inner = inner.unwrap_or(event);
    let remark = record.body.get("remark").unwrap_or(&Value::Null);
    let entered = |of| text(of, &["entered_by"]);
    let person = entered(event).or_else(|| text(inner, &PERSONS)).or_else(|| entered(remark))?;
    let order_no = text(inner, &["order_no"]).map(OrderNo::from);
    let of_reading = || text(event.pointer("/readings/0")?, &["facility"]);
    let of_order =
        || Some(order_no.as_ref()?.as_str().rsplit_once("-v")?.0.splitn(3, '-').nth(2)?.to_owned());
    let facility = text(inner, &["facility"]).or_else(of_reading).or_else(of_order);
    let said = || text(inner.get("answer")?, &["reason", "response"]);
    Some(Deed {
        at: record.at,
        seq: Some(record.seq),
        outcome: "done".into(),
        person: Some(person),
        second_person: text(inner, &SECONDS),
        action: record.kind.clone(),
        facility: facility.map(FacilityId::from),
        order_no,
        plan_digest: text(inner, &["plan_digest"]),
        licence: text(inner, &["licence"]),
        reason: text(inner, &REASONS).or_else(said).or_else(|| text(remark, &REASONS)).unwrap_or_default(),
        from: None,
    })
}

fn text(of: &Value, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| of.get(name)?.as_str());
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(kind: &str, body: Value) -> Option<Deed> {
        let (prev, hash) = (String::new(), String::new());
        let record = Record {
            seq: 7,
            at: DateTime::UNIX_EPOCH,
            kind: kind.into(),
            body,
            documents: Vec::new(),
            prev,
            hash,
        };
        let event = record.body["event"].clone();
        deed(&record, &event)
    }

    #[test]
    fn an_act_has_person_reason_and_what_it_is_about() {
        let recalled = json!({"event": {"order_no": "2026-0115-N-1-v1", "person": "D", "reason": "over"}});
        let deed = of("recalled", recalled).unwrap();
        assert_eq!((deed.person.as_deref(), deed.reason.as_str(), deed.seq), (Some("D"), "over", Some(7)));
        assert_eq!(deed.facility, Some("N-1".into()));
        let approved = json!({"event": {"plan_digest": "p", "person": "B"}, "remark": {"comment": "look"}});
        let deed = of("approved", approved).unwrap();
        assert_eq!((deed.plan_digest.as_deref(), deed.reason.as_str()), (Some("p"), "look"));
        let thawed = json!({"event": {"by": "A", "confirmed_by": "B", "reason": "safe"}});
        assert_eq!(of("thawed", thawed).unwrap().second_person.as_deref(), Some("B"));
        let answered = json!({"event": {"answer": {"order_no": "o", "facility": "F", "by": "duty",
            "answer": {"response": "refused", "reason": "repair"}}}});
        let deed = of("answered", answered).unwrap();
        assert_eq!((deed.person.as_deref(), deed.reason.as_str()), (Some("duty"), "repair"));
        let declared = |entered_by: Value| {
            let declared =
                json!({"event": {"declared": {"facility": "F", "by": "duty"}, "entered_by": entered_by}});
            of("volunteered", declared).unwrap()
        };
        assert_eq!(declared(json!("D")).person.as_deref(), Some("D"), "whoever wrote it down");
        let signed = declared(Value::Null);
        assert_eq!((signed.person.as_deref(), signed.facility), (Some("duty"), Some("F".into())));
        let suspended = json!({"event": {"licence": "L-7", "person": "D", "reason": "order 7"}});
        assert_eq!(of("licence-suspended", suspended).unwrap().licence.as_deref(), Some("L-7"));
        let read = json!({"event": {"readings": [{"facility": "F"}]}, "remark": {"entered_by": "D"}});
        assert_eq!(of("read", read).unwrap().facility, Some("F".into()));
        assert_eq!(of("attempt-ended", json!({"event": {"order_no": "o", "attempt": 1}})), None);
    }

    #[test]
    fn deeds_are_picked_by_person_order_facility_and_time() {
        let called = json!({"event": {"order_no": "2026-0115-N1-v1", "person": "D", "answer": "yes"}});
        let deed = of("called", called).unwrap();
        let is_met = |change: fn(&mut Wanted)| {
            let mut wanted = Wanted::default();
            change(&mut wanted);
            wanted.is_met_by(&deed)
        };
        assert!(is_met(|_| {}) && is_met(|wanted| wanted.person = Some("D".into())));
        assert!(!is_met(|wanted| wanted.person = Some("d".into())));
        assert!(is_met(|wanted| wanted.order_no = Some("2026-0115-N1-v1".into())));
        assert!(!is_met(|wanted| wanted.order_no = Some("2026-0115-N1-v11".into())));
        assert!(is_met(|wanted| wanted.facility = Some("N1".into())));
        assert!(!is_met(|wanted| wanted.facility = Some("N".into())));
        assert!(!is_met(|wanted| wanted.since = Some(DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1))));
    }
}
