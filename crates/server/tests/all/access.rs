//! Every route and every caller: the table is held against the document, so that no route can be forgotten.

use std::collections::BTreeMap;

use kezek_server::openapi;

use crate::receiver::hourly;
use crate::world::{PLAN, World, proposal};

/// Nobody, planner, dispatcher, approver, auditor, administrator, the facility that it is about, another facility.
const CALLERS: [Option<&str>; 8] = [
    None,
    Some("planner"),
    Some("dispatcher"),
    Some("approver"),
    Some("auditor"),
    Some("administrator"),
    Some("N1"),
    Some("S1"),
];

type Row = (&'static str, &'static str, [u16; 8]);

/// What each caller is answered. Where an act would change something it is asked with a flaw that is found only after
/// the caller has been let in: an empty reason (400), an order or plan that is not there (404), a plan that is known (409).
const ROUTES: [Row; 41] = [
    ("GET", "/facilities", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/facilities/{id}/orders/pending", [401, 403, 200, 403, 403, 200, 200, 403]),
    ("GET", "/healthz", [200; 8]),
    ("GET", "/facilities/{id}/endpoint", [401, 403, 403, 404, 403, 404, 403, 403]),
    ("GET", "/journal/head", [401, 403, 403, 403, 200, 403, 403, 403]),
    ("GET", "/licences", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/openapi.json", [200; 8]),
    ("GET", "/orders", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/orders/{order_no}", [401, 200, 200, 200, 200, 200, 200, 403]),
    ("GET", "/orders/{order_no}/evidence", [401, 200, 200, 200, 200, 200, 403, 403]),
    ("GET", "/orders/{order_no}/order", [401, 200, 200, 200, 200, 200, 200, 403]),
    ("GET", "/orders/{order_no}/paper", [401, 200, 200, 200, 200, 200, 200, 403]),
    ("GET", "/plans/{digest}/paper", [401, 200, 200, 200, 200, 200, 403, 403]),
    ("GET", "/plans/{digest}", [401, 200, 200, 200, 200, 200, 403, 403]),
    ("GET", "/proposals", [401, 200, 200, 200, 200, 200, 403, 403]),
    ("GET", "/proposals/{digest}", [401, 200, 200, 200, 200, 200, 403, 403]),
    ("GET", "/settlement", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/status", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/verdicts", [401, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/voluntary", [401, 200, 200, 200, 200, 200, 200, 200]),
    // A signature is asked for, whatever token is shown.
    ("POST", "/answers", [400; 8]),
    ("POST", "/enrol", [409; 8]),
    ("POST", "/enrolment-codes", [401, 403, 403, 403, 403, 400, 403, 403]),
    ("POST", "/facilities/{id}/adopt", [401, 403, 403, 400, 403, 400, 403, 403]),
    ("POST", "/facilities/{id}/confirm", [401, 403, 403, 409, 403, 409, 403, 403]),
    ("POST", "/issuing/freeze", [401, 403, 400, 400, 403, 400, 403, 403]),
    ("POST", "/issuing/resume", [401, 403, 403, 400, 403, 400, 403, 403]),
    ("POST", "/issuing/thaw", [401, 403, 400, 400, 403, 400, 403, 403]),
    ("POST", "/licences/{licence}/reinstate", [401, 403, 400, 403, 403, 400, 403, 403]),
    ("POST", "/licences/{licence}/suspend", [401, 403, 400, 403, 403, 400, 403, 403]),
    ("POST", "/orders/fetch", [400; 8]),
    ("POST", "/orders/{order_no}/called", [401, 403, 400, 403, 403, 403, 403, 403]),
    ("POST", "/orders/{order_no}/recall", [401, 403, 400, 403, 403, 403, 403, 403]),
    ("POST", "/orders/{order_no}/resend", [401, 403, 200, 403, 403, 403, 403, 403]),
    ("POST", "/proposals", [401, 409, 409, 403, 403, 403, 403, 403]),
    ("POST", "/proposals/{digest}/approve", [401, 403, 403, 409, 403, 403, 403, 403]),
    ("POST", "/proposals/{digest}/return", [401, 403, 403, 400, 403, 403, 403, 403]),
    ("POST", "/readings", [400, 403, 200, 403, 200, 403, 200, 403]),
    ("POST", "/reports", [400; 8]),
    ("POST", "/voluntary", [401, 403, 409, 403, 403, 403, 403, 403]),
    ("POST", "/voluntary/signed", [400; 8]),
];

fn body(world: &World, path: &str) -> String {
    let reading = hourly("N1", world.now() - chrono::TimeDelta::hours(3), &[1.0]);
    match path {
        "/proposals" => serde_json::to_string(&proposal(&PLAN)).unwrap(),
        "/readings" => serde_json::json!({"readings": reading}).to_string(),
        "/enrolment-codes" => r#"{"facility": "?"}"#.into(),
        "/facilities/{id}/confirm" => r#"{"address": "", "public_key": ""}"#.into(),
        "/enrol" => {
            r#"{"facility":"N1","code":"A","public_key":"","address":"","environment":"live"}"#.into()
        }
        "/facilities/{id}/adopt" | "/issuing/resume" | "/issuing/thaw" => {
            r#"{"reason": "", "second_token": "second"}"#.into()
        }
        "/licences/{licence}/suspend"
        | "/licences/{licence}/reinstate"
        | "/issuing/freeze"
        | "/orders/{order_no}/recall" => r#"{"reason": ""}"#.into(),
        "/orders/{order_no}/called" => r#"{"answer": ""}"#.into(),
        "/proposals/{digest}/return" => r#"{"comment": ""}"#.into(),
        // It has begun already.
        "/voluntary" => serde_json::json!({"facility": "N1", "environment": "test", "by": "N1",
            "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z", "limit_mw": 1.0, "cut_mw": 1.0})
        .to_string(),
        _ => "{}".into(),
    }
}

/// What the document names: method and path below `/api/v1`.
fn documented() -> Vec<(String, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").expect("a route beside the API").to_owned();
        found.extend(methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    found.sort();
    found
}

#[tokio::test]
async fn each_caller_may_do_its_own_and_nothing_else() {
    let table: BTreeMap<_, _> =
        ROUTES.iter().map(|(method, path, expected)| ((*method, *path), expected)).collect();
    let world = World::new().await;
    let _receivers = world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    let order = orders.iter().find(|number| number.as_str().contains("N1")).unwrap();
    let plan = PLAN.digest().unwrap();
    let routes = documented();
    assert_eq!(routes.len(), table.len(), "a row without a route");
    let mut faults = Vec::new();
    for (method, path) in &routes {
        let expected = table.get(&(method.as_str(), path.as_str()));
        let expected = expected.unwrap_or_else(|| panic!("{method} {path} is in no row: say who may use it"));
        let there = path
            .replace("{digest}", &plan)
            .replace("{order_no}", order.as_str())
            .replace("{id}", "N1")
            .replace("{licence}", "EX-1");
        for (caller, status) in CALLERS.into_iter().zip(expected.iter()) {
            let answer = world.raw(method, &format!("/api/v1{there}"), caller, body(&world, path)).await;
            if answer.status != *status {
                let said = String::from_utf8_lossy(&answer.body);
                faults.push(format!(
                    "{method} {path} as {caller:?}: {}, expected {status}: {said}",
                    answer.status
                ));
            }
        }
        let wrong = world.raw(method, &format!("/api/v1{there}"), Some("x"), body(&world, path)).await.status;
        let signed = ["/answers", "/reports", "/voluntary/signed", "/enrol", "/orders/fetch"];
        let is_signed = signed.contains(&path.as_str());
        let is_open = expected[0] == 200 || is_signed;
        if (wrong == 401) == is_open {
            faults.push(format!("{method} {path} with a token that nobody has: {wrong}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whatever a facility may look at: nothing in it is another's.
#[tokio::test]
async fn no_answer_to_a_facility_names_another() {
    let world = World::new().await;
    let _receivers = world.enrol_all().await;
    let orders = world.issue(&PLAN).await;
    world.run_until(crate::world::evening() + chrono::TimeDelta::hours(2)).await;
    let plan = PLAN.digest().unwrap();
    let mut own = 0;
    for (method, path) in documented() {
        if method != "GET" || path == "/openapi.json" {
            continue;
        }
        for order in &orders {
            for facility in ["N1", "S1", "S2"] {
                let there = path.replace("{digest}", &plan).replace("{order_no}", order.as_str());
                let there = format!("/api/v1{}", there.replace("{id}", facility));
                let answer = world.raw("GET", &there, Some("N1"), "").await;
                let said = String::from_utf8_lossy(&answer.body);
                let foreign = ["\"S1\"", "\"S2\"", "-S1-", "-S2-"].iter().any(|name| said.contains(name));
                assert!(!foreign, "{there}: {said}");
                own += usize::from(answer.status == 200 && said.contains("N1"));
            }
        }
    }
    assert!(own > 0, "a facility sees itself");
    let status = world.as_("N1").status().await.unwrap();
    assert_eq!((status.counts.orders, status.enrolled, status.journal_head.seq), (1, 1, 0));
    let said = serde_json::to_string(&status).unwrap();
    assert!(!said.contains(&plan), "{said}");
}

#[tokio::test]
async fn a_facility_sees_its_own_only() {
    let world = World::new().await;
    let orders = world.issue(&PLAN).await;
    let own = world.as_("N1").orders(None, None).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].facility.as_str(), "N1");
    let foreign = orders.iter().find(|number| number.as_str().contains("S1")).unwrap();
    for path in [
        format!("/api/v1/orders/{foreign}"),
        format!("/api/v1/orders/{foreign}/order"),
        "/api/v1/facilities/S1/orders/pending".to_owned(),
    ] {
        assert_eq!(world.raw("GET", &path, Some("N1"), "").await.status, 403, "{path}");
    }
    assert!(world.as_("N1").verdicts(None, Some("S1")).await.unwrap().totals.is_empty());
    assert!(world.as_("N1").settlement(None, Some("S1")).await.unwrap().orders.is_empty());
    assert_eq!(world.as_("N1").settlement(None, None).await.unwrap().facilities.len(), 1);
    let readings = serde_json::json!({"readings": crate::receiver::hourly("S1", world.now(), &[1.0])});
    let status = world.raw("POST", "/api/v1/readings", Some("N1"), readings.to_string()).await.status;
    assert_eq!(status, 403);
}
