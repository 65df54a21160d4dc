//! Words of facilities that no facility spoke: none is taken, and the journal does not grow by one record.

use chrono::TimeDelta;
use kezek_courier::{PrivateKey, Purpose, Signed};
use kezek_model::order::Order;
use kezek_model::receipt::{Act, Answer, Report, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::receiver::{Receiver, hourly};
use crate::world::{PLAN, World};

const ANSWERS: &str = "/api/v1/answers";
const REPORTS: &str = "/api/v1/reports";
const READINGS: &str = "/api/v1/readings";
const VOLUNTARY: &str = "/api/v1/voluntary/signed";
const DOORS: [&str; 4] = [ANSWERS, REPORTS, READINGS, VOLUNTARY];

struct Scene {
    world: World,
    n1: Receiver,
    s1: Receiver,
    /// The order of N1.
    order: Order,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let [n1, s1, _] = world.enrol_all().await;
        world.issue(&PLAN).await;
        world.room().tick().await.unwrap();
        world.room().settle().await;
        let order = n1.orders().remove(0);
        Self { world, n1, s1, order }
    }

    fn answer(&self) -> Answer {
        Answer {
            order_no: self.order.order_no.clone(),
            sequence: self.order.sequence,
            environment: "test".into(),
            facility: "N1".into(),
            answer: Response::Refused { reason: "\u{451}".into() },
            by: "agent".into(),
            at: self.world.now(),
        }
    }

    fn report(&self) -> Report {
        let at = self.world.now();
        Report {
            order_no: self.order.order_no.clone(),
            sequence: self.order.sequence,
            environment: "test".into(),
            facility: "N1".into(),
            act: Act::Limited,
            limit: None,
            due_at: at,
            at,
        }
    }

    fn readings(&self) -> Value {
        let start = self.world.now() - TimeDelta::hours(2);
        json!({"environment": "test", "readings": hourly("N1", start, &[1.0])})
    }

    fn voluntary(&self) -> Value {
        let from = self.world.now() + TimeDelta::hours(1);
        json!({
            "facility": "N1", "environment": "test", "from": from, "to": from + TimeDelta::hours(2),
            "limit_mw": 4.0, "cut_mw": 6.0, "by": "agent",
        })
    }

    /// What each door takes, with the purpose it is signed for.
    fn genuine(&self) -> [(&'static str, Purpose, Value); 4] {
        [
            (ANSWERS, Purpose::Answer, serde_json::to_value(self.answer()).unwrap()),
            (REPORTS, Purpose::Report, serde_json::to_value(self.report()).unwrap()),
            (READINGS, Purpose::Report, self.readings()),
            (VOLUNTARY, Purpose::Voluntary, self.voluntary()),
        ]
    }

    /// Posts something that must not be taken.
    async fn refused(&self, what: &str, path: &str, body: Vec<u8>) {
        let before = self.world.room().head();
        let (status, said) = self.world.signed(path, body).await;
        let is_refused = (400..500).contains(&status) || said["taken"] == false;
        assert!(is_refused, "{what} at {path}: {status} {said}");
        assert_eq!(self.world.room().head(), before, "{what} at {path} is in the journal");
    }
}

fn bytes<T: Serialize>(purpose: Purpose, body: T, key: &PrivateKey) -> Vec<u8> {
    serde_json::to_vec(&Signed::new(purpose, body, key).unwrap()).unwrap()
}

#[tokio::test]
async fn no_other_key_purpose_or_door_is_taken() {
    let scene = Scene::new().await;
    let stranger = PrivateKey::generate().unwrap();
    let room = PrivateKey::load(&scene.world.config.key_file).unwrap();
    for (path, purpose, body) in scene.genuine() {
        scene.refused("a stranger's", path, bytes(purpose, &body, &stranger)).await;
        scene.refused("another facility's", path, bytes(purpose, &body, &scene.s1.key)).await;
        scene.refused("the control room's own", path, bytes(purpose, &body, &room)).await;
        for other in [Purpose::Order, Purpose::Answer, Purpose::Report, Purpose::Voluntary] {
            if other != purpose {
                scene
                    .refused(&format!("signed as {other:?}"), path, bytes(other, &body, &scene.n1.key))
                    .await;
            }
        }
        for door in DOORS.into_iter().filter(|door| *door != path) {
            scene.refused(&format!("meant for {path}"), door, bytes(purpose, &body, &scene.n1.key)).await;
        }
        let mut renamed = Signed::new(purpose, &body, &stranger).unwrap();
        renamed.key_id = scene.n1.key.key_id();
        scene.refused("another key id", path, serde_json::to_vec(&renamed).unwrap()).await;
        scene.refused("not signed", path, serde_json::to_vec(&body).unwrap()).await;
    }
    let order = bytes(Purpose::Order, &scene.order, &room);
    for door in DOORS {
        scene.refused("an order", door, order.clone()).await;
    }
}

#[tokio::test]
async fn no_changed_byte_is_taken() {
    let scene = Scene::new().await;
    for (path, purpose, body) in scene.genuine() {
        let genuine = String::from_utf8(bytes(purpose, &body, &scene.n1.key)).unwrap();
        for end in (0..genuine.len()).step_by(11).filter(|end| genuine.is_char_boundary(*end)) {
            scene.refused("cut", path, genuine[..end].into()).await;
        }
        for (trick, from, to) in [
            ("extended", "}", "},\"more\":1}"),
            ("a field in the body", "\"facility\"", "\"more\":1,\"facility\""),
            ("a key twice", "\"facility\"", "\"facility\":\"S1\",\"facility\""),
            ("a key twice, escaped", "\"facility\"", "\"f\\u0061cility\":\"S1\",\"facility\""),
            ("two bodies", "\"body\"", "\"body\":{},\"body\""),
            ("another facility", "\"N1\"", "\"S1\""),
            ("a letter that looks the same", "\"N1\"", "\"\u{39d}1\""),
            ("an invisible letter", "\"N1\"", "\"N1\u{200b}\""),
            ("another environment", "\"test\"", "\"live\""),
        ] {
            let changed = genuine.replacen(from, to, 1);
            assert_ne!(changed, genuine, "{trick} at {path}");
            scene.refused(trick, path, changed.into_bytes()).await;
        }
        let mut zero: Value = serde_json::from_str(&genuine).unwrap();
        zero["signature"] = json!(format!("{}==", "A".repeat(86)));
        scene.refused("the signature of zeros", path, zero.to_string().into_bytes()).await;
    }
}

#[tokio::test]
async fn nothing_of_another_place_order_or_time_is_taken() {
    let scene = Scene::new().await;
    let key = &scene.n1.key;
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 6] = [
        ("another environment", |body| body["environment"] = json!("live")),
        ("another sequence", |body| body["sequence"] = json!(99)),
        ("another order", |body| body["order_no"] = json!("nothing")),
        ("of tomorrow", |body| body["at"] = json!("2026-01-16T12:00:00Z")),
        ("of the end of time", |body| body["at"] = json!("9999-12-31T23:59:59Z")),
        ("another facility, own key", |body| body["facility"] = json!("S1")),
    ];
    for (path, purpose, body) in scene.genuine().into_iter().take(2) {
        for (trick, change) in changes {
            let mut changed = body.clone();
            change(&mut changed);
            scene.refused(trick, path, bytes(purpose, changed, key)).await;
        }
    }
    let readings: [(&str, Change); 6] = [
        ("another environment", |body| body["environment"] = json!("live")),
        ("no environment", |body| {
            body.as_object_mut().unwrap().remove("environment");
        }),
        ("another facility", |body| body["readings"][0]["facility"] = json!("S1")),
        ("another source", |body| body["readings"][0]["source"] = json!("grid-company")),
        ("of tomorrow", |body| {
            body["readings"][0]["interval_start"] = json!("2026-01-16T11:00:00Z");
            body["readings"][0]["interval_end"] = json!("2026-01-16T12:00:00Z");
        }),
        ("none", |body| body["readings"] = json!([])),
    ];
    for (trick, change) in readings {
        let mut changed = scene.readings();
        change(&mut changed);
        scene.refused(trick, READINGS, bytes(Purpose::Report, changed, key)).await;
    }
    let voluntary: [(&str, Change); 5] = [
        ("another environment", |body| body["environment"] = json!("live")),
        ("another facility, own key", |body| body["facility"] = json!("S1")),
        ("begun already", |body| body["from"] = json!("2026-01-01T00:00:00Z")),
        ("no time", |body| body["to"] = body["from"].clone()),
        ("more than nothing", |body| body["limit_mw"] = json!(-1.0)),
    ];
    for (trick, change) in voluntary {
        let mut changed = scene.voluntary();
        change(&mut changed);
        scene.refused(trick, VOLUNTARY, bytes(Purpose::Voluntary, changed, key)).await;
    }
    let mut mixed = scene.readings();
    let foreign = hourly("S1", scene.world.now() - TimeDelta::hours(2), &[1.0]);
    mixed["readings"].as_array_mut().unwrap().push(serde_json::to_value(&foreign[0]).unwrap());
    scene.refused("own and foreign readings", READINGS, bytes(Purpose::Report, mixed, key)).await;
}

/// A genuine word is taken once; again, in another spelling or spacing too, it changes nothing.
#[tokio::test]
async fn a_replay_changes_nothing() {
    let scene = Scene::new().await;
    for (path, purpose, body) in scene.genuine() {
        let genuine = String::from_utf8(bytes(purpose, &body, &scene.n1.key)).unwrap();
        let (status, said) = scene.world.signed(path, genuine.clone().into_bytes()).await;
        assert_eq!((status, &said["taken"]), (200, &json!(true)), "{path}: {said}");
        for (trick, again) in [
            ("again", genuine.clone()),
            ("with white space", genuine.replace(',', " ,\n ")),
            ("with an escaped letter", genuine.replacen("\"N1\"", "\"\\u004e1\"", 1)),
        ] {
            scene.refused(trick, path, again.into_bytes()).await;
        }
    }
}

#[tokio::test]
async fn no_enrolment_without_its_own_code_place_and_key() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let code = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap().code;
    let receiver = Receiver::start("N1", world.database().to_owned()).await;
    let genuine = serde_json::to_value(world.enrolment(&receiver, &code)).unwrap();
    let weak = "whpk_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (trick, field, value) in [
        ("no code", "code", json!("")),
        ("another code", "code", json!("AAAA-AAAA-AAAA-AAAA-AAAA")),
        ("half a code", "code", json!(code[..12])),
        ("the code of another facility", "facility", json!("S1")),
        ("a facility that looks the same", "facility", json!("\u{39d}1")),
        ("another environment", "environment", json!("live")),
        ("a weak key", "public_key", json!(weak)),
        ("a private key", "public_key", json!("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")),
        ("no key", "public_key", json!("")),
        ("an inner address", "address", json!("http://169.254.169.254/orders")),
        ("a file", "address", json!("file:///etc/passwd")),
        ("an address with a password", "address", json!("https://a:b@mine.example.kz/")),
        ("one field more", "holds", json!(true)),
    ] {
        let mut changed = genuine.clone();
        changed[field] = value;
        scene.refused(trick, "/api/v1/enrol", changed.to_string().into_bytes()).await;
    }
    let twice = genuine.to_string().replacen("\"facility\"", "\"facility\":\"S1\",\"facility\"", 1);
    scene.refused("a key twice", "/api/v1/enrol", twice.into_bytes()).await;
    assert_eq!(
        world.signed("/api/v1/enrol", genuine.to_string().into_bytes()).await.0,
        201,
        "the genuine one"
    );
}
