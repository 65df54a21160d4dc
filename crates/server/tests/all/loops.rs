//! The real loop, with a clock that runs.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kezek_server::{Client, Clocks, ControlRoom, Now, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::receiver::Receiver;
use crate::world::{PLAN, World, day_before, proposal};

fn running() -> Now {
    let started = Instant::now();
    Arc::new(move || day_before() + TimeDelta::from_std(started.elapsed()).unwrap())
}

#[tokio::test]
async fn orders_leave_by_themselves_and_the_end_is_orderly() {
    let mut world = World::new().await;
    let key = world.room().public_key();
    world.crash().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.base = format!("http://{}", listener.local_addr().unwrap());
    let now = running();
    let (stop, stopped) = oneshot::channel::<()>();
    let room = ControlRoom::open(world.config.clone(), Arc::clone(&now)).await.unwrap();
    let serving = tokio::spawn(serve(room, listener, async {
        let _ = stopped.await;
    }));

    let receiver = Receiver::start("N1", world.database().to_owned()).await;
    receiver.pin(key, Arc::clone(&now));
    let code = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap().code;
    Client::new(&world.base, None).unwrap().enrol(&world.enrolment(&receiver, &code)).await.unwrap();
    receiver.answer_with(503);
    let digest = world.as_("planner").propose(&proposal(&PLAN)).await.unwrap().plan_digest;
    world.as_("approver").approve(&digest, "").await.unwrap();
    let patience = Instant::now();
    while receiver.came().len() < 3 && patience.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(receiver.came().len() >= 3, "tried again by itself");
    receiver.answer_with(200);

    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap().unwrap();
    let again = ControlRoom::open(world.config.clone(), now).await.unwrap();
    assert_eq!(again.look(|book| book.state.epoch()), 3, "the journal was given back");
}

#[tokio::test]
async fn a_wall_clock_that_leaps_stops_issuing_and_moves_no_time() {
    let mut world = World::new().await;
    world.crash().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.base = format!("http://{}", listener.local_addr().unwrap());
    let (started, leap) = (Instant::now(), Arc::new(Mutex::new(TimeDelta::zero())));
    let (shown, leapt) = (running(), Arc::clone(&leap));
    let clocks =
        Clocks::new(Arc::new(move || shown() + *leapt.lock().unwrap()), Arc::new(move || started.elapsed()));
    let (stop, stopped) = oneshot::channel::<()>();
    let room = ControlRoom::open(world.config.clone(), clocks).await.unwrap();
    let serving = tokio::spawn(serve(room, listener, async {
        let _ = stopped.await;
    }));
    let digest = world.as_("planner").propose(&proposal(&PLAN)).await.unwrap().plan_digest;

    *leap.lock().unwrap() = TimeDelta::days(3);
    let refused = world.as_("approver").approve(&digest, "").await.unwrap_err().to_string();
    assert!(refused.contains("S11") && refused.contains("leapt by 259200"), "{refused}");
    let status = world.as_("auditor").status().await.unwrap();
    assert!(status.now < day_before() + TimeDelta::hours(1), "three days did not pass: {}", status.now);
    assert!(status.warnings.iter().any(|warning| warning.kind == "stopped"), "{:?}", status.warnings);

    *leap.lock().unwrap() = TimeDelta::zero();
    world.as_("approver").resume("set right", "second").await.unwrap();
    assert!(world.as_("approver").approve(&digest, "").await.unwrap().approved);
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap().unwrap();
}
