//! The second channel and the registry, with a gateway and a mail server on real sockets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use kezek_courier::second::gateway::{BodyFormat, GatewaySettings, Verb};
use kezek_courier::second::mail::{MailSettings, Security};
use kezek_journal::SqliteReader;
use kezek_model::ids::OrderNo;
use kezek_model::order::Priority;
use kezek_model::receipt::Response;
use kezek_model::registry::Endpoint;
use kezek_server::access::Role;
use kezek_server::api::{OrderDetail, ProposeBody};
use kezek_server::second::SecondChannelSettings;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

use crate::browser::{Browser, accounts};
use crate::gateway::{Gateway, MailServer};
use crate::receiver::Receiver;
use crate::world::{PLAN, World, day_before, proposal};

const CONTACTS: &str = "facility,role,name,language,phone,email,sms\n\
    N1,shift leader,A. Serik,kk,+7 700 000 00 00,shift@n1.example,+77000000000\n\
    N1,owner,B. Ivanov,ru,+7 700 111 11 11,,+77001111111\n";

struct Scene {
    world: World,
    gateway: Gateway,
    mails: MailServer,
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (gateway, mails) = (Gateway::start().await, MailServer::start().await);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("contacts.csv"), CONTACTS).unwrap();
        let settings = settings(&gateway, &mails, folder.path());
        let registry = Some(folder.path().to_owned());
        let world = World::with(|config| {
            config.registry = registry;
            config.second_channel = settings;
            config.notice.contact.phone = "+7 717 200 00 00".into();
        });
        Self { world: world.await, gateway, mails, folder }
    }

    /// N1 does not get its order; it is the first.
    async fn undelivered(&self) -> (Receiver, OrderNo) {
        let [n1, ..] = self.world.enrol_all().await;
        n1.answer_with(503);
        let orders = self.world.issue(&PLAN).await;
        (n1, orders.into_iter().find(|number| number.as_str().contains("-N1-")).unwrap())
    }

    async fn detail(&self, order_no: &OrderNo) -> OrderDetail {
        self.world.as_("auditor").order(order_no).await.unwrap()
    }
}

fn settings(gateway: &Gateway, mails: &MailServer, folder: &Path) -> SecondChannelSettings {
    let headers = folder.join("headers");
    fs::write(&headers, "Authorization: Bearer of-the-gateway\n").unwrap();
    fs::set_permissions(&headers, fs::Permissions::from_mode(0o600)).unwrap();
    SecondChannelSettings {
        most_attempts: 2,
        pause_s: 60,
        sms: Some(GatewaySettings {
            url: gateway.url(),
            method: Verb::Post,
            format: BodyFormat::Json,
            body: "{\"to\": \"{phone}\", \"text\": \"{text}\"}".into(),
            headers_file: Some(headers),
        }),
        email: Some(MailSettings {
            host: "127.0.0.1".into(),
            port: mails.port,
            security: Security::None,
            from: "Control room <kezek@operator.example>".into(),
            login: None,
            password_file: None,
        }),
    }
}

/// Four fifths of half an hour.
fn mark() -> chrono::DateTime<chrono::Utc> {
    day_before() + TimeDelta::minutes(24)
}

/// The text of a mail, whatever its transfer encoding.
fn read(mail: &str) -> String {
    let (head, body) = mail.split_once("\n\n").unwrap();
    if head.contains("base64") {
        let bytes = STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap();
        return String::from_utf8(bytes).unwrap();
    }
    body.to_owned()
}

#[tokio::test]
async fn what_has_not_arrived_goes_by_sms_and_mail_in_the_readers_language_and_is_not_received() {
    let scene = Scene::new().await;
    let (n1, number) = scene.undelivered().await;
    scene.world.run_until(mark() - TimeDelta::seconds(1)).await;
    assert!(scene.gateway.came().is_empty() && scene.mails.came().is_empty(), "not before its time");
    scene.world.run_until(mark() + TimeDelta::seconds(1)).await;
    let detail = scene.detail(&number).await;
    let short = scene.gateway.came();
    assert_eq!(
        short.iter().map(|sms| sms.phone.as_str()).collect::<Vec<_>>(),
        ["+77000000000", "+77001111111"]
    );
    assert!(short.iter().all(|sms| sms.authorization == "Bearer of-the-gateway"));
    let mails = scene.mails.came();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["shift@n1.example"]);
    let mail = read(&mails[0].bytes);
    for text in [&short[0].text, &short[1].text, &mail] {
        for figure in [number.as_str(), "UTC+", "+7 717 200 00 00", &detail.check_mark] {
            assert!(text.contains(figure), "{figure}: {text}");
        }
    }
    assert!(short[0].text.contains("Растау") && short[1].text.contains("Подтвердить"), "{short:?}");
    assert!(mails[0].bytes.contains(&format!("Message-ID: <{number}.")), "{}", mails[0].bytes);
    assert_eq!((detail.row.received_at, detail.row.answer.as_str()), (None, "none"));
    assert_eq!(detail.notices.len(), 3);
    assert!(detail.row.words.contains(&"told".to_owned()) && !detail.row.words.contains(&"delivered".into()));
    assert_eq!(detail.row.call.as_deref(), Some("not-received"));
    let said: Vec<_> = detail.row.contacts.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(said, ["A. Serik", "B. Ivanov"]);
    scene.world.run_until(day_before() + TimeDelta::hours(2)).await;
    assert_eq!((scene.gateway.came().len(), scene.mails.came().len()), (2, 1), "told is told");
    assert!(n1.came().len() > 10, "delivery goes on");
}

#[tokio::test]
async fn every_message_is_durably_intended_before_it_leaves_and_recorded_after() {
    let scene = Scene::new().await;
    scene.undelivered().await;
    scene.world.run_until(mark() + TimeDelta::seconds(1)).await;
    let reader = SqliteReader::open(scene.world.database()).unwrap();
    let (mut intended, mut ended) = (Vec::new(), Vec::new());
    let visit = &mut |record: kezek_journal::Record| {
        let to = record.body["event"]["to"].clone();
        match record.kind.as_str() {
            "notice-intended" => intended.push((record.seq, to)),
            "notice-ended" => ended.push((record.seq, to)),
            _ => {}
        }
        ControlFlow::Continue(())
    };
    reader.load(0, visit).unwrap();
    assert_eq!((intended.len(), ended.len()), (3, 3));
    for (seq, to) in &intended {
        let after = ended.iter().find(|(_, known)| known == to).unwrap();
        assert!(seq < &after.0, "S8");
    }
}

#[tokio::test]
async fn a_gateway_that_fails_is_tried_again_and_one_that_refuses_is_not() {
    let scene = Scene::new().await;
    let (_n1, number) = scene.undelivered().await;
    scene.gateway.answer_with(503);
    scene.mails.answer_with(550);
    scene.world.run_until(mark() + TimeDelta::seconds(30)).await;
    assert_eq!(scene.gateway.came().len(), 2);
    let outcomes = |detail: &OrderDetail| -> Vec<String> {
        detail.notices.iter().filter_map(|notice| notice.outcome.clone()).collect()
    };
    let first = outcomes(&scene.detail(&number).await);
    assert!(first.iter().filter(|text| text.starts_with("failed: answered 503")).count() == 2, "{first:?}");
    assert!(first.iter().any(|text| text.starts_with("alarm:") && text.contains("550")), "{first:?}");
    scene.world.run_until(mark() + TimeDelta::minutes(30)).await;
    assert_eq!(scene.gateway.came().len(), 4, "twice each, as is set");
    assert!(scene.mails.came().is_empty());
    let warnings = scene.world.as_("dispatcher").status().await.unwrap().warnings;
    assert_eq!(warnings.iter().filter(|warning| warning.kind == "not-told").count(), 3);
}

#[tokio::test]
async fn a_mail_server_that_asks_for_patience_gets_it() {
    let scene = Scene::new().await;
    scene.undelivered().await;
    scene.mails.answer_with(451);
    scene.world.run_until(mark() + TimeDelta::seconds(30)).await;
    assert!(scene.mails.came().is_empty());
    scene.mails.answer_with(250);
    scene.world.run_until(mark() + TimeDelta::minutes(2)).await;
    assert_eq!(scene.mails.came().len(), 1);
}

#[tokio::test]
async fn after_a_recall_the_next_message_says_so() {
    let scene = Scene::new().await;
    let (n1, number) = scene.undelivered().await;
    scene.world.run_until(mark() + TimeDelta::seconds(1)).await;
    n1.answer_with(200);
    let recall =
        scene.world.as_("dispatcher").recall(&number, "the unit is back").await.unwrap().recall_order_no;
    scene.world.run_until(mark() + TimeDelta::minutes(1)).await;
    let texts: Vec<String> = scene.gateway.came().into_iter().skip(2).map(|sms| sms.text).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().all(|text| text.contains(recall.as_str()) && text.contains(number.as_str())));
    assert!(texts[0].contains("КҮШІ ЖОЙЫЛДЫ") && texts[1].contains("ОТМЕНЕНО"), "{texts:?}");
    assert!(read(&scene.mails.came()[1].bytes).contains("КҮШІ ЖОЙЫЛДЫ"));
}

#[tokio::test]
async fn a_recall_wants_an_answer_of_its_own_and_climbs_the_same_ladder() {
    let scene = Scene::new().await;
    let [n1, ..] = scene.world.enrol_all().await;
    let orders = scene.world.issue(&PLAN).await;
    scene.world.room().tick().await.unwrap();
    let number = orders.iter().find(|number| number.as_str().contains("-N1-")).unwrap();
    let answer = n1.signed_answer(&n1.orders()[0], Response::Accepted, day_before());
    assert_eq!(scene.world.signed("/api/v1/answers", answer).await.0, 200);
    n1.answer_with(503);
    let recall = scene.world.as_("dispatcher").recall(number, "enough").await.unwrap().recall_order_no;
    let before = scene.detail(&recall).await;
    assert_eq!(
        (before.row.answer.as_str(), before.row.call),
        ("none", None),
        "the old answer is not its answer"
    );
    scene.world.run_until(mark() + TimeDelta::seconds(1)).await;
    let laddered = scene.detail(&recall).await;
    assert_eq!((laddered.row.call.as_deref(), laddered.notices.len()), (Some("not-received"), 3));
    n1.answer_with(200);
    scene.world.run_until(day_before() + TimeDelta::minutes(31)).await;
    let silent = scene.detail(&recall).await;
    assert_eq!((silent.row.delivery.as_str(), silent.row.call.as_deref()), ("received", Some("silent")));
    let order = n1.orders().pop().unwrap();
    let answer = n1.signed_answer(&order, Response::Accepted, scene.world.now());
    assert_eq!(scene.world.signed("/api/v1/answers", answer).await.0, 200);
    let heard = scene.detail(&recall).await;
    assert_eq!((heard.row.answer.as_str(), heard.row.call), ("accepted", None));
}

#[tokio::test]
async fn frozen_tells_nobody_and_a_drill_says_that_it_is_one() {
    let scene = Scene::new().await;
    let [n1, ..] = scene.world.enrol_all().await;
    n1.answer_with(503);
    let body = ProposeBody { priority: Some(Priority::Drill), ..proposal(&PLAN) };
    let digest = scene.world.as_("author").propose(&body).await.unwrap().plan_digest;
    scene.world.as_("approver").approve(&digest, "").await.unwrap();
    scene.world.run_until(mark() - TimeDelta::seconds(1)).await;
    scene.world.as_("dispatcher").freeze("look first").await.unwrap();
    scene.world.run_until(mark() + TimeDelta::minutes(5)).await;
    assert!(scene.gateway.came().is_empty() && scene.mails.came().is_empty());
    scene.world.as_("dispatcher").thaw("looked", "second").await.unwrap();
    scene.world.run_until(mark() + TimeDelta::minutes(5)).await;
    let texts = scene.gateway.came();
    assert!(texts[0].text.starts_with("ЖАТТЫҒУ") && texts[1].text.starts_with("УЧЕНИЯ"), "{texts:?}");
    assert!(scene.mails.came()[0].bytes.contains("Subject: "));
}

#[tokio::test]
async fn a_registry_is_read_anew_and_a_bad_file_keeps_the_one_before() {
    let scene = Scene::new().await;
    let contacts = || scene.world.room().look(|book| book.state.registry().contacts.len());
    let room = scene.world.room();
    assert_eq!((contacts(), room.look_at_registry().await.unwrap()), (2, false));
    let file = scene.folder.path().join("contacts.csv");
    fs::write(&file, format!("{CONTACTS}N1,owner,C,de,12,,\n")).unwrap();
    assert!(!room.look_at_registry().await.unwrap());
    assert_eq!(contacts(), 2, "the one before holds");
    let trouble = scene.world.as_("auditor").status().await.unwrap().registry_trouble;
    assert_eq!(trouble.len(), 2, "all faults at once: {trouble:?}");
    assert!(trouble[0].starts_with("contacts.csv, row 4, language"), "{trouble:?}");
    fs::write(&file, format!("{CONTACTS}S1,owner,C,en,112,,\n")).unwrap();
    assert!(room.look_at_registry().await.unwrap());
    assert_eq!((contacts(), room.registry_trouble()), (3, vec![]));
}

#[tokio::test]
async fn a_room_whose_registry_is_spoilt_opens_with_the_one_before() {
    let mut scene = Scene::new().await;
    fs::write(scene.folder.path().join("contacts.csv"), "facility\n\n").unwrap();
    scene.world.crash().await;
    scene.world.start().await;
    assert_eq!(scene.world.room().look(|book| book.state.registry().contacts.len()), 2);
    assert!(!scene.world.room().registry_trouble().is_empty());
}

#[tokio::test]
async fn a_file_proposes_a_relay_two_people_adopt_it_and_only_the_facility_itself_confirms() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let n1 = world.enrol("N1").await;
    let relay = Receiver::start("relay", world.database().to_owned()).await;
    relay.pin(world.room().public_key(), world.clock());
    let endpoints = format!(
        "facility,channel,address,public_key,relay\nN1,push,{},{},Supplier\n",
        relay.url(),
        n1.key.public()
    );
    fs::write(scene.folder.path().join("endpoints.csv"), endpoints).unwrap();
    world.room().look_at_registry().await.unwrap();
    let row = world.as_("auditor").facilities().await.unwrap().remove(0);
    assert_eq!((row.relay, row.address), (None, n1.url()), "the file moves nothing");
    assert_eq!(row.proposed.unwrap().relay.as_deref(), Some("Supplier"));
    let facility = "N1".into();
    let shown = world.as_("approver").endpoint(&facility).await.unwrap();
    let adopt =
        async |by: &str, second: &str| world.as_(by).adopt(&facility, &shown, "from May", second).await;
    let other = Endpoint { relay: None, ..shown.clone() };
    let unseen = world.as_("administrator").adopt(&facility, &other, "from May", "approver").await;
    assert!(
        unseen.is_err_and(|error| error.to_string().contains("than what was shown")),
        "not what was shown"
    );
    assert!(adopt("administrator", "administrator").await.is_err(), "one person");
    assert!(adopt("dispatcher", "approver").await.is_err(), "not theirs");
    adopt("administrator", "approver").await.unwrap();
    let row = world.as_("auditor").facilities().await.unwrap().remove(0);
    assert_eq!(
        (row.relay.as_deref(), row.approved_by.as_deref(), row.proposed),
        (Some("Supplier"), Some("approver"), None)
    );

    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    assert_eq!((relay.came().len(), n1.came().len()), (1, 0));
    let order = relay.orders().remove(0);
    let detail = scene.detail(&order.order_no).await;
    assert_eq!((detail.row.delivery.as_str(), detail.row.received_at), ("relayed", None));
    assert_eq!(detail.attempt_rows[0].outcome.as_deref(), Some("relayed by Supplier (200)"));
    assert_eq!(world.as_("N1").pending(&"N1".into()).await.unwrap().len(), 1, "it can fetch it itself");
    let forged = relay.signed_answer(&order, Response::Accepted, day_before());
    assert_eq!(world.signed("/api/v1/answers", forged).await.0, 401, "a relay cannot sign for it");
    world.run_until(mark() + TimeDelta::seconds(1)).await;
    let row = scene.detail(&order.order_no).await.row;
    assert_eq!((row.call.as_deref(), row.answer.as_str()), (Some("relayed"), "none"));
    let own = n1.signed_answer(&order, Response::Accepted, world.now());
    assert_eq!(world.signed("/api/v1/answers", own).await.0, 200);
    let row = scene.detail(&order.order_no).await.row;
    assert_eq!((row.delivery.as_str(), row.answer.as_str(), row.call), ("received", "accepted", None));
}

#[tokio::test]
async fn a_miner_tries_out_who_is_told_and_only_its_own() {
    let (gateway, mails) = (Gateway::start().await, MailServer::start().await);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("contacts.csv"), CONTACTS).unwrap();
    let settings = settings(&gateway, &mails, folder.path());
    let registry = Some(folder.path().to_owned());
    let mut passwords = std::collections::BTreeMap::new();
    let world = World::with(|config| {
        config.registry = registry;
        config.second_channel = settings;
        let miners: [(&str, &[Role], Option<&str>); 2] =
            [("n1", &[Role::Facility], Some("N1")), ("s1", &[Role::Facility], Some("S1"))];
        (_, passwords) = accounts(config, &miners);
    });
    let world = world.await;
    world.room().tick().await.unwrap();
    let n1 = Browser::enter(&world, "n1", &passwords["n1"]).await.in_("ru");
    assert!(n1.page("/my").await.contains("Отправить проверку"));
    let send = async |browser: &Browser, channel: &str, to: &str| {
        browser.send("/my", "/my/contacts/test", &[("channel", channel), ("to", to)]).await.status
    };
    assert_eq!(send(&n1, "sms", "+77000000000").await, 303);
    assert_eq!(send(&n1, "email", "shift@n1.example").await, 303);
    assert!(gateway.came()[0].text.starts_with("KEZEK СЫНАҒЫ, N1"), "in the reader's language");
    assert!(read(&mails.came()[0].bytes).contains("бұл өкім емес"));
    assert_eq!(send(&n1, "sms", "+79999999999").await, 400, "nobody's number");
    assert_eq!(send(&n1, "sms", "").await, 400);
    let s1 = Browser::enter(&world, "s1", &passwords["s1"]).await.in_("ru");
    assert!(s1.page("/my").await.contains("не знает, кому звонить"));
    gateway.answer_with(500);
    assert_eq!(send(&n1, "sms", "+77001111111").await, 502);
    assert_eq!(send(&n1, "sms", "+77001111111").await, 429, "enough for now");
    assert_eq!((gateway.came().len(), mails.came().len()), (2, 1));
}
