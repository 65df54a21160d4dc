//! A small control room for tests.

use crate::comply::Tally;
use crate::event::{CheckSummary, Effect, Effects, Event, Outcome, PlanSummary, Proposed, WarningKind};
use crate::state::{OrderRecord, State};
use crate::{Config, Draft, Refusal, SecondChannels, due, next_due, permit, step};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Head, Notice, Order, Priority, RestoreSlot, Segment};
use kezek_model::receipt::{Act, Answer, Quality, Reading, Report, Response};
use kezek_model::registry::{Contact, Language, Registry};
use kezek_model::units::Kw;

/// The window of the test plans begins here.
pub(crate) fn zero() -> DateTime<Utc> {
    "2022-01-23T18:00:00Z".parse().unwrap()
}

pub(crate) fn hour(hours: i64) -> DateTime<Utc> {
    zero() + TimeDelta::hours(hours)
}

pub(crate) fn minute(minutes: i64) -> DateTime<Utc> {
    zero() + TimeDelta::minutes(minutes)
}

/// Limits as `(from hour, to hour, limit, cut)`, the latter in kW.
pub(crate) fn draft(facility: &str, window: (i64, i64), limits: &[(i64, i64, i64, i64)]) -> Draft {
    let segment = |&(from, to, limit, cut): &(i64, i64, i64, i64)| Segment {
        from: hour(from),
        to: hour(to),
        limit: Kw(limit),
        cut: Kw(cut),
    };
    let segments: Vec<Segment> = limits.iter().map(segment).collect();
    Draft {
        facility: facility.into(),
        zone: "south".into(),
        protected: false,
        day: hour(window.0 + 6).date_naive(),
        time_zone: chrono_tz::Asia::Almaty,
        window_from: hour(window.0),
        window_to: hour(window.1),
        restore: segments.last().map(|last| RestoreSlot { from: last.to, to: last.limit + last.cut }),
        segments,
        floor: Kw(0),
        ramp_up: None,
        depth_base: "nominated".into(),
        notice: Notice::default(),
        priority: Priority::Normal,
        ack_minutes: 30,
    }
}

/// A cut of 18 MW out of 20 in the whole window.
pub(crate) fn full(facility: &str, from: i64, to: i64) -> Draft {
    draft(facility, (from, to), &[(from, to, 2_000, 18_000)])
}

pub(crate) fn passed(digest: &str) -> CheckSummary {
    CheckSummary { plan_digest: digest.into(), passed: true, findings: vec![] }
}

pub(crate) fn proposed(digest: &str, parent: Option<&str>, drafts: Vec<Draft>) -> Proposed {
    Proposed {
        plan_digest: digest.into(),
        parent: parent.map(Into::into),
        case_digest: "case".into(),
        author: "planner".into(),
        summary: PlanSummary::default(),
        drafts,
        check: passed(digest),
        bounds: None,
    }
}

pub(crate) fn approved(digest: &str, person: &str) -> Event {
    let journal_head = Head { seq: 7, hash: "ab".repeat(32) };
    Event::Approved { plan_digest: digest.into(), person: person.into(), check: passed(digest), journal_head }
}

pub(crate) fn recalled(order_no: &str) -> Event {
    let journal_head = Head { seq: 9, hash: "cd".repeat(32) };
    Event::Recalled {
        order_no: order_no.into(),
        person: "dispatcher".into(),
        reason: "enough".into(),
        journal_head,
    }
}

pub(crate) fn frozen(person: &str) -> Event {
    Event::Frozen { person: person.into(), reason: "look first".into() }
}

pub(crate) fn thawed(by: &str, confirmed_by: &str) -> Event {
    Event::Thawed { by: by.into(), confirmed_by: confirmed_by.into(), reason: "looked".into() }
}

pub(crate) fn enrolled(facility: &str, address: &str, by: &str) -> Event {
    let (address, public_key) = (address.into(), "key".into());
    let (by, approved_by, relay) = (by.into(), None, None);
    Event::Enrolled { facility: facility.into(), address, public_key, by, approved_by, relay }
}

/// A registry in which every facility named has a person with a number and a mailbox, and another with a number.
pub(crate) fn contacts(facilities: &[&str]) -> Event {
    let person = |facility: &str, name: &str, email: &str| Contact {
        facility: facility.into(),
        role: "shift".into(),
        name: name.into(),
        language: Language::Ru,
        phone: "+7 700 000 00 00".into(),
        email: email.into(),
        sms: format!("+7700{name}"),
    };
    let both = |facility: &&str| [person(facility, "1", "one@mine.example"), person(facility, "2", "")];
    let contacts = facilities.iter().flat_map(both).collect();
    Event::RegistryRead { registry: Box::new(Registry { contacts, ..Registry::default() }) }
}

/// Both second channels, two attempts a minute apart.
pub(crate) fn second_channels() -> SecondChannels {
    SecondChannels { sms: true, email: true, most_attempts: 2, pause_s: 60 }
}

/// Behind a relay, by two people.
pub(crate) fn relayed(facility: &str) -> Event {
    let (address, public_key) = (format!("http://127.0.0.1/relay/{facility}"), "key".into());
    let (by, approved_by) = ("admin".into(), Some("chief".into()));
    let relay = Some("Supplier".into());
    Event::Enrolled { facility: facility.into(), address, public_key, by, approved_by, relay }
}

pub(crate) fn failed(retry_after_s: Option<u32>) -> Outcome {
    Outcome::Failed { reason: "connection refused".into(), retry_after_s }
}

pub(crate) const RECEIVED: Outcome = Outcome::Received { status: 202 };

pub(crate) fn answer(order: &Order, answer: Response, at: DateTime<Utc>) -> Event {
    answered(order, answer, at, None)
}

/// As a person of the facility does on a page.
pub(crate) fn enters(order: &Order, answer: Response, at: DateTime<Utc>) -> Event {
    answered(order, answer, at, Some("shift".into()))
}

fn answered(order: &Order, answer: Response, at: DateTime<Utc>, entered_by: Option<String>) -> Event {
    let answer = Answer {
        order_no: order.order_no.clone(),
        sequence: order.sequence,
        environment: order.environment.clone(),
        facility: order.facility.clone(),
        answer,
        by: entered_by.clone().unwrap_or_else(|| "agent".into()),
        at,
    };
    Event::Answered { answer, entered_by }
}

pub(crate) fn report(order: &Order, act: Act, at: DateTime<Utc>) -> Event {
    Event::Reported {
        report: Report {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            act,
            limit: None,
            due_at: at,
            at,
        },
    }
}

/// A trusted reading between two minutes after [`zero`].
pub(crate) fn reading(facility: &str, from: i64, to: i64, kw: i64) -> Reading {
    Reading {
        facility: facility.into(),
        interval_start: minute(from),
        interval_end: minute(to),
        mean: Kw(kw),
        quality: Quality::Ok,
        source: "agent".into(),
    }
}

pub(crate) fn kinds(effects: &[Effect]) -> Vec<WarningKind> {
    let kind = |effect: &Effect| match effect {
        Effect::Notify(warning) => Some(warning.kind),
        Effect::Send { .. } | Effect::Tell { .. } => None,
    };
    effects.iter().filter_map(kind).collect()
}

/// A control room, its clock and its journal.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) state: State,
    pub(crate) now: DateTime<Utc>,
    pub(crate) journal: Vec<(Event, DateTime<Utc>)>,
}

impl Room {
    /// Opened six hours before [`zero`], with facilities F1, F2 and F3.
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        let mut room = Self { state: State::new(), now: hour(-6), journal: vec![] };
        room.tell(Event::Opened { environment: "test".into(), epoch: 1, config });
        for facility in ["F1", "F2", "F3"] {
            room.tell(enrolled(facility, &format!("http://127.0.0.1/{facility}"), "admin"));
        }
        room
    }

    /// Steps what is permitted. Whatever is refused and warned of, the pages can say in every language.
    pub(crate) fn ask(&mut self, event: Event) -> Result<Effects, Refusal> {
        permit(&self.state, &event, self.now).inspect_err(|refusal| can_be_said(&refusal.to_string()))?;
        self.journal.push((event.clone(), self.now));
        let effects = step(&mut self.state, event, self.now);
        let warnings = effects.iter().filter_map(|effect| match effect {
            Effect::Notify(warning) => Some(&warning.text),
            Effect::Send { .. } | Effect::Tell { .. } => None,
        });
        warnings.for_each(|text| can_be_said(text));
        Ok(effects)
    }

    pub(crate) fn tell(&mut self, event: Event) -> Effects {
        self.ask(event).unwrap()
    }

    pub(crate) fn issue(&mut self, digest: &str, parent: Option<&str>, drafts: Vec<Draft>) -> Effects {
        self.tell(Event::Proposed(Box::new(proposed(digest, parent, drafts))));
        self.tell(approved(digest, "approver"))
    }

    /// Steps all that is due now, once.
    pub(crate) fn due(&mut self) -> Effects {
        let events = due(&self.state, self.now, 1000);
        let effects = events.into_iter().flat_map(|event| self.tell(event)).collect();
        assert_eq!(due(&self.state, self.now, 1000), [], "what was due is done");
        effects
    }

    /// Leaps from one due moment to the next, every attempt ending as told; returns all effects.
    pub(crate) fn run(&mut self, until: DateTime<Utc>, mut ends: impl FnMut(&Order) -> Outcome) -> Effects {
        let mut all = Effects::new();
        while let Some(next) = next_due(&self.state).filter(|next| *next <= until) {
            self.now = self.now.max(next);
            let mut effects = self.due();
            for effect in &effects.clone() {
                if let Effect::Send { order_no, attempt, order, .. } = effect {
                    let outcome = ends(order);
                    let ended =
                        Event::AttemptEnded { order_no: order_no.clone(), attempt: *attempt, outcome };
                    effects.extend(self.tell(ended));
                }
            }
            all.extend(effects);
            assert!(all.len() < 100_000, "time spins at {}", self.now);
        }
        self.now = self.now.max(until);
        all
    }

    pub(crate) fn record(&self, order_no: &str) -> &OrderRecord {
        &self.state.orders[&OrderNo::from(order_no)]
    }

    pub(crate) fn order(&self, order_no: &str) -> Order {
        self.record(order_no).order.clone()
    }

    pub(crate) fn words(&self, order_no: &str) -> Vec<&'static str> {
        crate::query::order(&self.state, &order_no.into(), self.now).unwrap().words
    }

    pub(crate) fn read(&mut self, readings: Vec<Reading>) -> Effects {
        self.tell(Event::Read { readings })
    }

    pub(crate) fn tally(&self, order_no: &str) -> Tally {
        crate::comply::tally(&self.state, &order_no.into()).unwrap()
    }
}

/// The pages know a sentence in every language.
#[track_caller]
pub(crate) fn can_be_said(english: &str) {
    for language in [Language::Ru, Language::Kk] {
        let said = kezek_pages::said::known(english, language, chrono_tz::Asia::Almaty);
        assert!(said.is_some(), "the pages have no {language:?} words for: {english}");
    }
}

/// Numbers and times, in seconds from the first, of what was sent.
pub(crate) fn sent(journal: &[(Event, DateTime<Utc>)]) -> Vec<(String, i64)> {
    let intents = journal.iter().filter_map(|(event, now)| match event {
        Event::AttemptIntended { order_no, .. } => Some((order_no.to_string(), *now)),
        _ => None,
    });
    let intents: Vec<_> = intents.collect();
    let first = intents.first().map_or(zero(), |(_, at)| *at);
    intents.into_iter().map(|(number, at)| (number, (at - first).num_seconds())).collect()
}
