//! Encrypted from end to end: the control room, its agents and the certificates that tell one from another. The
//! authorities are made at the start of each test.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use kezek_agent::{Agent, AgentConfig, AgentError, AnswerPolicy, DriverConfig, Store, enrol};
use kezek_courier::tls::facility_urn;
use kezek_courier::{AddressRules, Bounds, CourierError, GuardedClient, Timeouts, Tls};
use kezek_model::units::Kw;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{PLAN, World, evening};

/// An authority, and the folder with what it has signed.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// A certificate and its key in two files.
    fn sign(&self, name: &str, san: SanType, purpose: ExtendedKeyUsagePurpose) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = vec![san];
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let files = (self.file(&format!("{name}.pem")), self.file(&format!("{name}.key.pem")));
        fs::write(&files.0, certificate.pem()).unwrap();
        fs::write(&files.1, key.serialize_pem()).unwrap();
        fs::set_permissions(&files.1, fs::Permissions::from_mode(0o600)).unwrap();
        files
    }

    fn server(&self, name: &str) -> (PathBuf, PathBuf) {
        let here = SanType::IpAddress("127.0.0.1".parse().unwrap());
        self.sign(name, here, ExtendedKeyUsagePurpose::ServerAuth)
    }

    fn facility(&self, environment: &str, facility: &str) -> (PathBuf, PathBuf) {
        let urn = SanType::URI(facility_urn(environment, facility).try_into().unwrap());
        self.sign(&format!("{environment}-{facility}"), urn, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// What the server speaks with.
    fn served(&self) -> Tls {
        let (certificate, key) = self.server("server");
        Tls {
            certificate_file: Some(certificate),
            key_file: Some(key),
            client_ca_file: Some(self.ca()),
            authorities_file: Some(self.ca()),
            ..Tls::default()
        }
    }

    /// What a facility calls with.
    fn calling(&self, shown: Option<(PathBuf, PathBuf)>) -> Tls {
        let (certificate, key) = shown.unzip();
        Tls {
            authorities_file: Some(self.ca()),
            client_certificate_file: certificate,
            client_key_file: key,
            ..Tls::default()
        }
    }
}

async fn world(authority: &Authority) -> World {
    World::with(|config| config.tls = authority.served()).await
}

fn loopback() -> AddressRules {
    AddressRules { allow_loopback: true, allow: Vec::new() }
}

async fn post(world: &World, tls: &Tls, path: &str, body: &str) -> Result<(u16, String), CourierError> {
    let client = GuardedClient::with_tls(loopback(), Timeouts::default(), tls)?;
    let answer = client.post(&format!("{}/api/v1/{path}", world.base), &[], body.into()).await?;
    Ok((answer.status, String::from_utf8(answer.body).unwrap()))
}

fn config(world: &World, folder: &Path, listen: std::net::SocketAddr, tls: Tls) -> AgentConfig {
    let load = Kw(20_000);
    AgentConfig {
        facility: "N1".into(),
        environment: "test".into(),
        server_url: world.base.clone(),
        listen: Some(listen),
        admin_listen: None,
        public_address: Some(format!("https://{listen}/orders")),
        fetch: false,
        key_file: folder.join("key"),
        store_file: folder.join("store"),
        state_file: folder.join("json"),
        control_room_fingerprint: None,
        driver: DriverConfig::Simulated { nominated: load, standby: Kw::ZERO, ramp_up: None, lies: false },
        answer: AnswerPolicy::Accept,
        meter_minutes: 60,
        addresses: loopback(),
        tls,
    }
}

#[tokio::test]
async fn an_order_goes_out_and_its_answer_comes_back_encrypted() {
    let authority = Authority::new();
    let world = world(&authority).await;
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    let (door, door_key) = authority.server("door");
    let tls = Tls {
        certificate_file: Some(door),
        key_file: Some(door_key),
        ..authority.calling(Some(authority.facility("test", "N1")))
    };
    let config = config(&world, folder.path(), listen, tls);
    let code = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap().code;
    enrol(&config, &code).await.unwrap();
    let (store, driver) = (Store::open(&config.store_file).unwrap(), config.driver.build().unwrap());
    let door = config.tls.server().unwrap();
    assert!(door.is_some());
    let agent = Agent::open(config, store, driver, world.clock()).unwrap();
    tokio::spawn(kezek_courier::serve(
        listener,
        door,
        Bounds::default(),
        agent.router(),
        std::future::pending(),
    ));

    world.issue(&PLAN).await;
    world.room().tick().await.unwrap();
    agent.tick().await;
    let counts = world.as_("auditor").status().await.unwrap().counts;
    assert_eq!((counts.received, counts.accepted), (1, 1));
    world.set(evening() + TimeDelta::hours(3));
    agent.tick().await;
    assert_eq!(agent.standing().unsent, 0, "readings and reports were taken");
}

/// Who may enrol, answer and read as N1, by the certificate that is shown.
#[tokio::test]
async fn a_facility_is_told_by_its_certificate() {
    let (authority, foreign) = (Authority::new(), Authority::new());
    let world = world(&authority).await;
    let body = r#"{"facility":"N1","code":"A","public_key":"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","address":"https://mine.example.kz/","environment":"test"}"#;
    let answer = r#"{"body":{"order_no":"x","sequence":1,"environment":"test","facility":"N1","answer":{"response":"accepted"},"by":"a","at":"2026-01-14T12:00:00Z"},"key_id":"x","signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}"#;
    let own = authority.calling(Some(authority.facility("test", "N1")));
    // The code and the signature are bad: that they are looked at shows that the certificate was taken.
    assert_eq!(post(&world, &own, "enrol", body).await.unwrap().0, 409);
    assert_eq!(post(&world, &own, "answers", answer).await.unwrap().0, 401);
    for (whose, shown) in [
        ("nobody's", None),
        ("another facility's", Some(authority.facility("test", "S1"))),
        ("that of the exercise", Some(authority.facility("training", "N1"))),
        ("one that begins alike", Some(authority.facility("test", "N11"))),
        ("one in small letters", Some(authority.facility("test", "n1"))),
    ] {
        let tls = authority.calling(shown);
        for (path, body) in [("enrol", body), ("answers", answer)] {
            let (status, said) = post(&world, &tls, path, body).await.unwrap();
            assert_eq!(status, 403, "{whose} at {path}: {said}");
            assert!(said.contains("urn:kezek:test:N1"), "{said}");
        }
    }
    let mut strange = authority.calling(Some(foreign.facility("test", "N1")));
    let refused = post(&world, &strange, "enrol", body).await;
    assert!(refused.is_err(), "another authority's: {refused:?}");
    strange.client_certificate_file = Some(authority.server("not-for-clients").0);
    strange.client_key_file = Some(authority.file("not-for-clients.key.pem"));
    let refused = post(&world, &strange, "enrol", body).await;
    assert!(refused.is_err(), "a server's: {refused:?}");

    let trusting = Tls { authorities_file: Some(foreign.ca()), ..Tls::default() };
    let refused = post(&world, &trusting, "enrol", body).await;
    assert!(
        matches!(refused, Err(CourierError::Tls { .. })),
        "the server's authority is not known: {refused:?}"
    );
}

/// Facility tokens too; people need no certificate, they have tokens.
#[tokio::test]
async fn a_token_of_a_facility_needs_its_certificate_and_that_of_a_person_none() {
    let authority = Authority::new();
    let world = world(&authority).await;
    assert!(world.as_("auditor").status().await.is_ok());
    let orders = async |tls: &Tls| {
        let client = GuardedClient::with_tls(loopback(), Timeouts::default(), tls).unwrap();
        let url = format!("{}/api/v1/orders", world.base);
        client.get(&url, &[("authorization", "Bearer N1")]).await.unwrap().status
    };
    assert_eq!(orders(&authority.calling(None)).await, 403);
    assert_eq!(orders(&authority.calling(Some(authority.facility("test", "S1")))).await, 403);
    assert_eq!(orders(&authority.calling(Some(authority.facility("test", "N1")))).await, 200);
}

#[tokio::test]
async fn certificates_are_renewed_without_a_restart() {
    let authority = Authority::new();
    let world = world(&authority).await;
    let next = Authority::new();
    let health = async |ca: PathBuf| {
        let tls = Tls { authorities_file: Some(ca), ..Tls::default() };
        let client = GuardedClient::with_tls(loopback(), Timeouts::default(), &tls).unwrap();
        client.get(&format!("{}/api/v1/healthz", world.base), &[]).await.map(|answer| answer.status)
    };
    assert_eq!(health(authority.ca()).await.unwrap(), 200);
    assert!(health(next.ca()).await.is_err());
    let (certificate, key) = next.server("server");
    fs::copy(&certificate, authority.file("server.pem")).unwrap();
    assert_eq!(health(authority.ca()).await.unwrap(), 200, "half of a pair is not taken");
    fs::copy(&key, authority.file("server.key.pem")).unwrap();
    assert_eq!(health(next.ca()).await.unwrap(), 200);
    assert!(health(authority.ca()).await.is_err());

    // A client's certificate is read again as well, and what its authorities are at the server.
    let old = authority.facility("test", "S1");
    let tls = Tls { authorities_file: Some(next.ca()), ..authority.calling(Some(old.clone())) };
    let client = GuardedClient::with_tls(loopback(), Timeouts::default(), &tls).unwrap();
    let url = format!("{}/api/v1/orders", world.base);
    let ask = async || client.get(&url, &[("authorization", "Bearer N1"), ("connection", "close")]).await;
    assert_eq!(ask().await.unwrap().status, 403);
    let new = next.facility("test", "N1");
    fs::copy(next.ca(), authority.ca()).unwrap();
    fs::copy(&new.0, &old.0).unwrap();
    fs::copy(&new.1, &old.1).unwrap();
    assert_eq!(ask().await.unwrap().status, 200);
}

#[tokio::test]
async fn files_that_cannot_be_used_stop_the_start() {
    let authority = Authority::new();
    type Spoil = fn(&Authority, &mut Tls);
    let cases: [(&str, Spoil); 8] = [
        ("can be read by anybody", |authority, _| {
            fs::set_permissions(authority.file("server.key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
        }),
        ("certificate_file and key_file go together", |_, tls| tls.key_file = None),
        ("client_ca_file needs", |_, tls| (tls.certificate_file, tls.key_file) = (None, None)),
        ("client_certificate_file and client_key_file", |_, tls| tls.client_key_file = tls.key_file.clone()),
        ("server.pem of [tls] cannot be used, expected one or more certificates", |authority, _| {
            fs::write(authority.file("server.pem"), "nothing").unwrap();
        }),
        ("server.key.pem of [tls] cannot be used, expected a private key", |authority, _| {
            fs::write(authority.file("server.key.pem"), "nothing").unwrap();
        }),
        ("expected the certificate of the key", |authority, tls| {
            tls.key_file = Some(authority.server("other").1)
        }),
        ("absent.pem", |authority, tls| tls.client_ca_file = Some(authority.file("absent.pem"))),
    ];
    for (words, spoil) in cases {
        let mut tls = authority.served();
        spoil(&authority, &mut tls);
        let error = match tls.server() {
            Err(error) => error,
            Ok(_) => GuardedClient::with_tls(loopback(), Timeouts::default(), &tls).unwrap_err(),
        };
        let text = kezek_courier::error::describe(&error);
        assert!(text.contains(words) && !text.contains("PRIVATE"), "{words}: {text}");
    }
    let world = world(&authority).await;
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls { client_ca_file: Some(authority.ca()), ..authority.served() };
    let config = config(&world, folder.path(), "127.0.0.1:1".parse().unwrap(), tls);
    let refused = enrol(&config, "A").await;
    assert!(matches!(refused, Err(AgentError::Config { .. })), "{refused:?}");
}

/// The first message of TLS 1.1, written by hand: nobody who speaks it is answered but by an alert.
#[tokio::test]
async fn nothing_older_than_tls_1_2_is_spoken() {
    let authority = Authority::new();
    let world = world(&authority).await;
    for minor in [0, 1, 2] {
        let mut hello = vec![0x03, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0, 4, 0x00, 0x2f, 0xc0, 0x13, 1, 0]);
        let mut message = vec![1, 0, 0, hello.len() as u8];
        message.extend(&hello);
        let mut record = vec![22, 3, 1, 0, message.len() as u8];
        record.extend(message);
        let mut stream = TcpStream::connect(world.base.strip_prefix("https://").unwrap()).await.unwrap();
        stream.write_all(&record).await.unwrap();
        let mut said = Vec::new();
        let reading = stream.read_to_end(&mut said);
        let _ = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it does not hang up");
        assert_eq!(said.first(), Some(&21), "TLS 1.{}: an alert is expected: {said:?}", i32::from(minor) - 1);
    }
    let mut plain = TcpStream::connect(world.base.strip_prefix("https://").unwrap()).await.unwrap();
    plain.write_all(b"GET /api/v1/healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), plain.read_to_end(&mut said)).await.unwrap();
    assert!(!String::from_utf8_lossy(&said).contains("HTTP"), "plain HTTP was answered");
    let _keeps = Arc::clone(world.room());
}
