//! Every endpoint and every role.

use crate::world::{PLAN, World};

/// Who may: P planner, D dispatcher, A approver, F facility, U auditor, M administrator.
const ENDPOINTS: [(&str, &str, &str); 23] = [
    ("GET", "/proposals", "PDAUM"),
    ("GET", "/proposals/{plan}", "PDAUM"),
    ("POST", "/proposals/nothing/approve", "A"),
    ("POST", "/proposals/nothing/return", "A"),
    ("GET", "/plans/{plan}", "PDAUM"),
    ("GET", "/orders", "PDAFUM"),
    ("GET", "/orders/{order}", "PDAFUM"),
    ("GET", "/orders/{order}/order", "PDAFUM"),
    ("GET", "/orders/{order}/evidence", "PDAUM"),
    ("GET", "/settlement", "PDAFUM"),
    ("POST", "/orders/nothing/recall", "D"),
    ("POST", "/orders/nothing/called", "D"),
    ("POST", "/orders/nothing/resend", "D"),
    ("GET", "/facilities/N1/orders/pending", "DFM"),
    ("POST", "/readings", "DFU"),
    ("GET", "/verdicts", "PDAFUM"),
    ("POST", "/enrolment-codes", "M"),
    ("POST", "/facilities/N1/confirm", "AM"),
    ("GET", "/facilities", "PDAFUM"),
    ("GET", "/status", "PDAFUM"),
    ("POST", "/issuing/freeze", "DAM"),
    ("POST", "/issuing/thaw", "DAM"),
    ("POST", "/issuing/resume", "AM"),
];

const ROLES: [(char, &str); 6] = [
    ('P', "planner"),
    ('D', "dispatcher"),
    ('A', "approver"),
    ('F', "N1"),
    ('U', "auditor"),
    ('M', "administrator"),
];

#[tokio::test]
async fn each_role_may_do_its_own_and_nothing_else() {
    let world = World::new().await;
    let orders = world.issue(&PLAN).await;
    let order = orders.iter().find(|number| number.as_str().contains("N1")).unwrap();
    let plan = PLAN.digest().unwrap();
    let head = ("GET", "/journal/head", "U");
    for (method, path, who) in ENDPOINTS.into_iter().chain([head]) {
        let path = format!("/api/v1{}", path.replace("{plan}", &plan).replace("{order}", order.as_str()));
        for (letter, token) in ROLES {
            let body = match path.as_str() {
                "/api/v1/readings" => r#"{"readings": []}"#,
                "/api/v1/enrolment-codes" => r#"{"facility": "?"}"#,
                "/api/v1/facilities/N1/confirm" => r#"{"address": "", "public_key": ""}"#,
                "/api/v1/issuing/freeze" => r#"{"reason": "x"}"#,
                "/api/v1/issuing/resume" | "/api/v1/issuing/thaw" => {
                    r#"{"reason": "x", "second_token": "second"}"#
                }
                path if path.ends_with("/called") => r#"{"answer": "x"}"#,
                path if path.ends_with("/recall") => r#"{"reason": "x"}"#,
                _ => "",
            };
            let status = world.raw(method, &path, Some(token), body).await.status;
            assert_eq!(status != 403, who.contains(letter), "{method} {path} as {token}: {status}");
        }
        assert_eq!(
            world.raw(method, &path, None, "x").await.status,
            expected_without(&path),
            "{method} {path}"
        );
        assert_eq!(world.raw(method, &path, Some("nobody"), "{}").await.status, 401, "{method} {path}");
    }
}

/// Readings may come signed instead of with a token; what is neither is no JSON.
fn expected_without(path: &str) -> u16 {
    if path.ends_with("/readings") { 400 } else { 401 }
}

#[tokio::test]
async fn only_planners_and_dispatchers_propose() {
    let world = World::new().await;
    let body = serde_json::to_vec(&crate::world::proposal(&PLAN)).unwrap();
    for (letter, token) in ROLES {
        let status = world.raw("POST", "/api/v1/proposals", Some(token), body.clone()).await.status;
        let expected = match letter {
            'P' => 201,
            'D' => 409,
            _ => 403,
        };
        assert_eq!(status, expected, "{token}");
    }
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
