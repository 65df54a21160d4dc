//! Two `kezek serve` on one PostgreSQL database: one leads, one stands by. The leader is killed, or put to sleep and woken
//! again, in the middle of a delivery.

use crate::cluster::Cluster;
use crate::control::{ControlRoom, Process, free_port};
use crate::kill::{FACILITIES, Facility, prepared};
use crate::run::{Ran, arg, kezek};
use axum::body::Bytes;
use kezek_journal::{Location, verify_at};
use kezek_model::case::CaseFiles;
use kezek_server::Client;
use kezek_server::api::ProposeBody;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From the death of the leader to an answer of the next one.
const TAKEOVER: Duration = Duration::from_secs(15);

/// A control room with a database, and as many servers as are started on it.
struct Shared {
    room: ControlRoom,
    url: String,
}

impl Shared {
    fn new() -> Self {
        Self { room: ControlRoom::new(), url: Cluster::get().fresh() }
    }

    /// Starts a server on the database, on a port of its own.
    fn start(&self, port: u16) -> Process {
        let (config, listen) = (self.room.config(), format!("127.0.0.1:{port}"));
        let args = ["serve", "--config", arg(&config), "--database", &self.url, "--listen", &listen];
        Process::start(&args, self.room.home.path())
    }

    fn client(&self, process: &Process, person: &str) -> Client {
        self.room.client_at(&process.address, person)
    }

    /// Waits until a server leads, and says how long that took.
    async fn leads(&self, process: &Process) -> Duration {
        let (start, auditor) = (Instant::now(), self.client(process, "Auditor"));
        while auditor.status().await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", self.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        start.elapsed()
    }

    /// What the servers said on stderr.
    fn said(&self) -> String {
        std::fs::read_to_string(self.room.home.path().join("stderr.log")).unwrap()
    }

    fn sql(&self, sql: &str) -> String {
        Cluster::get().sql_at(&self.url, sql).unwrap()
    }
}

/// Two servers, a fleet enrolled at the first, and a plan that waits for approval.
struct Stage {
    shared: Shared,
    first: Process,
    second: Process,
    fleet: Vec<Arc<Facility>>,
    digest: String,
}

impl Stage {
    async fn new() -> Self {
        let shared = Shared::new();
        let first = shared.start(shared.room.port);
        let second = shared.start(free_port());
        let (case, plan) = prepared(shared.room.home.path());
        let admin = shared.client(&first, "Administrator");
        let mut fleet = Vec::new();
        for place in 0..FACILITIES {
            fleet.push(Facility::open(place, shared.room.home.path(), &first.address, &admin).await);
        }
        let case = CaseFiles::from_folder(&case).unwrap();
        let body = ProposeBody { case, plan, comment: String::new(), asked_gap: None, priority: None };
        let digest = shared.client(&first, "Author").propose(&body).await.unwrap().plan_digest;
        let round = tempfile::tempdir_in(shared.room.home.path()).unwrap().keep();
        fleet.iter().for_each(|facility| facility.begin(&round));
        Self { shared, first, second, fleet, digest }
    }

    /// Approves, and comes back in the middle of the delivery.
    async fn approve(&self) {
        let chief = self.shared.client(&self.first, "Chief");
        assert_eq!(chief.approve(&self.digest, "").await.unwrap().orders.len(), FACILITIES);
        tokio::time::sleep(Duration::from_millis(250)).await;
        let intended = "SELECT count(*) FROM kezek.journal WHERE kind = 'attempt-ended'";
        let ended: usize = self.shared.sql(intended).parse().unwrap();
        assert!(ended < FACILITIES, "the delivery is over already");
    }

    /// Waits until every order has arrived, as `leader` knows it.
    async fn arrived(&self, leader: &Process) {
        let (start, dispatcher) = (Instant::now(), self.shared.client(leader, "Dispatcher"));
        loop {
            let counts = dispatcher.status().await.unwrap().counts;
            if counts.received == FACILITIES as u64 {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "an order is lost: {counts:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every facility has one order, and whatever came was that one, byte for byte.
    fn judge(&self) {
        for facility in &self.fleet {
            let holdings = facility.agent().standing().holdings;
            assert_eq!(holdings.len(), 1, "{}: {holdings:?}", facility.config.facility);
            let came = facility.came.lock().unwrap();
            assert_eq!(came.iter().collect::<BTreeSet<&Bytes>>().len(), 1, "{}", facility.config.facility);
        }
        let heads: Vec<_> = (self.fleet.iter())
            .map(|facility| facility.agent().standing().holdings[0].order.journal_head.clone())
            .collect();
        let location: Location = self.shared.url.parse().unwrap();
        // The journal waits for its server, which no thread of a runtime may do.
        let verifying = std::thread::spawn(move || verify_at(&location, &heads).unwrap());
        let found = verifying.join().unwrap();
        assert!(found.is_sound(), "{:?}", found.faults);
    }

    fn came(&self) -> usize {
        self.fleet.iter().map(|facility| facility.came.lock().unwrap().len()).sum()
    }
}

/// The bare answer to a request, headers and all.
fn answer(process: &Process, path: &str) -> String {
    let address = process.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.to_lowercase()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_leads_and_the_other_says_who() {
    let shared = Shared::new();
    let first = shared.start(shared.room.port);
    let second = shared.start(free_port());
    shared.leads(&first).await;
    let leader = format!("127.0.0.1:{}", shared.room.port);
    for path in ["/api/v1/healthz", "/api/v1/status", "/", "/nowhere"] {
        let said = answer(&second, path);
        assert!(said.starts_with("http/1.1 503") && said.contains("retry-after: 2"), "{path}: {said}");
        assert!(said.contains(&leader), "{path}: {said}");
    }
    assert!(answer(&first, "/api/v1/healthz").starts_with("http/1.1 200"));
    assert!(
        shared.said().contains("leads on") && shared.said().contains("stands by on"),
        "{}",
        shared.said()
    );
    // An orderly end gives the lease back: the other need not wait for it to run out.
    assert_eq!(first.terminate(), Some(0));
    let took = shared.leads(&second).await;
    assert!(took < Duration::from_secs(7), "{took:?}");
    assert_eq!(shared.client(&second, "Auditor").status().await.unwrap().epoch, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_the_leader_is_killed_the_other_brings_every_order() {
    let stage = Stage::new().await;
    stage.approve().await;
    stage.first.signal("KILL");
    let took = stage.shared.leads(&stage.second).await;
    println!("took over {:.1} s after SIGKILL", took.as_secs_f64());
    assert!(took < TAKEOVER, "{took:?}");
    stage.arrived(&stage.second).await;
    stage.judge();
    assert_eq!(stage.shared.client(&stage.second, "Auditor").status().await.unwrap().epoch, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_leader_that_slept_appends_nothing_and_sends_nothing_when_it_wakes() {
    let stage = Stage::new().await;
    stage.approve().await;
    stage.first.signal("STOP");
    let took = stage.shared.leads(&stage.second).await;
    println!("took over {:.1} s after SIGSTOP", took.as_secs_f64());
    assert!(took < TAKEOVER, "{took:?}");
    stage.arrived(&stage.second).await;
    let end = "SELECT max(seq) FROM kezek.journal";
    let (came, before) = (stage.came(), stage.shared.sql(end));
    stage.first.signal("CONT");
    // It stands by as soon as it has looked, and never answers as a leader in between.
    for _ in 0..40 {
        let said = answer(&stage.first, "/api/v1/status");
        assert!(said.starts_with("http/1.1 503"), "{said}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((stage.came(), stage.shared.sql(end)), (came, before), "the one that slept did something");
    assert!(stage.shared.said().contains("no longer leads"), "{}", stage.shared.said());
    stage.judge();
    // It is as good as any other: when the new leader dies, it leads again.
    let Stage { shared, first, second, .. } = stage;
    second.kill();
    let took = shared.leads(&first).await;
    assert!(took < TAKEOVER, "{took:?}");
    assert_eq!(shared.client(&first, "Auditor").status().await.unwrap().epoch, 3);
}

#[test]
fn a_password_is_never_taken_from_a_command_line_nor_shown() {
    let room = ControlRoom::new();
    let config = room.config();
    let url = "postgres://kezek:geheim@127.0.0.1:1/kezek";
    let served = kezek(&["serve", "--config", arg(&config), "--database", url, "--listen", "127.0.0.1:0"]);
    let verified = kezek(&["journal", "verify", url]);
    for ran in [served, verified] {
        let Ran { stdout, stderr, .. } = ran.ends_with(3);
        assert!(stderr.contains("holds a password"), "{stderr}");
        assert!(!format!("{stdout}{stderr}").contains("geheim"), "{stderr}");
    }
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"kezek.db\"", &format!("\"{url}\""))).unwrap();
    let shown = kezek(&["config", "show", "--config", arg(&config)]).ends_with(0).stdout;
    assert!(shown.contains("postgres://***@127.0.0.1:1/kezek") && !shown.contains("geheim"), "{shown}");
}
