//! What others may ask: orders in words, proposals, counts.

use crate::approve;
use crate::comply::{self, MeterState};
use crate::config::Config;
use crate::deliver;
use crate::emergency;
use crate::event::NoticeOutcome;
use crate::guard::Violation;
use crate::phone;
use crate::propose;
use crate::stack;
use crate::state::{Enrolment, Freeze, OrderRecord, PastSuspension, Proposal, State, Suspension};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::receipt::{Act, Compliance, Reading, Response};
use kezek_model::registry::Registry;
use serde::{Deserialize, Serialize};

/// A load has returned in its slot if it was lifted so many minutes after the slot at the latest.
const RESTORED_WITHIN_MINUTES: i64 = 5;

/// How far delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// For its first attempt, its next, an address, or its turn.
    Waiting,
    /// An attempt is under way.
    Sending,
    /// 2xx of a relay, which is not the facility's: nothing is known of the facility.
    Relayed,
    /// 2xx of the facility: a web server is alive. Behind a relay: the facility itself has spoken of the order.
    Received,
    /// A person must act.
    Alarm,
    /// Never received, and attempts have ended.
    GaveUp,
}

/// What the facility has said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerState {
    /// Nothing yet.
    None,
    /// Will be obeyed.
    Accepted,
    /// Cannot be obeyed, and why.
    Refused(String),
    /// Nothing by `ack_by`.
    Silent,
}

/// Whether the order still stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// It stands.
    Live,
    /// A newer order stands over it; where that one ends first, it stands again.
    Superseded(OrderNo),
    /// It was withdrawn.
    Recalled(OrderNo),
    /// Its time is over.
    Expired,
}

/// An order, and the answers to the three questions at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderView<'a> {
    /// All that is known of it.
    pub record: &'a OrderRecord,
    /// Has it arrived?
    pub delivery: Delivery,
    /// Will it be obeyed?
    pub answer: AnswerState,
    /// Is it obeyed?
    pub meter: MeterState,
    /// Does it stand?
    pub life: Life,
    /// Why a person must call about it.
    pub call: Option<phone::Cause>,
    /// The same in words.
    pub words: Vec<&'static str>,
}

/// What has become of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalStatus {
    /// For people.
    Waiting,
    /// Sent back.
    Returned,
    /// Its orders are issued.
    Approved,
    /// An emergency whose orders are issued, and which another person must approve too.
    Unconfirmed,
    /// The target has gone on: plan again.
    Clash,
    /// Its window has begun.
    Lapsed,
}

/// A plan before the approvers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposalView<'a> {
    /// All that is known of it.
    pub proposal: &'a Proposal,
    /// What has become of it.
    pub status: ProposalStatus,
    /// How many different people must approve.
    pub people_needed: usize,
}

/// The counts over all orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Issued, recalls among them.
    pub orders: u64,
    /// By a 2xx.
    pub received: u64,
    /// By a signed answer.
    pub accepted: u64,
    /// By a signed answer.
    pub refused: u64,
    /// No answer by `ack_by`, whatever came later.
    pub silent: u64,
    /// By the verdict over the whole window.
    pub complying: u64,
    /// By the verdict over the whole window.
    pub breach: u64,
    /// By the verdict over the whole window.
    pub unknown: u64,
    /// Lifted in its slot, by the facility's report.
    pub restored: u64,
}

/// The counts over all orders.
#[must_use]
pub fn summary(state: &State) -> Summary {
    summary_of(&state.orders.values().collect::<Vec<_>>())
}

/// The counts over some orders.
#[must_use]
pub fn summary_of(records: &[&OrderRecord]) -> Summary {
    let count = |holds: &dyn Fn(&OrderRecord) -> bool| {
        records.iter().filter(|record| holds(record)).map(|_| 1).sum::<u64>()
    };
    let answered = |record: &OrderRecord, accepted: bool| {
        record.answer().is_some_and(|answer| (answer.answer == Response::Accepted) == accepted)
    };
    let judged = |record: &OrderRecord, verdict: Compliance| {
        record.judged.as_ref().is_some_and(|tally| tally.verdict == Some(verdict))
    };
    Summary {
        orders: count(&|_| true),
        received: count(&|record| record.received_at.is_some()),
        accepted: count(&|record| answered(record, true)),
        refused: count(&|record| answered(record, false)),
        silent: count(&|record| record.silent_at.is_some()),
        complying: count(&|record| judged(record, Compliance::Complying)),
        breach: count(&|record| judged(record, Compliance::Breach)),
        unknown: count(&|record| judged(record, Compliance::Unknown)),
        restored: count(&is_restored),
    }
}

/// Whether the facility reports that it lifted the last limit in its slot, not before and not much later.
#[must_use]
pub fn is_restored(record: &OrderRecord) -> bool {
    let in_slot = |at: DateTime<Utc>, slot: DateTime<Utc>| {
        slot <= at && at <= slot + TimeDelta::minutes(RESTORED_WITHIN_MINUTES)
    };
    let restored = record.reports.iter().filter(|report| report.act == Act::Restored);
    let slot = record.order.restore.as_ref().map(|slot| slot.from);
    slot.is_some_and(|slot| restored.into_iter().any(|report| in_slot(report.at, slot)))
}

/// All orders, by number.
pub fn orders(state: &State, now: DateTime<Utc>) -> impl Iterator<Item = OrderView<'_>> {
    state.orders.values().map(move |record| view(state, record, now))
}

/// One order; `None` where there is none of this number.
#[must_use]
pub fn order<'a>(state: &'a State, order_no: &OrderNo, now: DateTime<Utc>) -> Option<OrderView<'a>> {
    state.orders.get(order_no).map(|record| view(state, record, now))
}

fn view<'a>(state: &'a State, record: &'a OrderRecord, now: DateTime<Utc>) -> OrderView<'a> {
    let now = state.time(now);
    let (delivery, answer) = (delivery(state, record), answer_state(record));
    let (meter, life) = (comply::live(state, record, now), life(state, record, now));
    let words = words(record, delivery, &answer, meter, &life, now);
    OrderView { record, delivery, answer, meter, life, call: phone::cause(state, record, now), words }
}

fn delivery(state: &State, record: &OrderRecord) -> Delivery {
    let under_way = record.attempts.last().is_some_and(|attempt| attempt.outcome.is_none());
    match () {
        () if record.received_at.is_some() => Delivery::Received,
        () if under_way => Delivery::Sending,
        () if deliver::has_ended(state, record) => Delivery::GaveUp,
        () if record.relayed_at.is_some() => Delivery::Relayed,
        () if record.alarm.is_some() => Delivery::Alarm,
        () => Delivery::Waiting,
    }
}

fn answer_state(record: &OrderRecord) -> AnswerState {
    match record.answer().map(|answer| &answer.answer) {
        Some(Response::Accepted) => AnswerState::Accepted,
        Some(Response::Refused { reason }) => AnswerState::Refused(reason.clone()),
        None if record.silent_at.is_some() => AnswerState::Silent,
        None => AnswerState::None,
    }
}

fn life(state: &State, record: &OrderRecord, now: DateTime<Utc>) -> Life {
    if let Some(recall) = &record.recalled {
        return Life::Recalled(recall.by.clone());
    }
    let stands_over = |newer: &&kezek_model::order::Order| {
        stack::is_covered(state, record) || (newer.window_from <= now && now < newer.window_to)
    };
    match stack::successor(state, record).filter(stands_over) {
        Some(newer) => Life::Superseded(newer.order_no.clone()),
        None if record.expired || record.order.expires <= now => Life::Expired,
        None => Life::Live,
    }
}

/// The words of an order's life, in the order of its three questions.
fn words(
    record: &OrderRecord,
    delivery: Delivery,
    answer: &AnswerState,
    meter: MeterState,
    life: &Life,
    now: DateTime<Utc>,
) -> Vec<&'static str> {
    let sent = match delivery {
        Delivery::Received => "delivered",
        Delivery::Relayed => "relayed",
        _ if record.attempts_made > 0 => "sent",
        _ => "approved",
    };
    let told = record.notices.iter().any(|known| matches!(known.outcome, Some(NoticeOutcome::Told { .. })));
    let told = told.then_some("told");
    let answered = match answer {
        AnswerState::None => None,
        AnswerState::Accepted => Some("accepted"),
        AnswerState::Refused(_) => Some("refused"),
        AnswerState::Silent => Some("silent"),
    };
    let stands = match life {
        Life::Live => None,
        Life::Superseded(_) => Some("superseded"),
        Life::Recalled(_) => Some("recalled"),
        Life::Expired => Some("expired"),
    };
    let words =
        [Some(sent), told, answered].into_iter().chain(meter_words(record, meter, now)).chain([stands]);
    words.flatten().collect()
}

fn meter_words(record: &OrderRecord, meter: MeterState, now: DateTime<Utc>) -> [Option<&'static str>; 3] {
    let effect = (meter != MeterState::NoLimit).then_some("in effect");
    let metered = match meter {
        MeterState::Complying => Some("complying"),
        MeterState::Drifting => Some("drifting"),
        MeterState::Breach => Some("breach"),
        MeterState::Unknown => None,
        MeterState::NoLimit => judged_word(record),
    };
    let ended = record.order.segments.last().is_some_and(|last| last.to <= now);
    let returned = match is_restored(record) {
        true => Some("restored"),
        false => (ended && record.recalled.is_none() && !record.expired).then_some("restoring"),
    };
    [effect, metered, returned]
}

/// What the meter has said over the whole window, once that is over.
fn judged_word(record: &OrderRecord) -> Option<&'static str> {
    match record.judged.as_ref()?.verdict? {
        Compliance::Complying => Some("complying"),
        Compliance::Breach => Some("breach"),
        Compliance::Unknown => None,
    }
}

/// All plans that were proposed, by time, then digest.
#[must_use]
pub fn proposals(state: &State, now: DateTime<Utc>) -> Vec<ProposalView<'_>> {
    let view = |proposal| {
        let people_needed = approve::people_needed(&state.config, proposal);
        ProposalView { proposal, status: status(state, proposal, state.time(now)), people_needed }
    };
    let mut views: Vec<ProposalView> = state.proposals.values().map(view).collect();
    views.sort_by_key(|view| view.proposal.at);
    views
}

fn status(state: &State, proposal: &Proposal, now: DateTime<Utc>) -> ProposalStatus {
    match () {
        () if emergency::lacks_other(proposal) => ProposalStatus::Unconfirmed,
        () if proposal.issued_at.is_some() => ProposalStatus::Approved,
        () if proposal.returned.is_some() => ProposalStatus::Returned,
        () if propose::decided_until(&proposal.proposed) <= now => ProposalStatus::Lapsed,
        () if approve::fits_target(state, proposal).is_err() => ProposalStatus::Clash,
        () => ProposalStatus::Waiting,
    }
}

impl State {
    /// Name of the environment, once opened.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Of the latest start; 0 before the first.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What the latest start brought.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The broken promise that has stopped issuing.
    #[must_use]
    pub fn stopped(&self) -> Option<&Violation> {
        self.stopped.as_ref()
    }

    /// The freeze that lasts, if any.
    #[must_use]
    pub fn frozen(&self) -> Option<&Freeze> {
        self.frozen.as_ref()
    }

    /// Digest of the plan approved last.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Latest time stepped.
    #[must_use]
    pub fn clock(&self) -> Option<DateTime<Utc>> {
        self.clock
    }

    /// The registry as it was read last.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The licences that are suspended, by number.
    pub fn suspensions(&self) -> impl Iterator<Item = (&String, &Suspension)> {
        self.suspensions.iter()
    }

    /// The suspensions of a licence that have ended, in order of time.
    #[must_use]
    pub fn past_suspensions(&self, licence: &str) -> &[PastSuspension] {
        self.past_suspensions.get(licence).map_or(&[], Vec::as_slice)
    }

    /// Where facilities are reached, by facility.
    pub fn enrolments(&self) -> impl Iterator<Item = (&FacilityId, &Enrolment)> {
        self.enrolments.iter()
    }

    /// Where a facility is reached.
    #[must_use]
    pub fn enrolment(&self, facility: &FacilityId) -> Option<&Enrolment> {
        self.enrolments.get(facility)
    }

    /// The record of an order.
    #[must_use]
    pub fn record(&self, order_no: &OrderNo) -> Option<&OrderRecord> {
        self.orders.get(order_no)
    }

    /// The records of all orders, by number.
    pub fn records(&self) -> impl Iterator<Item = &OrderRecord> {
        self.orders.values()
    }

    /// The records of a facility's orders, newest first.
    pub fn records_of(&self, facility: &FacilityId) -> impl Iterator<Item = &OrderRecord> {
        self.newest_first(facility)
    }

    /// The end of the latest interval that a meter has told of.
    #[must_use]
    pub fn last_reading(&self) -> Option<DateTime<Utc>> {
        let last = self.readings.values().filter_map(|all| all.values().next_back());
        last.map(|reading| reading.interval_end).max()
    }

    /// A proposed plan.
    #[must_use]
    pub fn proposal(&self, plan_digest: &str) -> Option<&Proposal> {
        self.proposals.get(plan_digest)
    }

    /// How many attempts are under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.lanes.values().filter(|lane| lane.in_flight.is_some()).count()
    }

    /// The readings of a facility that start in `[from, to)`, by time.
    pub fn readings(
        &self,
        facility: &FacilityId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = &Reading> {
        let first = (from, DateTime::<Utc>::MIN_UTC, String::new());
        let known = self.readings.get(facility).into_iter();
        let later = known.flat_map(move |known| known.range(first.clone()..).map(|(_, reading)| reading));
        later.take_while(move |reading| reading.interval_start < to)
    }
}
