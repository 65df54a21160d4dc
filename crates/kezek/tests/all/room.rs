//! What people read, at a clock that stands still: the evening of `examples/small`, with one facility that obeys, one
//! that refuses and one that says yes and does not cut.

use crate::run::{Ran, command, home, root};
use crate::{run, snapshot};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{AddressRules, PrivateKey};
use kezek_model::case::Case;
use kezek_server::access::{Person, Role};
use kezek_server::{Client, Config, ControlRoom, Now, serve_api, token_sha256};
use kezek_study::world::{Place, Quirk, World};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

const CASE: &str = "examples/small";
const QUIRKS: [Quirk; 3] = [Quirk::Obedient, Quirk::Refuses, Quirk::Lies];
/// The token is the name.
const PEOPLE: [(&str, &[Role]); 5] = [
    ("author", &[Role::Planner, Role::Approver]),
    ("chief", &[Role::Approver]),
    ("dispatcher", &[Role::Dispatcher]),
    ("auditor", &[Role::Auditor]),
    ("administrator", &[Role::Administrator]),
];

pub(crate) struct Evening {
    pub(crate) home: TempDir,
    clock: Arc<Mutex<DateTime<Utc>>>,
    base: String,
    room: Arc<ControlRoom>,
    world: World,
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Evening {
    pub(crate) async fn new() -> Self {
        Self::of(home(), &root().join(CASE)).await
    }

    /// The evening of another case with three facilities.
    pub(crate) async fn of(home: TempDir, case: &Path) -> Self {
        let clock = Arc::new(Mutex::new(at("2026-01-14T12:00:00Z")));
        let shown = Arc::clone(&clock);
        let now: Now = Arc::new(move || *shown.lock().unwrap());
        let room = ControlRoom::open(config(&home), Arc::clone(&now)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve_api(Arc::clone(&room), listener, std::future::pending()));
        let mut world = World::new(now);
        let case = Case::read(case).unwrap();
        let (folder, environment) = (home.path().join("world"), "test".to_owned());
        let place = Place { folder, server_url: base.clone(), environment };
        let administrator = Client::new(&base, Some("administrator".into())).unwrap();
        for (facility, quirk) in case.facilities.iter().zip(QUIRKS) {
            let code = administrator.enrolment_code(&facility.id).await.unwrap().code;
            world.open(&case, facility, quirk, &place, &code).await.unwrap();
        }
        Self { home, clock, base, room, world }
    }

    /// Runs the binary as somebody.
    pub(crate) fn as_(&self, person: &str, args: &[&str]) -> Ran {
        let mut command = command();
        Ran::of(command.args(args).env("KEZEK_SERVER", &self.base).env("KEZEK_TOKEN", person))
    }

    /// Has the control room read a file of the registry.
    pub(crate) async fn registry(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join("registry").join(name), text).unwrap();
        self.room.look_at_registry().await.unwrap();
    }

    /// Leaps from one due moment to the next.
    pub(crate) async fn run_until(&self, end: DateTime<Utc>) {
        loop {
            let now = *self.clock.lock().unwrap();
            self.room.tick().await.unwrap();
            self.world.tick().await;
            let next = [self.room.next_due(), self.world.next_due()].into_iter().flatten().min();
            match next {
                Some(next) if next <= end => {
                    *self.clock.lock().unwrap() = next.max(now + TimeDelta::milliseconds(1));
                }
                _ => break,
            }
        }
        let now = *self.clock.lock().unwrap();
        *self.clock.lock().unwrap() = end.max(now);
    }
}

fn config(home: &TempDir) -> Config {
    let key_file = home.path().join("control-room.key");
    PrivateKey::generate().unwrap().save(&key_file).unwrap();
    let mut config = Config::new("test", home.path().join("kezek.db"), key_file);
    config.addresses = AddressRules { allow_loopback: true, allow: Vec::new() };
    let registry = home.path().join("registry");
    std::fs::create_dir(&registry).unwrap();
    let contacts = "facility,role,name,language,phone,email,sms\n\
        S1,shift leader,A. Serik,kk,+7 700 000 00 00,,\nS1,owner,B. Ivanov,ru,+7 700 111 11 11,,\n";
    std::fs::write(registry.join("contacts.csv"), contacts).unwrap();
    config.registry = Some(registry);
    config.notice.issuer = "System operator".into();
    config.notice.signatory = "Chief dispatcher".into();
    config.notice.legal_basis = "Grid rules, 14".into();
    config.notice.condition = "while the shortage lasts".into();
    config.notice.reason.en = "shortage of power".into();
    config.notice.contact.name = "Duty dispatcher".into();
    config.notice.contact.phone = "+7 700 000 00 00".into();
    let person = |(name, roles): &(&str, &[Role])| Person {
        name: (*name).into(),
        roles: roles.iter().copied().collect(),
        token_sha256: token_sha256(name),
    };
    config.people = PEOPLE.iter().map(person).collect();
    config
}

/// Ports, keys and digests of the moment.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = run::settings();
    settings.add_filter(r"127\.0\.0\.1:[0-9]+", "[address]");
    settings.add_filter(r"\b[0-9a-f]{16}\b", "[key]");
    settings.add_filter(r"\b[0-9a-f]{4} [0-9a-f]{4}\b", "[check]");
    settings.add_filter(r"\b[0-9a-f]{12}\b", "[digest...]");
    settings.add_filter(r"canonical, \d+ bytes", "canonical, [size] bytes");
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_say_what_a_dispatcher_needs() {
    let evening = Evening::new().await;
    let plan = run::planned(CASE, &evening.home.path().join("plan"));
    let dispatch = |args: &[&str]| evening.as_("dispatcher", args).ends_with(0).stdout;
    let comment = ["--comment", "the evening"];
    let proposed =
        evening.as_("author", &[&["propose", CASE, run::arg(&plan)], &comment[..]].concat()).ends_with(0);
    let digest = proposed.stdout.trim();
    let almaty = ["--zone", "Asia/Almaty"];
    let approve = [&["approve", "latest", "--yes"], &almaty[..]].concat();
    let approved = evening.as_("chief", &approve).ends_with(0);
    settings().bind(|| {
        snapshot!("approve", format!("{}{}", approved.stderr, approved.stdout));
        snapshot!("proposals", dispatch(&[&["proposals"], &almaty[..]].concat()));
        snapshot!("facilities", dispatch(&["facilities"]));
    });
    assert!(evening.as_("chief", &approve).ends_with(3).stderr.contains("no plan waits"));
    assert!(evening.as_("chief", &["approve", digest, "--yes"]).ends_with(7).stderr.contains("409"));

    evening.run_until(at("2026-01-15T14:30:00Z")).await;
    settings().bind(|| {
        snapshot!("orders", dispatch(&[&["orders", "list"], &almaty[..]].concat()));
        dispatch(&["called", "2026-0115-S1-v1", "--answer", "heating comes first"]);
        snapshot!("phone", dispatch(&[&["orders", "phone"], &almaty[..]].concat()));
        snapshot!("order-refused", dispatch(&[&["orders", "show", "2026-0115-S1-v1"], &almaty[..]].concat()));
    });
    evening.run_until(at("2026-01-16T12:00:00Z")).await;
    settings().bind(|| {
        snapshot!("orders-csv", dispatch(&["orders", "list", "--format", "csv"]));
        snapshot!("order-over", dispatch(&["orders", "show", "2026-0115-S2-v1"]));
        snapshot!("verdicts", dispatch(&[&["verdicts"], &almaty[..]].concat()));
        snapshot!("verdicts-csv", dispatch(&["verdicts", "--facility", "S2", "--format", "csv"]));
        snapshot!("status", dispatch(&["status"]));
    });
    let worst = dispatch(&["orders", "list", "--state", "breach", "--format", "jsonl"]);
    assert!(worst.lines().all(|line| line.contains("\"breach\"")), "{worst}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_goes_back_to_its_author() {
    let evening = Evening::new().await;
    let plan = run::planned(CASE, &evening.home.path().join("plan"));
    let none = evening.as_("dispatcher", &["orders", "list"]).ends_with(0).stdout;
    assert_eq!(none, "no order, or none that is asked for\n");
    evening.as_("chief", &["approve", "latest"]).ends_with(3);
    let propose = ["propose", CASE, run::arg(&plan), "--format", "json"];
    let proposed = evening.as_("author", &propose).ends_with(0).json();
    let digest = proposed["plan_digest"].as_str().unwrap();
    let back = ["send-back", "latest", "--comment", "the tie is out of service"];
    evening.as_("dispatcher", &back).ends_with(7);
    assert!(evening.as_("chief", &back).ends_with(0).stdout.contains("sent back to author"));
    let list = evening.as_("author", &["proposals", "--format", "json"]).ends_with(0).json();
    assert_eq!((&list[0]["status"], &list[0]["plan_digest"]), (&"returned".into(), &digest.into()));
    let spoilt = evening.home.path().join("spoilt.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&spoilt, text.replacen("\"cut_mw\": 6.0", "\"cut_mw\": 12.0", 1)).unwrap();
    let failed = evening.as_("author", &["propose", CASE, run::arg(&spoilt)]).ends_with(7);
    assert!(
        failed.stderr.lines().count() > 1 && failed.stderr.contains("fails its check"),
        "{}",
        failed.stderr
    );
    let case = run::copy_of("small", &evening.home);
    run::replace(&case.join("case.toml"), "step_minutes = 60", "step_minutes = 61");
    let faults = evening.as_("author", &["propose", run::arg(&case), run::arg(&plan)]).ends_with(3);
    assert!(faults.stderr.contains("step_minutes"), "{}", faults.stderr);
}
