//! `kill -9` of a real `kezek serve`, at moments spread over the delivery and over the approval: no order is lost, none
//! is doubled. This proves nothing about the loss of power.
//!
//! `KEZEK_KILLS=10000 ./dev test -p kezek --test all kill` kills more often than the usual two hundred times.

use crate::control::{ControlRoom, Process, tomorrow};
use crate::run::{arg, planned};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::Utc;
use kezek_agent::{Agent, AgentConfig, AnswerPolicy, DriverConfig, Store, enrol};
use kezek_courier::{AddressRules, Tls};
use kezek_journal::{SqliteReader, verify};
use kezek_model::case::CaseFiles;
use kezek_model::order::Head;
use kezek_model::plan::Plan;
use kezek_model::units::Kw;
use kezek_server::Client;
use kezek_server::api::{OrderRow, ProposeBody};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

pub(crate) const FACILITIES: usize = 40;
/// The last receiver answers about so long after the approval.
const DELIVERY: Duration = Duration::from_millis(800);
/// An approval takes about half as long: the check, the journal, the answer.
const APPROVAL: Duration = Duration::from_millis(6);
/// Rounds that run at the same time, each with a control room and a fleet of its own.
const LANES: u32 = 4;

/// Kills of one run, four of five of them during delivery.
fn kills() -> u32 {
    std::env::var("KEZEK_KILLS")
        .map_or(200, |text| text.parse().expect("KEZEK_KILLS is a whole number above 9"))
}

/// A facility: the agent's own code behind a real socket, which is as slow as it likes.
pub(crate) struct Facility {
    pub(crate) config: AgentConfig,
    /// Before and after the order is stored.
    pauses: [Duration; 2],
    is_slow: AtomicBool,
    /// The agent of this round.
    agent: Mutex<Option<Agent>>,
    /// Every body that came, whatever became of it.
    pub(crate) came: Mutex<Vec<Bytes>>,
}

impl Facility {
    pub(crate) async fn open(place: usize, home: &Path, server_url: &str, admin: &Client) -> Arc<Self> {
        let id = facility(place);
        let folder = home.join(&id);
        std::fs::create_dir_all(&folder).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        let config = AgentConfig {
            facility: id.as_str().into(),
            environment: "test".into(),
            server_url: server_url.into(),
            listen: Some(listen),
            admin_listen: None,
            public_address: Some(format!("http://{listen}/orders")),
            fetch: false,
            key_file: folder.join("key"),
            store_file: folder.join("store"),
            state_file: folder.join("agent.json"),
            control_room_fingerprint: None,
            driver: DriverConfig::Simulated {
                nominated: Kw(10_000),
                standby: Kw::ZERO,
                ramp_up: None,
                lies: false,
            },
            answer: AnswerPolicy::Accept,
            meter_minutes: 60,
            addresses: AddressRules { allow_loopback: true, allow: Vec::new() },
            tls: Tls::default(),
        };
        let code = admin.enrolment_code(&config.facility).await.unwrap().code;
        enrol(&config, &code).await.unwrap();
        // One in three stores late, one in three answers late, one in three does neither.
        let pause = DELIVERY * u32::try_from(place).unwrap() / u32::try_from(FACILITIES).unwrap();
        let pauses = match place % 3 {
            0 => [pause, Duration::ZERO],
            1 => [Duration::ZERO, pause],
            _ => [Duration::ZERO; 2],
        };
        let (is_slow, agent, came) = (AtomicBool::new(true), Mutex::default(), Mutex::default());
        let facility = Arc::new(Self { config, pauses, is_slow, agent, came });
        let router = Router::new().route("/orders", post(take)).with_state(Arc::clone(&facility));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        facility
    }

    /// An agent with a fresh copy of the store, as after the enrolment.
    pub(crate) fn begin(&self, round: &Path) {
        let store_file = round.join(self.config.facility.as_str());
        std::fs::copy(&self.config.store_file, &store_file).unwrap();
        let store = Store::open(&store_file).unwrap();
        let config = AgentConfig { store_file, ..self.config.clone() };
        let driver = config.driver.build().unwrap();
        *self.agent.lock().unwrap() = Some(Agent::open(config, store, driver, Arc::new(Utc::now)).unwrap());
        self.came.lock().unwrap().clear();
        self.is_slow.store(true, Ordering::SeqCst);
    }

    pub(crate) fn agent(&self) -> Agent {
        let agent = self.agent.lock().unwrap().clone();
        agent.unwrap()
    }

    async fn pause(&self, which: usize) {
        if self.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(self.pauses[which]).await;
        }
    }
}

/// A port may have belonged to a facility of another room, which still sends there. An order of its own room that could
/// not be proven would never arrive.
const OF_ANOTHER_ROOM: &str = "fits none of the pinned keys";

async fn take(State(facility): State<Arc<Facility>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Before the first round it can only be another room, to whose facility the port belonged before.
    if facility.agent.lock().unwrap().is_none() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    facility.pause(0).await;
    let received = facility.agent().receive(headers, body.clone()).await;
    if received.as_ref().is_err_and(|refusal| refusal.to_string().contains(OF_ANOTHER_ROOM)) {
        return StatusCode::UNAUTHORIZED;
    }
    facility.came.lock().unwrap().push(body);
    facility.pause(1).await;
    match received {
        Ok(_) => StatusCode::OK,
        Err(refusal) => panic!("{}: {refusal}", facility.config.facility),
    }
}

fn facility(place: usize) -> String {
    format!("F{:02}", place + 1)
}

/// A control room with a plan that waits for approval, and its fleet; every round begins with a copy of it.
struct Lane {
    room: ControlRoom,
    fleet: Vec<Arc<Facility>>,
    digest: String,
}

impl Lane {
    async fn open(case: &Path, plan: &Plan) -> Self {
        let room = ControlRoom::new();
        let server = room.start();
        let admin = room.client("Administrator");
        let mut fleet = Vec::new();
        for place in 0..FACILITIES {
            fleet.push(Facility::open(place, room.home.path(), &room.base(), &admin).await);
        }
        let case = CaseFiles::from_folder(case).unwrap();
        let body =
            ProposeBody { case, plan: plan.clone(), comment: String::new(), asked_gap: None, priority: None };
        let digest = room.client("Author").propose(&body).await.unwrap().plan_digest;
        assert_eq!(server.terminate(), Some(0));
        std::fs::copy(room.folder().join("kezek.db"), room.folder().join("waiting.db")).unwrap();
        Self { room, fleet, digest }
    }

    /// Everything as after the proposal; the control room runs.
    fn begin(&self) -> (Process, PathBuf) {
        let round = tempfile::tempdir_in(self.room.home.path()).unwrap().keep();
        self.fleet.iter().for_each(|facility| facility.begin(&round));
        let database = self.room.folder().join("kezek.db");
        for rest in ["kezek.db-wal", "kezek.db-shm"] {
            // Only a killed server leaves them behind.
            let _ = std::fs::remove_file(self.room.folder().join(rest));
        }
        std::fs::copy(self.room.folder().join("waiting.db"), &database).unwrap();
        (self.room.start(), database)
    }

    fn stored(&self) -> usize {
        self.fleet.iter().filter(|facility| !facility.agent().standing().holdings.is_empty()).count()
    }

    async fn orders(&self) -> Vec<OrderRow> {
        self.room.client("Dispatcher").orders(None, None).await.unwrap()
    }

    /// Starts the control room again and waits until every order has arrived and is answered.
    async fn recover(&self) -> Process {
        self.fleet.iter().for_each(|facility| facility.is_slow.store(false, Ordering::SeqCst));
        let server = self.room.start();
        let dispatcher = self.room.client("Dispatcher");
        if self.orders().await.is_empty() {
            self.room.client("Chief").approve(&self.digest, "").await.unwrap();
        }
        let start = Instant::now();
        loop {
            let mut ticks = JoinSet::new();
            for facility in &self.fleet {
                let agent = facility.agent();
                ticks.spawn(async move { agent.tick().await });
            }
            ticks.join_all().await;
            let counts = dispatcher.status().await.unwrap().counts;
            if [counts.received, counts.accepted] == [FACILITIES as u64; 2] {
                return server;
            }
            assert!(start.elapsed() < Duration::from_secs(40), "an order is lost: {counts:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// No order lost, none doubled, the chain whole, the epoch higher.
    async fn judge(&self, epoch_before: u64) {
        let orders = self.orders().await;
        let mut heads: Vec<Head> = Vec::new();
        let numbers: BTreeSet<&str> = orders.iter().map(|order| order.order_no.as_str()).collect();
        assert_eq!((orders.len(), numbers.len()), (FACILITIES, FACILITIES));
        for facility in &self.fleet {
            let own: Vec<&OrderRow> =
                orders.iter().filter(|order| order.facility == facility.config.facility).collect();
            let [order] = own[..] else { panic!("{}: {own:?}", facility.config.facility) };
            let holdings = facility.agent().standing().holdings;
            let [holding] = &holdings[..] else { panic!("{}: {holdings:?}", facility.config.facility) };
            assert_eq!((&holding.order.order_no, holding.order.sequence), (&order.order_no, order.sequence));
            assert_eq!(order.sequence, 1);
            assert!(order.attempts <= 3, "{order:?}");
            heads.push(holding.order.journal_head.clone());
            let came = facility.came.lock().unwrap();
            let bodies: BTreeSet<&Bytes> = came.iter().collect();
            assert_eq!(
                bodies.len(),
                1,
                "{}: the same order goes again, byte for byte",
                facility.config.facility
            );
        }
        let status = self.room.client("Auditor").status().await.unwrap();
        assert_eq!(status.epoch, epoch_before + 1);
        heads.push(status.journal_head);
        let verification = verify(&self.room.folder().join("kezek.db"), &heads).unwrap();
        assert!(verification.is_sound(), "{:?}", verification.faults);
    }

    /// Killed so long after the approval.
    async fn during_delivery(&self, round: u32, delay: Duration) {
        let (server, database) = self.begin();
        let epoch = self.room.client("Auditor").status().await.unwrap().epoch;
        let approved = self.room.client("Chief").approve(&self.digest, "").await.unwrap();
        assert_eq!(approved.orders.len(), FACILITIES);
        tokio::time::sleep(delay).await;
        server.kill();
        let (stored, intended) =
            (self.stored(), count(&database, |record| record.kind == "attempt-intended"));
        let recorded = count(&database, |record| record.body["event"]["outcome"]["kind"] == "received");
        assert!(recorded <= stored && stored <= intended, "{recorded} <= {stored} <= {intended}");
        let server = self.recover().await;
        self.judge(epoch).await;
        let came: usize = self.fleet.iter().map(|facility| facility.came.lock().unwrap().len()).sum();
        println!(
            "round {round:>2}: killed {:>3} ms after the approval: of {FACILITIES} orders {intended:>2} intended, \
             {stored:>2} stored at their facility, {recorded:>2} recorded as received; {:>2} came twice",
            delay.as_millis(),
            came - FACILITIES
        );
        assert_eq!(server.terminate(), Some(0));
    }

    /// Killed so long after the request to approve was sent.
    async fn during_approval(&self, round: u32, delay: Duration) {
        let (server, database) = self.begin();
        let epoch = self.room.client("Auditor").status().await.unwrap().epoch;
        let (chief, digest) = (self.room.client("Chief"), self.digest.clone());
        let approving = tokio::spawn(async move { chief.approve(&digest, "").await });
        // The runtime's clock knows no fractions of a millisecond.
        tokio::task::block_in_place(|| std::thread::sleep(delay));
        server.kill();
        let answer = approving.await.unwrap();
        let durable = count(&database, |record| record.kind == "approved");
        assert!(answer.is_err() || durable == 1, "what was answered is durable");
        println!(
            "approval {round:>2}: killed {:>4} us after the request; {} issued, {}",
            delay.as_micros(),
            if durable == 1 { "everything" } else { "nothing" },
            if answer.is_ok() { "answered" } else { "no answer" },
        );
        let again = self.room.start();
        let issued = self.orders().await.len();
        assert_eq!(issued, durable * FACILITIES, "all orders of a plan or none");
        again.kill();
        let server = self.recover().await;
        self.judge(epoch + 1).await;
        assert_eq!(server.terminate(), Some(0));
    }
}

fn count(database: &Path, is_meant: impl Fn(&kezek_journal::Record) -> bool) -> usize {
    let mut number = 0;
    let mut visit = |record: kezek_journal::Record| {
        number += usize::from(is_meant(&record));
        ControlFlow::Continue(())
    };
    SqliteReader::open(database).unwrap().load(0, &mut visit).unwrap();
    number
}

/// Facilities, a case for tomorrow, its plan.
pub(crate) fn prepared(home: &Path) -> (PathBuf, Plan) {
    let case = home.join("case");
    let facilities: Vec<String> = (0..FACILITIES).map(facility).collect();
    tomorrow(&case, &facilities);
    let plan = std::fs::read_to_string(planned(arg(&case), &home.join("plan"))).unwrap();
    (case, Plan::from_json(&plan).unwrap())
}

/// Lets several control rooms, each with a fleet of its own, take the rounds in turn.
async fn in_lanes<F: Future<Output = ()> + Send>(
    rounds: u32,
    round: impl Fn(Arc<Lane>, u32) -> F + Copy + Send + 'static,
) {
    let home = crate::run::home();
    let (case, plan) = prepared(home.path());
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let (case, plan) = (case.clone(), plan.clone());
        lanes.spawn(async move {
            let world = Arc::new(Lane::open(&case, &plan).await);
            for number in (lane..rounds).step_by(LANES as usize) {
                round(Arc::clone(&world), number).await;
            }
        });
    }
    lanes.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kills_during_delivery_lose_and_double_nothing() {
    let rounds = kills() * 4 / 5;
    in_lanes(rounds, move |world, round| async move {
        world.during_delivery(round + 1, (DELIVERY + DELIVERY / 10) * round / (rounds - 1)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kills_during_approval_issue_everything_or_nothing() {
    let rounds = kills() / 5;
    in_lanes(rounds, move |world, round| async move {
        world.during_approval(round + 1, APPROVAL * round / (rounds - 1)).await;
    })
    .await;
}
