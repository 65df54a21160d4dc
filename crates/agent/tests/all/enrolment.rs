//! Pinning each other's keys.

use crate::world::{World, at};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use kezek_agent::{Agent, AgentConfig, Pins, Simulated, Store, enrol};
use kezek_courier::{PrivateKey, PublicKey};
use kezek_model::units::Kw;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Asked = Arc<Mutex<Vec<Value>>>;

/// A control room with one code, `right`; and where it listens.
async fn control_room(key: PublicKey, environment: &'static str) -> (String, Asked) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let enrolled = move |State(asked): State<Asked>, Json(request): Json<Value>| async move {
        let right = request["code"] == "right";
        asked.lock().unwrap().push(request);
        match right {
            true => Ok(Json(json!({ "control_room_public_key": key, "environment": environment }))),
            false => Err((StatusCode::FORBIDDEN, "this code is not valid")),
        }
    };
    let router = Router::new().route("/api/v1/enrol", post(enrolled)).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, asked)
}

fn blank(world: &World, url: &str) -> AgentConfig {
    let file = |name: &str| world.dir.path().join(name);
    AgentConfig {
        server_url: url.to_owned(),
        key_file: file("new.key"),
        store_file: file("new.store"),
        state_file: file("new.json"),
        ..world.config.clone()
    }
}

#[tokio::test]
async fn an_enrolment_makes_key_store_and_pins_and_the_agent_opens() {
    let (world, room) = (World::new("'manual'"), PrivateKey::generate().unwrap());
    let (url, asked) = control_room(room.public(), "test").await;
    let config = blank(&world, &url);
    let pins = enrol(&config, "right").await.unwrap();
    assert_eq!((pins.control_room_keys, pins.environment.as_str()), (vec![room.public()], "test"));
    let own = PrivateKey::load(&config.key_file).unwrap();
    let request = asked.lock().unwrap()[0].clone();
    assert_eq!(request["public_key"], own.public().to_string());
    assert_eq!(request["address"], "http://127.0.0.1:1/orders");
    let driver = Box::new(Simulated::constant(Kw(1)));
    let open = || {
        let store = Store::open(&config.store_file).unwrap();
        Agent::open(config.clone(), store, driver, Arc::new(|| at(0)))
    };
    open().unwrap();
    enrol(&config, "right").await.unwrap();
    assert_eq!(PrivateKey::load(&config.key_file).unwrap().key_id(), own.key_id(), "the key is kept");
}

#[tokio::test]
async fn a_wrong_code_environment_or_key_pins_nothing() {
    let (world, room) = (World::new("'manual'"), PrivateKey::generate().unwrap());
    let (url, _) = control_room(room.public(), "test").await;
    let (training, _) = control_room(room.public(), "training").await;
    let config = blank(&world, &url);
    let fingerprint =
        |text: &str| AgentConfig { control_room_fingerprint: Some(text.into()), ..config.clone() };
    let cases = [
        (enrol(&config, "wrong").await, "answered 403 to the enrolment: this code is not valid"),
        (enrol(&blank(&world, &training), "right").await, "environment is training, expected test"),
        (enrol(&fingerprint("0123456789abcdef"), "right").await, "somebody may stand in between"),
    ];
    for (outcome, words) in cases {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(!config.state_file.exists() && !config.store_file.exists());
    enrol(&fingerprint(&room.key_id()), "right").await.unwrap();
}

#[tokio::test]
async fn a_pinned_key_changes_only_by_a_fingerprint_in_the_configuration() {
    let world = World::new("'manual'");
    let stranger = PrivateKey::generate().unwrap();
    let (url, _) = control_room(stranger.public(), "test").await;
    let mut config = AgentConfig { server_url: url, ..world.config.clone() };
    let error = enrol(&config, "right").await.unwrap_err().to_string();
    assert!(error.contains("set control_room_fingerprint"), "{error}");
    let pinned = || Pins::load(&world.config.state_file).unwrap().control_room_keys;
    assert_eq!(pinned(), [world.room.public()]);
    config.control_room_fingerprint = Some(stranger.key_id());
    enrol(&config, "right").await.unwrap();
    assert_eq!(pinned(), [stranger.public()]);
}
