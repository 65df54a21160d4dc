//! E-mail: what a relay gets to hear, and what it never does.

use std::sync::{Arc, Mutex};

use kezek_courier::second::Handed;
use kezek_courier::second::mail::{Mail, MailRelay, MailSettings, Security};
use kezek_courier::{AddressRules, Tls};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

pub(crate) fn settings(port: u16, security: Security) -> MailSettings {
    let (login, password_file) = (None, None);
    MailSettings {
        host: "127.0.0.1".into(),
        port,
        security,
        from: "k@operator.example".into(),
        login,
        password_file,
    }
}

pub(crate) fn rules(allow_loopback: bool) -> AddressRules {
    AddressRules { allow_loopback, allow: Vec::new() }
}

pub(crate) fn mail(to: &str) -> Mail {
    let now = "2026-01-14T12:00:00Z".parse().unwrap();
    Mail {
        to: to.into(),
        subject: "Тема".into(),
        text: ".\nточка\n".into(),
        id: "a@kezek.invalid".into(),
        now,
    }
}

/// A mail server that offers nothing; every line that it hears is kept.
async fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (reading, mut writing) = stream.into_split();
            let mut lines = BufReader::new(reading).lines();
            writing.write_all(b"220 ready\r\n").await.unwrap();
            let mut in_data = false;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer: &[u8] = match line.as_str() {
                    "DATA" => b"354 go on\r\n",
                    "." if in_data => b"250 queued\r\n",
                    _ if in_data => b"",
                    _ => b"250 ok\r\n",
                };
                in_data = line == "DATA" || (in_data && line != ".");
                kept.lock().unwrap().push(line);
                if writing.write_all(answer).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, heard)
}

async fn handed(rules: AddressRules, settings: MailSettings, to: &str) -> Handed {
    MailRelay::new(rules, settings, &Tls::default()).unwrap().send(&mail(to)).await
}

#[tokio::test]
async fn a_relay_of_this_machine_takes_a_message_whole() {
    let (port, heard) = server().await;
    let taken = handed(rules(true), settings(port, Security::None), "a@mine.example").await;
    assert_eq!(taken, Handed::Taken { said: "250 queued".into() });
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains(&"MAIL FROM:<k@operator.example>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<a@mine.example>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"Date: Wed, 14 Jan 2026 12:00:00 +0000".to_owned()), "{heard:?}");
    assert_eq!(heard.iter().filter(|line| *line == ".").count(), 1, "a dot of the text ends nothing");
}

#[tokio::test]
async fn a_relay_that_offers_no_encryption_hears_nothing_of_the_message() {
    let (port, heard) = server().await;
    let refused = handed(rules(true), settings(port, Security::Starttls), "a@mine.example").await;
    assert!(matches!(&refused, Handed::Alarm { reason } if reason.contains("STARTTLS")), "{refused:?}");
    assert!(heard.lock().unwrap().iter().all(|line| line.starts_with("EHLO") || line == "QUIT"));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_dialled() {
    let (port, heard) = server().await;
    for security in [Security::None, Security::Starttls, Security::Tls] {
        let refused = handed(rules(false), settings(port, security), "a@mine.example").await;
        assert!(matches!(&refused, Handed::Alarm { reason } if reason.contains("loopback")), "{refused:?}");
    }
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_mailbox_that_is_none_and_a_relay_that_is_gone_are_told_apart() {
    let (port, heard) = server().await;
    let malformed = handed(rules(true), settings(port, Security::None), "a@b>\r\nRCPT TO:<x@y").await;
    assert!(matches!(malformed, Handed::Alarm { .. }), "{malformed:?}");
    assert!(heard.lock().unwrap().is_empty());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = listener.local_addr().unwrap().port();
    drop(listener);
    let retry = handed(rules(true), settings(gone, Security::None), "a@mine.example").await;
    assert!(matches!(retry, Handed::Retry { .. }), "{retry:?}");
}

#[test]
fn a_password_needs_a_name_and_an_encrypted_connection() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    kezek_courier::PrivateKey::generate().unwrap().save(&file).unwrap();
    let with = |login: Option<&str>, security| MailSettings {
        login: login.map(Into::into),
        password_file: Some(file.clone()),
        ..settings(25, security)
    };
    assert!(MailRelay::new(rules(true), with(None, Security::Tls), &Tls::default()).is_err());
    assert!(MailRelay::new(rules(true), with(Some("k"), Security::None), &Tls::default()).is_err());
    let relay = MailRelay::new(rules(true), with(Some("k"), Security::Tls), &Tls::default()).unwrap();
    let secret = std::fs::read_to_string(&file).unwrap();
    assert!(!format!("{relay:?}").contains(secret.trim()), "shown");
}
