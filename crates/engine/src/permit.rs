//! Whether an event may happen. Asked before it is journaled; what is refused changes nothing.

use crate::enrol::Entry;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::state::State;
use crate::{
    approve, confirm, deliver, due, emergency, enrol, freeze, licence, meter, notice, open, phone, propose,
    recall, registry, restore, resume, voluntary,
};
use chrono::{DateTime, Utc};

/// Whether an event may happen now.
///
/// # Errors
/// Says why not. [`Refusal::is_duplicate`] tells what has happened already from what may not happen.
pub fn permit(state: &State, event: &Event, now: DateTime<Utc>) -> Result<(), Refusal> {
    let now = state.time(now);
    if let Event::Opened { environment, epoch, .. } = event {
        return open::permit(state, environment, *epoch);
    }
    if let Event::Restored { epoch, .. } = event {
        return restore::permit(state, *epoch);
    }
    if state.environment.is_none() {
        return Err(Refusal::NotOpened);
    }
    match event {
        Event::Opened { .. } | Event::Restored { .. } => Ok(()),
        Event::Enrolled { facility, address, public_key, by, approved_by, relay } => enrol::permit_entry(
            state,
            &Entry { facility, address, public_key, relay: relay.as_deref() },
            by,
            approved_by.as_deref(),
        ),
        Event::EnrolmentConfirmed { facility, address, public_key, person, relay } => {
            enrol::permit_confirmation(
                state,
                &Entry { facility, address, public_key, relay: relay.as_deref() },
                person,
            )
        }
        Event::Proposed(proposed) => propose::permit(state, proposed, now),
        Event::Approved { plan_digest, person, check, .. } => {
            approve::permit(state, plan_digest, person, check, now)
        }
        Event::Returned { plan_digest, .. } => propose::permit_return(state, plan_digest),
        Event::Recalled { order_no, .. } => recall::permit(state, order_no, now),
        Event::Resend { order_no, .. } => deliver::permit_resend(state, order_no),
        Event::Resumed { by, confirmed_by, .. } => resume::permit(state, by, confirmed_by),
        Event::Unconfirmed { plan_digest } => emergency::permit(state, plan_digest, now),
        Event::ClocksDisagree { .. } => resume::permit_doubt(state),
        Event::Frozen { .. } => freeze::permit(state),
        Event::Thawed { by, confirmed_by, .. } => freeze::permit_thaw(state, by, confirmed_by),
        Event::AttemptIntended { order_no, attempt, .. } => {
            deliver::permit_attempt(state, order_no, *attempt, now)
        }
        Event::AttemptEnded { order_no, attempt, outcome } => {
            deliver::permit_outcome(state, order_no, *attempt, outcome)
        }
        Event::RegistryRead { registry } => registry::permit(state, registry),
        Event::NoticeIntended { order_no, channel, to, attempt, .. } => {
            notice::permit(state, order_no, notice::Goal { channel: *channel, to }, *attempt, now)
        }
        Event::NoticeEnded { order_no, channel, to, attempt, outcome } => {
            notice::permit_outcome(state, order_no, notice::Goal { channel: *channel, to }, *attempt, outcome)
        }
        Event::Answered { answer, .. } => confirm::permit_answer(state, answer, now),
        Event::Reported { report } => confirm::permit_report(state, report, now),
        Event::Called { order_no, answer, .. } => phone::permit(state, order_no, answer),
        Event::Volunteered { declared, .. } => voluntary::permit(state, declared, now),
        Event::LicenceSuspended { licence, reason, .. } => licence::permit(state, licence, reason),
        Event::LicenceReinstated { licence, .. } => licence::permit_end(state, licence),
        Event::Read { readings } => meter::permit_readings(state, readings, now),
        Event::Warned { order_no, .. } | Event::Silent { order_no } | Event::Expired { order_no } => {
            due::permit_moment(state, order_no, event, now)
        }
        Event::Judged { order_no, .. } => meter::permit_verdict(state, order_no, now),
    }
}
