//! The promises under chance: random commands, answers, failures, restarts, repetitions and forgeries, judged from
//! the journal and the effects, not from what the engine believes.

use crate::event::{CheckSummary, Effect, Effects, Event, NoticeOutcome, Outcome, SecondChannel};
use crate::state::{OrderRecord, State};
use crate::testing::{
    RECEIVED, Room, answer, approved, contacts, draft, enrolled, enters, failed, frozen, minute, passed,
    proposed, reading, recalled, relayed, report, second_channels, thawed,
};
use crate::{Bounds, Config, Draft, due, governing, next_due, step};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::receipt::{Act, Quality, Response, Voluntary};
use kezek_model::units::Kw;
use std::collections::{BTreeMap, BTreeSet};

mod bytes;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod swings;

pub use bytes::{chances_hold, told};

const FACILITIES: [&str; 4] = ["F1", "F2", "F3", "F4"];
/// Stands behind a relay and stays there.
const RELAYED: &str = "F3";
const ENROLLED_ANEW: [&str; 3] = ["F1", "F2", "F4"];
const PEOPLE: [&str; 4] = ["planner", "anna", "bolat", "dana"];

/// What chance may do; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Chance {
    Propose { window: u8, limits: [Option<u16>; 4], follows: bool, author: u8, passes: bool, emergency: bool },
    Approve { plan: u8, person: u8, passes: bool },
    Return { plan: u8 },
    Recall { order: u8 },
    Resend { order: u8 },
    Wait { seconds: u32 },
    End { flight: u8, outcome: u8 },
    Answer { order: u8, accepts: bool, minutes: u8, on_page: bool },
    Report { order: u8, minutes: u8 },
    Read { facility: u8, quarter: u8, kw: u16, quality: u8 },
    Restart,
    Freeze { person: u8 },
    Thaw { by: u8, confirmed_by: u8 },
    Enrol { facility: u8, address: u8, person: u8 },
    Confirm { facility: u8, address: u8, person: u8 },
    EndNotice { notice: u8, outcome: u8 },
    ReadRegistry { which: u8 },
    Volunteer { facility: u8, half: u8, kw: u16 },
    Licence { which: u8, suspends: bool },
    Again { event: u8 },
    Forge { order: u8, attempt: u8, kind: u8 },
}

fn pick<T>(items: &[T], number: u8) -> Option<&T> {
    items.get(usize::from(number) % items.len().max(1))
}

fn name(number: u8, names: &'static [&'static str]) -> &'static str {
    pick(names, number).unwrap()
}

/// A window of six hours in which every second hour is cut, the last with a slot an hour later; F4 is protected.
fn drafts(window: u8, limits: [Option<u16>; 4]) -> Vec<Draft> {
    let from = i64::from(window) * 3;
    let drafted = |(facility, limit): (&&str, Option<u16>)| {
        let kw = i64::from(limit.unwrap_or(0));
        let cuts = [(from, from + 2, kw, 20_000 - kw), (from + 4, from + 6, kw, 20_000 - kw)];
        let mut made = draft(facility, (from, from + 6), if limit.is_some() { &cuts } else { &[] });
        made.protected = *facility == "F4";
        if let Some(slot) = &mut made.restore {
            slot.from += TimeDelta::hours(1);
        }
        made
    };
    FACILITIES.iter().zip(limits).map(drafted).collect()
}

/// A control room under chance, with what an outsider saw.
struct World {
    room: Room,
    plans: Vec<String>,
    flights: Vec<(OrderNo, u32)>,
    messages: Vec<Message>,
    seen: Vec<Seen>,
    /// What the zones of every plan bear.
    bounds: Option<Bounds>,
}

/// A message about an order, its number or mailbox, and its attempt.
type Message = (OrderNo, SecondChannel, String, u32);

fn message(effect: &Effect) -> Option<Message> {
    let Effect::Tell { channel, attempt, contact, order } = effect else { return None };
    let to = if *channel == SecondChannel::Sms { &contact.sms } else { &contact.email };
    Some((order.order_no.clone(), *channel, to.clone(), *attempt))
}

/// An event, when, what followed outside, and the orders that it made.
struct Seen {
    event: Event,
    now: DateTime<Utc>,
    effects: Effects,
    issued: Vec<Order>,
}

impl World {
    fn new(two_people_above: Option<Kw>) -> Self {
        Self::with(Config { two_people_above, orders_per_minute: Some(1_000), ..Config::default() })
    }

    fn with(config: Config) -> Self {
        let mut room = Room::with(Config { second_channels: second_channels(), ..config });
        room.tell(contacts(&["F1", "F3"]));
        room.tell(relayed(RELAYED));
        Self { room, plans: vec![], flights: vec![], messages: vec![], seen: vec![], bounds: None }
    }

    fn orders(&self) -> Vec<Order> {
        self.room.state.records().map(|record| record.order.clone()).collect()
    }

    fn event(&mut self, chance: &Chance) -> Option<Event> {
        let orders = self.orders();
        let state = &self.room.state;
        Some(match *chance {
            Chance::Propose { window, limits, follows, author, passes, emergency } => {
                let digest = format!("plan-{}", self.plans.len());
                let parent = if follows { state.target() } else { None };
                let mut plan = proposed(&digest, parent, drafts(window, limits));
                plan.author = name(author, &PEOPLE).into();
                plan.check.passed = passes;
                plan.bounds.clone_from(&self.bounds);
                let priority = if emergency { Priority::Emergency } else { Priority::Normal };
                plan.drafts.iter_mut().for_each(|draft| draft.priority = priority);
                self.plans.push(digest);
                Event::Proposed(Box::new(plan))
            }
            Chance::Approve { plan, person, passes } => {
                let digest = pick(&self.plans, plan)?;
                let mut event = approved(digest, name(person, &PEOPLE));
                if let Event::Approved { check, .. } = &mut event {
                    *check = CheckSummary { passed: passes, ..passed(digest) };
                }
                event
            }
            Chance::Return { plan } => {
                let plan_digest = pick(&self.plans, plan)?.clone();
                Event::Returned { plan_digest, person: "dana".into(), comment: "no".into() }
            }
            Chance::Recall { order } => recalled(pick(&orders, order)?.order_no.as_str()),
            Chance::Resend { order } => {
                Event::Resend { order_no: pick(&orders, order)?.order_no.clone(), person: "dana".into() }
            }
            Chance::End { flight, outcome } => {
                let recent = self.flights.len().saturating_sub(4);
                let (order_no, attempt) = pick(&self.flights[recent..], flight)?.clone();
                Event::AttemptEnded { order_no, attempt, outcome: ending(outcome) }
            }
            Chance::Answer { order, accepts, minutes, on_page } => {
                let response =
                    if accepts { Response::Accepted } else { Response::Refused { reason: "no".into() } };
                let says = if on_page { enters } else { answer };
                says(pick(&orders, order)?, response, minute(i64::from(minutes)))
            }
            Chance::Report { order, minutes } => {
                report(pick(&orders, order)?, Act::Restored, minute(i64::from(minutes)))
            }
            Chance::Read { facility, quarter, kw, quality } => {
                let from = i64::from(quarter) * 15;
                let mut value = reading(name(facility, &FACILITIES), from, from + 15, i64::from(kw));
                value.quality = *pick(&[Quality::Ok, Quality::Estimated, Quality::Bad], quality)?;
                Event::Read { readings: vec![value] }
            }
            Chance::Restart => {
                let (epoch, config) = (state.epoch() + 1, state.config().clone());
                Event::Opened { environment: "test".into(), epoch, config }
            }
            Chance::Freeze { person } => frozen(name(person, &PEOPLE)),
            Chance::Thaw { by, confirmed_by } => thawed(name(by, &PEOPLE), name(confirmed_by, &PEOPLE)),
            Chance::Enrol { facility, address, person } => {
                let address = format!("http://127.0.0.1/{}", address % 3);
                enrolled(name(facility, &ENROLLED_ANEW), &address, name(person, &PEOPLE))
            }
            Chance::Confirm { facility, address, person } => Event::EnrolmentConfirmed {
                facility: name(facility, &ENROLLED_ANEW).into(),
                address: format!("http://127.0.0.1/{}", address % 3),
                public_key: "key".into(),
                person: name(person, &PEOPLE).into(),
                relay: None,
            },
            Chance::EndNotice { notice, outcome } => {
                let recent = self.messages.len().saturating_sub(4);
                let (order_no, channel, to, attempt) = pick(&self.messages[recent..], notice)?.clone();
                let outcome = match outcome % 3 {
                    0 => NoticeOutcome::Told { by: "250".into() },
                    1 => NoticeOutcome::Failed { reason: "451".into() },
                    _ => NoticeOutcome::Alarm { reason: "550".into() },
                };
                Event::NoticeEnded { order_no, channel, to, attempt, outcome }
            }
            Chance::ReadRegistry { which } => match which % 3 {
                0 => contacts(&["F1", "F3"]),
                1 => contacts(&["F1", "F2", "F4"]),
                _ => contacts(&[]),
            },
            Chance::Volunteer { facility, half, kw } => {
                let from = minute(i64::from(half) * 30);
                let declared = Voluntary {
                    facility: name(facility, &FACILITIES).into(),
                    environment: "test".into(),
                    from,
                    to: from + TimeDelta::hours(1),
                    limit: Kw(0),
                    cut: Kw(i64::from(kw)),
                    by: "owner".into(),
                };
                Event::Volunteered { declared, entered_by: None }
            }
            Chance::Licence { which, suspends } => {
                let (licence, person) = (format!("L-{}", which % 2), "dana".to_owned());
                match suspends {
                    true => Event::LicenceSuspended { licence, person, reason: "x".into() },
                    false => Event::LicenceReinstated { licence, person, reason: "x".into() },
                }
            }
            Chance::Again { event } => pick(&self.room.journal, event)?.0.clone(),
            Chance::Forge { order, attempt, kind } => {
                let order_no = pick(&orders, order)?.order_no.clone();
                let attempt = u32::from(attempt % 4);
                match kind % 5 {
                    4 => {
                        let (channel, to, at) = (SecondChannel::Sms, "+77001".to_owned(), self.room.now);
                        Event::NoticeIntended { order_no, channel, to, attempt, at }
                    }
                    0 => Event::AttemptIntended { order_no, attempt, at: self.room.now },
                    1 => Event::AttemptEnded { order_no, attempt, outcome: RECEIVED },
                    2 => Event::Silent { order_no },
                    _ => Event::Expired { order_no },
                }
            }
            Chance::Wait { .. } => return None,
        })
    }

    fn play(&mut self, chance: &Chance) {
        if let Chance::Wait { seconds } = *chance {
            self.room.now += TimeDelta::seconds(i64::from(seconds));
            self.pass();
        } else if let Some(event) = self.event(chance) {
            self.take(event);
        }
    }

    /// Steps what is due, a few at a time; it must come to rest.
    fn pass(&mut self) {
        for _ in 0..200 {
            let events = due(&self.room.state, self.room.now, 3);
            assert!(events.len() <= 3, "more than asked for");
            if events.is_empty() {
                let next = next_due(&self.room.state);
                assert!(next.is_none_or(|next| next > self.room.now), "something is due and is not told");
                self.what_never_arrived_is_on_the_phone_list();
                return;
            }
            let before = self.seen.len();
            events.into_iter().for_each(|event| self.take(event));
            assert!(self.seen.len() > before, "time spins");
        }
        panic!("time never rests");
    }

    /// S16.
    fn what_never_arrived_is_on_the_phone_list(&self) {
        let now = self.room.now;
        let live = |record: &&OrderRecord| {
            let order = &record.order;
            record.received_at.is_none()
                && record.recalled.is_none()
                && (order.deliver_by..order.expires).contains(&now)
                && crate::stack::successor(&self.room.state, record).is_none()
        };
        for record in self.room.state.records().filter(live) {
            let seen = crate::query::order(&self.room.state, &record.order.order_no, now).unwrap();
            assert!(
                seen.call.is_some(),
                "order {} never arrived, and nobody is called",
                record.order.order_no
            );
        }
    }

    fn take(&mut self, event: Event) {
        let before = self.room.state.clone();
        let Ok(effects) = self.room.ask(event.clone()) else {
            let mut untouched = before.clone();
            assert_eq!(step(&mut untouched, event, self.room.now), [], "a refused event has effects");
            assert_eq!(untouched, before, "a refused event changes something");
            return;
        };
        for effect in &effects {
            if let Effect::Send { order_no, attempt, .. } = effect {
                self.flights.push((order_no.clone(), *attempt));
            }
            self.messages.extend(message(effect));
        }
        self.no_restore_but_by_people(&event, &before);
        self.repeating_changes_nothing(&event);
        let is_new = |order: &Order| before.record(&order.order_no).is_none();
        let issued = self.orders().into_iter().filter(is_new).collect();
        self.seen.push(Seen { event, now: self.room.now, effects, issued });
    }

    /// S4.
    fn no_restore_but_by_people(&self, event: &Event, before: &State) {
        if !matches!(event, Event::Approved { .. } | Event::Recalled { .. }) {
            assert_eq!(profile(&self.room.state), profile(before), "limits changed by {event:?}");
        }
    }

    /// S10.
    fn repeating_changes_nothing(&self, event: &Event) {
        let mut again = self.room.state.clone();
        let effects = step(&mut again, event.clone(), self.room.now);
        assert_eq!(effects, [], "repeated: {event:?}");
        assert_eq!(again, self.room.state, "repeated: {event:?}");
    }
}

fn ending(number: u8) -> Outcome {
    match number % 6 {
        0 | 1 => RECEIVED,
        2 => failed(Some(100_000)),
        3 => Outcome::Alarm { reason: "410".into() },
        _ => failed(None),
    }
}

/// The limit of every facility in every half hour of the days in question.
fn profile(state: &State) -> Vec<Option<Kw>> {
    let at = |facility: &FacilityId, half: i64| {
        let instant = minute(30 * half);
        governing(state, facility, instant).and_then(|order| order.limit_at(instant))
    };
    let facilities = FACILITIES.map(FacilityId::from);
    facilities.iter().flat_map(|facility| (-2..54).map(move |half| at(facility, half))).collect()
}

/// S1, S2, S15: from the journal alone.
fn issued_by_approval(world: &World, two_people_above: Option<Kw>) {
    for order in world.orders() {
        assert_ne!((order.facility.as_str(), order.segments.len()), ("F4", 2), "a protected load is cut");
        let plan = world.seen.iter().find_map(|seen| match &seen.event {
            Event::Proposed(plan) if plan.plan_digest == order.plan_digest => Some(plan),
            _ => None,
        });
        let plan = plan.expect("an order without a plan");
        let said = world.seen.iter().filter_map(|seen| match &seen.event {
            Event::Approved { plan_digest, person, check, .. } if *plan_digest == order.plan_digest => {
                assert!(check.passed && check.plan_digest == order.plan_digest && plan.check.passed);
                let until =
                    if order.priority == Priority::Emergency { order.window_to } else { order.window_from };
                let is_second = order.priority == Priority::Emergency && order.issued_at < seen.now;
                assert!(seen.now < until || is_second, "approved after the window began");
                Some(person.as_str())
            }
            _ => None,
        });
        let said: Vec<&str> = said.collect();
        if order.priority == Priority::Emergency {
            assert!(
                !said.is_empty() && said.len() <= 2 && said[1..].iter().all(|person| *person != plan.author)
            );
            assert!(said.len() < 2 || said[0] != said[1], "one person twice");
            continue;
        }
        let people: BTreeSet<&str> = said.into_iter().collect();
        let cut: i64 =
            plan.drafts.iter().filter_map(|draft| draft.segments.first()).map(|first| first.cut.0).sum();
        let needed = if two_people_above.is_some_and(|most| cut > most.0) { 2 } else { 1 };
        assert!(people.len() >= needed && !people.contains(plan.author.as_str()), "{people:?}");
    }
}

/// S3 and one order per facility and plan.
fn sequences_go_up(world: &World) {
    for facility in FACILITIES {
        let mut records: Vec<Order> =
            world.orders().into_iter().filter(|order| order.facility.as_str() == facility).collect();
        records.sort_by_key(|order| order.sequence);
        let numbers: Vec<u64> = records.iter().map(|order| order.sequence).collect();
        assert_eq!(numbers, (1..=records.len() as u64).collect::<Vec<_>>());
        assert!(records.windows(2).all(|pair| pair[0].issued_at <= pair[1].issued_at));
        assert!(records.windows(2).all(|pair| pair[0].epoch <= pair[1].epoch));
        let limits = records.iter().filter(|order| order.kind == OrderKind::Limit);
        let plans: Vec<&str> = limits.map(|order| order.plan_digest.as_str()).collect();
        assert_eq!(plans.iter().collect::<BTreeSet<_>>().len(), plans.len(), "an order was doubled");
    }
}

/// What an outsider learned of deliveries so far.
#[derive(Default)]
struct Deliveries {
    bodies: BTreeMap<OrderNo, Order>,
    highest: BTreeMap<FacilityId, u64>,
    under_way: BTreeMap<FacilityId, (OrderNo, u32)>,
    over: BTreeSet<OrderNo>,
    recalled: BTreeSet<OrderNo>,
    issued: Vec<Order>,
}

/// S3, S8, S12; one body per order, one attempt at a time, nothing after receipt, recall or a covering order.
fn deliveries_keep_the_rules(world: &World) {
    let mut known = Deliveries::default();
    for Seen { event, now, effects, issued } in &world.seen {
        known.issued.extend(issued.iter().cloned());
        match event {
            Event::AttemptEnded { order_no, attempt, outcome } => {
                known.under_way.retain(|_, flight| *flight != (order_no.clone(), *attempt));
                if matches!(outcome, Outcome::Received { .. }) {
                    known.over.insert(order_no.clone());
                }
            }
            Event::Opened { .. } => known.under_way.clear(),
            Event::Resend { order_no, .. } => _ = known.over.remove(order_no),
            Event::Recalled { order_no, .. } => {
                known.recalled.insert(order_no.clone());
            }
            _ => {}
        }
        let sends = effects.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count();
        assert_eq!(
            sends,
            usize::from(matches!(event, Event::AttemptIntended { .. })),
            "sent unintended: {event:?}"
        );
        effects.iter().for_each(|effect| known.delivery(event, *now, effect));
    }
}

impl Deliveries {
    fn delivery(&mut self, event: &Event, now: DateTime<Utc>, effect: &Effect) {
        let Effect::Send { order_no, attempt, order, .. } = effect else { return };
        let Event::AttemptIntended { order_no: number, attempt: of, .. } = event else { panic!("S8") };
        assert_eq!((number, of), (order_no, attempt), "S8");
        assert!(order.not_before <= now && now < order.expires, "S12");
        assert_eq!(self.bodies.entry(order_no.clone()).or_insert_with(|| (**order).clone()), &**order);
        let highest = self.highest.entry(order.facility.clone()).or_insert(0);
        assert!(order.sequence >= *highest, "S3: an older order left after a newer one");
        *highest = order.sequence;
        let over = self.over.contains(order_no) || self.recalled.contains(order_no);
        assert!(!over, "sent after receipt or recall");
        assert!(!self.is_covered(order), "sent though a newer order leaves nothing of it");
        let flight = (order_no.clone(), *attempt);
        assert_eq!(self.under_way.insert(order.facility.clone(), flight), None, "two at once");
    }

    fn is_covered(&self, order: &Order) -> bool {
        let covers = |newer: &Order| {
            newer.kind == OrderKind::Limit
                && newer.facility == order.facility
                && newer.sequence > order.sequence
                && newer.window_from <= order.window_from
                && newer.window_to >= order.window_to
                && !self.recalled.contains(&newer.order_no)
        };
        order.kind == OrderKind::Limit && self.issued.iter().any(covers)
    }
}

/// S2: a quarter of an hour after an emergency was issued nothing leaves for the first time without a second person.
fn an_emergency_takes_two_in_time(world: &World) {
    let (mut approvals, mut left) = (BTreeMap::<&str, usize>::new(), BTreeSet::new());
    for Seen { event, now, effects, .. } in &world.seen {
        if let Event::Approved { plan_digest, .. } = event {
            *approvals.entry(plan_digest).or_default() += 1;
        }
        for effect in effects {
            let (order, is_first) = match effect {
                Effect::Send { order, .. } => (order, left.insert(order.order_no.clone())),
                Effect::Tell { order, .. } => (order, !left.contains(&order.order_no)),
                Effect::Notify(_) => continue,
            };
            let late = *now >= order.issued_at + TimeDelta::minutes(15);
            let two = approvals.get(order.plan_digest.as_str()) >= Some(&2);
            let waits = order.priority == Priority::Emergency && order.kind == OrderKind::Limit && !two;
            assert!(!(is_first && late && waits), "{} left without a second person", order.order_no);
        }
    }
}

/// S13: from a freeze until two people thaw it nothing is issued and nothing leaves.
fn a_freeze_holds(world: &World) {
    let mut frozen = false;
    for Seen { event, effects, issued, .. } in &world.seen {
        match event {
            Event::Frozen { .. } => frozen = true,
            Event::Thawed { by, confirmed_by, .. } => {
                assert_ne!(by, confirmed_by, "thawed by one");
                frozen = false;
            }
            _ => {}
        }
        let leaves = effects.iter().any(|effect| !matches!(effect, Effect::Notify(_)));
        assert!(!frozen || (!leaves && issued.is_empty()), "{event:?} while frozen");
    }
}

/// S8, S12 for the second channel: each message was intended, numbered in turn, no more often than is set, not before
/// its time, not after it was told, and never about what was withdrawn.
fn messages_keep_the_rules(world: &World) {
    let (mut tried, mut told) = (BTreeMap::<(OrderNo, SecondChannel, String), u32>::new(), BTreeSet::new());
    let mut recalled = BTreeSet::new();
    for Seen { event, now, effects, .. } in &world.seen {
        match event {
            Event::Recalled { order_no, .. } => _ = recalled.insert(order_no.clone()),
            Event::NoticeEnded { order_no, channel, to, outcome: NoticeOutcome::Told { .. }, .. } => {
                told.insert((order_no.clone(), *channel, to.clone()));
            }
            _ => {}
        }
        let sent = effects.iter().filter_map(message).count();
        let intended = usize::from(matches!(event, Event::NoticeIntended { .. }));
        assert_eq!(sent, intended, "told unintended: {event:?}");
        for effect in effects {
            let (Effect::Tell { order, .. }, Some(message)) = (effect, message(effect)) else { continue };
            let (order_no, channel, to, attempt) = message;
            let Event::NoticeIntended { attempt: meant, .. } = event else { panic!("S8") };
            assert_eq!(*meant, attempt, "S8");
            assert!(order.not_before <= *now && *now < order.expires, "S12");
            assert!(!recalled.contains(&order_no), "told of what was withdrawn");
            let lead = order.deliver_by - order.issued_at;
            let before = order.supersedes.as_ref();
            let follows = tried.keys().any(|(known, ..)| Some(known) == before);
            assert!(follows || *now >= order.issued_at + lead * 4 / 5, "told before its time");
            let key = (order_no, channel, to);
            assert!(!told.contains(&key), "told twice");
            let count = tried.entry(key).or_default();
            *count += 1;
            assert!(attempt == *count && attempt <= 2, "attempt {attempt}, the {count}th");
        }
    }
}

/// Nothing but a facility's own signed word makes an order delivered that went by a relay; a message never does.
fn only_the_facility_itself_has_received(world: &World) {
    let spoke = |order_no: &OrderNo| {
        world.seen.iter().any(|seen| match &seen.event {
            Event::Answered { answer, entered_by: None } => answer.order_no == *order_no,
            Event::Reported { report } => report.order_no == *order_no,
            _ => false,
        })
    };
    let arrived = |order_no: &OrderNo| {
        world.seen.iter().any(|seen| match &seen.event {
            Event::AttemptEnded { order_no: of, outcome, .. } => {
                of == order_no && matches!(outcome, Outcome::Received { .. })
            }
            _ => false,
        })
    };
    for record in world.room.state.records().filter(|record| record.received_at.is_some()) {
        let order = &record.order;
        let by_relay = order.facility.as_str() == RELAYED;
        let proven = spoke(&order.order_no) || (!by_relay && arrived(&order.order_no));
        assert!(proven, "{} is delivered without proof", order.order_no);
    }
}

/// S7: no minute has more orders than it may, and an order too many stops all.
fn orders_of_a_minute_are_bounded(world: &World, most: usize) {
    let issued: Vec<DateTime<Utc>> =
        world.seen.iter().flat_map(|seen| seen.issued.iter().map(|order| order.issued_at)).collect();
    for from in &issued {
        let minute = *from..*from + TimeDelta::minutes(1);
        let within = issued.iter().filter(|at| minute.contains(at)).count();
        assert!(within <= most, "{within} orders in the minute from {from}");
    }
}

/// A replay of the journal's text gives an equal state.
fn replays_equal(world: &World) {
    let mut state = State::new();
    for (event, now) in &world.room.journal {
        let text = serde_json::to_string(event).unwrap();
        let read: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *event);
        step(&mut state, read, *now);
    }
    assert_eq!(state, world.room.state);
}

/// Plays all and judges.
fn hold(two_people_above: Option<Kw>, chances: &[Chance]) {
    let mut world = World::new(two_people_above);
    for (event, now) in world.room.journal.clone() {
        world.seen.push(Seen { event, now, effects: vec![], issued: vec![] });
    }
    for chance in chances {
        world.play(chance);
    }
    issued_by_approval(&world, two_people_above);
    sequences_go_up(&world);
    deliveries_keep_the_rules(&world);
    a_freeze_holds(&world);
    an_emergency_takes_two_in_time(&world);
    messages_keep_the_rules(&world);
    only_the_facility_itself_has_received(&world);
    replays_equal(&world);
    let stopped = world.room.state.stopped();
    assert!(stopped.is_none(), "the engine itself broke {stopped:?}");
}
