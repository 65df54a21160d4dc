//! Encrypted delivery: with a certificate of a known authority, and with certificates nobody should trust.
//! The certificates are made by openssl at the start of each test.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kezek_courier::{
    AddressRules, Courier as _, Dispatch, GuardedClient, HttpCourier, Outcome, PrivateKey, Timeouts,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

/// Set in the second run of a test, which starts with another list of authorities.
const URL_VARIABLE: &str = "KEZEK_TEST_TLS_URL";

fn openssl(folder: &Path, line: &str) -> bool {
    let output = Command::new("openssl").current_dir(folder).args(line.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}

/// `ca.pem`, and `leaf.der` with `leaf.key.der` for a name.
fn make_certificates(folder: &Path, subject_alternative: &str) -> bool {
    let ca = "req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem";
    let leaf = format!(
        "req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=facility -CA ca.pem -CAkey ca.key -keyout leaf.key \
         -outform DER -out leaf.der -addext subjectAltName={subject_alternative} \
         -addext basicConstraints=critical,CA:FALSE"
    );
    let key = "pkcs8 -topk8 -nocrypt -in leaf.key -outform DER -out leaf.key.der";
    openssl(folder, ca) && openssl(folder, &leaf) && openssl(folder, key)
}

/// Serves every connection with the leaf of a folder; answers 200.
fn serve(folder: &Path) -> String {
    let certificate = CertificateDer::from(fs::read(folder.join("leaf.der")).unwrap());
    let key = PrivateKeyDer::try_from(fs::read(folder.join("leaf.key.der")).unwrap()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}/orders", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            // A client that trusts nobody here hangs up in the middle; the next one is served all the same.
            let _ = answer(socket, Arc::clone(&config));
        }
    });
    url
}

fn answer(mut socket: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(config).unwrap();
    let mut stream = Stream::new(&mut connection, &mut socket);
    stream.read_exact(&mut [0; 64])?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    stream.flush()
}

async fn deliver(url: String) -> Outcome {
    let rules = AddressRules { allow_loopback: true, allow: Vec::new() };
    let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
    let courier = HttpCourier::new(client, vec![PrivateKey::generate().unwrap()]).unwrap();
    let now = "2022-01-24T08:00:00Z".parse().unwrap();
    courier
        .deliver(Dispatch { url, id: "order-1".into(), body: b"{}".to_vec(), headers: Vec::new(), now })
        .await
}

/// Runs one test of this program again, in a process of its own that knows the authority of a folder.
fn run_again_knowing(folder: &Path, test: &str, url: &str) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("SSL_CERT_FILE", folder.join("ca.pem"))
        .env(URL_VARIABLE, url)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed") || !output.status.success(), "the test did not run again: {text}");
    output.status.success()
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_is_trusted() {
    if let Ok(url) = std::env::var(URL_VARIABLE) {
        let outcome = deliver(url).await;
        assert!(matches!(outcome, Outcome::Received { status: 200, .. }), "{outcome:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    if !make_certificates(folder.path(), "IP:127.0.0.1") {
        eprintln!("skipped: no openssl 3 here");
        return;
    }
    let url = serve(folder.path());
    assert!(run_again_knowing(folder.path(), "tls::a_certificate_of_a_known_authority_is_trusted", &url));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_an_alarm() {
    if let Ok(url) = std::env::var(URL_VARIABLE) {
        let outcome = deliver(url).await;
        let Outcome::Alarm { reason } = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains("not valid for"), "{reason}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    if !make_certificates(folder.path(), "DNS:other.example") {
        eprintln!("skipped: no openssl 3 here");
        return;
    }
    let url = serve(folder.path());
    assert!(run_again_knowing(folder.path(), "tls::a_certificate_for_another_name_is_an_alarm", &url));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    if !make_certificates(folder.path(), "IP:127.0.0.1") {
        eprintln!("skipped: no openssl 3 here");
        return;
    }
    let outcome = deliver(serve(folder.path())).await;
    let Outcome::Alarm { reason } = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("UnknownIssuer"), "{reason}");
}
