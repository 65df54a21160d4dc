//! The signature of an envelope, judged by openssl instead of the library that made it.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_courier::{PrivateKey, sign};

/// DER of an Ed25519 public key up to its 32 bytes (RFC 8410).
const DER_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fn openssl_verifies(folder: &Path) -> bool {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin"])
        .args(["-in", "message", "-sigfile", "signature"])
        .output()
        .unwrap();
    output.status.success()
}

fn openssl_knows_ed25519() -> bool {
    let made = Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output();
    let rawin = Command::new("openssl").args(["pkeyutl", "-help"]).output();
    let says = |output: std::process::Output| String::from_utf8_lossy(&output.stderr).contains("-rawin");
    made.is_ok_and(|output| output.status.success()) && rawin.is_ok_and(says)
}

#[test]
fn openssl_agrees_with_the_signature() {
    if !openssl_knows_ed25519() {
        eprintln!("skipped: no openssl with Ed25519 here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let key = PrivateKey::generate().unwrap();
    let body = "{\"limit_kw\":12500,\"reason\":\"дефицит\"}".as_bytes();
    let headers = sign(body, "order-000123", "2022-01-24T08:00:00Z".parse().unwrap(), &[&key]).unwrap();

    let public = STANDARD.decode(key.public().to_string().strip_prefix("whpk_").unwrap()).unwrap();
    put("key.der", &[DER_PREFIX.as_slice(), &public].concat());
    put("message", &[b"order-000123.1643011200.", body].concat());
    put("signature", &STANDARD.decode(headers.signature.strip_prefix("v1a,").unwrap()).unwrap());
    assert!(openssl_verifies(folder.path()));

    put("message", &[b"order-000123.1643011201.", body].concat());
    assert!(!openssl_verifies(folder.path()), "openssl takes anything");
}
