//! The way of messages: from the room to a facility and back, past everything that the network does to them.

use super::facility::Kind;
use super::life::unapproved_digest;
use super::network::Way;
use super::room::{Asked, Denied};
use super::run::{Flight, Moment, World};
use super::sabotage::Sabotage;
use super::transmit::{self, Post, outcome, post, timed_out};
use crate::oracle::Sight;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::PublicKey;
use kezek_engine::{Effect, Event, Outcome};
use kezek_journal::{Entry, JournalError};
use kezek_model::order::{Order, Priority, RestoreSlot, Segment};
use kezek_model::units::Kw;

/// How long an attempt may take.
const TOTAL: TimeDelta = TimeDelta::seconds(10);

/// What somebody says who knows a facility no longer.
const GONE: u16 = 410;

impl World<'_> {
    /// Hands an order to the network.
    pub(super) fn send(&mut self, effect: Effect) {
        let Effect::Send { order_no, attempt, order, address } = effect else { return };
        let name = address.trim_start_matches("https://").split('.').next().unwrap_or_default().to_owned();
        let Some(facility) = self.facilities.iter().position(|known| known.nature.id.as_str() == name) else {
            return;
        };
        let flight = Flight { life: self.life, order_no, attempt };
        self.flights.insert(flight.clone());
        self.attempts += 1;
        let order = self.sabotaged(*order, attempt);
        self.leave(facility, &order, attempt, Some(flight.clone()));
        self.at(self.now() + TOTAL, Moment::Ended(flight, timed_out()));
        self.flood(facility, &order);
        self.send_older(facility, &order);
    }

    fn leave(&mut self, facility: usize, order: &Order, attempt: u32, flight: Option<Flight>) {
        let Some(post) = post(order, &self.key, self.now()) else { return };
        let name = self.facilities[facility].nature.id.to_string();
        self.see(Sight::Left { facility: name, bytes: post.body.clone(), attempt });
        self.wiretap.push((facility, post.clone()));
        let arrivals = self.network.carry(facility, Way::Out, self.now());
        for (copy, at) in arrivals.into_iter().enumerate() {
            let flight = flight.clone().filter(|_| copy == 0);
            self.at(at, Moment::AtFacility(facility, post.clone(), flight));
        }
    }

    pub(super) fn at_facility(&mut self, facility: usize, post: &Post, flight: Option<Flight>) {
        let now = self.now();
        if self.network.is_misled(now) {
            flight.into_iter().for_each(|flight| self.at(now, Moment::Ended(flight, outcome(GONE))));
            return;
        }
        let one = &mut self.facilities[facility];
        let (status, is_new) = one.receive(&post.headers, &post.body, now);
        let (name, clock) = (one.nature.id.to_string(), one.clock(now));
        self.see(Sight::Arrived { facility: name, clock, bytes: post.body.clone(), status, is_new });
        self.wake(facility);
        let back = self.network.carry(facility, Way::Back, now).into_iter().min();
        if let (Some(flight), Some(at)) = (flight, back) {
            self.at(at, Moment::Ended(flight, outcome(status)));
        }
    }

    /// The first thing that is heard of an attempt is its outcome.
    pub(super) fn ended(&mut self, flight: Flight, outcome: Outcome) {
        if !self.flights.remove(&flight) {
            return;
        }
        let Flight { order_no, attempt, .. } = flight;
        let event = Event::AttemptEnded { order_no, attempt, outcome };
        self.ask(vec![Asked::Happen(Box::new(event), None)], true);
    }

    pub(super) fn wake(&mut self, facility: usize) {
        let now = self.now();
        self.woken(facility);
        let seen = self.facilities[facility].wake(now);
        seen.into_iter().for_each(|sight| self.see(sight));
        for (parcel, kind, bytes) in self.facilities[facility].take_due(now) {
            for at in self.network.carry(facility, Way::Back, now) {
                let bytes = bytes.clone();
                self.at(at, Moment::AtRoom { facility, parcel, kind, bytes });
            }
        }
        self.plan_wake(facility);
    }

    /// A facility's word: verified, taken once, and its sender told, if the network lets it.
    pub(super) fn at_room(&mut self, facility: usize, parcel: u64, kind: Kind, bytes: Vec<u8>) {
        let name = self.facilities[facility].nature.id.clone();
        let key = self.look(|state| state.enrolment(&name).map(|held| held.public_key.clone())).flatten();
        let key = key.and_then(|key| key.parse::<PublicKey>().ok());
        let Some(event) = key.and_then(|key| transmit::open(kind, &bytes, &key)) else { return };
        let batch = vec![Asked::Happen(Box::new(event), Some(bytes)), Asked::Due];
        let answers = self.ask(batch, false);
        let is_taken = match answers.as_ref().and_then(|answers| answers.first()) {
            Some(Ok(_)) => true,
            // Told the same again, a sender is told that it is done; what can never be taken is not kept either.
            Some(Err(Denied::Refused(_))) => true,
            _ => false,
        };
        if is_taken && let Some(at) = self.network.carry(facility, Way::Out, self.now()).into_iter().min() {
            self.at(at, Moment::Taken { facility, parcel });
        }
    }

    /// Somebody else sends something: what was overheard, changed or not, or orders of another room.
    pub(super) fn intrude(&mut self, facility: usize, kind: u64) {
        let Some((to, overheard)) = self.draw.pick(&self.wiretap).cloned() else { return };
        let now = self.now();
        let forged = match kind {
            0 => Some((to, overheard)),
            1 => Some((facility, overheard)),
            2 => Some((to, changed(overheard))),
            3 => self.of_training(&overheard, now, true).map(|post| (to, post)),
            _ => self.of_training(&overheard, now, false).map(|post| (to, post)),
        };
        if let Some((facility, post)) = forged {
            self.see(Sight::Fault(format!("an intruder sends something of kind {kind}")));
            self.at(now + TimeDelta::milliseconds(50), Moment::AtFacility(facility, post, None));
        }
    }

    /// An order of a training room, with a key of its own or with the one of the real room.
    fn of_training(&self, overheard: &Post, now: DateTime<Utc>, has_own_key: bool) -> Option<Post> {
        let mut order: Order = serde_json::from_slice(&overheard.body).ok()?;
        (order.environment, order.sequence) = ("training".to_owned(), order.sequence + 50);
        order.order_no = format!("{}-training", order.order_no).into();
        let own = super::keys::of(self.settings.seed, "training", 0)?;
        post(&order, if has_own_key { &own } else { &self.key }, now)
    }

    // The deliberate faults on the way out.

    fn sabotaged(&mut self, order: Order, attempt: u32) -> Order {
        let changed = match self.settings.sabotage {
            Some(Sabotage::CutsTheProtected) => self.cut_protected(&order),
            Some(Sabotage::SendsUnapproved) => {
                Some(Order { plan_digest: unapproved_digest(self.settings.seed), ..order.clone() })
            }
            Some(Sabotage::RestoresEarlier) if attempt > 1 => restored_earlier(&order),
            Some(Sabotage::CutsBelowFloor) => cut_below_floor(&order),
            Some(Sabotage::ReturnsAtOnce | Sabotage::CutsAtOnce) => return self.surging(order),
            _ => None,
        };
        self.struck += u32::from(changed.is_some());
        changed.unwrap_or(order)
    }

    fn cut_protected(&self, order: &Order) -> Option<Order> {
        let protected = self.facilities.iter().find(|facility| facility.nature.is_protected)?;
        let is_cut = !order.segments.is_empty();
        is_cut.then(|| Order { facility: protected.nature.id.clone(), ..order.clone() })
    }

    fn flood(&mut self, facility: usize, order: &Order) {
        let is_first = self.settings.sabotage == Some(Sabotage::FloodsOrders) && self.struck == 0;
        if !is_first || order.priority == Priority::Drill {
            return;
        }
        self.struck += 1;
        for number in 0..240 {
            let order_no = format!("{}-{number}", order.order_no).into();
            let Ok(bytes) = serde_json::to_vec(&Order { order_no, ..order.clone() }) else { continue };
            let facility = self.facilities[facility].nature.id.to_string();
            self.see(Sight::Left { facility, bytes, attempt: 1 });
        }
    }

    fn send_older(&mut self, facility: usize, order: &Order) {
        if self.settings.sabotage != Some(Sabotage::SendsOlderAgain) {
            return;
        }
        let sent = self.wiretap.iter().filter(|(to, _)| *to == facility);
        let older = sent.filter_map(|(_, post)| serde_json::from_slice::<Order>(&post.body).ok());
        let Some(mut older) = older.into_iter().find(|older| older.sequence < order.sequence) else { return };
        older.notice.condition = "in other words".to_owned();
        self.struck += 1;
        self.leave(facility, &older, 1, None);
    }

    /// S13 broken: what was sent last is sent again.
    pub(super) fn send_while_frozen(&mut self) {
        let is_sabotage = self.settings.sabotage == Some(Sabotage::SendsWhileFrozen) && self.struck == 0;
        let is_frozen = self.look(|state| state.frozen().is_some()) == Some(true);
        let Some((facility, post)) = self.wiretap.last().cloned().filter(|_| is_sabotage && is_frozen) else {
            return;
        };
        let frozen = self.look(|state| state.frozen().map(|freeze| freeze.since)).flatten();
        let Some(clock) = self.corridor.as_ref().map(|corridor| corridor.now()) else { return };
        if frozen.is_none_or(|since| clock <= since + TimeDelta::seconds(2)) {
            return;
        }
        if let Ok(order) = serde_json::from_slice::<Order>(&post.body) {
            self.struck += 1;
            self.leave(facility, &order, 1, None);
        }
    }

    /// S10 broken: an answer is written down a second time.
    pub(super) fn finish_sabotage(&mut self) -> Result<(), JournalError> {
        if self.settings.sabotage != Some(Sabotage::TakesAnswerTwice) {
            return Ok(());
        }
        let records = self.settings.disk.records()?;
        let at = records.last().map_or_else(|| self.now(), |record| record.at);
        if let Some(record) = records.into_iter().find(|record| record.kind == "answered") {
            self.struck += 1;
            self.settings.disk.write_anyway(Entry::new(at, record.kind, record.body))?;
        }
        Ok(())
    }

    /// S9 broken: a word is changed after the fact.
    pub(super) fn rewrite(&mut self) {
        if self.settings.sabotage == Some(Sabotage::RewritesRecord)
            && let Some(record) = self.evidence.records.iter_mut().rev().nth(3)
        {
            record["body"]["remark"] = serde_json::json!({"comment": "it was not like that"});
            self.struck += 1;
        }
    }
}

/// One byte differs.
fn changed(mut post: Post) -> Post {
    let middle = post.body.len() / 2;
    post.body[middle] ^= 1;
    post
}

fn restored_earlier(order: &Order) -> Option<Order> {
    let slot = order.restore.as_ref()?;
    let earlier = RestoreSlot { from: slot.from - TimeDelta::minutes(30), ..slot.clone() };
    Some(Order { restore: Some(earlier), ..order.clone() })
}

fn cut_below_floor(order: &Order) -> Option<Order> {
    let (first, rest) = order.segments.split_first()?;
    let below = Segment { limit: Kw(order.floor.0 - 1), ..first.clone() };
    let segments = std::iter::once(below).chain(rest.iter().cloned()).collect();
    Some(Order { segments, ..order.clone() })
}
