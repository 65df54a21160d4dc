//! From what the engine knows to what travels.

use chrono::{DateTime, Utc};
use kezek_engine::comply::tally;
use kezek_engine::query::{AnswerState, Delivery, Life, OrderView, ProposalView};
use kezek_engine::state::{Attempt, Call, Enrolment, NoticeTry, OrderRecord, Suspension};
use kezek_engine::voluntary::VoluntaryView;
use kezek_engine::{Draft, LoneReturn, NoticeOutcome, Outcome, State, Warning, lone_returns};
use kezek_model::ids::FacilityId;
use kezek_model::registry::{Contact, Endpoint};
use kezek_model::units::Kw;
use serde::Serialize;

use crate::api::{
    AttemptRow, CallRow, ChangeRow, CheckBody, ContactRow, DraftRow, FacilityRow, LicenceRow, LoneReturnRow,
    NoticeRow, OrderDetail, OrderRow, OrderTotals, ProposalRow, SaidBody, VoluntaryRow, WarningRow,
};
use crate::book::{Book, Papers};

/// The name that a value without fields has in JSON.
fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// An order in short.
pub(crate) fn order_row(state: &State, view: &OrderView<'_>) -> OrderRow {
    let (record, order) = (view.record, &view.record.order);
    let (answer, refusal) = answer(&view.answer);
    let (life, successor) = life(&view.life);
    let last = order.segments.last();
    let until = order.restore.as_ref().map(|slot| slot.from).or(last.map(|segment| segment.to));
    OrderRow {
        order_no: order.order_no.clone(),
        facility: order.facility.clone(),
        kind: order.kind,
        priority: order.priority,
        sequence: order.sequence,
        plan_digest: order.plan_digest.clone(),
        supersedes: order.supersedes.clone(),
        successor,
        issued_at: order.issued_at,
        window_from: order.window_from,
        window_to: order.window_to,
        from: order.starts(),
        until,
        limit_mw: order.segments.iter().map(|segment| segment.limit).min(),
        cut_mw: order.segments.iter().map(|segment| segment.cut).max().unwrap_or(Kw::ZERO),
        ack_by: order.ack_by,
        deliver_by: order.deliver_by,
        delivery: name(&view.delivery),
        answer,
        refusal,
        meter: name(&view.meter),
        verdict: record.judged.as_ref().and_then(|tally| tally.verdict),
        life,
        call: view.call.as_ref().map(name),
        contacts: match view.call {
            Some(_) => state.registry().contacts_of(&order.facility).iter().map(contact_row).collect(),
            None => Vec::new(),
        },
        last_call: record.calls.last().map(call_row),
        words: view.words.iter().map(|word| (*word).to_owned()).collect(),
        attempts: record.attempts_made,
        relayed_at: record.relayed_at,
        received_at: record.received_at,
        alarm: record.alarm.clone(),
    }
}

fn answer(state: &AnswerState) -> (String, Option<String>) {
    match state {
        AnswerState::Refused(reason) => ("refused".into(), Some(reason.clone())),
        other => (name(other), None),
    }
}

fn life(life: &Life) -> (String, Option<kezek_model::ids::OrderNo>) {
    match life {
        Life::Superseded(by) => ("superseded".into(), Some(by.clone())),
        Life::Recalled(by) => ("recalled".into(), Some(by.clone())),
        other => (name(other), None),
    }
}

/// How badly an order needs a person: the smaller, the worse.
pub(crate) fn urgency(row: &OrderRow) -> u8 {
    let stands = row.life == "live";
    let says = |word: &str| row.words.iter().any(|said| said == word);
    match () {
        () if stands && says("breach") => 0,
        () if stands && row.delivery == "alarm" => 1,
        () if stands && says("refused") => 2,
        () if stands && says("silent") => 3,
        () if stands && row.delivery == "gave-up" => 4,
        () if stands && says("drifting") => 5,
        () if stands && row.delivery != "received" => 6,
        () if stands && says("in effect") => 7,
        () if stands => 8,
        () if says("breach") => 9,
        () => 10,
    }
}

/// Everything about an order.
pub(crate) fn order_detail(state: &State, view: &OrderView<'_>) -> OrderDetail {
    let record = view.record;
    OrderDetail {
        row: order_row(state, view),
        // A value that was issued has canonical bytes.
        check_mark: record.order.check_mark().unwrap_or_default(),
        notices: record.notices.iter().map(notice_row).collect(),
        order: record.order.clone(),
        attempt_rows: record.attempts.iter().map(attempt_row).collect(),
        answers: record.answers.clone(),
        reports: record.reports.clone(),
        calls: record.calls.iter().map(call_row).collect(),
        totals: totals(state, record),
    }
}

fn call_row(call: &Call) -> CallRow {
    CallRow { person: call.person.clone(), at: call.at, answer: call.answer.clone() }
}

pub(crate) fn contact_row(contact: &Contact) -> ContactRow {
    let Contact { role, name, language, phone, .. } = contact.clone();
    ContactRow { role, name, language, phone }
}

fn notice_row(known: &NoticeTry) -> NoticeRow {
    let outcome = known.outcome.as_ref().map(|outcome| match outcome {
        NoticeOutcome::Told { by } => format!("told ({by})"),
        NoticeOutcome::Failed { reason } => format!("failed: {reason}"),
        NoticeOutcome::Alarm { reason } => format!("alarm: {reason}"),
    });
    NoticeRow {
        channel: name(&known.channel),
        to: known.to.clone(),
        name: known.name.clone(),
        number: known.number,
        at: known.at,
        ended_at: known.ended_at,
        outcome,
    }
}

pub(crate) fn attempt_row(attempt: &Attempt) -> AttemptRow {
    let outcome = attempt.outcome.as_ref().map(|outcome| match outcome {
        Outcome::Received { status } => match &attempt.relay {
            Some(relay) => format!("relayed by {relay} ({status})"),
            None => format!("received ({status})"),
        },
        Outcome::Failed { reason, .. } => format!("failed: {reason}"),
        Outcome::Alarm { reason } => format!("alarm: {reason}"),
    });
    AttemptRow { number: attempt.number, at: attempt.at, ended_at: attempt.ended_at, outcome }
}

/// The verdict on an order: the journaled one, else as far as readings are known.
pub(crate) fn totals(state: &State, record: &OrderRecord) -> Option<OrderTotals> {
    let is_final = record.judged.is_some() && !record.unjudged;
    let counted = || tally(state, &record.order.order_no);
    let tally = if is_final { record.judged.clone() } else { counted() }?;
    Some(OrderTotals {
        order_no: record.order.order_no.clone(),
        facility: record.order.facility.clone(),
        complying: tally.complying,
        drifting: tally.drifting,
        unknown: tally.unknown,
        breach: tally.breach,
        verdict: tally.verdict,
        is_final,
        tolerance: tally.tolerance,
        energy: tally.energy,
    })
}

/// A proposal in short.
pub(crate) fn proposal_row(view: &ProposalView<'_>, papers: Option<&Papers>) -> ProposalRow {
    let (proposal, proposed) = (view.proposal, &view.proposal.proposed);
    let remark = |person: &str| {
        let said = papers.iter().flat_map(|papers| &papers.remarks).find(|(who, _)| who == person);
        said.map(|(_, comment)| comment.clone()).unwrap_or_default()
    };
    let approvals = proposal.approvals.iter().map(|approval| SaidBody {
        person: approval.person.clone(),
        at: approval.at,
        comment: remark(&approval.person),
    });
    ProposalRow {
        plan_digest: proposed.plan_digest.clone(),
        case_digest: proposed.case_digest.clone(),
        parent: proposed.parent.clone(),
        author: proposed.author.clone(),
        proposed_at: proposal.at,
        status: name(&view.status),
        comment: papers.and_then(|papers| papers.comment.clone()).unwrap_or_default(),
        cut_mwh: proposed.summary.cut_mwh,
        peak_cut_mw: proposed.summary.peak_cut,
        uncovered_mwh: proposed.summary.uncovered_mwh,
        facilities: proposed.summary.facilities,
        window_from: proposed.drafts.iter().map(|draft| draft.window_from).min(),
        window_to: proposed.drafts.iter().map(|draft| draft.window_to).max(),
        needed: view.people_needed,
        approvals: approvals.collect(),
        returned: proposal.returned.as_ref().map(|returned| SaidBody {
            person: returned.person.clone(),
            at: returned.at,
            comment: returned.comment.clone(),
        }),
        issued_at: proposal.issued_at,
        lone_returns: lone_returns(proposed).iter().map(lone_return_row).collect(),
    }
}

fn lone_return_row(lone: &LoneReturn<'_>) -> LoneReturnRow {
    LoneReturnRow {
        facility: lone.facility.clone(),
        zone: lone.zone.clone(),
        at: lone.at,
        returns_mw: lone.returns,
        restore_limit_mw: lone.restore_limit,
    }
}

/// What the check said when a plan was proposed.
pub(crate) fn check_row(view: &ProposalView<'_>) -> CheckBody {
    let check = &view.proposal.proposed.check;
    CheckBody { passed: check.passed, findings: check.findings.clone() }
}

/// What a facility will be told.
pub(crate) fn draft_row(state: &State, draft: &Draft) -> DraftRow {
    let hours = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_milliseconds() as f64 / 3_600_000.0;
    let energies = draft.segments.iter().map(|s| s.cut.mw() * hours(s.from, s.to));
    DraftRow {
        facility: draft.facility.clone(),
        zone: draft.zone.clone(),
        protected: draft.protected,
        has_address: state.enrolment(&draft.facility).is_some(),
        from: draft.segments.first().map(|segment| segment.from),
        until: draft.segments.last().map(|segment| segment.to),
        restore_from: draft.restore.as_ref().map(|slot| slot.from),
        limit_mw: draft.segments.iter().map(|segment| segment.limit).min(),
        cut_mw: draft.segments.iter().map(|segment| segment.cut).max().unwrap_or(Kw::ZERO),
        cut_mwh: energies.sum(),
        segments: draft.segments.len(),
    }
}

/// A facility of the registry.
pub(crate) fn facility_row(book: &Book, facility: &FacilityId, enrolment: &Enrolment) -> FacilityRow {
    let registry = book.state.registry();
    FacilityRow {
        facility: facility.clone(),
        address: enrolment.address.clone(),
        public_key: enrolment.public_key.clone(),
        by: enrolment.by.clone(),
        approved_by: enrolment.approved_by.clone(),
        since: enrolment.since,
        relay: enrolment.relay.clone(),
        proposed: registry.endpoint_of(facility).filter(|endpoint| differs(endpoint, enrolment)).cloned(),
        tenants: registry.tenants_of(facility).to_vec(),
        pending: enrolment.pending.as_ref().map(|change| ChangeRow {
            address: change.address.clone(),
            public_key: change.public_key.clone(),
            relay: change.relay.clone(),
            by: change.by.clone(),
            at: change.at,
        }),
        orders: book.state.records_of(facility).count(),
    }
}

/// A voluntary cut.
pub(crate) fn voluntary_row(view: &VoluntaryView<'_>) -> VoluntaryRow {
    let (kept, declared) = (view.volunteered, &view.volunteered.declared);
    VoluntaryRow {
        facility: declared.facility.clone(),
        zone: view.zone.cloned(),
        from: declared.from,
        to: declared.to,
        limit_mw: declared.limit,
        cut_mw: declared.cut,
        by: declared.by.clone(),
        entered_by: kept.entered_by.clone(),
        declared_at: kept.at,
        credited_mwh: view.credited_kwh as f64 / 1000.0,
        kept_minutes: view.kept_minutes,
        missed_minutes: view.missed_minutes,
    }
}

/// The licences that are suspended.
pub(crate) fn licence_rows(state: &State) -> Vec<LicenceRow> {
    let row = |(licence, found): (&String, &Suspension)| LicenceRow {
        licence: licence.clone(),
        person: found.person.clone(),
        reason: found.reason.clone(),
        since: found.since,
        facilities: state.registry().under_licence(licence).cloned().collect(),
    };
    state.suspensions().map(row).collect()
}

/// Whether the file says other than what holds.
pub(crate) fn differs(endpoint: &Endpoint, held: &Enrolment) -> bool {
    (&endpoint.address, &endpoint.public_key, &endpoint.relay)
        != (&held.address, &held.public_key, &held.relay)
}

/// Something a person was told.
pub(crate) fn warning_row(at: DateTime<Utc>, warning: Warning) -> WarningRow {
    WarningRow {
        at,
        kind: name(&warning.kind),
        facility: warning.facility,
        order_no: warning.order_no,
        text: warning.text,
    }
}

/// Whether an order still waits to be taken by its facility.
pub(crate) fn is_pending(view: &OrderView<'_>) -> bool {
    matches!(view.delivery, Delivery::Waiting | Delivery::Sending | Delivery::Alarm | Delivery::Relayed)
}
