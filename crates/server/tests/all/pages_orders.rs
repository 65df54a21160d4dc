//! The tracking board and the page of an order, as people of the control room use them in a browser.

use std::collections::BTreeMap;
use std::fs;

use chrono::TimeDelta;
use kezek_model::ids::OrderNo;
use kezek_model::order::Priority;
use kezek_model::receipt::{Act, Response as Said};
use kezek_server::access::Role;
use kezek_server::api::ProposeBody;
use tempfile::TempDir;

use crate::browser::{Browser, Shown, accounts, seal_of};
use crate::receiver::{Receiver, hourly};
use crate::world::{PLAN, World, day_before, proposal};

const CONTACTS: &str = "facility,role,name,language,phone,email,sms\n\
    S1,shift leader,A. <Serik>,kk,+7 700 000 00 00,,\n";

/// A control room into which people sign in; N1 accepts, S1 says nothing, S2 refuses.
struct Scene {
    world: World,
    passwords: BTreeMap<String, String>,
    orders: Vec<OrderNo>,
    receivers: [Receiver; 3],
    _folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Priority::Normal, |_| {}).await
    }

    async fn with(priority: Priority, change: impl FnOnce(&[Receiver; 3])) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("contacts.csv"), CONTACTS).unwrap();
        let mut passwords = BTreeMap::new();
        let world = World::with(|config| {
            config.registry = Some(folder.path().to_owned());
            let people: [(&str, &[Role], Option<&str>); 3] = [
                ("dispatcher", &[Role::Dispatcher], None),
                ("auditor", &[Role::Auditor], None),
                ("miner", &[Role::Facility], Some("S1")),
            ];
            (_, passwords) = accounts(config, &people);
        })
        .await;
        let receivers = world.enrol_all().await;
        change(&receivers);
        let body = ProposeBody { priority: Some(priority), ..proposal(&PLAN) };
        let digest = world.as_("author").propose(&body).await.unwrap().plan_digest;
        let orders = world.as_("approver").approve(&digest, "").await.unwrap().orders;
        let scene = Self { world, passwords, orders, receivers, _folder: folder };
        scene.answers().await;
        scene
    }

    async fn answers(&self) {
        self.world.room().tick().await.unwrap();
        let [n1, _, s2] = &self.receivers;
        let refused = Said::Refused { reason: "<furnace>".into() };
        for (receiver, said) in [(n1, Said::Accepted), (s2, refused)] {
            let answer = receiver.signed_answer(&receiver.orders()[0], said, self.world.now());
            assert_eq!(self.world.signed("/api/v1/answers", answer).await.0, 200);
        }
        self.world.run_until(day_before() + TimeDelta::hours(20)).await;
    }

    fn of(&self, facility: &str) -> &OrderNo {
        let part = format!("-{facility}-");
        self.orders.iter().find(|number| number.as_str().contains(&part)).unwrap()
    }

    async fn sign_in(&self, name: &str) -> Browser {
        Browser::enter(&self.world, name, &self.passwords[name]).await
    }
}

/// The row of an order on the board.
fn row<'a>(html: &'a str, order_no: &OrderNo) -> &'a str {
    let (_, rest) = html.split_once(&format!("<tr id=\"o-{order_no}\"")).unwrap_or_else(|| panic!("{html}"));
    rest.split_once("</tr>").unwrap().0
}

#[tokio::test]
async fn the_board_says_who_is_silent_and_whom_to_call_worst_first() {
    let scene = Scene::new().await;
    let html = scene.sign_in("auditor").await.page("/orders").await;
    let sum: f64 = ["N1", "S1", "S2"].iter().map(|facility| deepest(facility)).sum();
    let figure = |mw: f64| format!("{mw:.1}").replace('.', ",");
    let lead = format!("Подтверждено: {} из {} МВт (принято 1 из 3)", figure(deepest("N1")), figure(sum));
    assert!(html.contains(&lead), "{lead}: {html}");

    let silent = row(&html, scene.of("S1"));
    for said in ["молчит", "не ответили в срок", "tel:+77000000000", "A. &#60;Serik&#62;", "казахский"]
    {
        assert!(silent.contains(said), "{said}: {silent}");
    }
    let refused = row(&html, scene.of("S2"));
    assert!(refused.contains("отказ") && refused.contains("&#60;furnace&#62;"), "{refused}");
    let place = |facility| html.find(&format!("<tr id=\"o-{}\"", scene.of(facility))).unwrap();
    let folded = html.find("<details class=\"panel\" id=\"accepted\"").unwrap();
    assert!(place("S2") < place("S1"), "as the API sorts them");
    assert!(place("S1") < folded && folded < place("N1"), "what was accepted is folded");
}

#[tokio::test]
async fn an_open_row_shows_what_is_allowed_and_what_was_metered() {
    let scene = Scene::new().await;
    let browser = scene.sign_in("dispatcher").await.in_("en");
    let [silent, accepted] = ["S1", "N1"].map(|facility| scene.of(facility));
    let html = browser.page("/orders").await;
    assert!(row(&html, silent).contains("no reading in this time"), "{html}");
    assert!(row(&html, silent).contains("never read"), "{html}");
    assert!(!row(&html, accepted).contains("<svg"), "what is folded is not drawn: {html}");

    let begins = PLAN.allocations.iter().find(|row| row.facility.as_str() == "S1" && row.cut.0 > 0);
    let begins = begins.unwrap().interval_start;
    scene.world.run_until(begins + TimeDelta::minutes(65)).await;
    let readings = serde_json::json!({"readings": hourly("S1", begins, &[20.0])}).to_string();
    let told = scene.world.raw("POST", "/api/v1/readings", Some("dispatcher"), readings).await;
    assert_eq!(told.status, 200);
    let html = browser.page("/orders").await;
    let row = row(&html, silent);
    for said in ["last metered 20.0 MW until", "readings above it: 1", "class=\"above\"", "read 5 min ago"] {
        assert!(row.contains(said), "{said}: {row}");
    }
}

#[tokio::test]
async fn the_board_shows_the_orders_of_a_day_and_refuses_what_is_no_day() {
    let scene = Scene::new().await;
    let browser = scene.sign_in("auditor").await.in_("en");
    let of_the_day = browser.page("/orders?day=2026-01-15").await;
    for facility in ["N1", "S1", "S2"] {
        assert!(of_the_day.contains(&format!("<tr id=\"o-{}\"", scene.of(facility))), "{of_the_day}");
    }
    assert!(of_the_day.contains("/orders?state=silent&#38;day=2026-01-15"), "{of_the_day}");
    let alone = browser.page("/orders?day=2026-01-15&state=silent").await;
    assert_eq!(alone.matches("<tr id=").count(), 1, "{alone}");
    let other = browser.page("/orders?day=2026-01-20").await;
    assert!(other.contains("There is no such order.") && !other.contains("<tr id="), "{other}");
    for day in ["2026-02-30", "15.01.2026", "tomorrow"] {
        let Shown { status, body, .. } = browser.get(&format!("/orders?day={day}")).await;
        assert!(status == 400 && body.contains(day) && body.contains("2026-01-24"), "{status}: {body}");
    }
}

#[tokio::test]
async fn the_alarm_is_one_group_muted_by_each_for_a_while_and_ends_with_a_call() {
    let scene = Scene::new().await;
    let silent = scene.of("S1");
    let dispatcher = scene.sign_in("dispatcher").await.in_("en");
    let auditor = scene.sign_in("auditor").await.in_("en");
    let group = format!("data-alarm=\"{silent}\"");
    for path in ["/orders", "/day"] {
        let html = dispatcher.page(path).await;
        assert!(html.contains("Urgent, and nobody has called: 1, 18.0 MW"), "{path}: {html}");
        assert!(html.contains(&group) && !html.contains("data-muted"), "{path}: {html}");
    }
    let head = || scene.world.room().head().seq;
    let before = head();
    let back = [("back", "/orders?day=2026-01-15")];
    assert_eq!(dispatcher.post("/alarm/mute", &back).await.status, 403, "without the seal");
    for _ in 0..2 {
        let muted = dispatcher.send("/orders", "/alarm/mute", &back).await;
        assert_eq!((muted.status, muted.location()), (303, "/orders?day=2026-01-15"));
    }
    assert_eq!(head(), before + 1, "pressed twice, written once");
    let html = dispatcher.page("/day").await;
    assert!(html.contains("data-muted") && html.contains("You have muted the sound until"), "{html}");
    assert!(!auditor.page("/day").await.contains("data-muted"), "for one person");
    let told = auditor.page("/audit?kind=sound-muted").await;
    assert!(told.contains("muted the sound of the alarm") && told.contains("<td>dispatcher</td>"), "{told}");
    scene.world.set(scene.world.now() + TimeDelta::minutes(10));
    assert!(!dispatcher.page("/orders").await.contains("data-muted"), "for ten minutes");

    let page = format!("/orders/{silent}");
    let called = dispatcher.send(&page, &format!("{page}/called"), &[("answer", "on its way")]).await;
    assert_eq!(called.status, 303);
    let html = dispatcher.page("/orders").await;
    assert!(html.contains("data-alarm=\"\" hidden") && !html.contains("nobody has called"), "{html}");
}

fn deepest(facility: &str) -> f64 {
    let rows = PLAN.allocations.iter().filter(|row| row.facility.as_str() == facility);
    rows.map(|row| row.cut.mw()).fold(0.0, f64::max)
}

#[tokio::test]
async fn the_board_shows_a_state_or_a_facility_alone() {
    let scene = Scene::new().await;
    let browser = scene.sign_in("dispatcher").await;
    let all = [("N1", "accepted"), ("S1", "silent"), ("S2", "refused")];
    for (facility, state) in all {
        for path in
            [format!("/orders?state={state}"), format!("/orders?facility={}", facility.to_lowercase())]
        {
            let html = browser.page(&path).await;
            for (other, _) in all {
                let is_there = html.contains(&format!("<tr id=\"o-{}\"", scene.of(other)));
                assert_eq!(is_there, other == facility, "{path}: {other}");
            }
        }
    }
    for state in ["call", "breach", "in%20effect", "superseded", "no-such"] {
        let html = browser.page(&format!("/orders?state={state}")).await;
        assert!(html.contains("Таких распоряжений нет.") && !html.contains("<tr id="), "{state}: {html}");
    }
}

#[tokio::test]
async fn miners_and_strangers_do_not_see_the_board() {
    let scene = Scene::new().await;
    let number = scene.of("S1");
    let miner = scene.sign_in("miner").await;
    let Shown { status, body: html, .. } = miner.get("/orders").await;
    assert_eq!(status, 403);
    assert!(!html.contains(number.as_str()), "{html}");
    assert_eq!(Browser::of(&scene.world).get("/orders").await.status, 303);
}

#[tokio::test]
async fn the_page_of_an_order_says_everything_about_it() {
    let scene = Scene::new().await;
    let auditor = scene.sign_in("auditor").await;
    let html = auditor.page(&format!("/orders/{}", scene.of("S1"))).await;
    let lead = "ниже всего до 2,0 МВт (не более чем на 18,0 МВт), чт 15 янв 20:00–22:00";
    for said in
        [lead, "молчит", "не ответили в срок", "tel:+77000000000", "доставлено <span lang=\"en\">(200)"]
    {
        assert!(html.contains(said), "{said}: {html}");
    }
    let detail = scene.world.as_("auditor").order(scene.of("S1")).await.unwrap();
    assert!(html.contains(&detail.check_mark), "{html}");
    assert!(!html.contains("action=\"/orders/"), "an auditor is offered nothing: {html}");
    let html = auditor.page(&format!("/orders/{}", scene.of("S2"))).await;
    assert!(html.contains("&#60;furnace&#62;"), "{html}");

    assert_eq!(auditor.get("/orders/no-such").await.status, 404);
    let miner = scene.sign_in("miner").await;
    let Shown { status, body: html, .. } = miner.get(&format!("/orders/{}", scene.of("S1"))).await;
    assert!(status == 403 && !html.contains(&detail.check_mark), "{status}: {html}");
}

#[tokio::test]
async fn a_form_without_the_seal_or_the_right_does_nothing() {
    let scene = Scene::new().await;
    let page = format!("/orders/{}", scene.of("S1"));
    let dispatcher = scene.sign_in("dispatcher").await;
    let others = [scene.sign_in("auditor").await, scene.sign_in("miner").await];
    let before = scene.world.as_("auditor").status().await.unwrap().journal_head;
    let foreign = others[0].page(&page).await;
    for act in ["called", "recall", "resend"] {
        let path = format!("{page}/{act}");
        for seal in ["", "wrong", seal_of(&foreign)] {
            let fields = [("seal", seal), ("answer", "x"), ("reason", "x")];
            assert_eq!(dispatcher.post(&path, &fields).await.status, 403, "{act} with {seal:?}");
        }
        for other in &others {
            let orders = other.get("/orders").await.body;
            let fields = [("seal", seal_of(&orders)), ("answer", "x"), ("reason", "x")];
            assert_eq!(other.post(&path, &fields).await.status, 403, "{act}");
        }
    }
    let shown = dispatcher.page(&page).await;
    let seal = seal_of(&shown);
    for act in ["called", "recall"] {
        let fields = [("seal", seal), ("answer", " "), ("reason", " ")];
        assert_eq!(dispatcher.post(&format!("{page}/{act}"), &fields).await.status, 400, "{act}");
    }
    let arrived = dispatcher.post(&format!("{page}/resend"), &[("seal", seal)]).await;
    assert_eq!(arrived.status, 409, "it has arrived");
    assert_eq!(scene.world.as_("auditor").status().await.unwrap().journal_head, before);
}

#[tokio::test]
async fn a_call_and_a_recall_are_entered_and_come_to_the_facility() {
    let scene = Scene::new().await;
    let (number, dispatcher) = (scene.of("S1"), scene.sign_in("dispatcher").await);
    let page = format!("/orders/{number}");
    let html = dispatcher.page(&page).await;
    assert!(html.contains("снижение на 18,0 МВт отпадёт"), "{html}");
    assert!(!html.contains("/resend\""), "it has arrived: {html}");
    let seal = seal_of(&html);

    let called = [("seal", seal), ("answer", "сменный: <снижаем>")];
    let answer = dispatcher.post(&format!("{page}/called"), &called).await;
    assert_eq!((answer.status, answer.location()), (303, page.as_str()));
    let calls = scene.world.as_("auditor").order(number).await.unwrap().calls;
    let said: Vec<_> = calls.iter().map(|call| (call.person.as_str(), call.answer.as_str())).collect();
    assert_eq!(said, [("dispatcher", "сменный: <снижаем>")]);
    assert!(dispatcher.page(&page).await.contains("сменный: &#60;снижаем&#62;"));

    let recalled = [("seal", seal), ("reason", "supply is back")];
    assert_eq!(dispatcher.post(&format!("{page}/recall"), &recalled).await.status, 303);
    scene.world.room().tick().await.unwrap();
    let row = scene.world.as_("auditor").order(number).await.unwrap().row;
    let came = scene.receivers[1].orders();
    assert_eq!((row.life.as_str(), row.successor.as_ref()), ("recalled", Some(&came[1].order_no)));
    assert_eq!(came[1].notice.reason.ru, "supply is back");

    let html = dispatcher.page("/orders").await;
    let gone = self::row(&html, number);
    assert!(gone.contains("gone") && gone.contains("отозвано"), "{gone}");
    assert!(gone.contains(&format!("/orders/{}", came[1].order_no)), "it names its successor: {gone}");
    let html = dispatcher.page(&page).await;
    assert!(html.contains("<s>Снизить") && !html.contains("/recall\""), "{html}");
    let recall = dispatcher.page(&format!("/orders/{}", came[1].order_no)).await;
    assert!(recall.contains(&format!("Отзывает распоряжение {number}")), "{recall}");
    assert_eq!(dispatcher.post(&format!("{page}/recall"), &recalled).await.status, 409, "once only");
}

#[tokio::test]
async fn what_is_stuck_is_sent_again() {
    let scene = Scene::with(Priority::Normal, |[_, s1, _]| s1.answer_with(410)).await;
    let dispatcher = scene.sign_in("dispatcher").await;
    let number = scene.of("S1");
    let html = dispatcher.page("/orders?state=call").await;
    assert!(row(&html, number).contains("застряло: адрес или ключ"), "{html}");
    let page = format!("/orders/{number}");
    let shown = dispatcher.page(&page).await;
    let seal = seal_of(&shown);
    scene.receivers[1].answer_with(200);
    assert_eq!(dispatcher.post(&format!("{page}/resend"), &[("seal", seal)]).await.status, 303);
    scene.world.room().tick().await.unwrap();
    let detail = scene.world.as_("auditor").order(number).await.unwrap();
    assert_eq!((detail.row.delivery.as_str(), detail.row.attempts), ("received", 2));
}

#[tokio::test]
async fn a_drill_is_framed_and_named_and_cuts_nothing() {
    let scene = Scene::with(Priority::Drill, |_| {}).await;
    let html = scene.sign_in("dispatcher").await.page("/orders").await;
    assert!(html.contains("Подтверждено: 0,0 из 0,0 МВт (принято 1 из 3)"), "{html}");
    assert!(html.contains("Из них учений: 3"), "{html}");
    let silent = row(&html, scene.of("S1"));
    assert!(silent.contains("class=\"urgent drill\"") && silent.contains("УЧЕНИЕ"), "{silent}");
}

#[tokio::test]
async fn the_waves_say_what_returns_when_and_who_is_back() {
    let scene = Scene::new().await;
    let [n1, ..] = &scene.receivers;
    let dispatcher = scene.sign_in("dispatcher").await.in_("en");
    let page = dispatcher.page("/restore").await;
    let slots: Vec<_> =
        scene.receivers.iter().map(|one| one.orders()[0].restore.clone().unwrap().from).collect();
    assert!(page.contains("Next: ") && page.matches("0 / ").count() > 0, "{page}");
    for facility in ["N1", "S1", "S2"] {
        assert!(page.contains(&format!("{}\">{facility}</a>", scene.of(facility))), "{facility}: {page}");
    }
    let slot = n1.orders()[0].restore.clone().unwrap().from;
    scene.world.run_until(*slots.iter().max().unwrap() + TimeDelta::minutes(5)).await;
    let report = n1.signed_report(&n1.orders()[0], Act::Restored, slot);
    assert_eq!(scene.world.signed("/api/v1/reports", report).await.0, 200);
    let page = dispatcher.page("/restore").await;
    assert!(page.contains("have not said that they are back") && page.contains(">N1</a>"), "{page}");
    assert!(page.contains("all are back") && page.contains("begun"), "{page}");
    assert_eq!(scene.sign_in("miner").await.get("/restore").await.status, 403);
}
