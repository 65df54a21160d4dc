//! The table of contents: each event, and where it is remembered.

use crate::enrol::Entry;
use crate::event::{Effects, Event};
use crate::permit::permit;
use crate::state::State;
use crate::{
    approve, confirm, deliver, emergency, enrol, freeze, licence, meter, notice, open, phone, propose,
    recall, registry, restore, resume, voluntary,
};
use chrono::{DateTime, Utc};

/// Remembers one event and says what follows outside. Total: an event that is not permitted changes nothing.
pub fn step(state: &mut State, event: Event, now: DateTime<Utc>) -> Effects {
    if permit(state, &event, now).is_err() {
        return Effects::new();
    }
    let now = state.time(now);
    state.clock = Some(now);
    remember(state, event, now)
}

fn remember(state: &mut State, event: Event, now: DateTime<Utc>) -> Effects {
    match event {
        Event::Opened { environment, epoch, config } => open::apply(state, environment, epoch, config, now),
        Event::Restored { epoch, .. } => restore::apply(state, epoch),
        Event::Enrolled { facility, address, public_key, by, approved_by, relay } => {
            let relay = relay.as_deref();
            let entry = Entry { facility: &facility, address: &address, public_key: &public_key, relay };
            enrol::enter(state, &entry, by, approved_by, now)
        }
        Event::EnrolmentConfirmed { facility, address, public_key, person, relay } => {
            let relay = relay.as_deref();
            let entry = Entry { facility: &facility, address: &address, public_key: &public_key, relay };
            enrol::confirm(state, &entry, person, now)
        }
        Event::Proposed(proposed) => propose::apply(state, *proposed, now),
        Event::Returned { plan_digest, person, comment } => {
            propose::send_back(state, &plan_digest, person, comment, now)
        }
        Event::Approved { plan_digest, person, journal_head, .. } => {
            approve::apply(state, &plan_digest, person, &journal_head, now)
        }
        Event::Resumed { .. } => resume::apply(state),
        Event::Unconfirmed { plan_digest } => emergency::apply(state, &plan_digest),
        Event::ClocksDisagree { apart_ms } => resume::doubt(state, apart_ms),
        Event::Frozen { person, reason } => freeze::apply(state, person, reason, now),
        Event::Thawed { .. } => freeze::thaw(state, now),
        Event::AttemptIntended { order_no, attempt, .. } => deliver::intend(state, &order_no, attempt, now),
        Event::AttemptEnded { order_no, attempt, outcome } => {
            deliver::end(state, &order_no, attempt, outcome, now)
        }
        Event::RegistryRead { registry } => registry::apply(state, *registry),
        Event::NoticeIntended { order_no, channel, to, attempt, .. } => {
            notice::intend(state, &order_no, notice::Goal { channel, to: &to }, attempt, now)
        }
        Event::NoticeEnded { order_no, channel, to, attempt, outcome } => {
            notice::end(state, &order_no, notice::Goal { channel, to: &to }, attempt, outcome, now)
        }
        Event::Resend { order_no, .. } => deliver::resend(state, &order_no, now),
        Event::Answered { answer, entered_by } => confirm::answer(state, answer, entered_by.is_none(), now),
        Event::Reported { report } => confirm::report(state, report, now),
        Event::Warned { order_no, mark } => confirm::warned(state, &order_no, mark),
        Event::Silent { order_no } => confirm::silent(state, &order_no, now),
        Event::Recalled { order_no, person, reason, journal_head } => {
            recall::apply(state, &order_no, person, &reason, &journal_head, now)
        }
        Event::Called { order_no, person, answer } => phone::apply(state, &order_no, person, answer, now),
        Event::Volunteered { declared, entered_by } => voluntary::apply(state, declared, entered_by, now),
        Event::LicenceSuspended { licence, person, reason } => {
            licence::apply(state, licence, person, reason, now)
        }
        Event::LicenceReinstated { licence, person, reason } => {
            licence::end(state, licence, person, reason, now)
        }
        Event::Read { readings } => meter::read(state, readings),
        Event::Expired { order_no } => confirm::expire(state, &order_no),
        Event::Judged { order_no, tally } => meter::verdict(state, &order_no, tally),
    }
}
