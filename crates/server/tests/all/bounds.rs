//! Too much, too fast, too slow: told with a status, a wait and a reason, over raw sockets.

use std::time::Duration;

use kezek_server::limits::{Limits, Rate};
use kezek_server::refused;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{PLAN, World, proposal};

/// No test waits longer for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);
const ONE: Rate = Rate { per_second: 0.01, burst: 1 };
const PLENTY: Rate = Rate { per_second: 1000.0, burst: 1000 };

/// A control room that trusts not even this machine.
async fn strict(change: impl FnOnce(&mut Limits)) -> World {
    World::with(|config| {
        config.limits = Limits {
            trusted: Vec::new(),
            per_address: PLENTY,
            per_caller: PLENTY,
            failures: PLENTY,
            ..Limits::default()
        };
        change(&mut config.limits);
    })
    .await
}

async fn dial(world: &World) -> TcpStream {
    TcpStream::connect(world.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Everything until the other side hangs up.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    // A reset after the answer is an end too.
    let _ = tokio::time::timeout(PATIENCE, reading).await.expect("the server does not hang up");
    String::from_utf8(bytes).unwrap()
}

async fn say(world: &World, words: &str) -> String {
    let mut stream = dial(world).await;
    // The server may hang up before it has taken everything.
    let _ = stream.write_all(words.as_bytes()).await;
    rest(&mut stream).await
}

fn get(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
}

fn assert_told(said: &str, status: u16, words: &str) {
    assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
    assert!(said.contains("retry-after: ") && said.contains(words), "{said}");
    let body: serde_json::Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert!(body["error"].is_string() && body["hint"].is_string() && body["faults"].is_array(), "{said}");
}

#[tokio::test]
async fn connections_of_one_address_and_of_all_are_bounded() {
    let world = strict(|limits| (limits.connections, limits.connections_per_address) = (10, 3)).await;
    let held = [dial(&world).await, dial(&world).await, dial(&world).await];
    assert_told(&rest(&mut dial(&world).await).await, 429, "of this address");
    drop(held);
    let health = get("/api/v1/healthz", "");
    let mut said = String::new();
    for _ in 0..100 {
        said = say(&world, &health).await;
        if said.starts_with("HTTP/1.1 200") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(said.starts_with("HTTP/1.1 200"), "there is room again: {said}");

    let world = strict(|limits| (limits.connections, limits.connections_per_address) = (2, 10)).await;
    let _held = [dial(&world).await, dial(&world).await];
    assert_told(&rest(&mut dial(&world).await).await, 503, "too many connections");
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off() {
    let world = strict(|limits| limits.head_seconds = 1).await;
    let mut stream = dial(&world).await;
    let started = std::time::Instant::now();
    let dripping = async {
        stream.write_all(b"GET / HTTP/1.1\r\nx: ").await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ended: std::io::Result<()> = tokio::time::timeout(PATIENCE, dripping).await.expect("it may drip on");
    assert!(ended.is_err() && started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
    assert_eq!(rest(&mut dial(&world).await).await, "", "and one that says nothing");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = strict(|limits| limits.body_seconds = 1).await;
    for path in ["answers", "reports", "readings", "enrol"] {
        let head = format!("POST /api/v1/{path} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{");
        let mut stream = dial(&world).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_told(&rest(&mut stream).await, 408, "did not come in time");
    }
    let mut stream = dial(&world).await;
    let head = "POST /api/v1/proposals HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut begin)).await.unwrap().unwrap();
    assert_eq!(&begin, b"HTTP/1.1 401", "who shows no token is not waited for at all");
}

#[tokio::test]
async fn what_is_too_large_is_not_taken() {
    let world = strict(|_| {}).await;
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(70_000));
    assert!(say(&world, &long).await.starts_with("HTTP/1.1 431 "));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: 1\r\n".repeat(200));
    assert!(say(&world, &many).await.starts_with("HTTP/1.1 431 "));
    let path = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    assert!(say(&world, &path).await.starts_with("HTTP/1.1 4"));
    // Its length is not told beforehand.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    let chunked =
        "POST /api/v1/answers HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    assert_told(
        &say(&world, &format!("{chunked}{chunk}{chunk}0\r\n\r\n")).await,
        413,
        "larger than this takes",
    );
    let twice =
        "POST /api/v1/answers HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x";
    assert!(say(&world, twice).await.starts_with("HTTP/1.1 400 "), "two lengths");
}

#[tokio::test]
async fn requests_of_one_address_are_bounded() {
    let world = strict(|limits| limits.per_address = Rate { per_second: 0.01, burst: 3 }).await;
    for _ in 0..3 {
        assert!(say(&world, &get("/api/v1/status", "auditor")).await.starts_with("HTTP/1.1 200 "));
    }
    for path in ["/api/v1/status", "/api/v1/healthz", "/", "/nowhere"] {
        assert_told(&say(&world, &get(path, "auditor")).await, 429, "from one address");
    }
}

#[tokio::test]
async fn requests_of_one_caller_are_bounded_wherever_they_come_from() {
    let world = World::with(|config| config.limits.per_caller = ONE).await;
    assert!(say(&world, &get("/api/v1/orders", "N1")).await.starts_with("HTTP/1.1 200 "));
    assert_told(&say(&world, &get("/api/v1/orders", "N1")).await, 429, "by one caller");
    assert!(
        say(&world, &get("/api/v1/orders", "S1")).await.starts_with("HTTP/1.1 200 "),
        "others are not held up"
    );
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_is_told_once() {
    let world = strict(|limits| limits.failures = Rate { per_second: 0.01, burst: 3 }).await;
    for _ in 0..3 {
        assert!(say(&world, &get("/api/v1/status", "guess")).await.starts_with("HTTP/1.1 401 "));
    }
    // Also with the right one: otherwise guessing would go on.
    for _ in 0..5 {
        assert_told(&say(&world, &get("/api/v1/status", "auditor")).await, 429, "prove nothing");
    }
    world.room().settle().await;
    let told = refused::read(world.database()).unwrap();
    let seen: Vec<_> =
        told.iter().map(|told| (told.status, told.person.as_deref(), told.from.as_deref())).collect();
    assert_eq!(seen, [(401, None, Some("127.0.0.1")), (429, None, Some("127.0.0.1"))], "{told:?}");

    let world = strict(|limits| limits.failures = ONE).await;
    let body = r#"{"facility":"N1","code":"AAAA","public_key":"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","address":"https://a.example/","environment":"test"}"#;
    let enrol = format!(
        "POST /api/v1/enrol HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(say(&world, &enrol).await.starts_with("HTTP/1.1 409 "));
    assert_told(&say(&world, &enrol).await, 429, "prove nothing");
}

#[tokio::test]
async fn a_refusal_is_written_down_with_person_place_and_reason() {
    let world = World::new().await;
    assert_eq!(
        world.raw("POST", "/api/v1/issuing/freeze", Some("planner"), r#"{"reason":"x"}"#).await.status,
        403
    );
    let digest = world.as_("author").propose(&proposal(&PLAN)).await.unwrap().plan_digest;
    let path = format!("/api/v1/proposals/{digest}/approve");
    for _ in 0..4 {
        assert_eq!(world.raw("POST", &path, Some("author"), "").await.status, 409, "one's own plan");
    }
    let head = world.room().head();
    let told = refused::read(world.database()).unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((told[0].person.as_deref(), told[0].status), (Some("planner"), 403));
    assert_eq!((told[1].person.as_deref(), told[1].path.as_str()), (Some("author"), path.as_str()));
    assert!(told[1].error.contains("author") && told[1].at == world.now(), "{:?}", told[1]);
    assert_eq!(world.room().head(), head, "the journal grows by no refusal");
}
