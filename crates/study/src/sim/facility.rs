//! A pretend facility: the agent's own rules for what is believed and which limit holds, with a clock, a load and a
//! character of its own. What it has taken it keeps, whatever happens.

use super::chances::{Nature, Quirk};
use super::sabotage::Sabotage;
use crate::oracle::Sight;
use axum::http::HeaderMap;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use kezek_agent::check::{Admission, admit, open};
use kezek_agent::holdings::{next_change, target};
use kezek_agent::{Holding, Pins, Refusal, Target};
use kezek_courier::{PrivateKey, Purpose, Signed};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, Priority};
use kezek_model::receipt::{Act, Answer, Quality, Reading, Report, Response};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How often a meter is read, in minutes.
const METER_MINUTES: i64 = 15;
/// How long a message that was not taken waits.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

/// What a facility says to the control room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Answer,
    Report,
    Readings,
}

/// Meter values, as they are sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Readings {
    pub(super) readings: Vec<Reading>,
}

/// A message that the control room has not taken yet; it is signed with the key of the day when it is sent.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) kind: Kind,
    body: Value,
    retry_at: DateTime<Utc>,
}

impl Kind {
    pub(super) fn purpose(self) -> Purpose {
        match self {
            Self::Answer => Purpose::Answer,
            Self::Report | Self::Readings => Purpose::Report,
        }
    }
}

/// A pretend facility.
pub(super) struct Facility {
    pub(super) nature: Nature,
    pub(super) key: PrivateKey,
    pub(super) pins: Pins,
    pub(super) sabotage: Option<Sabotage>,
    /// How often the sabotage made a difference here.
    pub(super) struck: u32,
    holdings: Vec<Holding>,
    applied: Target,
    /// Drills that a sabotage has made it take for orders.
    drills: Vec<OrderNo>,
    /// Since when what was drawn, oldest first.
    load: Vec<(DateTime<Utc>, Kw)>,
    read_until: DateTime<Utc>,
    pub(super) parcels: BTreeMap<u64, Parcel>,
    sent: u64,
}

fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(METER_MINUTES)).unwrap_or(at)
}

impl Facility {
    pub(super) fn new(nature: Nature, key: PrivateKey, pins: Pins, now: DateTime<Utc>) -> Self {
        let clock = now + nature.skew;
        let (load, read_until) =
            (vec![(clock, nature.nominated)], quarter(clock) + TimeDelta::minutes(METER_MINUTES));
        Self {
            nature,
            key,
            pins,
            sabotage: None,
            struck: 0,
            holdings: Vec::new(),
            applied: Target::default(),
            drills: Vec::new(),
            load,
            read_until,
            parcels: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Its own clock.
    pub(super) fn clock(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.nature.skew
    }

    /// Takes an order as it came over the wire; the status, and whether it is held since now.
    pub(super) fn receive(&mut self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> (u16, bool) {
        let clock = self.clock(now);
        let order = match open(headers, body, &self.pins, clock) {
            Ok(signed) => signed.body,
            Err(refusal) => return (refusal.status(), false),
        };
        match self.admit(&order, clock) {
            Ok(Admission::Duplicate) => (200, false),
            Ok(Admission::New) => {
                self.hold(order, clock);
                (200, true)
            }
            Err(refusal) => (refusal.status(), false),
        }
    }

    fn admit(&mut self, order: &Order, clock: DateTime<Utc>) -> Result<Admission, Refusal> {
        let judged = admit(&self.holdings, order, clock);
        if judged.is_err() && self.sabotage == Some(Sabotage::TakesWhatIsOver) {
            let taken = admit(&self.holdings, order, order.not_before);
            self.struck += u32::from(taken.is_ok());
            return taken;
        }
        judged
    }

    fn hold(&mut self, mut order: Order, received_at: DateTime<Utc>) {
        if self.sabotage == Some(Sabotage::ObeysDrills) && order.priority == Priority::Drill {
            order.priority = Priority::Normal;
            self.drills.push(order.order_no.clone());
        }
        let holding = Holding { order, received_at, answer: None };
        let place = self.holdings.partition_point(|known| known.key() < holding.key());
        self.holdings.insert(place, holding);
    }

    /// Does what is due; what an onlooker sees.
    pub(super) fn wake(&mut self, now: DateTime<Utc>) -> Vec<Sight> {
        let clock = self.clock(now);
        let mut seen = self.answer(clock);
        seen.extend(self.act(clock));
        self.read(clock);
        seen
    }

    /// When it wants to be woken, by the true clock.
    pub(super) fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let clock = self.clock(now);
        let answers = self.holdings.iter().filter_map(|holding| self.answer_at(holding));
        let change = next_change(&self.holdings, clock);
        let meter = (!self.holdings.is_empty()).then_some(self.read_until);
        let later = answers.chain(change).chain(meter).map(|at| (at - self.nature.skew).max(now));
        later.chain(self.parcels.values().map(|parcel| parcel.retry_at.max(now))).min()
    }

    fn answer_at(&self, holding: &Holding) -> Option<DateTime<Utc>> {
        let wait_s = match self.nature.quirk {
            Quirk::Mute => return None,
            Quirk::Obeys(wait_s) => wait_s,
            Quirk::Refuses | Quirk::Lies | Quirk::Deaf => 0,
        };
        holding.answer.is_none().then(|| holding.received_at + TimeDelta::seconds(wait_s))
    }

    fn answer(&mut self, clock: DateTime<Utc>) -> Vec<Sight> {
        let due = |holding: &Holding| self.answer_at(holding).is_some_and(|at| at <= clock);
        let due: Vec<usize> = (0..self.holdings.len()).filter(|index| due(&self.holdings[*index])).collect();
        due.into_iter().map(|index| self.answer_one(index, clock)).collect()
    }

    fn answer_one(&mut self, index: usize, clock: DateTime<Utc>) -> Sight {
        let order = &self.holdings[index].order;
        let response = match self.nature.quirk {
            // A recall is never refused: it only lets go.
            Quirk::Refuses if !order.segments.is_empty() => {
                Response::Refused { reason: "the transformer is under repair".into() }
            }
            _ => Response::Accepted,
        };
        let (accepts, order_no) = (response == Response::Accepted, order.order_no.clone());
        let answer = Answer {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            answer: response,
            by: "agent".into(),
            at: clock,
        };
        self.holdings[index].answer = Some(answer.clone());
        self.pack(Kind::Answer, answer);
        Sight::Answered { facility: self.name(), order_no: order_no.to_string(), accepts }
    }

    fn name(&self) -> String {
        self.nature.id.to_string()
    }

    fn act(&mut self, clock: DateTime<Utc>) -> Option<Sight> {
        let wanted = target(&self.holdings, clock);
        if !wanted.differs(&self.applied) {
            return None;
        }
        self.struck += u32::from(wanted.order_no.as_ref().is_some_and(|number| self.drills.contains(number)));
        let before = std::mem::replace(&mut self.applied, wanted.clone());
        let nominated = self.nature.nominated;
        let lies = self.nature.quirk == Quirk::Lies;
        let drawn = wanted.limit.filter(|_| !lies).map_or(nominated, |limit| limit.min(nominated));
        self.load.push((clock, drawn));
        let act = if wanted.limit.is_none() { Act::Restored } else { Act::Limited };
        if let Some(order_no) = wanted.order_no.clone().or(before.order_no) {
            self.report(&order_no, act, wanted.limit, clock);
        }
        let (limit_kw, order_no) = (wanted.limit.map(|limit| limit.0), wanted.order_no);
        let order_no = order_no.map(|number| number.to_string());
        Some(Sight::Limited { facility: self.name(), clock, limit_kw, order_no })
    }

    fn report(&mut self, order_no: &OrderNo, act: Act, limit: Option<Kw>, at: DateTime<Utc>) {
        let Some(holding) = self.holdings.iter().find(|holding| holding.order.order_no == *order_no) else {
            return;
        };
        let order = &holding.order;
        let report = Report {
            order_no: order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            act,
            limit,
            due_at: at,
            at,
        };
        self.pack(Kind::Report, report);
    }

    fn read(&mut self, clock: DateTime<Utc>) {
        let mut readings = Vec::new();
        while self.read_until <= clock {
            let (from, to) = (self.read_until - TimeDelta::minutes(METER_MINUTES), self.read_until);
            readings.push(Reading {
                facility: self.nature.id.clone(),
                interval_start: from,
                interval_end: to,
                mean: self.mean(from, to),
                quality: Quality::Ok,
                source: "agent".into(),
            });
            self.read_until += TimeDelta::minutes(METER_MINUTES);
        }
        if !readings.is_empty() && !self.holdings.is_empty() {
            self.pack(Kind::Readings, Readings { readings });
        }
    }

    fn mean(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Kw {
        let ends = self.load.iter().skip(1).map(|(since, _)| *since).chain([to]);
        let energy: i64 = self
            .load
            .iter()
            .zip(ends)
            .map(|((since, power), end)| {
                power.0 * (end.min(to) - (*since).max(from)).num_milliseconds().max(0)
            })
            .sum();
        Kw(energy / (to - from).num_milliseconds())
    }

    fn pack<T: Serialize>(&mut self, kind: Kind, body: T) {
        if let Ok(body) = serde_json::to_value(body) {
            self.sent += 1;
            self.parcels.insert(self.sent, Parcel { kind, body, retry_at: DateTime::<Utc>::MIN_UTC });
        }
    }

    /// The messages whose turn it is, signed; they wait for their answer from now on.
    pub(super) fn take_due(&mut self, now: DateTime<Utc>) -> Vec<(u64, Kind, Vec<u8>)> {
        let due = self.parcels.iter_mut().filter(|(_, parcel)| parcel.retry_at <= now);
        due.filter_map(|(number, parcel)| {
            parcel.retry_at = now + AGAIN;
            let signed = Signed::new(parcel.kind.purpose(), &parcel.body, &self.key).ok()?;
            Some((*number, parcel.kind, serde_json::to_vec(&signed).ok()?))
        })
        .collect()
    }
}
