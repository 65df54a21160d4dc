//! Gathering: the journal is read once beside its writer, and what concerns the order is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::Signed;
use kezek_engine::baseline::MOST_DAYS_BACK;
use kezek_engine::state::OrderRecord;
use kezek_engine::{Event, State};
use kezek_journal::{Link, Location, Reader, Record, Stretch};
use kezek_model::case::{CaseFiles, Vintage};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order};
use tokio::sync::Semaphore;

use super::{Evidence, FORM};
use crate::error::ServerError;
use crate::limits::{MAX_EVIDENCE_BYTES, MAX_STUBS};
use crate::record::{Happening, replay};
use crate::room::ControlRoom;
use crate::view;

/// Reading a whole journal takes a processor for a while, so only one does so at a time.
static GATHERING: Semaphore = Semaphore::const_new(1);

/// What a record must be about to be kept whole.
struct Concern {
    order_no: OrderNo,
    plan_digest: String,
    facility: FacilityId,
    /// The facility's orders that bear on the verdict.
    orders: BTreeSet<OrderNo>,
    /// Readings that end later do.
    readings_from: DateTime<Utc>,
}

impl Concern {
    fn of(state: &State, record: &OrderRecord) -> Self {
        let order = &record.order;
        // A day that is looked back upon may begin a day earlier on some clock, and a reading a day before.
        let readings_from = order.issued_at - TimeDelta::days(MOST_DAYS_BACK.cast_signed() + 3);
        let bears = |other: &&OrderRecord| other.order.expires >= readings_from;
        let eldest = state.records_of(&order.facility).filter(bears).map(|other| other.order.sequence).min();
        // Without a gap in the sequence, so that a missing one shows.
        let orders = state.records_of(&order.facility).filter(|other| Some(other.order.sequence) >= eldest);
        Self {
            order_no: order.order_no.clone(),
            plan_digest: order.plan_digest.clone(),
            facility: order.facility.clone(),
            orders: orders.map(|other| other.order.order_no.clone()).collect(),
            readings_from,
        }
    }

    fn includes(&self, event: &Event) -> bool {
        let is_own = |order_no: &OrderNo| *order_no == self.order_no;
        match event {
            Event::Opened { .. } => true,
            Event::Enrolled { facility, .. } | Event::EnrolmentConfirmed { facility, .. } => {
                *facility == self.facility
            }
            Event::Proposed(proposed) => proposed.plan_digest == self.plan_digest,
            Event::Approved { plan_digest, .. }
            | Event::Returned { plan_digest, .. }
            | Event::Unconfirmed { plan_digest } => *plan_digest == self.plan_digest,
            Event::Recalled { order_no, .. } => self.orders.contains(order_no),
            Event::Answered { answer, .. } => is_own(&answer.order_no),
            Event::Reported { report } => is_own(&report.order_no),
            Event::AttemptIntended { order_no, .. }
            | Event::AttemptEnded { order_no, .. }
            | Event::Resend { order_no, .. }
            | Event::Called { order_no, .. }
            | Event::Warned { order_no, .. }
            | Event::Silent { order_no }
            | Event::Expired { order_no }
            | Event::Judged { order_no, .. } => is_own(order_no),
            Event::Read { readings } => readings.iter().any(|reading| {
                reading.facility == self.facility && reading.interval_end > self.readings_from
            }),
            _ => false,
        }
    }
}

/// What was found in the journal.
struct Found {
    chain: Vec<Stretch>,
    /// The heads that they end with, as the journal has them.
    heads: Vec<Head>,
    /// Records after the last one that is kept, as stubs.
    trail: Vec<Link>,
    /// The head after the last of these.
    trail_end: Head,
    /// More stubs lie since the last one than are kept.
    is_cut: bool,
    documents: BTreeMap<String, String>,
    bytes: usize,
}

impl Found {
    fn nothing() -> Self {
        Self {
            chain: Vec::new(),
            heads: Vec::new(),
            trail: Vec::new(),
            trail_end: Head::empty(),
            is_cut: false,
            documents: BTreeMap::new(),
            bytes: 0,
        }
    }

    fn keep(&mut self, record: &Record) -> Option<()> {
        let before = Head { seq: record.seq - 1, hash: record.prev.clone() };
        match self.chain.last_mut().filter(|_| !self.is_cut) {
            Some(stretch) => {
                stretch.links.append(&mut self.trail);
                self.heads.pop();
            }
            None => self.chain.push(Stretch { after: before, links: Vec::new() }),
        }
        self.is_cut = false;
        self.bytes += record.body.to_string().len();
        self.chain.last_mut()?.links.push(Link::whole(record)?);
        self.heads.push(record.head());
        Some(())
    }

    fn pass(&mut self, record: &Record) -> Option<()> {
        if self.chain.is_empty() || self.is_cut {
            return Some(());
        }
        self.trail.push(Link::stub(record)?);
        self.trail_end = record.head();
        if self.trail.len() > MAX_STUBS {
            self.trail.clear();
            self.is_cut = true;
        }
        Some(())
    }

    /// The records after the last one that is kept lead to the end of the journal.
    fn end(mut self) -> Self {
        let leads_on = !self.is_cut && !self.trail.is_empty();
        if let Some(stretch) = self.chain.last_mut().filter(|_| leads_on) {
            stretch.links.append(&mut self.trail);
            self.heads.pop();
            self.heads.push(self.trail_end.clone());
        }
        self
    }
}

impl ControlRoom {
    /// The evidence of one order, signed; `None` where there is no such order.
    ///
    /// # Errors
    /// When the journal cannot be read, or the evidence is larger than is given at once.
    pub async fn evidence(
        &self,
        order_no: &OrderNo,
        by: &str,
    ) -> Result<Option<Signed<Evidence>>, ServerError> {
        let now = self.now();
        let told = self.look(|book| {
            let record = book.state.record(order_no)?;
            let totals = view::totals(&book.state, record);
            let tally = match totals.as_ref().is_some_and(|totals| totals.is_final) {
                true => record.judged.clone(),
                false => kezek_engine::comply::tally(&book.state, order_no),
            };
            let case = book.papers.get(&record.order.plan_digest).map(|papers| papers.case.clone());
            let is_final = totals.is_some_and(|totals| totals.is_final);
            Some((Concern::of(&book.state, record), tally, is_final, case, book.head.seq))
        });
        let Some((concern, verdict, verdict_is_final, case, until)) = told else { return Ok(None) };
        let forecast = match case {
            Some(document) => self.vintage(&document).await?,
            None => None,
        };
        let bundles = concern.orders.iter().map(|number| self.bundle(number));
        let mut orders: Vec<Signed<Order>> =
            bundles.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        orders.sort_by_key(|order| order.body.sequence);
        let database = self.config().database.clone();
        let _turn = GATHERING.acquire().await.map_err(|_| ServerError::Closed)?;
        let reading = tokio::task::spawn_blocking(move || gather(&database, &concern, until));
        let found = reading.await.map_err(|_| ServerError::BrokeOff { what: "gathering the evidence" })??;
        let evidence = Evidence {
            form: FORM.into(),
            order_no: order_no.clone(),
            environment: self.config().environment.clone(),
            gathered_at: now,
            gathered_by: by.to_owned(),
            control_room_public_key: self.public_key().to_string(),
            orders,
            forecast,
            verdict,
            verdict_is_final,
            chain: found.chain,
            heads: found.heads,
            documents: found.documents,
        };
        Ok(Some(self.messenger.seal(evidence)?))
    }

    async fn vintage(&self, document: &str) -> Result<Option<Vintage>, ServerError> {
        let bytes = self.document(document).await?.unwrap_or_default();
        let files: Option<CaseFiles> = serde_json::from_slice(&bytes).ok();
        Ok(files.and_then(|files| files.vintage()))
    }
}

fn gather(database: &Location, concern: &Concern, until: u64) -> Result<Found, ServerError> {
    let reader = database.reader()?;
    let (mut found, mut failed) = (Found::nothing(), None);
    reader.load(0, &mut |record| {
        let seq = record.seq;
        match look(&*reader, concern, &mut found, record) {
            Err(error) => failed = Some(error),
            Ok(()) if seq < until => return ControlFlow::Continue(()),
            Ok(()) => {}
        }
        ControlFlow::Break(())
    })?;
    match failed {
        Some(error) => Err(error),
        None => Ok(found.end()),
    }
}

fn look(
    reader: &dyn Reader,
    concern: &Concern,
    found: &mut Found,
    record: Record,
) -> Result<(), ServerError> {
    let seq = record.seq;
    let unreadable = |what: String| ServerError::Unreplayable { seq, what };
    let fetch = |digest: &str| match reader.document(digest) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(format!("its document {digest} is missing")),
        Err(error) => Err(error.to_string()),
    };
    let read = replay(record.clone(), fetch).map_err(unreadable)?;
    let concerns = matches!(&read.happening, Happening::Engine(event) if concern.includes(event));
    if !concerns {
        return found.pass(&record).ok_or_else(|| unreadable("it has no canonical form".into()));
    }
    found.keep(&record).ok_or_else(|| unreadable("it has no canonical form".into()))?;
    for digest in &record.documents {
        if !found.documents.contains_key(digest) {
            let text = STANDARD.encode(fetch(digest).map_err(unreadable)?);
            found.bytes += text.len();
            found.documents.insert(digest.clone(), text);
        }
    }
    match found.bytes <= MAX_EVIDENCE_BYTES {
        true => Ok(()),
        false => Err(ServerError::TooMuch { what: "the evidence", most_bytes: MAX_EVIDENCE_BYTES }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_journal::{Entry, MemoryStore, Store as _};

    fn found(between: usize) -> (Found, Head) {
        let mut store = MemoryStore::new();
        let entry = |text: &str| Entry::new(DateTime::UNIX_EPOCH, "said", serde_json::json!({"text": text}));
        let many = vec![entry("of no concern"); between];
        store.append(&[entry("before")]).unwrap();
        store.append(&[entry("needed")]).unwrap();
        many.chunks(5_000).for_each(|some| _ = store.append(some).unwrap());
        let head = store.append(&[entry("needed"), entry("after")]).unwrap();
        let mut found = Found::nothing();
        store
            .load(0, &mut |record| {
                let kept =
                    if record.body["text"] == "needed" { found.keep(&record) } else { found.pass(&record) };
                kept.unwrap();
                ControlFlow::Continue(())
            })
            .unwrap();
        (found.end(), head)
    }

    #[test]
    fn the_chain_leads_from_the_first_that_is_needed_to_the_end() {
        let (found, head) = found(7);
        assert_eq!((found.chain.len(), found.chain[0].after.seq), (1, 1));
        assert_eq!(found.chain[0].links.len(), 10);
        assert_eq!(found.chain[0].heads().unwrap().last(), Some(&head));
        assert_eq!(found.heads, [head]);
    }

    #[test]
    fn where_too_many_lie_between_there_are_two_stretches_and_each_names_its_end() {
        let (found, head) = found(MAX_STUBS + 1);
        let ends: Vec<Head> =
            found.chain.iter().map(|stretch| stretch.heads().unwrap().pop().unwrap()).collect();
        assert_eq!(found.chain.iter().map(|stretch| stretch.links.len()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((&found.heads, ends.last()), (&ends, Some(&head)));
    }
}
