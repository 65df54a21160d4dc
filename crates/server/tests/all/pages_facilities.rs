//! The registry and the page of a facility.

use std::collections::BTreeMap;

use kezek_courier::PrivateKey;
use kezek_server::Client;
use kezek_server::access::Role;
use kezek_server::api::EnrolBody;
use tempfile::TempDir;

use crate::browser::{Browser, accounts};
use crate::receiver::Receiver;
use crate::world::{PLAN, World};

/// Everybody with a login, and a folder of the registry.
async fn with_people() -> (World, BTreeMap<String, String>, TempDir) {
    let mut passwords = BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 5] = [
        ("dispatcher", &[Role::Dispatcher], None),
        ("approver", &[Role::Approver], None),
        ("auditor", &[Role::Auditor], None),
        ("miner-n1", &[Role::Facility], Some("N1")),
        ("administrator", &[Role::Administrator], None),
    ];
    let folder = tempfile::tempdir().unwrap();
    let tenants = "facility,tenant,licence\nN1,Hut LLP,KZ/9 & Co\n";
    std::fs::write(folder.path().join("tenants.csv"), tenants).unwrap();
    let world = World::with(|config| {
        (_, passwords) = accounts(config, &people);
        config.registry = Some(folder.path().to_owned());
    });
    (world.await, passwords, folder)
}

fn address_of(world: &World, facility: &str) -> Option<String> {
    world.room().look(|book| book.state.enrolment(&facility.into()).map(|held| held.address.clone()))
}

#[tokio::test]
async fn the_registry_names_everybody_and_says_what_waits() {
    let (world, passwords, _folder) = with_people().await;
    let auditor = Browser::enter(&world, "auditor", &passwords["auditor"]).await.in_("en");
    let page = auditor.page("/facilities").await;
    assert!(page.contains("href=\"/facilities/N1\"") && !page.contains("/facilities/S1"), "{page}");
    world.propose(&PLAN).await;
    world.enrol("S1").await;
    let page = auditor.page("/facilities").await;
    for text in ["href=\"/facilities/S1\"", "href=\"/facilities/S2\"", "no address: call it", "KZ/9 &#38; Co"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let found = auditor.page("/facilities?state=unreached").await;
    assert!(found.contains("/facilities/S2\"") && !found.contains("/facilities/S1\""), "{found}");
    let found = auditor.page("/facilities?q=hut").await;
    assert!(found.contains("/facilities/N1\"") && !found.contains("/facilities/S2\""), "{found}");
    assert_eq!(auditor.get("/facilities/none").await.status, 404);
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await;
    for path in ["/facilities", "/facilities/N1"] {
        assert_eq!(miner.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_dispatcher_suspends_a_licence_and_lets_it_hold_again() {
    let (world, passwords, _folder) = with_people().await;
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let fields = [("licence", "KZ/9 & Co"), ("reason", "order <7>"), ("facility", "N1")];
    let unsealed = dispatcher.post("/licences/suspend", &fields).await;
    assert_eq!(unsealed.status, 403);
    let blank = [("licence", "KZ/9 & Co"), ("reason", " "), ("facility", "N1")];
    assert_eq!(dispatcher.send("/facilities/N1", "/licences/suspend", &blank).await.status, 400);
    let done = dispatcher.send("/facilities/N1", "/licences/suspend", &fields).await;
    assert_eq!((done.status, done.location()), (303, "/facilities/N1"), "{}", done.body);
    let page = dispatcher.page("/facilities/N1").await;
    assert!(page.contains("SUSPENDED since") && page.contains("dispatcher: order &#60;7&#62;"), "{page}");
    let list = dispatcher.page("/facilities?state=suspended").await;
    assert!(list.contains("order &#60;7&#62;") && !list.contains("order <7>"), "{list}");
    let again = dispatcher.send("/facilities/N1", "/licences/suspend", &fields).await;
    assert_eq!(again.status, 409);
    let auditor = Browser::enter(&world, "auditor", &passwords["auditor"]).await;
    assert!(!auditor.page("/facilities/N1").await.contains("action=\"/licences"), "auditors only look");
    assert_eq!(auditor.send("/facilities", "/licences/reinstate", &fields).await.status, 403);
    let done = dispatcher.send("/facilities/N1", "/licences/reinstate", &fields).await;
    assert_eq!(done.status, 303);
    assert!(world.room().look(|book| book.state.suspensions().next().is_none()));
    let page = dispatcher.page("/facilities/N1").await;
    for said in [
        "by dispatcher: order &#60;7&#62;",
        "let hold again by dispatcher: order &#60;7&#62;",
        "suspended before: 1",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn a_code_is_shown_once_and_a_change_takes_a_second_person() {
    let (world, passwords, _folder) = with_people().await;
    let first = world.enrol("N1").await;
    let enter = async |name: &str| Browser::enter(&world, name, &passwords[name]).await.in_("en");
    let (administrator, approver) = (enter("administrator").await, enter("approver").await);
    assert_eq!(approver.send("/facilities/N1", "/facilities/N1/code", &[]).await.status, 403);
    let made = administrator.send("/facilities/N1", "/facilities/N1/code", &[]).await;
    let code = made.body.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0;
    assert_eq!((made.status, code.len()), (200, 24), "{}", made.body);
    assert!(!administrator.page("/facilities/N1").await.contains(code), "it is kept nowhere");

    let next = Receiver::start("N1", world.database().to_owned()).await;
    let body: EnrolBody = world.enrolment(&next, code);
    assert!(!Client::new(&world.base, None).unwrap().enrol(&body).await.unwrap().holds);
    let page = approver.page("/facilities/N1").await;
    assert!(page.contains("A change waits") && page.contains(&next.url()), "{page}");
    let (address, public_key) = (next.url(), next.key.public().to_string());
    let change = [("address", address.as_str()), ("public_key", public_key.as_str()), ("relay", "")];
    let alone = administrator.send("/facilities/N1", "/facilities/N1/confirm", &change).await;
    assert_eq!((alone.status, address_of(&world, "N1")), (409, Some(first.url())), "{}", alone.body);
    let other = [("address", "http://127.0.0.1:9/orders"), change[1], change[2]];
    let other = approver.send("/facilities/N1", "/facilities/N1/confirm", &other).await;
    assert_eq!((other.status, address_of(&world, "N1")), (409, Some(first.url())));
    let done = approver.send("/facilities/N1", "/facilities/N1/confirm", &change).await;
    assert_eq!((done.status, address_of(&world, "N1")), (303, Some(next.url())), "{}", done.body);
}

#[tokio::test]
async fn two_people_adopt_what_they_were_shown_of_the_file() {
    let (world, passwords, folder) = with_people().await;
    let approver = Browser::enter(&world, "approver", &passwords["approver"]).await.in_("en");
    let key = PrivateKey::generate().unwrap().public().to_string();
    let write = |address: &str| {
        let text = format!("facility,channel,address,public_key,relay\nN1,push,{address},{key},T-11\n");
        std::fs::write(folder.path().join("endpoints.csv"), text).unwrap();
    };
    write("http://127.0.0.1:9/a");
    world.room().look_at_registry().await.unwrap();
    let page = approver.page("/facilities/N1").await;
    assert!(page.contains("endpoints.csv says otherwise") && page.contains("http://127.0.0.1:9/a"), "{page}");
    let shown = |login, password| {
        [
            ("address", "http://127.0.0.1:9/a"),
            ("public_key", key.as_str()),
            ("relay", "T-11"),
            ("reason", "seen on paper"),
            ("login", login),
            ("password", password),
        ]
    };
    let adopt = async |login, password| {
        approver.send("/facilities/N1", "/facilities/N1/adopt", &shown(login, password)).await
    };
    let wrong = adopt("administrator", "guess").await;
    assert!(wrong.status == 401 && wrong.body.contains("second person is wrong"), "{}", wrong.body);
    let alone = adopt("approver", &passwords["approver"]).await;
    assert_eq!((alone.status, address_of(&world, "N1")), (409, None), "{}", alone.body);
    write("http://127.0.0.1:9/other");
    let changed = adopt("administrator", &passwords["administrator"]).await;
    assert_eq!((changed.status, address_of(&world, "N1")), (409, None), "the file says other by now");
    write("http://127.0.0.1:9/a");
    let done = adopt("administrator", &passwords["administrator"]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(address_of(&world, "N1").as_deref(), Some("http://127.0.0.1:9/a"));
    let page = approver.page("/facilities/N1").await;
    assert!(page.contains("confirmed by administrator") && page.contains("T-11"), "{page}");
}

#[tokio::test]
async fn a_dispatcher_enters_what_a_facility_gives_of_its_own_accord() {
    let (world, passwords, _folder) = with_people().await;
    world.enrol_all().await;
    world.issue(&PLAN).await;
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let given = |from, limit| {
        [
            ("from", from),
            ("to", "2026-01-16T02:00"),
            ("limit_mw", limit),
            ("cut_mw", "3"),
            ("by", "<shift leader>"),
        ]
    };
    let send = async |from, limit| {
        dispatcher.send("/facilities/N1", "/facilities/N1/voluntary", &given(from, limit)).await
    };
    assert_eq!(send("tomorrow", "7,5").await.status, 400);
    assert_eq!(send("2026-01-16T00:00", "much").await.status, 400);
    let done = send("2026-01-16T00:00", "7,5").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let kept = world.as_("auditor").voluntary().await.unwrap().remove(0);
    assert_eq!(kept.from.to_rfc3339(), "2026-01-15T19:00:00+00:00", "on the clock of the page");
    assert_eq!((kept.limit_mw.0, kept.entered_by.as_deref()), (7_500, Some("dispatcher")));
    let page = dispatcher.page("/facilities/N1").await;
    assert!(page.contains("&#60;shift leader&#62; (dispatcher)"), "{page}");
    assert!(page.contains("/orders/2026-0115-N1-v1\""), "its orders are there: {page}");
}

#[tokio::test]
async fn a_file_of_the_registry_is_imported_whole_or_not_at_all() {
    let (world, passwords, folder) = with_people().await;
    world.room().tick().await.unwrap();
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let file = |name: &str| std::fs::read_to_string(folder.path().join(name)).ok();
    let before = file("tenants.csv").unwrap();
    assert!(dispatcher.page("/facilities").await.contains("href=\"/registry\""));
    assert!(dispatcher.page("/registry").await.contains("N1,Hut LLP"));
    assert_eq!(dispatcher.page("/registry/tenants.csv").await, before);
    let send = async |name: &str, text: &str, reason: &str| {
        dispatcher
            .send("/registry", &format!("/registry/{name}"), &[("text", text), ("reason", reason)])
            .await
    };

    let bad = "facility,role,name,language,phone,email,sms\r\nN1,shift,A,xx,,,\r\n,shift,B,kk,,,\r\n";
    let refused = send("contacts.csv", bad, "new people").await;
    assert!(
        refused.status == 400 && refused.body.contains("contacts.csv was not imported: faults"),
        "{refused:?}"
    );
    assert!(refused.body.contains("N1,shift,A,xx") && !refused.body.contains(".import"), "{}", refused.body);
    assert_eq!(
        (file("contacts.csv"), file("tenants.csv")),
        (None, Some(before.clone())),
        "nothing has changed"
    );
    assert_eq!(send("tenants.csv", &before, " ").await.status, 400, "without a reason");
    assert_eq!(send("other.csv", &before, "x").await.status, 404);

    let good = "facility,role,name,language,phone,email,sms\r\nN1,shift,A. Serik,kk,+7 700,,\r\n";
    let made = send("contacts.csv", good, "new people").await;
    assert_eq!((made.status, made.headers["location"].as_str()), (303, "/registry?done=contacts.csv"));
    assert!(dispatcher.page(&made.headers["location"]).await.contains("contacts.csv is imported and holds"));
    let known = world.room().look(|book| book.state.registry().contacts_of(&"N1".into()).to_vec());
    assert_eq!(known[0].name, "A. Serik", "it holds at once");
    assert!(!folder.path().join(".import").exists());
    let auditor = Browser::enter(&world, "auditor", &passwords["auditor"]).await.in_("en");
    assert!(auditor.page("/audit").await.contains("new people"), "who imported it, and why");
    assert_eq!(auditor.get("/registry").await.status, 403);
}
