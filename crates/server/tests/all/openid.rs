//! Signing in at an OpenID provider that the test starts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kezek_server::OpenIdSettings;
use kezek_server::access::Role;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::browser::{Browser, accounts};
use crate::world::World;

/// What the provider was asked, and what it will say.
struct Provider {
    issuer: String,
    key: EcdsaKeyPair,
    /// The claims of the next token, beside issuer, audience and time.
    claims: Mutex<Value>,
    /// How the token was fetched.
    asked: Mutex<Option<(String, BTreeMap<String, String>)>>,
}

async fn describe(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({"issuer": provider.issuer, "authorization_endpoint": at("/authorize?tenant=1"),
        "token_endpoint": at("/token"), "jwks_uri": at("/keys")}))
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let point = provider.key.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    Json(json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": x, "y": y}]}))
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let basic = headers["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
    let who = String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap();
    if form.get("code").is_none_or(|code| code != "the-code") {
        return Err(StatusCode::BAD_REQUEST);
    }
    *provider.asked.lock().unwrap() = Some((who, form));
    let mut claims = provider.claims.lock().unwrap().clone();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (key, value) in [("iss", json!(provider.issuer)), ("aud", json!("kezek")), ("exp", json!(now + 60))] {
        claims[key] = value;
    }
    let head = json!({"alg": "ES256", "kid": "1"});
    let [head, body] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{head}.{body}");
    let signature = provider.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": id_token})))
}

async fn provider() -> Arc<Provider> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    let provider = Arc::new(Provider {
        issuer: format!("http://{}", listener.local_addr().unwrap()),
        key: EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap(),
        claims: Mutex::new(json!({})),
        asked: Mutex::default(),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .with_state(Arc::clone(&provider));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    provider
}

async fn world(provider: &Provider) -> World {
    let issuer = provider.issuer.clone();
    World::with(|config| {
        let (mut known, _) = accounts(config, &[("dispatcher", &[Role::Dispatcher], None)]);
        known.all[0].openid = Some("u-17".into());
        let path = config.accounts.clone().unwrap();
        known.write(&path, config).unwrap();
        let client_secret_file = path.with_file_name("openid.secret");
        std::fs::write(&client_secret_file, "s:cret\n").unwrap();
        std::fs::set_permissions(&client_secret_file, PermissionsExt::from_mode(0o600)).unwrap();
        config.openid = Some(OpenIdSettings {
            name: "KEGOC".into(),
            issuer,
            client_id: "kezek".into(),
            client_secret_file,
            public_url: "http://127.0.0.1:1/".into(),
        });
    })
    .await
}

/// Goes to the provider; what was asked of it there.
async fn leave(browser: &Browser) -> BTreeMap<String, String> {
    let left = browser.get("/sign-in/openid?next=/orders").await;
    assert_eq!(left.status, 303, "{left:?}");
    let url = reqwest::Url::parse(&left.headers["location"]).unwrap();
    assert_eq!(url.path(), "/authorize");
    url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

#[tokio::test]
async fn whom_the_provider_names_and_an_account_knows_is_let_in() {
    let provider = provider().await;
    let world = world(&provider).await;
    let browser = Browser::of(&world).in_("en");
    assert!(browser.page("/sign-in?next=/orders").await.contains("Sign in with KEGOC"));
    let asked = leave(&browser).await;
    let of = |key: &str| asked[key].as_str();
    assert_eq!((of("tenant"), of("client_id"), of("response_type")), ("1", "kezek", "code"));
    assert_eq!(of("redirect_uri"), "http://127.0.0.1:1/sign-in/openid/back");

    *provider.claims.lock().unwrap() = json!({"sub": "u-17", "nonce": of("nonce")});
    let back = browser.get(&format!("/sign-in/openid/back?code=the-code&state={}", of("state"))).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert_eq!(back.headers["refresh"], "0; url=/orders");
    assert_eq!(browser.get("/orders").await.status, 200);

    let (who, form) = provider.asked.lock().unwrap().take().unwrap();
    assert_eq!(who, "kezek:s%3Acret");
    let digest = ring::digest::digest(&ring::digest::SHA256, form["code_verifier"].as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(digest), of("code_challenge"), "who left is who fetches the token");
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let provider = provider().await;
    let world = world(&provider).await;
    let browser = Browser::of(&world).in_("en");
    let enters = async |claims: Value, query: String| {
        *provider.claims.lock().unwrap() = claims;
        let back = browser.get(&format!("/sign-in/openid/back?{query}")).await;
        assert_eq!(browser.get("/orders").await.status, 303, "nobody is signed in");
        (back.status, back.body)
    };
    let (status, body) = enters(json!({}), "code=the-code&state=x".into()).await;
    assert!(status == 401 && body.contains("nobody left for the provider"), "{body}");

    let asked = leave(&browser).await;
    let (state, nonce) = (&asked["state"], &asked["nonce"]);
    let own = |code: &str| format!("code={code}&state={state}");
    let knows = |subject: &str| json!({"sub": subject, "nonce": nonce});
    for (claims, query, expected, why) in [
        (knows("u-17"), "code=the-code&state=other".into(), 401, "not of this sign-in"),
        (knows("u-17"), format!("error=access_denied&state={state}"), 401, "access_denied"),
        (knows("u-17"), own("other"), 502, "it answers 400"),
        (json!({"sub": "u-17", "nonce": "other"}), own("the-code"), 502, "another sign-in"),
        (knows("u-18"), own("the-code"), 403, "kezek account link LOGIN u-18"),
    ] {
        let (status, body) = enters(claims, query).await;
        assert!(status == expected && body.contains(why), "{why}: {status} {body}");
    }
}
