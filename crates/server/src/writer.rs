//! The one writer: takes all inputs that wait, asks whether each may happen, writes them in one transaction, and only
//! then lets anybody know. So nothing leaves that is not durably intended (S8), and many small inputs cost one flush.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::{Effect, Effects, Event, Warning, due};
use kezek_journal::{Entry, JournalError, Store};
use kezek_model::canonical::sha256_hex;
use kezek_model::order::Head;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::book::Book;
use crate::clocks::{Clocks, LEAP_S};
use crate::error::ServerError;
use crate::limits::{MAX_BATCH, MAX_BATCH_BYTES, MAX_DUE, MAX_WARNINGS};
use crate::record::{Happening, Input, Remark};
use crate::tenure::Tenure;

/// One thing that was written down, with what followed outside.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Engine time.
    pub at: DateTime<Utc>,
    /// What happened.
    pub happening: Happening,
    /// What followed: sends and warnings.
    pub effects: Effects,
}

/// The answer to a request, once it is durable.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, ServerError>>;

/// What the writer is asked.
pub(crate) enum Request {
    /// Let these happen together or not at all; none of them may depend on another.
    Happen { inputs: Vec<Input>, reply: Reply<Effects> },
    /// Let happen what time has brought.
    Due { reply: Reply<Brought> },
    /// Hold the journal for another while, where it is held by a lease.
    Renew { reply: Reply<()> },
    /// Fetch a document.
    Document { digest: String, reply: Reply<Option<Vec<u8>>> },
}

/// What time has brought.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// How many events.
    pub(crate) events: usize,
    /// What is to be sent.
    pub(crate) effects: Vec<Effect>,
}

impl Request {
    fn document_bytes(&self) -> usize {
        match self {
            Self::Happen { inputs, .. } => {
                inputs.iter().flat_map(|input| &input.documents).map(Vec::len).sum()
            }
            _ => 0,
        }
    }
}

/// What others may see of the writer.
pub(crate) struct Published {
    /// As far as it is durable.
    pub(crate) book: RwLock<Book>,
    /// Why the last append failed; none once one has succeeded.
    pub(crate) trouble: Mutex<Option<String>>,
    /// The latest warnings, oldest first.
    pub(crate) warnings: Mutex<VecDeque<(DateTime<Utc>, Warning)>>,
    /// For those who follow.
    pub(crate) feed: broadcast::Sender<Arc<Happened>>,
    /// Whether this control room still leads.
    pub(crate) tenure: Tenure,
}

impl Published {
    fn warn(&self, effects: &Effects, at: DateTime<Utc>) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for effect in effects {
            if let Effect::Notify(warning) = effect {
                tracing::warn!(%at, "{}", warning.text);
                warnings.push_back((at, warning.clone()));
            }
        }
        let spare = warnings.len().saturating_sub(MAX_WARNINGS);
        warnings.drain(..spare);
    }
}

/// Whoever holds the journal.
pub(crate) struct Writer {
    store: Box<dyn Store>,
    clocks: Arc<Clocks>,
    /// The book with the batch that is being written; equal to what is published between two batches.
    ahead: Book,
    published: Arc<Published>,
}

/// An input of the batch, as it will be remembered.
struct Staged {
    happening: Happening,
    remark: Remark,
    documents: Vec<String>,
    effects: Effects,
}

/// Whoever waits for the batch.
enum Waiter {
    Happen(Reply<Effects>, Effects),
    Due(Reply<Brought>, Brought),
}

#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    staged: Vec<Staged>,
    waiters: Vec<Waiter>,
}

impl Writer {
    pub(crate) fn new(store: Box<dyn Store>, clocks: Arc<Clocks>, published: Arc<Published>) -> Self {
        let ahead = published.book.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self { store, clocks, ahead, published }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(first) = requests.blocking_recv() {
            let mut bytes = first.document_bytes();
            let mut taken = vec![first];
            while taken.len() < MAX_BATCH && bytes < MAX_BATCH_BYTES {
                let Ok(next) = requests.try_recv() else { break };
                bytes += next.document_bytes();
                taken.push(next);
            }
            self.serve(taken);
        }
    }

    pub(crate) fn serve(&mut self, requests: Vec<Request>) {
        // Whole milliseconds: the journal keeps no more than microseconds, and a replay must give the same orders.
        let (now, leap) = self.clocks.read();
        let at = now.max(self.ahead.clock);
        let mut batch = Batch::default();
        if let Some(leap) = leap {
            // Before anything else happens in a time that is in doubt, issuing stops.
            self.stage_event(&mut batch, Event::ClocksDisagree { apart_ms: leap.num_milliseconds() }, at);
        }
        for request in requests {
            match request {
                Request::Happen { inputs, reply } => self.stage(&mut batch, inputs, reply, at),
                Request::Due { reply } => self.stage_due(&mut batch, reply, at),
                Request::Renew { reply } => self.renew(&mut batch, reply, at),
                Request::Document { digest, reply } => {
                    // Whoever asked may have gone.
                    let _ = reply.send(self.store.document(&digest).map_err(ServerError::from));
                }
            }
        }
        self.commit(batch, at);
    }

    fn stage(&mut self, batch: &mut Batch, inputs: Vec<Input>, reply: Reply<Effects>, at: DateTime<Utc>) {
        let inputs: Vec<Input> = inputs.into_iter().map(|input| self.with_head(input)).collect();
        let permitted = inputs.iter().try_for_each(|input| self.ahead.permit(&input.happening, at));
        let entries = permitted.and_then(|()| entries(&inputs, at));
        match entries {
            Ok(entries) => {
                batch.entries.extend(entries);
                let effects = inputs.into_iter().flat_map(|input| self.remember(batch, input, at)).collect();
                batch.waiters.push(Waiter::Happen(reply, effects));
            }
            // Whoever asked may have gone.
            Err(error) => _ = reply.send(Err(error)),
        }
    }

    /// Lets one event happen that nobody asked for; what follows, or `None` where it may not happen.
    fn stage_event(&mut self, batch: &mut Batch, event: Event, at: DateTime<Utc>) -> Option<Effects> {
        let input = Input::from(event);
        self.ahead.permit(&input.happening, at).ok()?;
        batch.entries.push(input.entry(at).ok()?);
        Some(self.remember(batch, input, at))
    }

    /// The clock of the database is held against that of this machine while the lease is renewed (S11).
    fn renew(&mut self, batch: &mut Batch, reply: Reply<()>, at: DateTime<Utc>) {
        let before = self.clocks.wall();
        let renewed = self.store.renew();
        let after = self.clocks.wall();
        let outcome = match renewed {
            Ok(Some(lease)) => {
                self.published.tenure.extend(lease.until);
                if let Some(apart) = apart(before, lease.clock, after) {
                    self.stage_event(batch, Event::ClocksDisagree { apart_ms: apart.num_milliseconds() }, at);
                }
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(self.failed(&error)),
        };
        // Whoever asked may have gone.
        let _ = reply.send(outcome.map_err(|why| ServerError::JournalDown { why }));
    }

    /// Tells why the journal cannot be written, and that somebody else leads where that is why.
    fn failed(&self, error: &JournalError) -> String {
        let why = kezek_courier::error::describe(error);
        // An append that got no answer may have been written after all: then the journal is to be read anew.
        let is_behind = matches!(error, JournalError::HeadMoved { .. }) && self.published.tenure.is_lease();
        if is_behind || matches!(error, JournalError::LeaseLost { .. }) {
            self.published.tenure.lose(&why);
        } else {
            tracing::error!(%why, "the journal cannot be written");
        }
        self.trouble(Some(why.clone()));
        why
    }

    /// Of two moments that time has brought one may void the other, so each is asked for again.
    fn stage_due(&mut self, batch: &mut Batch, reply: Reply<Brought>, at: DateTime<Utc>) {
        let mut brought = Brought::default();
        for event in due(&self.ahead.state, at, MAX_DUE) {
            if let Some(effects) = self.stage_event(batch, event, at) {
                brought.events += 1;
                brought.effects.extend(effects);
            }
        }
        batch.waiters.push(Waiter::Due(reply, brought));
    }

    /// Approvals and recalls carry the head of the journal as it is durable now.
    fn with_head(&self, mut input: Input) -> Input {
        if let Happening::Engine(
            Event::Approved { journal_head, .. } | Event::Recalled { journal_head, .. },
        ) = &mut input.happening
        {
            journal_head.clone_from(&self.ahead.head);
        }
        input
    }

    fn remember(&mut self, batch: &mut Batch, input: Input, at: DateTime<Utc>) -> Effects {
        let documents: Vec<String> = input.documents.iter().map(|bytes| sha256_hex(bytes)).collect();
        let effects = self.ahead.apply(input.happening.clone(), &input.remark, &documents, at);
        let (happening, remark) = (input.happening, input.remark);
        batch.staged.push(Staged { happening, remark, documents, effects: effects.clone() });
        effects
    }

    fn commit(&mut self, batch: Batch, at: DateTime<Utc>) {
        if batch.entries.is_empty() {
            return batch.waiters.into_iter().for_each(Waiter::told);
        }
        match self.store.append(&batch.entries) {
            Ok(head) => {
                self.trouble(None);
                self.publish(batch.staged, head, at);
                batch.waiters.into_iter().for_each(Waiter::told);
            }
            Err(error) => {
                let why = self.failed(&error);
                self.ahead = self.published.book.read().unwrap_or_else(PoisonError::into_inner).clone();
                batch.waiters.into_iter().for_each(|waiter| waiter.failed(&why));
            }
        }
    }

    fn trouble(&self, why: Option<String>) {
        *self.published.trouble.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// The same events give the same book as the one written ahead.
    fn publish(&mut self, staged: Vec<Staged>, head: Head, at: DateTime<Utc>) {
        self.ahead.head = head.clone();
        let mut book = self.published.book.write().unwrap_or_else(PoisonError::into_inner);
        book.head = head;
        for Staged { happening, remark, documents, effects } in staged {
            if matches!(happening, Happening::Engine(Event::Resumed { .. })) {
                self.clocks.trust();
            }
            book.apply(happening.clone(), &remark, &documents, at);
            self.published.warn(&effects, at);
            // Nobody needs to follow.
            let _ = self.published.feed.send(Arc::new(Happened { at, happening, effects }));
        }
    }
}

impl Waiter {
    // Whoever asked may have gone.
    fn told(self) {
        match self {
            Self::Happen(reply, effects) => _ = reply.send(Ok(effects)),
            Self::Due(reply, brought) => _ = reply.send(Ok(brought)),
        }
    }

    fn failed(self, why: &str) {
        let error = || ServerError::JournalDown { why: why.to_owned() };
        match self {
            Self::Happen(reply, _) => _ = reply.send(Err(error())),
            Self::Due(reply, _) => _ = reply.send(Err(error())),
        }
    }
}

/// By how much this machine's clock is before that of the database, which was looked at in between, if by too much.
fn apart(before: DateTime<Utc>, database: DateTime<Utc>, after: DateTime<Utc>) -> Option<TimeDelta> {
    let apart = database.clamp(before.min(after), after.max(before)) - database;
    (apart.abs() > TimeDelta::seconds(LEAP_S)).then_some(apart)
}

fn entries(inputs: &[Input], at: DateTime<Utc>) -> Result<Vec<Entry>, ServerError> {
    let entries = inputs.iter().map(|input| input.entry(at)).collect::<Result<_, _>>();
    entries.map_err(|error| ServerError::NotUnderstood { what: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clocks::Now;
    use crate::record::CodeEvent;
    use kezek_journal::{Lease, MemoryStore, Visit};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    /// A journal whose disk is full for a while, and which may be held by a lease.
    struct Brittle(MemoryStore, Arc<AtomicBool>, Arc<Mutex<Option<Renewed>>>);

    /// What the next renewal comes to: the clock of the database, or that somebody else leads.
    type Renewed = Result<DateTime<Utc>, ()>;

    fn lost() -> JournalError {
        JournalError::LeaseLost { place: "here".into(), term: 1, by: "the other".into() }
    }

    impl Store for Brittle {
        fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError> {
            match self.1.load(Ordering::SeqCst) {
                true => Err(JournalError::Missing { path: "full".into() }),
                false => self.0.append(entries),
            }
        }
        fn head(&self) -> Result<Head, JournalError> {
            self.0.head()
        }
        fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
            self.0.load(after_seq, visit)
        }
        fn put_document(&mut self, bytes: &[u8]) -> Result<String, JournalError> {
            self.0.put_document(bytes)
        }
        fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
            self.0.document(digest)
        }
        fn renew(&mut self) -> Result<Option<Lease>, JournalError> {
            let lease = |clock| {
                let until = Instant::now() + Duration::from_secs(60);
                Lease { term: 1, until, clock }
            };
            match *self.2.lock().unwrap() {
                None => Ok(None),
                Some(renewed) => renewed.map(|clock| Some(lease(clock))).map_err(|()| lost()),
            }
        }
    }

    struct Bench {
        published: Arc<Published>,
        writer: Writer,
        full: Arc<AtomicBool>,
        renewed: Arc<Mutex<Option<Renewed>>>,
        clock: Arc<Mutex<DateTime<Utc>>>,
    }

    fn bench() -> Bench {
        let published = Arc::new(Published {
            book: RwLock::new(Book::new()),
            trouble: Mutex::new(None),
            warnings: Mutex::default(),
            feed: broadcast::Sender::new(64),
            tenure: Tenure::default(),
        });
        let (full, clock) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(DateTime::UNIX_EPOCH)));
        let renewed = Arc::default();
        let store = Box::new(Brittle(MemoryStore::new(), Arc::clone(&full), Arc::clone(&renewed)));
        let shown = Arc::clone(&clock);
        let now: Now = Arc::new(move || *shown.lock().unwrap());
        let writer = Writer::new(store, Arc::new(now.into()), Arc::clone(&published));
        Bench { published, writer, full, renewed, clock }
    }

    fn opened(epoch: u64) -> Vec<Input> {
        let config = kezek_engine::Config::default();
        vec![Event::Opened { environment: "test".into(), epoch, config }.into()]
    }

    impl Bench {
        fn serve(&mut self, batch: Vec<Vec<Input>>) -> Vec<Result<Effects, ServerError>> {
            let (requests, answers): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|inputs| {
                    let (reply, answer) = oneshot::channel();
                    (Request::Happen { inputs, reply }, answer)
                })
                .unzip();
            self.writer.serve(requests);
            answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
        }

        fn renew(&mut self, renewed: Renewed) -> Result<(), ServerError> {
            *self.renewed.lock().unwrap() = Some(renewed);
            let (reply, mut answer) = oneshot::channel();
            self.writer.serve(vec![Request::Renew { reply }]);
            answer.try_recv().unwrap()
        }

        fn book(&self) -> Book {
            self.published.book.read().unwrap().clone()
        }
    }

    #[test]
    fn a_batch_is_one_append_and_each_input_sees_those_before_it() {
        let mut bench = bench();
        let answers = bench.serve(vec![opened(1), opened(1), opened(2)]);
        let ok: Vec<bool> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, true], "{answers:?}");
        let book = bench.book();
        assert_eq!((book.state.epoch(), book.head.seq), (2, 2));
        assert_eq!(book, bench.writer.ahead);
    }

    #[test]
    fn what_the_journal_does_not_keep_has_not_happened() {
        let mut bench = bench();
        bench.serve(vec![opened(1)]);
        let before = bench.book();
        bench.full.store(true, Ordering::SeqCst);
        let answers = bench.serve(vec![opened(2), opened(3)]);
        assert!(answers.iter().all(|answer| matches!(answer, Err(ServerError::JournalDown { .. }))));
        assert_eq!(bench.book(), before, "watching goes on with what is durable");
        assert_eq!(bench.writer.ahead, before);
        assert!(bench.published.trouble.lock().unwrap().is_some());
        bench.full.store(false, Ordering::SeqCst);
        assert!(bench.serve(vec![opened(2)])[0].is_ok());
        assert!(bench.published.trouble.lock().unwrap().is_none());
        assert_eq!(bench.book().head.seq, 2);
    }

    #[test]
    fn inputs_of_one_request_happen_together_or_not_at_all() {
        let mut bench = bench();
        bench.serve(vec![opened(1)]);
        let (facility, code_sha256, by) = ("F1".into(), "c".to_owned(), "Admin".into());
        let expires = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let code = CodeEvent::CodeIssued { facility, code_sha256, expires, by };
        let both = opened(1).into_iter().chain([code.into()]).collect();
        assert!(bench.serve(vec![both])[0].is_err());
        assert!(bench.book().codes.is_empty());
    }

    #[test]
    fn engine_time_never_runs_backwards_and_is_whole_milliseconds() {
        let mut bench = bench();
        let late = DateTime::UNIX_EPOCH + chrono::TimeDelta::nanoseconds(5_000_999_999);
        *bench.clock.lock().unwrap() = late;
        bench.serve(vec![opened(1)]);
        assert_eq!(bench.book().clock, DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(5));
        *bench.clock.lock().unwrap() = DateTime::UNIX_EPOCH;
        bench.serve(vec![opened(2)]);
        assert_eq!(bench.book().clock, DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(5));
    }

    #[test]
    fn a_database_whose_clock_is_apart_stops_issuing() {
        let mut bench = bench();
        bench.serve(vec![opened(1)]);
        bench.renew(Ok(DateTime::UNIX_EPOCH + TimeDelta::milliseconds(1_900))).unwrap();
        assert_eq!(bench.book().state.stopped(), None);
        bench.renew(Ok(DateTime::UNIX_EPOCH + TimeDelta::seconds(3))).unwrap();
        assert!(bench.book().state.stopped().is_some_and(|violation| violation.promise == "S11"));
        assert!(bench.published.tenure.lasts(), "time is in doubt, the lease is not");
        bench.renew(Ok(DateTime::UNIX_EPOCH + TimeDelta::seconds(3))).unwrap();
        assert_eq!(bench.book().head.seq, 2, "told once");
    }

    #[test]
    fn a_lease_that_another_took_ends_everything() {
        let mut bench = bench();
        bench.serve(vec![opened(1)]);
        bench.renew(Ok(DateTime::UNIX_EPOCH)).unwrap();
        assert!(bench.published.tenure.lasts());
        assert!(bench.renew(Err(())).is_err_and(|error| error.to_string().contains("the other")));
        assert!(!bench.published.tenure.lasts());
        assert!(bench.published.trouble.lock().unwrap().as_ref().is_some_and(|why| why.contains("lost")));
    }

    #[test]
    fn clocks_that_are_apart_by_more_than_the_question_took_disagree() {
        let at = |ms: i64| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        for database in [0, 500, -2_000, 1_000, 3_000] {
            assert_eq!(apart(at(0), at(database), at(1_000)), None, "{database}");
        }
        assert_eq!(apart(at(0), at(-2_001), at(1_000)), Some(TimeDelta::milliseconds(2_001)));
        assert_eq!(apart(at(0), at(3_001), at(1_000)), Some(TimeDelta::milliseconds(-2_001)));
    }
}
