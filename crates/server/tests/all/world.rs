//! A control room with four people, three facilities, a case of six hours and its plan.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{AddressRules, Answer as HttpAnswer, GuardedClient, PrivateKey, Timeouts, Tls};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::plan::Plan;
use kezek_model::registry::FETCHED;
use kezek_planner::solve::{Settings, Watch, solve};
use kezek_server::access::{FacilityToken, Person, Role};
use kezek_server::api::{EnrolBody, ProposeBody};
use kezek_server::{Client, Config, ControlRoom, Now, serve_api, token_sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::receiver::Receiver;

/// The evening worked out by hand: N1, S1 and S2 are cut, 3 MWh stay uncovered.
pub(crate) static CASE: LazyLock<CaseFiles> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/small");
    CaseFiles::from_folder(&folder).unwrap()
});

/// Its plan.
pub(crate) static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let case = Case::parse(&CASE).unwrap();
    let stop = AtomicBool::new(false);
    let watch = &mut Watch { elapsed: &|| Duration::ZERO, stop: &stop, progress: &mut |_| {} };
    solve(&case, Settings::of(&case, 1), watch).unwrap()
});

/// A day before the evening.
pub(crate) fn day_before() -> DateTime<Utc> {
    "2026-01-14T12:00:00Z".parse().unwrap()
}

pub(crate) fn evening() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

/// Everybody; the token is the name.
pub(crate) const PEOPLE: [(&str, &[Role]); 7] = [
    ("author", &[Role::Planner, Role::Approver]),
    ("planner", &[Role::Planner]),
    ("dispatcher", &[Role::Dispatcher]),
    ("approver", &[Role::Approver]),
    ("second", &[Role::Approver]),
    ("auditor", &[Role::Auditor]),
    ("administrator", &[Role::Administrator]),
];

pub(crate) struct World {
    /// Removed with the world.
    _folder: TempDir,
    pub(crate) clock: Arc<Mutex<DateTime<Utc>>>,
    pub(crate) config: Config,
    pub(crate) base: String,
    room: Option<Arc<ControlRoom>>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

impl World {
    /// The file of its journal.
    pub(crate) fn database(&self) -> &Path {
        self.config.database.path().unwrap()
    }

    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("control-room.key");
        PrivateKey::generate().unwrap().save(&key_file).unwrap();
        let mut config = Config::new("test", folder.path().join("kezek.db"), key_file);
        config.addresses = AddressRules { allow_loopback: true, allow: Vec::new() };
        config.people = PEOPLE
            .iter()
            .map(|(name, roles)| Person {
                name: (*name).into(),
                roles: roles.iter().copied().collect(),
                token_sha256: token_sha256(name),
            })
            .collect();
        config.facilities =
            ["N1", "S1"].map(|id| FacilityToken { id: id.into(), token_sha256: token_sha256(id) }).into();
        change(&mut config);
        let clock = Arc::new(Mutex::new(day_before()));
        let (room, stop, serving, base) = (None, None, None, String::new());
        let mut world = Self { _folder: folder, clock, config, base, room, stop, serving };
        world.start().await;
        world
    }

    pub(crate) fn clock(&self) -> Now {
        let clock = Arc::clone(&self.clock);
        Arc::new(move || *clock.lock().unwrap())
    }

    pub(crate) async fn start(&mut self) {
        self.start_at("http://127.0.0.1:0").await;
    }

    /// Starts where it was before, so that whoever knows the address finds it.
    pub(crate) async fn start_at(&mut self, base: &str) {
        let room = ControlRoom::open(self.config.clone(), self.clock()).await.unwrap();
        let (_, address) = base.split_once("://").unwrap();
        let listener = TcpListener::bind(address).await.unwrap();
        let scheme = if self.config.tls.is_served() { "https" } else { "http" };
        self.base = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = serve_api(Arc::clone(&room), listener, async {
            let _ = stopped.await;
        });
        self.serving = Some(tokio::spawn(serving));
        (self.room, self.stop) = (Some(room), Some(stop));
    }

    pub(crate) fn room(&self) -> &Arc<ControlRoom> {
        self.room.as_ref().unwrap()
    }

    /// Pulls the plug: what is not durable is lost.
    pub(crate) async fn crash(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        let _ = serving.await;
        self.stop = None;
        let room = self.room.take().unwrap();
        // Connections of the server may still hold the room for a moment.
        for _ in 0..200 {
            if Arc::strong_count(&room) == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(Arc::strong_count(&room), 1, "somebody still holds the room");
        drop(room);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().unwrap()
    }

    pub(crate) fn set(&self, now: DateTime<Utc>) {
        *self.clock.lock().unwrap() = now;
    }

    /// Leaps from one due moment to the next until `end`.
    pub(crate) async fn run_until(&self, end: DateTime<Utc>) {
        self.room().tick().await.unwrap();
        while let Some(next) = self.room().next_due().filter(|next| *next <= end) {
            self.set(next.max(self.now() + TimeDelta::milliseconds(1)));
            self.room().tick().await.unwrap();
        }
        self.set(end.max(self.now()));
        self.room().tick().await.unwrap();
    }

    pub(crate) fn as_(&self, name: &str) -> Client {
        Client::with_tls(&self.base, Some(name.into()), &self.trust()).unwrap()
    }

    /// Trusts what the agents' authorities are, which in these tests are the server's own.
    fn trust(&self) -> Tls {
        Tls { authorities_file: self.config.tls.authorities_file.clone(), ..Tls::default() }
    }

    /// Any request, whatever comes back.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: impl Into<Vec<u8>>,
    ) -> HttpAnswer {
        let rules = AddressRules { allow_loopback: true, allow: Vec::new() };
        let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
        let header = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> =
            header.iter().map(|value| ("authorization", value.as_str())).collect();
        let url = format!("{}{path}", self.base);
        match method {
            "GET" => client.get(&url, &headers).await.unwrap(),
            _ => client.post(&url, &headers, body.into()).await.unwrap(),
        }
    }

    /// Posts a signed body, as an agent does.
    pub(crate) async fn signed(&self, path: &str, body: Vec<u8>) -> (u16, serde_json::Value) {
        let answer = self.raw("POST", path, None, body).await;
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// Enrols a receiver as the facility does.
    pub(crate) async fn enrol(&self, facility: &str) -> Receiver {
        let receiver = Receiver::start(facility, self.database().to_owned()).await;
        let code = self.as_("administrator").enrolment_code(&facility.into()).await.unwrap().code;
        let body = self.enrolment(&receiver, &code);
        let enrolled = Client::new(&self.base, None).unwrap().enrol(&body).await.unwrap();
        assert!(enrolled.holds);
        assert_eq!(enrolled.control_room_public_key, self.room().public_key().to_string());
        receiver.pin(self.room().public_key(), self.clock());
        receiver
    }

    /// Enrols a facility that nobody can reach: it has a key and no address.
    pub(crate) async fn enrol_fetching(&self, facility: &str) -> PrivateKey {
        let key = PrivateKey::generate().unwrap();
        let code = self.as_("administrator").enrolment_code(&facility.into()).await.unwrap().code;
        let body = EnrolBody {
            facility: facility.into(),
            code,
            public_key: key.public().to_string(),
            address: FETCHED.into(),
            environment: "test".into(),
        };
        assert!(Client::new(&self.base, None).unwrap().enrol(&body).await.unwrap().holds);
        key
    }

    pub(crate) fn enrolment(&self, receiver: &Receiver, code: &str) -> EnrolBody {
        EnrolBody {
            facility: receiver.facility.as_str().into(),
            code: code.into(),
            public_key: receiver.key.public().to_string(),
            address: receiver.url(),
            environment: "test".into(),
        }
    }

    pub(crate) async fn enrol_all(&self) -> [Receiver; 3] {
        [self.enrol("N1").await, self.enrol("S1").await, self.enrol("S2").await]
    }

    pub(crate) async fn propose(&self, plan: &Plan) -> String {
        self.as_("author").propose(&proposal(plan)).await.unwrap().plan_digest
    }

    /// Proposed and approved; the orders are issued.
    pub(crate) async fn issue(&self, plan: &Plan) -> Vec<kezek_model::ids::OrderNo> {
        let digest = self.propose(plan).await;
        let approved = self.as_("approver").approve(&digest, "").await.unwrap();
        assert!(approved.approved);
        approved.orders
    }
}

pub(crate) fn proposal(plan: &Plan) -> ProposeBody {
    let (case, plan) = (CASE.clone(), plan.clone());
    ProposeBody { case, plan, comment: "the evening".into(), asked_gap: None, priority: None }
}

/// The same plan, made from another.
pub(crate) fn after(parent: &str) -> Plan {
    Plan { parent: Some(parent.into()), ..PLAN.clone() }
}
