use std::net::Ipv4Addr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kezek_courier::{
    AddressRules, Courier as _, CourierError, Dispatch, GuardedClient, HttpCourier, Outcome, PrivateKey,
    Timeouts, limits, receive,
};
use tokio::net::TcpListener;

use crate::peer::Peer;

fn now() -> DateTime<Utc> {
    "2022-01-24T08:00:00Z".parse().unwrap()
}

fn loopback() -> AddressRules {
    AddressRules { allow_loopback: true, allow: Vec::new() }
}

fn client(rules: AddressRules) -> GuardedClient {
    let timeouts = Timeouts { connect: Duration::from_millis(500), total: Duration::from_millis(1000) };
    GuardedClient::new(rules, timeouts).unwrap()
}

fn courier(rules: AddressRules) -> (HttpCourier, PrivateKey) {
    let key = PrivateKey::generate().unwrap();
    (HttpCourier::new(client(rules), vec![key.clone()]).unwrap(), key)
}

fn dispatch(url: String) -> Dispatch {
    let headers = vec![("kezek-test", "beside".to_owned())];
    let body = "{\"reason\":\"тапшылық\"}".into();
    Dispatch { url, id: "order-000123/rev-1".into(), body, headers, now: now() }
}

fn plain(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

async fn outcome_of(answer: String) -> (Outcome, Peer) {
    let peer = Peer::answering(answer).await;
    let outcome = courier(loopback()).0.deliver(dispatch(peer.url())).await;
    (outcome, peer)
}

async fn reason_of_alarm(answer: String) -> String {
    match outcome_of(answer).await.0 {
        Outcome::Alarm { reason } => reason,
        other => panic!("{other:?}"),
    }
}

async fn retry_of(answer: String) -> (String, Option<Duration>) {
    match outcome_of(answer).await.0 {
        Outcome::Retry { reason, retry_after } => (reason, retry_after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_facility_gets_the_very_bytes_and_can_verify_them() {
    let peer = Peer::answering(plain("202 Accepted", "", "{\"seen\":true}")).await;
    let (courier, key) = courier(loopback());
    let sent = dispatch(peer.url());
    let outcome = courier.deliver(sent.clone()).await;
    assert_eq!(outcome, Outcome::Received { status: 202, body: b"{\"seen\":true}".to_vec(), whole: true });

    let came = peer.came();
    assert_eq!((came.len(), came[0].first_line.as_str()), (1, "POST /orders HTTP/1.1"));
    assert_eq!(came[0].body, sent.body);
    assert_eq!(came[0].headers["content-type"], "application/json");
    assert_eq!(came[0].headers["kezek-test"], "beside");
    let verified = receive(&came[0].headers, &came[0].body, &[key.public()], now()).unwrap();
    assert_eq!((verified.id.as_str(), verified.stamped_at), ("order-000123/rev-1", now()));
    let foreign = PrivateKey::generate().unwrap().public();
    let refused = receive(&came[0].headers, &came[0].body, &[foreign], now());
    assert!(matches!(refused, Err(CourierError::WrongSignature { .. })));
}

#[tokio::test]
async fn a_second_attempt_has_the_same_id_and_body_and_a_new_stamp() {
    let peer = Peer::answering(plain("200 OK", "", "")).await;
    let (courier, key) = courier(loopback());
    let first = dispatch(peer.url());
    let second = Dispatch { now: now() + chrono::TimeDelta::seconds(2), ..first.clone() };
    courier.deliver(first).await;
    courier.deliver(second.clone()).await;
    let came = peer.came();
    assert_eq!((came.len(), peer.connections()), (2, 1), "the connection is kept");
    assert_eq!(came[0].body, came[1].body);
    assert_eq!(came[0].headers["webhook-id"], came[1].headers["webhook-id"]);
    for header in ["webhook-timestamp", "webhook-signature"] {
        assert_ne!(came[0].headers[header], came[1].headers[header]);
    }
    let verified = receive(&came[1].headers, &came[1].body, &[key.public()], second.now).unwrap();
    assert_eq!(verified.stamped_at, second.now);
}

#[tokio::test]
async fn two_keys_sign_in_parallel() {
    let peer = Peer::answering(plain("200 OK", "", "")).await;
    let keys = vec![PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap()];
    HttpCourier::new(client(loopback()), keys.clone()).unwrap().deliver(dispatch(peer.url())).await;
    let came = &peer.came()[0];
    for key in &keys {
        receive(&came.headers, &came.body, &[key.public()], now()).unwrap();
    }
    assert!(matches!(HttpCourier::new(client(loopback()), vec![]), Err(CourierError::NoKeys { .. })));
}

#[tokio::test]
async fn a_redirect_is_an_alarm_and_nobody_follows_it() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let elsewhere = Peer::answering(plain("200 OK", "", "")).await;
        let reason = reason_of_alarm(plain(status, &format!("location: {}\r\n", elsewhere.url()), "")).await;
        assert!(reason.contains(status) && reason.contains("not followed"), "{reason}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((elsewhere.connections(), elsewhere.came().len()), (0, 0), "{status}");
    }
}

#[tokio::test]
async fn refusals_of_the_other_side_are_alarms() {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "413 Payload Too Large",
    ] {
        let reason = reason_of_alarm(plain(status, "retry-after: 5\r\n", "")).await;
        assert!(reason.contains(status), "{reason}");
    }
}

#[tokio::test]
async fn trouble_of_the_other_side_is_tried_again() {
    for status in [
        "408 Request Timeout",
        "425 Too Early",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
    ] {
        let (reason, retry_after) = retry_of(plain(status, "", "sorry")).await;
        assert!(reason.contains(status), "{reason}");
        assert_eq!(retry_after, None);
    }
}

#[tokio::test]
async fn the_wait_asked_for_is_passed_on() {
    let (_, seconds) = retry_of(plain("429 Too Many Requests", "retry-after: 17\r\n", "")).await;
    assert_eq!(seconds, Some(Duration::from_secs(17)));
    let date = "retry-after: Mon, 24 Jan 2022 08:00:42 GMT\r\n";
    let (_, until) = retry_of(plain("503 Service Unavailable", date, "")).await;
    assert_eq!(until, Some(Duration::from_secs(42)));
}

#[tokio::test]
async fn a_slow_answer_is_tried_again() {
    let peer = Peer::slow(plain("200 OK", "", ""), Duration::from_secs(30)).await;
    let outcome = courier(loopback()).0.deliver(dispatch(peer.url())).await;
    let Outcome::Retry { reason, retry_after: None } = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("did not answer within 1 s"), "{reason}");
    assert_eq!(peer.came().len(), 1, "one attempt is one request");
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_said_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outcome = courier(loopback()).0.deliver(dispatch(format!("http://{address}/orders"))).await;
    let Outcome::Retry { reason, retry_after: None } = outcome else { panic!("{outcome:?}") };
    assert!(reason.starts_with(&format!("{address} cannot be reached")), "{reason}");
    assert_eq!(reason.matches("Connection refused").count(), 1, "{reason}");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    for scheme in ["http", "https"] {
        let outcome = courier(loopback()).0.deliver(dispatch(format!("{scheme}://{address}/orders"))).await;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{scheme}: {outcome:?}");
    }
}

#[tokio::test]
async fn of_a_long_answer_no_more_is_read_than_agreed() {
    let bound = limits::MAX_ANSWER_BYTES;
    for (length, whole) in [(bound, true), (bound + 1, false), (20 * bound, false)] {
        let (outcome, _peer) = outcome_of(plain("200 OK", "", &"x".repeat(length))).await;
        let Outcome::Received { body, whole: found, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((body.len(), found), (bound, whole), "{length}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_received_but_not_whole() {
    let (outcome, _peer) = outcome_of("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart".to_owned()).await;
    assert_eq!(outcome, Outcome::Received { status: 200, body: b"part".to_vec(), whole: false });
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_an_alarm() {
    let peer = Peer::answering(plain("400 Bad Request", "", "")).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    });
    let outcome = courier(loopback()).0.deliver(dispatch(format!("https://{address}/orders"))).await;
    let Outcome::Alarm { reason } = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("no trusted encrypted connection"), "{reason}");
    assert!(peer.came().is_empty());
}

#[tokio::test]
async fn an_address_that_is_not_named_is_an_alarm_and_nobody_is_dialled() {
    let peer = Peer::answering(plain("200 OK", "", "")).await;
    let (courier, _) = courier(AddressRules::default());
    for url in [
        peer.url(),
        peer.url().replace("http:", "https:"),
        "nonsense".into(),
        "https://u:p@a.example/".into(),
    ] {
        let outcome = courier.deliver(dispatch(url.clone())).await;
        assert!(matches!(outcome, Outcome::Alarm { .. }), "{url}: {outcome:?}");
    }
    assert_eq!(peer.connections(), 0);
}

#[tokio::test]
async fn a_named_network_is_enough_for_its_own_addresses() {
    let peer = Peer::answering(plain("200 OK", "", "")).await;
    let rules = AddressRules { allow_loopback: false, allow: vec!["127.0.0.0/8".parse().unwrap()] };
    let outcome = courier(rules).0.deliver(dispatch(peer.url())).await;
    assert!(matches!(outcome, Outcome::Received { status: 200, .. }), "{outcome:?}");
}

#[tokio::test]
async fn the_client_asks_and_returns_any_status() {
    let peer = Peer::answering(plain("404 Not Found", "x-note: no\r\n", "{}")).await;
    let answer = client(loopback()).get(&peer.url(), &[("authorization", "Bearer t")]).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice(), answer.whole), (404, b"{}".as_slice(), true));
    assert_eq!(answer.headers["x-note"], "no");
    assert_eq!(peer.came()[0].headers["authorization"], "Bearer t");
    let unusable = client(loopback()).get(&peer.url(), &[("bad header", "x")]).await.unwrap_err();
    assert!(matches!(unusable, CourierError::Client(_)), "{unusable}");
}

/// Whatever an answer points to, one connection is made: to the one who gave it.
#[tokio::test]
async fn no_redirect_leads_anywhere() {
    let elsewhere = Peer::answering(plain("200 OK", "", "")).await;
    let inside = elsewhere.url();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        for target in
            [inside.as_str(), "https://169.254.169.254/", "//127.0.0.1/", "/again", "file:///etc/passwd"]
        {
            let (outcome, peer) = outcome_of(plain(status, &format!("location: {target}\r\n"), "")).await;
            assert!(matches!(outcome, Outcome::Alarm { .. }), "{status} {target}: {outcome:?}");
            assert_eq!((peer.came().len(), peer.connections()), (1, 1), "{status} {target}");
        }
    }
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
}
