//! The control room with the agents that facilities run, each with its own key, store and load.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kezek_agent::{Agent, AgentConfig, AnswerPolicy, DriverConfig, Store, enrol};
use kezek_courier::{AddressRules, Tls};
use kezek_journal::verify;
use kezek_model::receipt::Compliance;
use kezek_model::units::Kw;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::world::{PLAN, World, evening};

async fn start(world: &World, folder: &TempDir, facility: &str, load: Kw, lies: bool) -> Agent {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    let file = |ending: &str| folder.path().join(format!("{facility}.{ending}"));
    let driver = DriverConfig::Simulated { nominated: load, standby: Kw::ZERO, ramp_up: None, lies };
    let config = AgentConfig {
        facility: facility.into(),
        environment: "test".into(),
        server_url: world.base.clone(),
        listen: Some(listen),
        admin_listen: None,
        public_address: Some(format!("http://{listen}/orders")),
        fetch: false,
        key_file: file("key"),
        store_file: file("store"),
        state_file: file("json"),
        control_room_fingerprint: Some(world.room().public_key().key_id()),
        driver,
        answer: AnswerPolicy::Accept,
        meter_minutes: 60,
        addresses: AddressRules { allow_loopback: true, allow: Vec::new() },
        tls: Tls::default(),
    };
    let code = world.as_("administrator").enrolment_code(&facility.into()).await.unwrap().code;
    enrol(&config, &code).await.unwrap();
    let (store, driver) = (Store::open(&config.store_file).unwrap(), config.driver.build().unwrap());
    let agent = Agent::open(config, store, driver, Arc::clone(&world.clock())).unwrap();
    let router = agent.router();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    agent
}

/// Leaps from one due moment of anybody to the next.
async fn run(world: &World, agents: &[Agent], end: DateTime<Utc>) {
    loop {
        world.room().tick().await.unwrap();
        for agent in agents {
            agent.tick().await;
        }
        world.room().tick().await.unwrap();
        let due = agents.iter().filter_map(Agent::next_due).chain(world.room().next_due());
        match due.filter(|due| *due <= end).min() {
            Some(next) => world.set(next.max(world.now() + TimeDelta::milliseconds(1))),
            None => return world.set(end),
        }
    }
}

#[tokio::test]
async fn agents_receive_accept_obey_and_report_and_one_lies() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let agents = [
        start(&world, &folder, "N1", Kw(20_000), false).await,
        start(&world, &folder, "S1", Kw(20_000), false).await,
        start(&world, &folder, "S2", Kw(12_000), true).await,
    ];
    world.issue(&PLAN).await;
    run(&world, &agents, evening() + TimeDelta::hours(9)).await;

    let status = world.as_("auditor").status().await.unwrap();
    let counts = status.counts;
    assert_eq!((counts.orders, counts.received, counts.accepted, counts.silent), (3, 3, 3, 0));
    let verdicts = world.as_("auditor").verdicts(None, None).await.unwrap();
    let of = |facility: &str| {
        let totals = verdicts.totals.iter().find(|totals| totals.facility.as_str() == facility).unwrap();
        assert!(totals.is_final, "{totals:?}");
        totals.verdict
    };
    assert_eq!((of("N1"), of("S1")), (Some(Compliance::Complying), Some(Compliance::Complying)));
    assert_eq!(of("S2"), Some(Compliance::Breach), "says yes and does not cut");
    assert!(counts.restored >= 2, "{counts:?}");
    // 3 MWh are uncovered by plan; S2 takes back its 30 where the south is short.
    assert!(status.uncovered.mwh > 3.0 && status.uncovered.mwh <= 33.0, "{:?}", status.uncovered);
    assert_eq!(status.uncovered.assumed_hours, 0.0);
    assert!(agents.iter().all(|agent| agent.standing().unsent == 0));
    let head = world.as_("auditor").journal_head().await.unwrap();
    assert!(verify(world.database(), &[head]).unwrap().is_sound());
}
