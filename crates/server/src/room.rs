//! The control room: one journal, one writer, one messenger, and the time that is given to it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_courier::{PublicKey, ServerTls, Signed};
use kezek_engine::{Effect, Effects, Event, NoticeOutcome, Outcome, SecondChannel, Warning, next_due};
use kezek_journal::Store;
use kezek_model::case::Case;
use kezek_model::ids::OrderNo;
use kezek_model::order::{Head, Order};
use kezek_model::plan::Plan;
use kezek_model::registry::{Contact, FETCHED};
use tokio::sync::{Notify, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::access::Callers;
use crate::accounts::AccountBook;
use crate::book::Book;
use crate::clocks::Clocks;
use crate::config::Config;
use crate::error::ServerError;
use crate::hatch::Hatch;
use crate::limits::{
    MAX_CHECKS, MAX_DELIVERIES, MAX_HASHING, MAX_MESSAGES, MAX_PRESSES, MAX_UNSEEN, MAX_WAITING, SIGN_IN,
    TRIALS,
};
use crate::notice::folder::TextShelf;
use crate::openid::OpenId;
use crate::pages::Lookers;
use crate::porter::Porter;
use crate::post::Messenger;
use crate::record::Input;
use crate::registry::Shelf;
use crate::replay::{StoreReader, holder, read_on};
use crate::second::Teller;
use crate::shares::ShareShelf;
use crate::tenure::Tenure;
use crate::throttle::Buckets;
use crate::writer::{Brought, Happened, Published, Reply, Request, Writer};

/// A control room that is open. Dropping it is like pulling its plug: what is durable stays, nothing else does.
pub struct ControlRoom {
    pub(crate) config: Config,
    pub(crate) callers: Callers,
    /// What callers are spoken to with; none for plain HTTP.
    pub(crate) tls: Option<Arc<ServerTls>>,
    pub(crate) porter: Porter,
    /// Who may sign in on the pages.
    pub(crate) accounts: AccountBook,
    /// Where else people may sign in.
    pub(crate) openid: Option<OpenId>,
    /// Attempts to sign in that proved nothing, by login.
    pub(crate) attempts: Buckets<String>,
    /// Bounds the passwords that are hashed at the same time.
    pub(crate) hashing: Semaphore,
    /// The step of time of the last code that somebody signed in with: a code is good once.
    codes: Mutex<BTreeMap<String, u64>>,
    /// Bounds the papers that are typeset at the same time.
    pub(crate) presses: Semaphore,
    pub(crate) lookers: Lookers,
    pub(crate) messenger: Arc<Messenger>,
    /// Where facilities that nobody can reach fetch their orders.
    pub(crate) hatch: Arc<Hatch>,
    pub(crate) teller: Arc<Teller>,
    /// Messages of facilities that try out their contacts.
    pub(crate) trials: Buckets<String>,
    /// Bounds the messages over the second channel under way.
    messages: Arc<Semaphore>,
    /// The texts of notices.
    pub(crate) texts: Arc<TextShelf>,
    /// Where the registry lies.
    pub(crate) shelf: Shelf,
    /// Plans parsed from their documents, by digest of the document.
    plans: Mutex<BTreeMap<String, Arc<Plan>>>,
    /// Cases that were read; they never change.
    cases: Mutex<BTreeMap<String, Arc<Case>>>,
    /// Held while a plan is changed by hand.
    pub(crate) editing: tokio::sync::Mutex<()>,
    /// Who bears what by the plan in force.
    pub(crate) shares: ShareShelf,
    /// Bounds the plans that are checked at the same time.
    pub(crate) checks: Arc<Semaphore>,
    /// Told when something has happened that may have made something due.
    pub(crate) hint: Notify,
    clocks: Arc<Clocks>,
    published: Arc<Published>,
    /// Bounds the deliveries under way.
    lanes: Arc<Semaphore>,
    /// How many deliveries are under way or wait for their turn.
    under_way: Arc<watch::Sender<usize>>,
    /// Dropped with the room, which ends them.
    deliveries: Mutex<JoinSet<()>>,
    /// The only lasting one; taken when the room is dropped, so that the writer ends.
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ControlRoom {
    /// Opens the journal that the configuration names, replays it while its chain is checked, and begins a new epoch.
    ///
    /// # Errors
    /// When the configuration, the key or the journal cannot be used, when the chain is broken, when the journal belongs
    /// to another environment.
    pub async fn open(config: Config, clocks: impl Into<Clocks>) -> Result<Arc<Self>, ServerError> {
        let clocks = Arc::new(clocks.into());
        config.check()?;
        let (database, holder) = (config.database.clone(), holder(&config.listen));
        let opening = tokio::task::spawn_blocking(move || database.store(&holder));
        let store = opening.await.map_err(|_| ServerError::BrokeOff { what: "the opening" })??;
        Self::open_on(config, store, Book::new(), clocks).await
    }

    /// Opens on a journal that is held already, of which `book` has read the beginning, and begins a new epoch.
    pub(crate) async fn open_on(
        config: Config,
        store: Box<dyn Store>,
        mut book: Book,
        clocks: Arc<Clocks>,
    ) -> Result<Arc<Self>, ServerError> {
        let messenger = Messenger::new(&config)?;
        let opening = tokio::task::spawn_blocking(move || {
            read_on(&StoreReader(&*store), &mut book)?;
            Ok::<_, ServerError>((store, book))
        });
        let (store, book) = opening.await.map_err(|_| ServerError::BrokeOff { what: "the opening" })??;
        let room = Self::around(config, messenger, store, book, clocks)?;
        room.begin_epoch().await?;
        // Where the journal is held by a lease, nothing leaves before it is known for how long.
        room.renew().await?;
        room.look_at_registry().await?;
        Ok(Arc::new(room))
    }

    fn around(
        config: Config,
        messenger: Messenger,
        store: Box<dyn Store>,
        book: Book,
        clocks: Arc<Clocks>,
    ) -> Result<Self, ServerError> {
        clocks.begin_after(book.clock);
        let published = Arc::new(Published {
            book: RwLock::new(book),
            trouble: Mutex::new(None),
            warnings: Mutex::new(VecDeque::new()),
            feed: broadcast::Sender::new(MAX_UNSEEN),
            tenure: Tenure::default(),
        });
        let (requests, waiting) = mpsc::channel(MAX_WAITING);
        let writer = Writer::new(store, Arc::clone(&clocks), Arc::clone(&published));
        let thread = std::thread::Builder::new().name("journal".into());
        let writer = thread
            .spawn(move || writer.run(waiting))
            .map_err(|_| ServerError::BrokeOff { what: "the thread of the journal" })?;
        Ok(Self {
            callers: Callers::new(&config.people, &config.facilities),
            tls: config.tls.server()?,
            porter: Porter::new(&config),
            hatch: Arc::new(Hatch::new(config.limits.waiting_for_orders())),
            accounts: AccountBook::new(config.accounts.clone()),
            openid: OpenId::new(&config)?,
            attempts: Buckets::new(SIGN_IN),
            hashing: Semaphore::new(MAX_HASHING),
            codes: Mutex::default(),
            presses: Semaphore::new(MAX_PRESSES),
            lookers: Lookers::new(),
            teller: Arc::new(Teller::new(&config)?),
            trials: Buckets::new(TRIALS),
            messages: Arc::new(Semaphore::new(MAX_MESSAGES)),
            texts: Arc::new(TextShelf::new(&config.notices)),
            shelf: Shelf::new(config.registry.clone()),
            config,
            messenger: Arc::new(messenger),
            plans: Mutex::default(),
            cases: Mutex::default(),
            editing: tokio::sync::Mutex::default(),
            shares: ShareShelf::default(),
            checks: Arc::new(Semaphore::new(MAX_CHECKS)),
            hint: Notify::new(),
            clocks,
            published,
            lanes: Arc::new(Semaphore::new(MAX_DELIVERIES)),
            under_way: Arc::new(watch::Sender::new(0)),
            deliveries: Mutex::default(),
            requests: Some(requests),
            writer: Some(writer),
        })
    }

    async fn begin_epoch(&self) -> Result<(), ServerError> {
        let epoch = self.look(|book| book.state.epoch()) + 1;
        let (environment, config) = (self.config.environment.clone(), self.config.engine());
        self.happen(vec![Event::Opened { environment, epoch, config }.into()]).await.map(|_| ())
    }

    /// What is known now, as far as it is durable.
    pub fn look<T>(&self, question: impl FnOnce(&Book) -> T) -> T {
        question(&self.published.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Engine time: never before the latest thing that was written down.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.look(|book| book.clock).max(self.clocks.now())
    }

    /// The settings it was opened with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether nobody has used a code of this step of time, or a later one, for this login; it is used then.
    pub(crate) fn take_code(&self, login: &str, step: Option<u64>) -> bool {
        let Some(step) = step else { return true };
        let mut codes = lock(&self.codes);
        let is_new = codes.get(login).is_none_or(|last| *last < step);
        if is_new {
            codes.insert(login.to_owned(), step);
        }
        is_new
    }

    /// With what facilities verify its orders.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.messenger.key().public()
    }

    /// Number and hash of the journal's last record.
    #[must_use]
    pub fn head(&self) -> Head {
        self.look(|book| book.head.clone())
    }

    /// Why the journal could not be written at the last attempt.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        lock(&self.published.trouble).clone()
    }

    /// The latest warnings, newest first.
    #[must_use]
    pub fn warnings(&self) -> Vec<(DateTime<Utc>, Warning)> {
        lock(&self.published.warnings).iter().rev().cloned().collect()
    }

    /// Everything that is written down from now on, as it is written down.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Arc<Happened>> {
        self.published.feed.subscribe()
    }

    /// The next instant at which something is due; in the past where something is due already.
    #[must_use]
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.look(|book| next_due(&book.state))
    }

    /// An order with the signature that proves it anywhere.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn bundle(&self, order_no: &OrderNo) -> Result<Option<Signed<Order>>, ServerError> {
        let order = self.look(|book| book.state.record(order_no).map(|record| record.order.clone()));
        Ok(order.map(|order| self.messenger.bundle(order)).transpose()?)
    }

    /// Lets these happen together or not at all; returns once they are durable.
    pub(crate) async fn happen(&self, inputs: Vec<Input>) -> Result<Effects, ServerError> {
        let effects = self.ask(|reply| Request::Happen { inputs, reply }).await?;
        self.hint.notify_one();
        Ok(effects)
    }

    /// Holds the journal for another while.
    pub(crate) async fn renew(&self) -> Result<(), ServerError> {
        self.ask(|reply| Request::Renew { reply }).await
    }

    /// Whether this control room still leads: no other can have written since.
    pub(crate) fn leads(&self) -> bool {
        self.published.tenure.lasts()
    }

    /// Waits until another control room leads, and says why this one does not.
    pub(crate) async fn deposed(&self) -> String {
        self.published.tenure.lost().await
    }

    /// A document of the journal.
    pub(crate) async fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, ServerError> {
        let digest = digest.to_owned();
        self.ask(|reply| Request::Document { digest, reply }).await
    }

    /// A plan that was read before; it never changes.
    pub(crate) fn cached_plan(&self, document: &str) -> Option<Arc<Plan>> {
        lock(&self.plans).get(document).cloned()
    }

    /// Keeps a plan that was read.
    pub(crate) fn cache_plan(&self, document: &str, plan: &Arc<Plan>) {
        lock(&self.plans).insert(document.to_owned(), Arc::clone(plan));
    }

    /// A case that was read before; it never changes.
    pub(crate) fn cached_case(&self, document: &str) -> Option<Arc<Case>> {
        lock(&self.cases).get(document).cloned()
    }

    /// Keeps a case that was read.
    pub(crate) fn cache_case(&self, document: &str, case: &Arc<Case>) {
        lock(&self.cases).insert(document.to_owned(), Arc::clone(case));
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, ServerError> {
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or(ServerError::Closed)?;
        requests.try_send(request(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ServerError::Busy { waiting: MAX_WAITING },
            mpsc::error::TrySendError::Closed(_) => ServerError::Closed,
        })?;
        answer.await.map_err(|_| ServerError::BrokeOff { what: "the journal" })?
    }

    /// Does what is due and starts the deliveries that follow, without waiting for them. Returns how much was due.
    ///
    /// # Errors
    /// When the journal cannot be written; then nothing was sent.
    pub async fn advance(&self) -> Result<usize, ServerError> {
        let Brought { events, effects } = self.ask(|reply| Request::Due { reply }).await?;
        let mut messages = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { order_no, attempt, order, address } if address == FETCHED => {
                    self.start_hand_over(order_no, attempt, *order);
                }
                Effect::Send { order_no, attempt, order, address } => {
                    self.start_delivery(order_no, attempt, *order, address);
                }
                Effect::Tell { channel, attempt, contact, order } => {
                    messages.push(Message { channel, attempt, contact: *contact, order: *order });
                }
                Effect::Notify(_) => {}
            }
        }
        for message in messages {
            let zone = self.zone_of(&message.order).await;
            self.start_message(message, zone);
        }
        Ok(events)
    }

    /// Does everything that is due and waits for every delivery, again and again, until nothing is due any more.
    ///
    /// # Errors
    /// When the journal cannot be written; deliveries under way go on.
    pub async fn tick(&self) -> Result<(), ServerError> {
        loop {
            let events = self.advance().await?;
            let waited = self.settle().await;
            if events == 0 && !waited {
                return Ok(());
            }
        }
    }

    /// Waits until no delivery is under way; says whether one was.
    pub async fn settle(&self) -> bool {
        let mut under_way = self.under_way.subscribe();
        let was = *under_way.borrow_and_update() > 0;
        // The sender lives as long as the room.
        let _ = under_way.wait_for(|count| *count == 0).await;
        was
    }

    /// The clock of a facility, as the case of the plan has it.
    pub(crate) async fn zone_of(&self, order: &Order) -> Tz {
        let papers = self.look(|book| book.papers.get(&order.plan_digest).map(|papers| papers.case.clone()));
        let Some(document) = papers else { return Tz::UTC };
        let Ok(case) = self.kept_case(&document).await else { return Tz::UTC };
        let place = case.facilities.binary_search_by(|facility| facility.id.cmp(&order.facility));
        place.map_or(Tz::UTC, |place| case.facilities[place].time_zone)
    }

    fn start_message(&self, message: Message, zone: Tz) {
        let Some(requests) = &self.requests else { return };
        let (requests, turns) = (requests.downgrade(), Arc::clone(&self.messages));
        let (teller, clocks) = (Arc::clone(&self.teller), Arc::clone(&self.clocks));
        let shelf = Arc::clone(&self.texts);
        let published = Arc::clone(&self.published);
        let flight = Flight::start(&self.under_way);
        self.spawn(async move {
            let _flight = flight;
            let Ok(_turn) = turns.acquire().await else { return };
            let Message { channel, attempt, contact, order } = message;
            let (texts, _) = shelf.current();
            let outcome = match kept_back(&published) {
                Some(reason) => NoticeOutcome::Failed { reason: reason.into() },
                None => tokio::select! {
                    outcome = teller.tell(channel, &contact, &order, (&texts, zone), clocks.now()) => outcome,
                    _ = published.tenure.lost() => return,
                },
            };
            let to = if channel == SecondChannel::Sms { contact.sms } else { contact.email };
            let order_no = order.order_no;
            record_outcome(&requests, Event::NoticeEnded { order_no, channel, to, attempt, outcome }).await;
        });
    }

    /// Something under way that ends with the room.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut deliveries = lock(&self.deliveries);
        while deliveries.try_join_next().is_some() {}
        deliveries.spawn(task);
    }

    fn start_delivery(&self, order_no: OrderNo, attempt: u32, order: Order, address: String) {
        let Some(requests) = &self.requests else { return };
        let (requests, lanes) = (requests.downgrade(), Arc::clone(&self.lanes));
        let (messenger, clocks) = (Arc::clone(&self.messenger), Arc::clone(&self.clocks));
        let published = Arc::clone(&self.published);
        let flight = Flight::start(&self.under_way);
        self.spawn(async move {
            let _flight = flight;
            let Ok(lane) = lanes.acquire().await else { return };
            let outcome = match kept_back(&published) {
                Some(reason) => Outcome::Failed { reason: reason.into(), retry_after_s: None },
                None => tokio::select! {
                    outcome = messenger.deliver(&address, order, clocks.now()) => outcome,
                    _ = published.tenure.lost() => return,
                },
            };
            // The next one need not wait for the disk.
            drop(lane);
            record_outcome(&requests, Event::AttemptEnded { order_no, attempt, outcome }).await;
        });
    }
}

impl ControlRoom {
    /// The attempt ends with the facility's own signed word, or fails for want of it: what was fetched is not received.
    fn start_hand_over(&self, order_no: OrderNo, attempt: u32, order: Order) {
        let Some(requests) = &self.requests else { return };
        let (requests, hatch) = (requests.downgrade(), Arc::clone(&self.hatch));
        let (messenger, clocks) = (Arc::clone(&self.messenger), Arc::clone(&self.clocks));
        let published = Arc::clone(&self.published);
        let flight = Flight::start(&self.under_way);
        self.spawn(async move {
            let _flight = flight;
            let make = || match kept_back(&published) {
                Some(reason) => Err(Outcome::Failed { reason: reason.into(), retry_after_s: None }),
                None => messenger.handed(&order, clocks.now()),
            };
            let outcome = tokio::select! {
                outcome = hatch.hand_over(&order.facility, &order_no, make) => outcome,
                _ = published.tenure.lost() => return,
            };
            if let Some(outcome) = outcome {
                record_outcome(&requests, Event::AttemptEnded { order_no, attempt, outcome }).await;
            }
        });
    }
}

/// A message over the second channel that is about to leave.
struct Message {
    channel: SecondChannel,
    attempt: u32,
    contact: Contact,
    order: Order,
}

/// A delivery that waits for its turn while somebody freezes, or while another control room takes over, does not leave.
fn kept_back(published: &Published) -> Option<&'static str> {
    let is_frozen = || published.book.read().unwrap_or_else(PoisonError::into_inner).state.frozen().is_some();
    match published.tenure.lasts() {
        false => Some("the lease ran out before it left"),
        true => is_frozen().then_some("frozen before it left"),
    }
}

/// Brings an outcome to the journal. Where that fails, the engine takes the attempt as failed after a while and sends
/// the same order again, which changes nothing at the receiver.
async fn record_outcome(requests: &mpsc::WeakSender<Request>, ended: Event) {
    loop {
        let inputs = vec![ended.clone().into()];
        let (reply, answer) = oneshot::channel();
        // The lasting sender is the room's: this one is given back before anything is awaited.
        let sent = match requests.upgrade() {
            Some(requests) => requests.try_send(Request::Happen { inputs, reply }),
            None => return,
        };
        match sent {
            Ok(()) => {
                if let Ok(Err(error)) = answer.await {
                    tracing::warn!(?ended, %error, "an outcome was not recorded");
                }
                return;
            }
            Err(mpsc::error::TrySendError::Full(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(mpsc::error::TrySendError::Closed(_)) => return,
        }
    }
}

/// Counts a delivery as long as it lives, however it ends.
struct Flight(Arc<watch::Sender<usize>>);

impl Flight {
    fn start(under_way: &Arc<watch::Sender<usize>>) -> Self {
        under_way.send_modify(|count| *count += 1);
        Self(Arc::clone(under_way))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Drop for ControlRoom {
    /// Waits for the batch that is being written and gives the journal back, so that another can open it at once.
    fn drop(&mut self) {
        lock(&self.deliveries).abort_all();
        drop(self.requests.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the journal had broken off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order() -> Order {
        let at = "2026-01-15T12:00:00Z";
        serde_json::from_value(json!({
            "order_no": "2026-0115-N1-v1", "kind": "limit", "priority": "normal", "environment": "test",
            "facility": "N1", "sequence": 1, "epoch": 1, "supersedes": null, "plan_digest": "p",
            "notice": kezek_model::order::Notice::default(), "issued_at": at, "not_before": at,
            "expires": at, "ack_by": at, "deliver_by": at, "window_from": at, "window_to": at,
            "segments": [], "depth_base": "nominated", "floor_mw": 0.0, "ramp_up_mw_per_h": null,
            "restore": null, "journal_head": {"seq": 1, "hash": "a"},
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_delivery_that_waits_for_its_turn_does_not_leave_once_frozen() {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("key");
        kezek_courier::PrivateKey::generate().unwrap().save(&key_file).unwrap();
        let mut config = Config::new("test", folder.path().join("kezek.db"), key_file);
        config.addresses.allow_loopback = true;
        let room = ControlRoom::open(config, Arc::new(|| DateTime::UNIX_EPOCH) as crate::Now).await.unwrap();
        let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/orders", receiver.local_addr().unwrap());
        let waits = || room.start_delivery("2026-0115-N1-v1".into(), 1, order(), address.clone());
        let came = async |wait: u64| {
            tokio::time::timeout(Duration::from_millis(wait), receiver.accept()).await.is_ok()
        };

        let turns = room.lanes.acquire_many(u32::try_from(MAX_DELIVERIES).unwrap()).await.unwrap();
        waits();
        let (person, reason) = ("anna".to_owned(), "look first".to_owned());
        room.happen(vec![Event::Frozen { person, reason }.into()]).await.unwrap();
        drop(turns);
        room.settle().await;
        assert!(!came(50).await, "it left while frozen");
        let (by, confirmed_by) = ("anna".to_owned(), "bolat".to_owned());
        let thawed = Event::Thawed { by, confirmed_by, reason: "looked".into() };
        room.happen(vec![thawed.into()]).await.unwrap();
        waits();
        assert!(came(5_000).await, "it leaves once thawed");
    }
}
