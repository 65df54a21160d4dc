//! A miner's page: its own orders, in three languages, and the files on it.

use std::collections::BTreeMap;

use kezek_model::ids::OrderNo;
use kezek_model::receipt::Response;
use kezek_server::access::Role;
use kezek_server::evidence::verify::verify;

use crate::browser::{Browser, accounts, seal_of};
use crate::world::{PLAN, World};

async fn with_miners() -> (World, BTreeMap<String, String>) {
    let mut passwords = BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 3] = [
        ("miner-n1", &[Role::Facility], Some("N1")),
        ("miner-s1", &[Role::Facility], Some("S1")),
        ("dispatcher", &[Role::Dispatcher], None),
    ];
    let world = World::with(|config| {
        config.notice.contact.phone = "+7 7172 000 000".into();
        (_, passwords) = accounts(config, &people);
    });
    (world.await, passwords)
}

fn of<'a>(orders: &'a [OrderNo], facility: &str) -> &'a OrderNo {
    orders.iter().find(|order| order.as_str().contains(&format!("-{facility}-"))).unwrap()
}

/// The properties of each entry of a calendar.
fn entries(file: &str) -> Vec<Vec<(String, String)>> {
    assert!(file.starts_with("BEGIN:VCALENDAR\r\n") && file.ends_with("END:VCALENDAR\r\n"), "{file}");
    assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{file}");
    let unfolded = file.replace("\r\n ", "");
    let events = unfolded.split("BEGIN:VEVENT\r\n").skip(1);
    let events = events.map(|event| event.split("END:VEVENT\r\n").next().unwrap().to_owned());
    let pair = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.to_owned())
    };
    events.map(|event| event.lines().map(pair).collect()).collect()
}

fn value<'a>(entry: &'a [(String, String)], name: &str) -> &'a str {
    let values: Vec<_> = entry.iter().filter(|(known, _)| known == name).collect();
    assert_eq!(values.len(), 1, "{name} in {entry:?}");
    &values[0].1
}

#[tokio::test]
async fn a_miner_sees_its_own_orders_and_nothing_of_others() {
    let (world, passwords) = with_miners().await;
    let [n1, _s1, _s2] = world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    let (own, other) = (of(&orders, "N1"), of(&orders, "S1"));
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await.in_("en");
    let page = miner.get("/my").await;
    assert_eq!(page.status, 200);
    for text in [
        own.as_str(),
        "WAITING FOR YOUR ANSWER",
        "left to answer",
        "Delivered",
        "Orders are sent to http://127.0.0.1",
        "Last deliveries",
        "+7 7172 000 000",
    ] {
        assert!(page.body.contains(text), "{text} is not on {}", page.body);
    }
    let order = n1.orders().remove(0);
    let accepted = n1.signed_answer(&order, Response::Accepted, world.now());
    assert_eq!(world.signed("/api/v1/answers", accepted).await.0, 200);
    let page = miner.get("/my").await.body;
    assert!(page.contains("ACCEPTED") && page.contains("Your answer: accepted"), "{page}");
    for foreign in ["-S1-", "-S2-", "/day", "/orders?", "/issuing"] {
        assert!(!page.contains(foreign), "{foreign} is on {page}");
    }

    let signed = miner.get(&format!("/my/orders/{own}.json")).await;
    assert_eq!(signed.status, 200);
    let bundle = world.as_("N1").bundle(own).await.unwrap();
    let read: serde_json::Value = serde_json::from_str(&signed.body).unwrap();
    assert_eq!(read, serde_json::to_value(&bundle).unwrap());
    let refused = miner.get(&format!("/my/orders/{other}.json")).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.body.contains("signature"), "{}", refused.body);
    assert_eq!(miner.get("/my/orders/none.json").await.status, 404);
}

#[tokio::test]
async fn only_miners_have_the_page_and_each_language_has_its_words() {
    let (world, passwords) = with_miners().await;
    world.enrol_all().await;
    world.issue(&PLAN).await;
    let miner = Browser::enter(&world, "miner-s1", &passwords["miner-s1"]).await.in_("en");
    let words =
        [("en", "WAITING FOR YOUR ANSWER"), ("ru", "ЖДЁТ ВАШЕГО ОТВЕТА"), ("kk", "ЖАУАБЫҢЫЗДЫ КҮТУДЕ")];
    for (language, text) in words {
        let page = miner.in_(language).get("/my").await.body;
        assert!(page.contains(text) && page.contains(&format!("<html lang=\"{language}\"")), "{page}");
    }
    let dispatcher = Browser::enter(&world, "dispatcher", &passwords["dispatcher"]).await.in_("en");
    for path in ["/my", "/my/orders.ics", "/my/orders/x.json"] {
        assert_eq!(dispatcher.get(path).await.status, 403, "{path}");
        assert_eq!(Browser::of(&world).get(path).await.status, 303, "{path}");
    }
    assert_eq!(miner.get("/day").await.status, 403);
}

#[tokio::test]
async fn a_miner_answers_for_its_own_facility_once_and_may_change_its_mind() {
    let (world, passwords) = with_miners().await;
    let [_n1, _s1, _s2] = world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    let (own, other) = (of(&orders, "N1"), of(&orders, "S1"));
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await.in_("ru");
    let at = |order: &OrderNo| format!("/my/orders/{order}/answer");
    let known = async || world.as_("dispatcher").order(own).await.unwrap();
    let button = "Подтвердить: выполним";
    assert!(miner.page("/my").await.contains(button));

    let reason = |reason| [("answer", "refused"), ("reason", reason)];
    assert_eq!(miner.send("/my", &at(other), &[("answer", "accepted")]).await.status, 404);
    assert_eq!(miner.send("/my", &at(own), &[("answer", "perhaps")]).await.status, 400);
    assert_eq!(miner.send("/my", &at(own), &reason(" ")).await.status, 400);
    assert_eq!(miner.post(&at(own), &[("answer", "accepted"), ("seal", "foreign")]).await.status, 403);
    assert_eq!(known().await.answers, []);

    let seal = seal_of(&miner.page("/my").await).to_owned();
    for _ in 0..2 {
        assert_eq!(miner.post(&at(own), &[("answer", "accepted"), ("seal", &seal)]).await.status, 303);
    }
    let seen = known().await;
    assert_eq!(seen.answers.len(), 1, "pressed twice, said once: {:?}", seen.answers);
    assert_eq!((&seen.answers[0].answer, seen.answers[0].by.as_str()), (&Response::Accepted, "miner-n1"));
    assert_eq!(seen.row.received_at, None, "the machine does not know of it yet");
    let page = miner.page("/my").await;
    assert!(page.contains("Ваш ответ: принято (miner-n1") && !page.contains(button), "{page}");

    assert_eq!(miner.send("/my", &at(own), &reason("ремонт <вентиляции>")).await.status, 303);
    let page = miner.page("/my").await;
    assert!(page.contains("ремонт &#60;вентиляции&#62;") && page.contains(button), "{page}");

    world.room().advance().await.unwrap();
    let file = world.as_("auditor").evidence(own).await.unwrap();
    let finding = verify(&file, Some(&world.room().public_key()), &[]);
    assert!(finding.is_sound(), "{:?}", finding.faults);
    let told =
        finding.holds.iter().any(|(_, words)| words.ends_with("answers entered on a page by miner-n1"));
    assert!(told, "{:?}", finding.holds);
}

#[tokio::test]
async fn the_calendar_holds_the_own_orders_and_cancels_what_is_withdrawn() {
    let (world, passwords) = with_miners().await;
    let [n1, ..] = world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    let own = of(&orders, "N1");
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await.in_("en");
    let file = miner.get("/my/orders.ics").await;
    assert!(file.headers["content-type"] == "text/calendar; charset=utf-8", "{file:?}");
    let before = entries(&file.body);
    assert!(!before.is_empty() && !file.body.contains("-S1-"), "{}", file.body);
    let order = n1.orders().remove(0);
    let starts = order.starts().unwrap().format("%Y%m%dT%H%M%SZ").to_string();
    let ends = order.restore.as_ref().unwrap().from.format("%Y%m%dT%H%M%SZ").to_string();
    assert_eq!(value(&before[0], "DTSTART"), starts);
    assert_eq!(value(before.last().unwrap(), "DTEND"), ends, "until its slot the last limit holds");
    for entry in &before {
        assert_eq!((value(entry, "STATUS"), value(entry, "SEQUENCE")), ("CONFIRMED", "1"));
    }

    world.as_("dispatcher").recall(own, "the line is back").await.unwrap();
    let after = entries(&miner.get("/my/orders.ics").await.body);
    assert_eq!(after.len(), before.len());
    for (entry, old) in after.iter().zip(&before) {
        assert_eq!(value(entry, "UID"), value(old, "UID"));
        assert_eq!((value(entry, "STATUS"), value(entry, "SEQUENCE")), ("CANCELLED", "2"));
    }
    let page = miner.get("/my").await.body;
    assert!(page.contains("WITHDRAWAL of an order") && page.contains("withdrawn → "), "{page}");
}
