//! What the outside sees: the document, the page, bounds and errors.

use kezek_server::openapi;

use crate::world::{PLAN, World};

#[test]
fn the_document_names_every_path_and_method() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(operation["responses"].is_object(), "{method} {path}");
            found.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    found.sort();
    let expected = [
        "GET /api/v1/facilities",
        "GET /api/v1/facilities/{id}/endpoint",
        "GET /api/v1/facilities/{id}/orders/pending",
        "GET /api/v1/healthz",
        "GET /api/v1/journal/head",
        "GET /api/v1/licences",
        "GET /api/v1/openapi.json",
        "GET /api/v1/orders",
        "GET /api/v1/orders/{order_no}",
        "GET /api/v1/orders/{order_no}/evidence",
        "GET /api/v1/orders/{order_no}/order",
        "GET /api/v1/orders/{order_no}/paper",
        "GET /api/v1/plans/{digest}",
        "GET /api/v1/plans/{digest}/paper",
        "GET /api/v1/proposals",
        "GET /api/v1/proposals/{digest}",
        "GET /api/v1/settlement",
        "GET /api/v1/status",
        "GET /api/v1/verdicts",
        "GET /api/v1/voluntary",
        "POST /api/v1/answers",
        "POST /api/v1/enrol",
        "POST /api/v1/enrolment-codes",
        "POST /api/v1/facilities/{id}/adopt",
        "POST /api/v1/facilities/{id}/confirm",
        "POST /api/v1/issuing/freeze",
        "POST /api/v1/issuing/resume",
        "POST /api/v1/issuing/thaw",
        "POST /api/v1/licences/{licence}/reinstate",
        "POST /api/v1/licences/{licence}/suspend",
        "POST /api/v1/orders/fetch",
        "POST /api/v1/orders/{order_no}/called",
        "POST /api/v1/orders/{order_no}/recall",
        "POST /api/v1/orders/{order_no}/resend",
        "POST /api/v1/proposals",
        "POST /api/v1/proposals/{digest}/approve",
        "POST /api/v1/proposals/{digest}/return",
        "POST /api/v1/readings",
        "POST /api/v1/reports",
        "POST /api/v1/voluntary",
        "POST /api/v1/voluntary/signed",
    ];
    assert_eq!(found, expected);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in ["ErrorBody", "OrderRow", "ProposalRow", "StatusBody"] {
        assert!(schemas.contains_key(name), "{name}: {:?}", schemas.keys());
    }
}

#[tokio::test]
async fn the_document_and_health_need_no_token() {
    let world = World::new().await;
    for path in ["/api/v1/openapi.json", "/api/v1/healthz"] {
        assert_eq!(world.raw("GET", path, None, "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn bad_input_is_told_with_error_and_hint() {
    let world = World::with(|config| config.max_body_bytes = 100_000).await;
    let long = vec![b'x'; 100_001];
    let deep = "[".repeat(50_000);
    let many = format!(r#"{{"readings": [{}]}}"#, vec!["{}"; 20_000].join(","));
    for (path, token, body, status) in [
        ("/api/v1/proposals", Some("planner"), long, 413),
        ("/api/v1/proposals", Some("planner"), deep.clone().into_bytes(), 400),
        ("/api/v1/answers", None, deep.into_bytes(), 400),
        ("/api/v1/answers", None, b"{}".to_vec(), 400),
        ("/api/v1/answers", None, vec![b' '; 65_537], 413),
        ("/api/v1/readings", Some("dispatcher"), many.into_bytes(), 400),
        ("/api/v1/readings", Some("dispatcher"), br#"{"readings": []}"#.to_vec(), 400),
        ("/api/v1/orders/x/recall", Some("dispatcher"), br#"{"reason": "a", "more": 1}"#.to_vec(), 400),
        ("/api/v1/orders/x/recall", Some("dispatcher"), br#"{"reason": "a"}"#.to_vec(), 404),
        ("/api/v1/nowhere", Some("planner"), b"{}".to_vec(), 404),
        ("/api/v1/status", Some("planner"), b"{}".to_vec(), 405),
    ] {
        let answer = world.raw("POST", path, token, body).await;
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, status, "{path}: {said}");
        assert!(said["error"].as_str().is_some_and(|error| !error.is_empty()), "{path}: {said}");
        assert!(said["hint"].is_string() && said["faults"].is_array(), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_list_with_an_unknown_filter_is_refused() {
    let world = World::new().await;
    let answer = world.raw("GET", "/api/v1/orders?sate=silent", Some("planner"), "").await;
    let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(answer.status == 400 && said["error"].as_str().unwrap().contains("sate"), "{said}");
}

#[tokio::test]
async fn a_facility_whose_name_fits_no_order_number_is_refused_at_once() {
    let world = World::new().await;
    let mut plan = PLAN.clone();
    plan.allocations[0].facility = "N.1".into();
    let body = serde_json::to_vec(&crate::world::proposal(&plan)).unwrap();
    let answer = world.raw("POST", "/api/v1/proposals", Some("planner"), body).await;
    assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(&answer.body));
}
