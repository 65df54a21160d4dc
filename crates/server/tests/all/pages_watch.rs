//! The further pages of whoever watches: handover, data, verdicts, burden, audit.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kezek_model::order::Priority;
use kezek_server::access::Role;

use crate::browser::{Browser, Shown, accounts};
use crate::world::{PLAN, World, evening};

async fn with_people() -> (World, BTreeMap<String, String>) {
    let mut passwords = BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 4] = [
        ("dispatcher", &[Role::Dispatcher], None),
        ("planner", &[Role::Planner], None),
        ("auditor", &[Role::Auditor], None),
        ("miner-n1", &[Role::Facility], Some("N1")),
    ];
    let world = World::with(|config| (_, passwords) = accounts(config, &people));
    (world.await, passwords)
}

/// The evening is ordered and over; S2 has no address.
async fn after_the_evening() -> (World, BTreeMap<String, String>) {
    let (world, passwords) = with_people().await;
    let _receivers = (world.enrol("N1").await, world.enrol("S1").await);
    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    (world, passwords)
}

#[tokio::test]
async fn everybody_of_the_control_room_looks_and_a_miner_does_not() {
    let (world, passwords) = with_people().await;
    let planner = Browser::enter(&world, "planner", &passwords["planner"]).await;
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await;
    for path in
        ["/facilities", "/audit", "/handover", "/feeds", "/verdicts", "/burden", "/verdicts/verdicts.csv"]
    {
        for language in ["ru", "kk", "en"] {
            assert_eq!(
                planner.in_(language).get(path).await.status,
                200,
                "{path} before anything has happened"
            );
        }
        assert_eq!(miner.get(path).await.status, 403, "{path}");
    }
    assert!(!planner.page("/feeds").await.contains("/feeds/readings"), "planners enter none");
}

#[tokio::test]
async fn the_audit_names_who_why_and_the_record() {
    let (world, passwords) = after_the_evening().await;
    world.as_("dispatcher").recall(&"2026-0115-N1-v1".into(), "<b>over</b>").await.unwrap();
    let auditor = Browser::enter(&world, "auditor", &passwords["auditor"]).await.in_("en");
    let page = auditor.page("/audit").await;
    for text in [
        "recalled an order",
        "&#60;b&#62;over",
        "href=\"/orders/2026-0115-N1-v1\"",
        "approved a plan",
        "proposed a plan",
        "Looked through records 1 to",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("<b>over"), "{page}");
    let found = auditor.page("/audit?person=DISP&about=n1&kind=recalled&day=2026-01-14").await;
    assert!(found.contains("&#60;b&#62;over") && !found.contains("<td>approved a plan"), "{found}");
    let none = auditor.page("/audit?day=2026-01-13").await;
    assert!(none.contains("There is no record of that time."), "{none}");
    let none = auditor.page("/audit?person=nobody").await;
    assert!(none.contains("Nobody did such a thing in them."), "{none}");
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await;
    assert_eq!(miner.get("/orders/2026-0115-S1-v1").await.status, 403);
    let refused = auditor.page("/audit?kind=refused&person=miner").await;
    assert!(refused.contains("refused 403: GET /orders/2026-0115-S1-v1"), "{refused}");
}

#[tokio::test]
async fn the_sheet_of_the_shift_names_silent_orders_calls_and_deeds() {
    let (world, passwords) = after_the_evening().await;
    world.as_("dispatcher").called(&"2026-0115-S2-v1".into(), "nobody <answers>").await.unwrap();
    world.as_("dispatcher").freeze("old <forecast>").await.unwrap();
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let page = dispatcher.page("/handover").await;
    for text in [
        "3 orders stand",
        "dispatcher: nobody &#60;answers&#62;",
        "old &#60;forecast&#62;",
        "froze issuing",
        "approved a plan",
        "Handed over by",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("<answers>") && !page.contains("<forecast>"), "{page}");
    world.set(world.now() + TimeDelta::hours(13));
    let later = dispatcher.page("/handover").await;
    assert!(later.contains("Nobody did anything."), "{later}");
}

async fn enter(browser: &Browser, table: &str) -> Shown {
    browser.send("/feeds", "/feeds/readings", &[("table", table)]).await
}

#[tokio::test]
async fn readings_are_entered_all_or_none_and_every_fault_is_listed() {
    let (world, passwords) = after_the_evening().await;
    world.set(evening() + TimeDelta::hours(2));
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let header = "facility,interval_start,interval_end,mean_mw,quality,source";
    let good = "N1,2026-01-15T17:00:00+05:00,2026-01-15T18:00:00+05:00,12.0,ok,grid-company";
    let last = || world.room().look(|book| book.state.last_reading());
    let wrong =
        enter(&dispatcher, &format!("{header}\n{good}\n<N1>,x,2026-01-15T13:00Z,1.2345,fine,\n")).await;
    assert_eq!((wrong.status, last()), (400, None), "{}", wrong.body);
    for text in ["Faults: 4", "row 3, interval_start", "row 3, mean_mw", "row 3, quality", "row 3, source"] {
        assert!(wrong.body.contains(text), "{text}: {}", wrong.body);
    }
    assert!(wrong.body.contains("&#60;N1&#62;,x") && !wrong.body.contains("<N1>"), "{}", wrong.body);
    let stranger = enter(&dispatcher, &format!("{header}\n{}\n{good}\n", good.replace("N1", "X9"))).await;
    assert_eq!((stranger.status, last()), (400, None), "the control room itself refuses: {}", stranger.body);
    let table = format!("{header}\n{good}\n");
    let done = enter(&dispatcher, &table).await;
    assert_eq!((done.status, done.location()), (303, "/feeds?entered=1"), "{}", done.body);
    assert!(last().is_some());
    assert!(dispatcher.page("/feeds?entered=1").await.contains("1 readings are entered."));
    assert_eq!(enter(&dispatcher, &table).await.location(), "/feeds?entered=1&known=true");
    let unsealed = dispatcher.post("/feeds/readings", &[("table", table.as_str())]).await;
    assert_eq!(unsealed.status, 403);
    let planner = Browser::enter(&world, "planner", &passwords["planner"]).await;
    assert_eq!(enter(&planner, &table).await.status, 403);
    let many: String = (0..9_000)
        .map(|minute| {
            let from = evening() - TimeDelta::days(7) + TimeDelta::minutes(minute);
            let to = from + TimeDelta::minutes(1);
            format!("S1,{},{},12.000,ok,grid-company\n", from.to_rfc3339(), to.to_rfc3339())
        })
        .collect();
    let done = enter(&dispatcher, &format!("{header}\n{many}")).await;
    assert_eq!(done.location(), "/feeds?entered=9000", "{}", &done.body[..done.body.len().min(2_000)]);
    let page = dispatcher.page("/feeds").await;
    assert!(page.contains("the journal is written") && page.contains(">S2</a>"), "{page}");
}

#[tokio::test]
async fn verdicts_and_burden_say_the_same_as_the_api() {
    let (world, passwords) = after_the_evening().await;
    world.set(evening() + TimeDelta::hours(2));
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let header = "facility,interval_start,interval_end,mean_mw,quality,source";
    let above = "N1,2026-01-15T17:00:00+05:00,2026-01-15T18:00:00+05:00,99.0,ok,grid-company";
    assert_eq!(enter(&dispatcher, &format!("{header}\n{above}\n")).await.status, 303);
    world.run_until(evening() + TimeDelta::days(2)).await;
    let page = dispatcher.page("/verdicts").await;
    let body = world.as_("auditor").verdicts(None, None).await.unwrap();
    assert!(!body.totals.is_empty());
    for totals in &body.totals {
        assert!(page.contains(&format!("href=\"/orders/{}\"", totals.order_no)), "{page}");
    }
    let broken = body.totals.iter().filter(|totals| totals.breach > 0).count();
    assert_eq!(page.matches("<strong>broken</strong>").count(), broken, "{page}");
    let file = dispatcher.get("/verdicts/verdicts.csv?facility=N1").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let own = body.verdicts.iter().filter(|verdict| verdict.facility.as_str() == "N1").count();
    assert_eq!(file.body.lines().filter(|line| line.starts_with("2026-0115-N1-v1,N1,")).count(), own);
    assert!(file.body.starts_with("order_no,facility,interval_start"), "{}", file.body);
    let lines = dispatcher.get("/verdicts/settlement.csv").await.body;
    assert!(lines.starts_with("order_no,facility,from,to,kind,schedule"), "{lines}");
    let proof = dispatcher.get("/orders/2026-0115-N1-v1/evidence.json").await;
    assert!(proof.status == 200 && proof.body.contains("\"signature\""), "{}", proof.status);

    let page = dispatcher.page("/burden").await;
    let highest = PLAN.totals.max_burden * 100.0;
    assert!(page.contains(&format!("Highest {highest:.1} %")), "{highest}: {page}");
    assert_eq!(page.matches("<svg class=\"bar\"").count(), 3, "{page}");
}

#[tokio::test]
async fn a_plan_is_rehearsed_as_a_drill_once_another_person_approves() {
    let (world, passwords) = with_people().await;
    let n1 = world.enrol("N1").await;
    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    let digest = PLAN.digest().unwrap();
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    let page = dispatcher.page("/drills").await;
    assert!(page.contains(&digest) && page.contains("None yet."), "{page}");
    let fields = [("plan", digest.as_str()), ("comment", "<who answers>")];
    assert_eq!(dispatcher.post("/drills", &fields).await.status, 403, "without the seal");
    let silent = [("plan", digest.as_str()), ("comment", " ")];
    assert_eq!(dispatcher.send("/drills", "/drills", &silent).await.status, 400);
    let auditor = Browser::enter(&world, "auditor", &passwords["auditor"]).await;
    assert_eq!(auditor.send("/drills", "/drills", &fields).await.status, 403);
    let done = dispatcher.send("/drills", "/drills", &fields).await;
    let drill = done.location().strip_prefix("/plans/").unwrap_or_default().to_owned();
    assert!(done.status == 303 && drill.len() == 64 && drill != digest, "{}", done.body);
    let page = dispatcher.page("/drills").await;
    assert!(page.contains(&format!("id=\"d-{}\"", &drill[..8])), "{page}");
    assert!(world.as_("approver").approve(&drill, "").await.unwrap().approved);
    world.room().tick().await.unwrap();
    let priorities: Vec<_> = n1.orders().iter().map(|order| order.priority).collect();
    assert_eq!(priorities, [Priority::Normal, Priority::Drill]);
    let again = dispatcher.send("/drills", "/drills", &fields).await;
    assert_eq!(again.status, 409, "that very drill was proposed already");
}
