//! Who approved, what the facility said with its own signature.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kezek_courier::{PublicKey, Purpose, open_signed};
use kezek_engine::Event;
use kezek_engine::config::Config;
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::receipt::{Answer, Report};
use kezek_model::units::Kw;
use serde::de::DeserializeOwned;

use super::enrolment::Enrolment;
use super::paper::proposed;
use super::{File, Told};
use crate::api::ReadingsBody;

/// A second person confirms an emergency within so many minutes.
const EMERGENCY_MINUTES: i64 = 15;

/// Enough different people, none the author (but first in an emergency), each after the proposal and with a check that passed
/// for exactly this plan; the last one needed issued the order.
pub(super) fn approvals(file: &File<'_>) -> Result<String, String> {
    let (_, proposed) = proposed(file)?;
    let emergency = proposed.drafts.first().is_some_and(|draft| draft.priority == Priority::Emergency);
    let people = people(file, emergency)?;
    let issued = |(told, _): &(&Told<'_>, String)| told.at() == Some(file.order.issued_at);
    let place = match file.order.kind {
        OrderKind::Limit => people.iter().position(issued).ok_or("no approval issued the order")?,
        OrderKind::Recall => people.len().checked_sub(1).ok_or("nobody approved it")?,
    };
    let wanted = if emergency { 1 } else { needed(file, people[place].0.seq)? };
    if place + 1 < wanted {
        return Err(format!("{} approved before it was issued, {wanted} were needed", place + 1));
    }
    if emergency {
        let by = file.order.issued_at + TimeDelta::minutes(EMERGENCY_MINUTES);
        let second = people.get(1).ok_or("an emergency that no second person approved")?;
        let word = if second.0.at().is_some_and(|at| at <= by) { "in time" } else { "late" };
        return Ok(format!("an emergency, by {} people, the second {word}", people.len()));
    }
    Ok(format!("{} of {wanted} needed, none of them {}, the author", people.len(), proposed.author))
}

/// Who approved, each once: by the last word where somebody had to say it again.
fn people<'a>(file: &'a File<'_>, emergency: bool) -> Result<Vec<(&'a Told<'a>, String)>, String> {
    let (proposal, proposed) = proposed(file)?;
    let author = folded(&proposed.author);
    let mut people: Vec<(&Told<'_>, String)> = Vec::new();
    for told in file.told {
        let Event::Approved { plan_digest, person, check, .. } = &told.event else { continue };
        let is_of_it = *plan_digest == file.order.plan_digest && told.seq > proposal.seq;
        if !is_of_it || !check.passed || check.plan_digest != *plan_digest {
            return Err(format!("the approval of {person} is not one of this plan"));
        }
        let person_folded = folded(person);
        if person_folded == author && !(emergency && people.is_empty()) {
            return Err(format!("{person} is the author"));
        }
        people.retain(|(_, known)| *known != person_folded);
        people.push((told, person_folded));
    }
    Ok(people)
}

/// Two spellings of one name are no two people.
fn folded(name: &str) -> String {
    name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// One, or two where the plan cuts more at once than the settings allow one person.
fn needed(file: &File<'_>, until: u64) -> Result<usize, String> {
    let (_, proposed) = proposed(file)?;
    let settings = |told: &Told<'_>| match &told.event {
        Event::Opened { config, .. } if told.seq < until => Some(config.clone()),
        _ => None,
    };
    let config: Config =
        file.told.iter().rev().find_map(settings).ok_or("no settings before the approval")?;
    let segments = || proposed.drafts.iter().flat_map(|draft| &draft.segments);
    let at_once =
        |at| segments().filter(|s| s.from <= at && at < s.to).map(|segment| segment.cut).sum::<Kw>();
    let peak = segments().map(|segment| at_once(segment.from)).max().unwrap_or(Kw::ZERO);
    Ok(if config.two_people_above.is_some_and(|most| peak > most) { 2 } else { 1 })
}

/// The key that the facility was enrolled with when a record was written. A change holds once another person confirmed it.
fn facility_key(file: &File<'_>, until: u64) -> Result<PublicKey, String> {
    let facility = &file.order.facility;
    let mut enrolment = Enrolment::default();
    file.told.iter().take_while(|told| told.seq < until).for_each(|told| enrolment.hear(&told.event));
    let key = enrolment.public_key().ok_or_else(|| format!("{facility} was not enrolled"))?;
    key.parse().map_err(|_| format!("the key of {facility} cannot be read"))
}

/// What a record keeps as it came, signed by the facility.
fn signed<T: DeserializeOwned>(file: &File<'_>, told: &Told<'_>, purpose: Purpose) -> Result<T, String> {
    let at = |what: String| format!("record {}: {what}", told.seq);
    let bytes = told.documents.first().ok_or_else(|| at("what the facility signed is missing".into()))?;
    let key = facility_key(file, told.seq).map_err(at)?;
    let opened = open_signed::<T>(purpose, bytes, &[key]);
    opened.map(|signed| signed.body).map_err(|error| at(kezek_courier::error::describe(&error)))
}

/// Every answer and report was signed by the facility and says what the record says, or a person has entered it on a page,
/// who is named; and each is about this order.
pub(super) fn receipts(file: &File<'_>) -> Result<String, String> {
    let (mut answers, mut reports, mut entered) = (0, 0, BTreeSet::new());
    let own = |facility, order_no, sequence, environment: &str| {
        let order: &Order = file.order;
        (facility, order_no, sequence) == (&order.facility, &order.order_no, order.sequence)
            && environment == order.environment
    };
    for told in file.told {
        let is_same = match &told.event {
            Event::Answered { answer, entered_by } => {
                let is_said = match entered_by {
                    Some(person) => {
                        entered.insert(person.as_str());
                        true
                    }
                    None => {
                        answers += 1;
                        signed::<Answer>(file, told, Purpose::Answer)? == *answer
                    }
                };
                own(&answer.facility, &answer.order_no, answer.sequence, &answer.environment) && is_said
            }
            Event::Reported { report } => {
                reports += 1;
                own(&report.facility, &report.order_no, report.sequence, &report.environment)
                    && signed::<Report>(file, told, Purpose::Report)? == *report
            }
            _ => true,
        };
        if !is_same {
            return Err(format!("record {} says other than what the facility signed", told.seq));
        }
    }
    Ok(format!(
        "{answers} answers and {reports} reports, signed by the facility; answers entered on a page by {}",
        all(&entered)
    ))
}

fn all(people: &BTreeSet<&str>) -> String {
    let people: Vec<&str> = people.iter().copied().collect();
    if people.is_empty() { "nobody".into() } else { people.join(", ") }
}

/// Readings that the facility signed say what it signed; of the others it is known who entered them.
pub(super) fn readings(file: &File<'_>) -> Result<String, String> {
    let (mut by_facility, mut entered) = (0, BTreeSet::new());
    for told in file.told {
        let Event::Read { readings } = &told.event else { continue };
        match &told.remark.entered_by {
            Some(person) => _ = entered.insert(person.as_str()),
            None if signed::<ReadingsBody>(file, told, Purpose::Report)?.readings == *readings => {
                by_facility += readings.len();
            }
            None => return Err(format!("record {} says other than what the facility signed", told.seq)),
        }
    }
    Ok(format!("{by_facility} signed by the facility; entered by {}", all(&entered)))
}
