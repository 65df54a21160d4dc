//! Orders that nobody gave: genuine ones changed, replayed, turned to another purpose or facility. None moves a load.

use crate::world::{World, at};
use axum::http::{HeaderMap, HeaderValue};
use chrono::TimeDelta;
use kezek_agent::Agent;
use kezek_courier::{PrivateKey, Purpose, Signed, sign, sign_detached};
use kezek_model::canonical::canonical_json;
use kezek_model::order::{Order, Priority};
use kezek_model::units::Kw;

struct Scene {
    world: World,
    agent: Agent,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let world = World::new("'accept'");
        let agent = world.open();
        let (headers, body) = world.envelope(&world.order(7));
        Self { world, agent, headers, body }
    }

    async fn status(&self, headers: HeaderMap, body: Vec<u8>) -> u16 {
        self.agent.receive(headers, body.into()).await.map_or_else(|refusal| refusal.status(), |_| 200)
    }

    /// Headers over any bytes, with the envelope's and the order's signature of two keys.
    fn signed(
        &self,
        order: &Order,
        body: &[u8],
        outer: &PrivateKey,
        inner: &PrivateKey,
        purpose: Purpose,
    ) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in sign(body, order.order_no.as_str(), self.world.now(), &[outer]).unwrap().pairs()
        {
            map.insert(name, value.parse().unwrap());
        }
        let own = sign_detached(purpose, order, inner).unwrap();
        map.insert("kezek-order-signature", format!("{}:{own}", inner.key_id()).parse().unwrap());
        map
    }

    /// Nothing was stored, nothing is answered, nothing moves, even hours later.
    async fn assert_untouched(&self, what: &str) {
        assert_eq!(self.agent.standing().holdings.len(), 0, "{what}");
        assert_eq!(self.agent.standing().unsent, 0, "{what}");
        for minute in [0, 30, 60, 90] {
            self.world.set(at(minute));
            self.agent.tick().await;
        }
        assert_eq!(self.world.told(), [], "{what}");
    }
}

#[tokio::test]
async fn no_changed_header_or_body_is_taken() {
    let scene = Scene::new();
    let with = |name: &'static str, value: String| {
        let mut headers = scene.headers.clone();
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
        headers
    };
    let text = |name: &str| scene.headers[name].to_str().unwrap().to_owned();
    let stamp: i64 = text("webhook-timestamp").parse().unwrap();
    let twice = |name: &'static str| {
        let mut headers = scene.headers.clone();
        headers.append(name, headers[name].clone());
        headers
    };
    let zero = format!("v1a,{}==", "A".repeat(86));
    let own_zero = format!("{}:{}==", scene.world.room.key_id(), "A".repeat(86));
    for (trick, headers) in [
        ("an older stamp", with("webhook-timestamp", (stamp - 60).to_string())),
        ("a later stamp", with("webhook-timestamp", (stamp + 60).to_string())),
        ("another id", with("webhook-id", text("webhook-id") + "x")),
        ("the signature of zeros", with("webhook-signature", zero)),
        ("the order's own of zeros", with("kezek-order-signature", own_zero)),
        ("each for the other", with("webhook-signature", text("kezek-order-signature").replace(':', ","))),
        ("a shared secret", with("webhook-signature", text("webhook-signature").replace("v1a,", "v1,"))),
        ("id twice", twice("webhook-id")),
        ("stamp twice", twice("webhook-timestamp")),
        ("signature twice", twice("webhook-signature")),
        ("own signature twice", twice("kezek-order-signature")),
        ("no headers", HeaderMap::new()),
    ] {
        assert_eq!(scene.status(headers, scene.body.clone()).await, 401, "{trick}");
    }
    for end in 0..scene.body.len() {
        assert_eq!(
            scene.status(scene.headers.clone(), scene.body[..end].to_vec()).await,
            401,
            "cut at {end}"
        );
    }
    for more in [" ", "\n", "{}", "\0"] {
        let longer = [scene.body.as_slice(), more.as_bytes()].concat();
        assert_eq!(scene.status(scene.headers.clone(), longer).await, 401, "{more:?} at the end");
    }
    scene.assert_untouched("changed").await;
}

#[tokio::test]
async fn no_other_key_or_purpose_is_taken() {
    let scene = Scene::new();
    let (order, room) = (scene.world.order(7), &scene.world.room);
    let stranger = PrivateKey::generate().unwrap();
    let own = PrivateKey::load(&scene.world.config.key_file).unwrap();
    for (trick, outer, inner, purpose) in [
        ("a stranger's", &stranger, &stranger, Purpose::Order),
        ("a stranger's envelope", &stranger, room, Purpose::Order),
        ("a stranger's order", room, &stranger, Purpose::Order),
        ("the facility's own", &own, &own, Purpose::Order),
        ("the facility's own in a genuine envelope", room, &own, Purpose::Order),
        ("an answer", room, room, Purpose::Answer),
        ("a report", room, room, Purpose::Report),
        ("a voluntary cut", room, room, Purpose::Voluntary),
    ] {
        let headers = scene.signed(&order, &scene.body, outer, inner, purpose);
        assert_eq!(scene.status(headers, scene.body.clone()).await, 401, "{trick}");
    }
    let mut renamed = scene.signed(&order, &scene.body, room, &stranger, Purpose::Order);
    let named =
        renamed["kezek-order-signature"].to_str().unwrap().replace(&stranger.key_id(), &room.key_id());
    renamed.insert("kezek-order-signature", named.parse().unwrap());
    assert_eq!(scene.status(renamed, scene.body.clone()).await, 401, "a stranger's with the room's key id");
    scene.assert_untouched("other keys").await;
}

/// Signed by the control room, but in another spelling than the canonical one: two readers could differ over it.
#[tokio::test]
async fn no_other_spelling_is_taken() {
    let scene = Scene::new();
    let order = scene.world.order(7);
    let text = String::from_utf8(scene.body.clone()).unwrap();
    for (trick, from, to) in [
        ("white space", "\":", "\": "),
        ("a line end", "{", "{\n"),
        ("an escaped letter", "\"F1\"", "\"\\u00461\""),
        ("a key twice", "\"facility\"", "\"facility\":\"F2\",\"facility\""),
        ("a longer number", "\"sequence\":7", "\"sequence\":7.0"),
        ("another number of the same value", "\"sequence\":7", "\"sequence\":70e-1"),
        ("an unknown field", "\"facility\"", "\"facilities\":[],\"facility\""),
        ("a byte order mark", "{", "\u{feff}{"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{trick}");
        let headers =
            scene.signed(&order, changed.as_bytes(), &scene.world.room, &scene.world.room, Purpose::Order);
        assert_eq!(scene.status(headers, changed.into_bytes()).await, 400, "{trick}");
    }
    scene.assert_untouched("other spellings").await;
}

#[tokio::test]
async fn what_was_meant_for_others_or_another_time_is_not_taken() {
    type Change = fn(&mut Order);
    let cases: [(&str, u16, Change); 5] = [
        ("another facility's", 409, |order| order.facility = "F2".into()),
        ("another spelling of this one", 409, |order| order.facility = "f1".into()),
        ("another environment's", 409, |order| order.environment = "live".into()),
        ("not yet", 425, |order| order.not_before = at(0)),
        ("no longer", 409, |order| order.expires = at(-120)),
    ];
    let scene = Scene::new();
    for (trick, expected, change) in cases {
        let mut order = scene.world.order(7);
        change(&mut order);
        let (headers, body) = scene.world.envelope(&order);
        assert_eq!(scene.status(headers, body).await, expected, "{trick}");
    }
    scene.assert_untouched("meant for others").await;
}

/// An order is taken once. Sent again, at once, late, after a newer one or after its recall, it changes nothing.
#[tokio::test]
async fn a_replay_changes_nothing() {
    let scene = Scene::new();
    let (first, second) = (scene.world.order(7), {
        let mut order = scene.world.order(8);
        order.segments[0].limit = Kw(5000);
        order
    });
    let older = scene.world.envelope(&scene.world.order(6));
    for order in [&first, &second, &scene.world.recall(9, &second)] {
        assert_eq!(scene.world.give(&scene.agent, order).await, 200);
    }
    let before = scene.agent.standing();
    assert_eq!(scene.status(older.0, older.1).await, 409, "an older sequence");
    for order in [&first, &second] {
        let (headers, body) = scene.world.envelope(order);
        assert_eq!(scene.status(headers, body).await, 200, "told to be a duplicate");
    }
    let mut drill = first.clone();
    drill.priority = Priority::Drill;
    assert_eq!(scene.world.give(&scene.agent, &drill).await, 409, "the same number with another meaning");
    scene.world.set(scene.world.now() + TimeDelta::seconds(301));
    assert_eq!(scene.status(scene.headers.clone(), scene.body.clone()).await, 401, "a recorded message");
    assert_eq!(scene.agent.standing().holdings, before.holdings);
}

/// What a facility says itself is signed too, and nobody can give it back to the facility as an order.
#[tokio::test]
async fn a_word_of_the_facility_is_no_order() {
    let scene = Scene::new();
    let own = PrivateKey::load(&scene.world.config.key_file).unwrap();
    let signed = Signed::new(Purpose::Answer, scene.world.order(7), &own).unwrap();
    let body = serde_json::to_vec(&signed).unwrap();
    assert_eq!(scene.status(scene.headers.clone(), body.clone()).await, 401);
    let order = scene.world.order(7);
    let headers = scene.signed(&order, &body, &scene.world.room, &scene.world.room, Purpose::Order);
    assert_eq!(scene.status(headers, canonical_json(&signed).unwrap()).await, 401);
    scene.assert_untouched("a word of the facility").await;
}
