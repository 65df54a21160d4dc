//! What people do, right and wrong. An action is drawn beforehand; what it is about is chosen from what the control room
//! shows at the time.

use super::chances::{Nature, RestoreLimits};
use super::keys;
use super::plans::{self, Wish};
use crate::draw::Draw;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::query::{OrderView, ProposalStatus, orders, proposals};
use kezek_engine::state::Proposal;
use kezek_engine::{Event, State};
use kezek_model::ids::FacilityId;
use kezek_model::order::{Head, OrderKind, Priority};
use std::collections::BTreeSet;

const PEOPLE: [&str; 4] = ["planner", "anna", "bolat", "dana"];

/// What a person sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Propose(Priority),
    ProposeUnsound,
    ProposeFromOldTarget,
    Approve,
    ApproveOwn,
    ApproveUnsound,
    ApproveUnknown,
    ApproveAgain,
    Return,
    Recall,
    RecallAgain,
    Freeze,
    Thaw,
    ThawAlone,
    Resume,
    ResumeAlone,
    Call,
    Resend,
    EnterChange,
    ConfirmChange,
    ConfirmOwnChange,
}

/// What a person asks for.
pub(super) struct Wanted {
    pub(super) person: String,
    pub(super) event: Event,
    /// The promise that forbids it.
    pub(super) forbidden_by: Option<&'static str>,
}

/// What people look at when they act.
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) now: DateTime<Utc>,
    pub(super) natures: &'a [Nature],
    pub(super) restore_limits: Option<&'a RestoreLimits>,
    pub(super) unsound: &'a BTreeSet<String>,
    pub(super) seed: u64,
    /// Whether the pretend check passes whatever it is shown.
    pub(super) passes_all: bool,
}

/// Wrong and rare things, with the chance in a hundred that somebody tries each on a day.
const REST: [(u64, Action); 14] = [
    (30, Action::ProposeFromOldTarget),
    (60, Action::ApproveOwn),
    (20, Action::ApproveUnknown),
    (40, Action::ApproveAgain),
    (20, Action::Return),
    (60, Action::Recall),
    (60, Action::Recall),
    (20, Action::RecallAgain),
    (15, Action::ThawAlone),
    (15, Action::ResumeAlone),
    (50, Action::Call),
    (50, Action::Resend),
    (15, Action::ConfirmOwnChange),
    (15, Action::ConfirmChange),
];

/// The day of the people: what they set out to do, and after how long.
pub(super) fn day(draw: &mut Draw, minutes: i64) -> Vec<(TimeDelta, Action)> {
    let mut day = Vec::new();
    for _ in 0..draw.whole(2, 7) {
        plan_and_approvals(draw.whole(0, minutes - 20), draw, &mut day);
    }
    for (percent, action) in REST {
        if draw.chance(percent) {
            day.push((draw.whole(10, minutes - 2), action));
        }
    }
    let pairs = [
        (30, Action::Freeze, Action::ThawAlone, Action::Thaw),
        (50, Action::ProposeUnsound, Action::ApproveUnsound, Action::Approve),
        (40, Action::EnterChange, Action::ConfirmOwnChange, Action::ConfirmChange),
    ];
    for (percent, begins, alone, ends) in pairs {
        if draw.chance(percent) {
            let (at, lasts) = (draw.whole(10, minutes - 2), draw.whole(2, 20));
            day.extend([(at, begins), (at + 1, alone), (at + lasts, ends)]);
        }
    }
    day.sort_by_key(|(at, _)| *at);
    let seconds = |at: i64, draw: &mut Draw| TimeDelta::seconds(at * 60 + draw.whole(0, 59));
    day.into_iter().map(|(at, action)| (seconds(at, draw), action)).collect()
}

/// A plan, and those who approve it: nobody, or up to three, some of them late.
fn plan_and_approvals(at: i64, draw: &mut Draw, day: &mut Vec<(i64, Action)>) {
    let priority = match draw.below(10) {
        0 | 1 => Priority::Emergency,
        2 => Priority::Drill,
        _ => Priority::Normal,
    };
    day.push((at, Action::Propose(priority)));
    let waits = [draw.whole(1, 8), draw.whole(1, 9), draw.whole(3, 25)];
    let count = draw.whole(0, 3);
    day.extend(waits.into_iter().zip(0..count).map(|(wait, _)| (at + wait, Action::Approve)));
}

impl View<'_> {
    /// What the person asks for; none where there is nothing to ask.
    pub(super) fn want(&self, action: Action, draw: &mut Draw) -> Option<Wanted> {
        match action {
            Action::Propose(_) | Action::ProposeUnsound | Action::ProposeFromOldTarget => {
                Some(self.propose(action, draw))
            }
            Action::Approve
            | Action::ApproveOwn
            | Action::ApproveUnsound
            | Action::ApproveUnknown
            | Action::ApproveAgain => self.approve(action, draw),
            Action::Return => self.send_back(),
            Action::Recall | Action::RecallAgain => self.recall(action, draw),
            Action::Freeze => Some(self.freeze(draw)),
            Action::Thaw | Action::ThawAlone | Action::Resume | Action::ResumeAlone => Some(two(action)),
            Action::Call | Action::Resend => self.about_order(action, draw),
            Action::EnterChange => self.enter_change(draw),
            Action::ConfirmChange | Action::ConfirmOwnChange => self.confirm_change(action),
        }
    }

    fn propose(&self, action: Action, draw: &mut Draw) -> Wanted {
        let priority = if let Action::Propose(priority) = action { priority } else { Priority::Normal };
        let passes = action != Action::ProposeUnsound;
        let digest = plans::digest(self.seed, self.count());
        let parent = match action {
            Action::ProposeFromOldTarget => Some(plans::digest(self.seed, 999)),
            _ if priority == Priority::Drill => None,
            _ => self.state.target().map(str::to_owned),
        };
        let author = PEOPLE[usize::from(draw.chance(20))];
        let (passes, restore_limits) = (passes || self.passes_all, self.restore_limits.cloned());
        let wish = Wish { digest, author, parent, priority, passes, restore_limits };
        let proposed = plans::propose(self.natures, wish, self.now, draw);
        wanted(author, Event::Proposed(Box::new(proposed)))
    }

    fn count(&self) -> usize {
        proposals(self.state, self.now).len()
    }

    /// The plans that wait for somebody, newest first.
    fn waiting(&self) -> Vec<&Proposal> {
        let views = proposals(self.state, self.now).into_iter().rev();
        let waits = |status| matches!(status, ProposalStatus::Waiting | ProposalStatus::Unconfirmed);
        views.filter(|view| waits(view.status)).map(|view| view.proposal).collect()
    }

    fn approve(&self, action: Action, draw: &mut Draw) -> Option<Wanted> {
        let unsound = |proposal: &&Proposal| self.unsound.contains(&proposal.proposed.plan_digest);
        let waiting = self.waiting();
        let (proposal, forbidden_by) = match action {
            Action::ApproveUnsound => (*waiting.iter().find(|proposal| unsound(proposal))?, Some("S15")),
            Action::ApproveAgain => {
                let views = proposals(self.state, self.now);
                let signed: Vec<_> =
                    views.iter().filter(|view| !view.proposal.approvals.is_empty()).collect();
                (draw.pick(&signed)?.proposal, None)
            }
            Action::ApproveOwn => (*waiting.first()?, None),
            _ => (*waiting.iter().find(|proposal| !unsound(proposal))?, None),
        };
        let (author, digest) = (&proposal.proposed.author, &proposal.proposed.plan_digest);
        let has_signed = |name: &&&str| proposal.approvals.iter().any(|approval| approval.person == **name);
        let person = match action {
            Action::ApproveOwn => author.as_str(),
            Action::ApproveAgain => proposal.approvals.first()?.person.as_str(),
            _ => PEOPLE.iter().filter(|name| *name != author).find(|name| !has_signed(name))?,
        };
        let is_own = action == Action::ApproveOwn && proposal.proposed.priority() != Priority::Emergency;
        let digest = if action == Action::ApproveUnknown { "0".repeat(64) } else { digest.clone() };
        let passed = self.passes_all || !self.unsound.contains(&digest);
        let check = plans::check(&digest, passed);
        let event = Event::Approved {
            plan_digest: digest,
            person: person.into(),
            check,
            journal_head: Head::empty(),
        };
        Some(Wanted { forbidden_by: forbidden_by.or(is_own.then_some("S2")), ..wanted(person, event) })
    }

    fn send_back(&self) -> Option<Wanted> {
        let plan_digest = self.waiting().first()?.proposed.plan_digest.clone();
        let (person, comment) = ("dana".to_owned(), "look at it again".to_owned());
        Some(wanted("dana", Event::Returned { plan_digest, person, comment }))
    }

    fn views(&self) -> Vec<OrderView<'_>> {
        orders(self.state, self.now).collect()
    }

    fn recall(&self, action: Action, draw: &mut Draw) -> Option<Wanted> {
        let views = self.views();
        let meant = |view: &&OrderView| {
            let is_recalled = view.record.recalled.is_some();
            view.record.order.kind == OrderKind::Limit && is_recalled == (action == Action::RecallAgain)
        };
        let meant: Vec<&OrderView> = views.iter().filter(meant).collect();
        let order_no = draw.pick(&meant)?.record.order.order_no.clone();
        let (person, reason) = ("anna".to_owned(), "the shortage is over".to_owned());
        Some(wanted("anna", Event::Recalled { order_no, person, reason, journal_head: Head::empty() }))
    }

    fn freeze(&self, draw: &mut Draw) -> Wanted {
        let person = *draw.pick(&PEOPLE).unwrap_or(&"anna");
        wanted(person, Event::Frozen { person: person.into(), reason: "look first".into() })
    }

    fn about_order(&self, action: Action, draw: &mut Draw) -> Option<Wanted> {
        let views = self.views();
        let alarmed: Vec<&OrderView> = views.iter().filter(|view| view.record.alarm.is_some()).collect();
        let called: Vec<&OrderView> = views.iter().filter(|view| view.call.is_some()).collect();
        let person = "bolat".to_owned();
        let event = match action {
            Action::Resend => {
                let order_no = draw.pick(&alarmed)?.record.order.order_no.clone();
                Event::Resend { order_no, person }
            }
            _ => {
                let order_no = draw.pick(&called)?.record.order.order_no.clone();
                Event::Called { order_no, person, answer: "no reply".into() }
            }
        };
        Some(wanted("bolat", event))
    }

    fn enter_change(&self, draw: &mut Draw) -> Option<Wanted> {
        let nature = draw.pick(self.natures)?;
        let turn = 1 + draw.below(99);
        let public_key = keys::of(self.seed, nature.id.as_str(), turn)?.public().to_string();
        let address = address(&nature.id, turn);
        let (facility, by) = (nature.id.clone(), "anna".to_owned());
        Some(wanted(
            "anna",
            Event::Enrolled { facility, address, public_key, by, approved_by: None, relay: None },
        ))
    }

    fn confirm_change(&self, action: Action) -> Option<Wanted> {
        let mut pending = self.state.enrolments().filter_map(|(id, held)| Some((id, held.pending.as_ref()?)));
        let (facility, change) = pending.next()?;
        let is_own = action == Action::ConfirmOwnChange;
        let person = if is_own { change.by.as_str() } else { "bolat" };
        let (address, public_key) = (change.address.clone(), change.public_key.clone());
        let (facility, by) = (facility.clone(), person.to_owned());
        let event = Event::EnrolmentConfirmed { facility, address, public_key, person: by, relay: None };
        Some(Wanted { forbidden_by: is_own.then_some("S2"), ..wanted(person, event) })
    }
}

/// Where a facility is reached; what follows its name is the turn of its key.
pub(super) fn address(facility: &FacilityId, turn: u64) -> String {
    format!("https://{facility}.example/orders/{turn}")
}

fn wanted(person: &str, event: Event) -> Wanted {
    Wanted { person: person.to_owned(), event, forbidden_by: None }
}

/// What takes two people, asked for by two or by one in both roles.
fn two(action: Action) -> Wanted {
    let (by, reason) = ("anna".to_owned(), "looked".to_owned());
    let is_alone = matches!(action, Action::ThawAlone | Action::ResumeAlone);
    let confirmed_by = if is_alone { by.clone() } else { "bolat".to_owned() };
    let (event, promise) = match action {
        Action::Thaw | Action::ThawAlone => (Event::Thawed { by, confirmed_by, reason }, "S13"),
        _ => (Event::Resumed { by, confirmed_by, reason }, "S11"),
    };
    Wanted { forbidden_by: is_alone.then_some(promise), ..wanted("anna", event) }
}
