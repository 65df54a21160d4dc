//! Freezing and thawing on the page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::TimeDelta;
use kezek_server::access::Role;
use kezek_server::{Clocks, ControlRoom, serve_api};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::browser::{Browser, accounts};
use crate::world::{PLAN, World, day_before};

async fn with_people() -> (World, BTreeMap<String, String>) {
    let mut passwords = BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 6] = [
        ("dispatcher", &[Role::Dispatcher], None),
        ("approver", &[Role::Approver], None),
        ("planner", &[Role::Planner], None),
        ("auditor", &[Role::Auditor], None),
        ("miner-n1", &[Role::Facility], Some("N1")),
        ("administrator", &[Role::Administrator], None),
    ];
    let world = World::with(|config| (_, passwords) = accounts(config, &people));
    (world.await, passwords)
}

fn frozen_by(world: &World) -> Option<String> {
    world
        .room()
        .look(|book| book.state.frozen().map(|frozen| format!("{}: {}", frozen.person, frozen.reason)))
}

fn proof<'a>(login: &'a str, password: &'a str) -> [(&'a str, &'a str); 3] {
    [("reason", "looked & mended"), ("login", login), ("password", password)]
}

#[tokio::test]
async fn one_person_freezes_and_only_a_second_one_thaws() {
    let (world, passwords) = with_people().await;
    let [n1, ..] = world.enrol_all().await;
    n1.answer_with(503);
    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let page = dispatcher.get("/issuing").await;
    assert!(
        page.body.contains("Orders that stand: 3,") && page.body.contains("Of them not delivered: 1,"),
        "{}",
        page.body
    );

    let unsealed = dispatcher.post("/issuing/freeze", &[("reason", "old forecast")]).await;
    assert_eq!((unsealed.status, frozen_by(&world)), (403, None));
    let blank = dispatcher.send("/issuing", "/issuing/freeze", &[("reason", " ")]).await;
    assert_eq!((blank.status, frozen_by(&world)), (400, None));
    let done = dispatcher.send("/issuing", "/issuing/freeze", &[("reason", "old <forecast>")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(done.location(), "/issuing");
    assert_eq!(frozen_by(&world).unwrap(), "dispatcher: old <forecast>");
    let page = dispatcher.get("/issuing").await.body;
    assert!(page.contains("FROZEN") && page.contains("old &#60;forecast&#62;"), "{page}");
    let again = dispatcher.send("/issuing", "/issuing/freeze", &[("reason", "x")]).await;
    assert_eq!(again.status, 409, "it is frozen already");

    let [own, approver, planner] = ["dispatcher", "approver", "planner"].map(|name| passwords[name].as_str());
    let unsealed = dispatcher.post("/issuing/thaw", &proof("approver", approver)).await;
    assert_eq!(unsealed.status, 403);
    for (login, password, status) in [
        ("dispatcher", own, 409),
        ("planner", planner, 403),
        ("approver", planner, 401),
        ("nobody", approver, 401),
    ] {
        let seen = dispatcher.send("/issuing", "/issuing/thaw", &proof(login, password)).await;
        assert_eq!(seen.status, status, "{login}: {}", seen.body);
        assert!(frozen_by(&world).is_some(), "{login}");
        if status == 401 {
            assert!(
                seen.body.contains("second person is wrong") && seen.body.contains("looked &#38; mended")
            );
        }
    }
    let done = dispatcher.send("/issuing", "/issuing/thaw", &proof("approver", approver)).await;
    assert_eq!((done.status, frozen_by(&world)), (303, None), "{}", done.body);
}

#[tokio::test]
async fn guessing_the_second_person_locks_them_as_signing_in_does() {
    let (world, passwords) = with_people().await;
    world.as_("dispatcher").freeze("looking").await.unwrap();
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let seen = dispatcher.send("/issuing", "/issuing/thaw", &proof("Approver", "guess")).await;
        statuses.push(seen.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    let right =
        dispatcher.send("/issuing", "/issuing/thaw", &proof("approver", &passwords["approver"])).await;
    assert_eq!(right.status, 429, "whoever knows it waits too");
    assert!(right.body.contains("Too many attempts for this person") && frozen_by(&world).is_some());
    let door =
        dispatcher.post("/sign-in", &[("login", "approver"), ("password", &passwords["approver"])]).await;
    assert_eq!(door.status, 429, "one count for both doors");
}

#[tokio::test]
async fn whoever_may_not_sees_no_form_and_cannot_send_one() {
    let (world, passwords) = with_people().await;
    world.as_("dispatcher").freeze("looking").await.unwrap();
    let [approver, auditor, miner] = ["approver", "auditor", "miner-n1"].map(|name| passwords[name].as_str());
    let auditor = Browser::enter(&world, "auditor", auditor).await.in_("en");
    let page = auditor.get("/issuing").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("FROZEN") && !page.body.contains("action=\"/issuing/"), "{}", page.body);
    for proof in [proof("approver", approver), proof("approver", "wrong")] {
        let seen = auditor.send("/issuing", "/issuing/thaw", &proof).await;
        assert_eq!(seen.status, 403, "nothing is learnt of the password");
    }
    let miner = Browser::enter(&world, "miner-n1", miner).await.in_("en");
    assert_eq!(miner.get("/issuing").await.status, 403);
    assert_eq!(miner.send("/my", "/issuing/freeze", &[("reason", "x")]).await.status, 403);
    let page = miner.get("/my").await.body;
    assert!(
        page.contains("FROZEN") && !page.contains("looking"),
        "the words of the control room stay there: {page}"
    );
    assert!(frozen_by(&world).is_some());
}

#[tokio::test]
async fn while_issuing_goes_on_there_is_nothing_to_resume() {
    let (world, passwords) = with_people().await;
    let approver = Browser::enter(&world, "approver", &passwords["approver"]).await.in_("en");
    let seen = approver
        .send("/issuing", "/issuing/resume", &proof("administrator", &passwords["administrator"]))
        .await;
    assert_eq!(seen.status, 409, "{}", seen.body);
    let words = [("en", "Orders leave"), ("ru", "Распоряжения уходят"), ("kk", "Өкімдер бекітілген сайын")];
    for (language, text) in words {
        let page = approver.in_(language).get("/issuing").await.body;
        assert!(page.contains(text), "{page}");
    }
}

#[tokio::test]
async fn after_a_broken_promise_an_approver_and_an_administrator_resume() {
    let (mut world, passwords) = with_people().await;
    world.crash().await;
    let (started, leap) = (Instant::now(), Arc::new(Mutex::new(TimeDelta::zero())));
    let leapt = Arc::clone(&leap);
    let shown =
        move || day_before() + TimeDelta::from_std(started.elapsed()).unwrap() + *leapt.lock().unwrap();
    let clocks = Clocks::new(Arc::new(shown), Arc::new(move || started.elapsed()));
    let room = ControlRoom::open(world.config.clone(), clocks).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve_api(Arc::clone(&room), listener, async {
        let _ = stopped.await;
    }));
    *leap.lock().unwrap() = TimeDelta::days(3);
    room.tick().await.unwrap();
    *leap.lock().unwrap() = TimeDelta::zero();

    let approver = Browser::enter(&world, "approver", &passwords["approver"]).await.in_("en");
    let page = approver.get("/issuing").await.body;
    assert!(page.contains("STOPPED") && page.contains("S11") && page.contains("/issuing/resume"), "{page}");
    for (login, status) in [("dispatcher", 403), ("approver", 409), ("administrator", 303)] {
        let proof = proof(login, &passwords[login]);
        let seen = approver.send("/issuing", "/issuing/resume", &proof).await;
        assert_eq!(seen.status, status, "{login}: {}", seen.body);
        let still_stands = room.look(|book| book.state.stopped().is_some());
        assert_eq!(still_stands, status != 303, "{login}");
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
}
