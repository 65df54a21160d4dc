//! Facilities that nobody can reach ask for their orders: handed over is not received.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kezek_agent::{Agent, AgentConfig, AnswerPolicy, DriverConfig, Store, enrol};
use kezek_courier::{AddressRules, Answer, PrivateKey, Purpose, Signed, Tls, receive};
use kezek_engine::phone::Cause;
use kezek_model::canonical::canonical_json;
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, OrderKind};
use kezek_model::receipt::{Act, Compliance, Fetch, Handover};
use kezek_model::registry::FETCHED;
use kezek_model::units::Kw;
use kezek_server::api::OrderRow;
use kezek_server::evidence::verify::verify;

use crate::world::{PLAN, World, evening};

fn asked(facility: &str, at: DateTime<Utc>) -> Fetch {
    let (facility, environment) = (facility.into(), "test".into());
    Fetch { facility, environment, at, wait_s: 0, previous: None }
}

fn said(order_no: &OrderNo, status: u16) -> Option<Handover> {
    Some(Handover { order_no: order_no.clone(), status, error: "full disk".into() })
}

async fn send(world: &World, body: Fetch, key: &PrivateKey) -> Answer {
    let bytes = serde_json::to_vec(&Signed::new(Purpose::Fetch, body, key).unwrap()).unwrap();
    world.raw("POST", "/api/v1/orders/fetch", None, bytes).await
}

/// The order in an answer, if it is signed as a pushed one is.
fn order(world: &World, answer: &Answer) -> Order {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let order: Order = serde_json::from_slice(&answer.body).unwrap();
    let verified = receive(&answer.headers, &answer.body, &[world.room().public_key()], world.now()).unwrap();
    assert_eq!(
        (verified.id.as_str(), &answer.body),
        (order.order_no.as_str(), &canonical_json(&order).unwrap())
    );
    order
}

async fn row(world: &World, facility: &str) -> OrderRow {
    let rows = world.as_("auditor").orders(None, Some(facility)).await.unwrap();
    rows.into_iter().next().unwrap()
}

#[tokio::test]
async fn what_is_fetched_is_received_by_the_facilitys_own_word_only() {
    let world = World::new().await;
    let key = world.enrol_fetching("N1").await;
    let at = |ms: i64| world.now() + TimeDelta::milliseconds(ms);
    assert_eq!(send(&world, asked("N1", at(0)), &key).await.status, 204, "nothing is issued yet");
    world.issue(&PLAN).await;
    let patient = Fetch { wait_s: 20, ..asked("N1", at(1)) };
    let (answer, ()) = tokio::join!(send(&world, patient, &key), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.room().advance().await.unwrap();
    });
    let order = order(&world, &answer);
    assert_eq!(order.facility.as_str(), "N1");
    assert_eq!(row(&world, "N1").await.delivery, "sending", "handed over is not received");
    let quiet = send(&world, asked("N1", at(2)), &key).await;
    assert_eq!(quiet.status, 204, "it is under way");
    assert_eq!(row(&world, "N1").await.delivery, "sending");

    let word = Fetch { previous: said(&order.order_no, 200), ..asked("N1", at(3)) };
    assert_eq!(send(&world, word, &key).await.status, 204);
    world.room().settle().await;
    assert_eq!(row(&world, "N1").await.delivery, "received");
    world.room().advance().await.unwrap();
    assert_eq!(send(&world, asked("N1", at(4)), &key).await.status, 204, "nothing new");
    let file = world.as_("auditor").evidence(&order.order_no).await.unwrap();
    let finding = verify(&file, Some(&world.room().public_key()), &[]);
    assert!(finding.is_sound(), "{:?}", finding.faults);
}

#[tokio::test]
async fn nobody_gets_anothers_orders_and_no_request_is_good_twice() {
    let world = World::new().await;
    let (n1, s1) = (world.enrol_fetching("N1").await, world.enrol_fetching("S1").await);
    world.issue(&PLAN).await;
    world.room().advance().await.unwrap();
    let at = |ms: i64| world.now() + TimeDelta::milliseconds(ms);
    for (case, body, key) in [
        ("another's key", asked("N1", at(0)), &s1),
        ("not enrolled", asked("S2", at(0)), &n1),
        ("too old", asked("N1", at(-300_001)), &n1),
        ("of the future", asked("N1", at(300_001)), &n1),
    ] {
        assert_eq!(send(&world, body, key).await.status, 401, "{case}");
    }
    let elsewhere = Fetch { environment: "live".into(), ..asked("N1", at(0)) };
    assert_eq!(send(&world, elsewhere, &n1).await.status, 409);
    for purpose in [Purpose::Answer, Purpose::Report, Purpose::Order] {
        let bytes = serde_json::to_vec(&Signed::new(purpose, asked("N1", at(0)), &n1).unwrap()).unwrap();
        assert_eq!(world.raw("POST", "/api/v1/orders/fetch", None, bytes).await.status, 401, "{purpose:?}");
    }
    let patient = Fetch { wait_s: 20, ..asked("N1", at(0)) };
    let first = order(&world, &send(&world, patient.clone(), &n1).await);
    assert_eq!(send(&world, patient, &n1).await.status, 401, "a replay");
    assert_eq!(send(&world, asked("N1", at(-1)), &n1).await.status, 401, "older than the latest");
    let claimed = Fetch { previous: said(&first.order_no, 200), ..asked("S1", at(0)) };
    send(&world, claimed, &s1).await;
    assert_eq!(row(&world, "N1").await.delivery, "sending", "nobody speaks for another");
}

#[tokio::test]
async fn a_facility_waits_once_and_says_why_it_does_not_take_an_order() {
    let world = World::new().await;
    let key = world.enrol_fetching("N1").await;
    let at = |ms: i64| world.now() + TimeDelta::milliseconds(ms);
    let patient = |ms: i64| Fetch { wait_s: 20, ..asked("N1", at(ms)) };
    let (older, newer) = tokio::join!(send(&world, patient(0), &key), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let newer = send(&world, patient(1), &key);
        let issued = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            world.issue(&PLAN).await;
            world.room().advance().await.unwrap();
        };
        tokio::join!(newer, issued).0
    });
    assert_eq!(older.status, 204, "the newer request took its place");
    let order = order(&world, &newer);

    let unstored = Fetch { previous: said(&order.order_no, 503), ..asked("N1", at(2)) };
    assert_eq!(send(&world, unstored, &key).await.status, 204);
    world.room().settle().await;
    assert_eq!(row(&world, "N1").await.delivery, "waiting", "it is tried again");
    let refused = Fetch { previous: said(&order.order_no, 409), ..asked("N1", at(3)) };
    assert_eq!(send(&world, refused, &key).await.status, 204, "said twice counts once");
    world.set(world.now() + TimeDelta::seconds(2));
    world.room().advance().await.unwrap();
    let again = send(&world, patient(0), &key).await;
    assert_eq!(again.body, newer.body, "the same bytes");
    let refused = Fetch { previous: said(&order.order_no, 409), ..asked("N1", at(1)) };
    assert_eq!(send(&world, refused, &key).await.status, 204);
    let seen = row(&world, "N1").await;
    assert_eq!((seen.delivery.as_str(), seen.call.as_deref()), ("alarm", Some("alarm")));
}

#[tokio::test]
async fn a_restart_in_between_loses_nothing_and_a_word_that_comes_late_counts() {
    let mut world = World::new().await;
    let key = world.enrol_fetching("N1").await;
    world.issue(&PLAN).await;
    world.room().advance().await.unwrap();
    let patient = |world: &World, ms: i64| {
        let at = world.now() + TimeDelta::milliseconds(ms);
        Fetch { wait_s: 20, ..asked("N1", at) }
    };
    let first = send(&world, patient(&world, 0), &key).await;
    let number = order(&world, &first).order_no;
    world.crash().await;
    world.start().await;
    world.room().advance().await.unwrap();
    let again = send(&world, patient(&world, 1), &key).await;
    assert_eq!(again.body, first.body, "what was under way is handed over again, with the same bytes");
    world.crash().await;
    world.start().await;
    assert_eq!(row(&world, "N1").await.delivery, "waiting");
    let late = Fetch { wait_s: 0, previous: said(&number, 200), ..patient(&world, 2) };
    assert_eq!(send(&world, late, &key).await.status, 204);
    assert_eq!(row(&world, "N1").await.delivery, "received");
    let unknown = Fetch { wait_s: 0, previous: said(&"lost".into(), 200), ..patient(&world, 3) };
    assert_eq!(send(&world, unknown, &key).await.status, 204, "a restored journal may not know it");
    let file = world.as_("auditor").evidence(&number).await.unwrap();
    let finding = verify(&file, Some(&world.room().public_key()), &[]);
    assert!(finding.is_sound(), "{:?}", finding.faults);
}

#[tokio::test]
async fn what_nobody_fetches_is_on_the_phone_list_before_its_deliver_by() {
    let world = World::new().await;
    world.enrol_fetching("N1").await;
    world.issue(&PLAN).await;
    let number = row(&world, "N1").await.order_no;
    let by = world.room().look(|book| book.state.record(&number).unwrap().order.deliver_by);
    // No attempt is started: what time brings is what counts here.
    world.set(by - TimeDelta::seconds(1));
    let call =
        world.room().look(|book| kezek_engine::query::order(&book.state, &number, world.now()).unwrap().call);
    assert_eq!(call, Some(Cause::NotReceived));
}

/// An agent that listens nowhere.
async fn open(world: &World, folder: &tempfile::TempDir, facility: &str) -> Agent {
    let file = |ending: &str| folder.path().join(format!("{facility}.{ending}"));
    let config = AgentConfig {
        facility: facility.into(),
        environment: "test".into(),
        server_url: world.base.clone(),
        listen: None,
        admin_listen: None,
        public_address: None,
        fetch: true,
        key_file: file("key"),
        store_file: file("store"),
        state_file: file("json"),
        control_room_fingerprint: Some(world.room().public_key().key_id()),
        driver: DriverConfig::Simulated {
            nominated: Kw(20_000),
            standby: Kw::ZERO,
            ramp_up: None,
            lies: false,
        },
        answer: AnswerPolicy::Accept,
        meter_minutes: 60,
        addresses: AddressRules { allow_loopback: true, allow: Vec::new() },
        tls: Tls::default(),
    };
    let code = world.as_("administrator").enrolment_code(&facility.into()).await.unwrap().code;
    enrol(&config, &code).await.unwrap();
    let (store, driver) = (Store::open(&config.store_file).unwrap(), config.driver.build().unwrap());
    Agent::open(config, store, driver, Arc::clone(&world.clock())).unwrap()
}

/// As [`open`], asking without end.
async fn start(world: &World, folder: &tempfile::TempDir, facility: &str) -> Agent {
    let agent = open(world, folder, facility).await;
    let asking = agent.clone();
    tokio::spawn(async move {
        loop {
            if asking.fetch(Duration::from_secs(20)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    agent
}

async fn run(world: &World, agent: &Agent, end: DateTime<Utc>) {
    loop {
        world.room().tick().await.unwrap();
        agent.tick().await;
        world.room().tick().await.unwrap();
        let due = agent.next_due().into_iter().chain(world.room().next_due());
        match due.filter(|due| *due <= end).min() {
            Some(next) => world.set(next.max(world.now() + TimeDelta::milliseconds(1))),
            None => return world.set(end),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_behind_nat_fetches_answers_obeys_and_is_recalled() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = start(&world, &folder, "N1").await;
    let others = [world.enrol("S1").await, world.enrol("S2").await];
    assert_eq!(world.as_("auditor").facilities().await.unwrap()[0].address, FETCHED);
    world.issue(&PLAN).await;
    run(&world, &agent, evening() + TimeDelta::minutes(90)).await;
    let held = agent.standing();
    assert_eq!(held.holdings.len(), 1);
    assert!(held.applied.limit.is_some(), "{held:?}");
    let seen = row(&world, "N1").await;
    assert_eq!((seen.delivery.as_str(), seen.answer.as_str()), ("received", "accepted"));
    let limited = world.room().look(|book| {
        let record = book.state.record(&seen.order_no).unwrap();
        record.attempts_made == 1 && record.reports.iter().any(|report| report.act == Act::Limited)
    });
    assert!(limited, "one attempt, and obeyed");

    let recall = world.as_("dispatcher").recall(&seen.order_no, "the wind came back").await.unwrap();
    run(&world, &agent, evening() + TimeDelta::minutes(100)).await;
    let holdings = agent.standing().holdings;
    assert_eq!(holdings.iter().filter(|holding| holding.order.kind == OrderKind::Recall).count(), 1);
    assert!(holdings.iter().any(|holding| holding.order.order_no == recall.recall_order_no));
    assert_eq!(row(&world, "N1").await.facility.as_str(), "N1");
    let verdicts = world.as_("auditor").verdicts(None, Some("N1")).await.unwrap();
    assert_ne!(verdicts.totals[0].verdict, Some(Compliance::Breach));
    assert_eq!(others.iter().map(|other| other.orders().len()).sum::<usize>(), 2, "the others are pushed to");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_loop_goes_on_over_a_restart_and_ends_while_it_waits() {
    let mut world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = open(&world, &folder, "N1").await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(kezek_agent::run(agent.clone(), None, async {
        let _ = stopped.await;
    }));
    world.issue(&PLAN).await;
    let port = world.base.clone();
    world.crash().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.start_at(&port).await;
    let began = std::time::Instant::now();
    while row(&world, "N1").await.answer != "accepted" {
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", row(&world, "N1").await);
        world.room().advance().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(row(&world, "N1").await.delivery, "received");
    let asked = std::time::Instant::now();
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(15), "it does not wait for the control room");
}
