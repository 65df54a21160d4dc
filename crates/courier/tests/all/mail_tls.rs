//! E-mail through a relay that wants encryption and a login: what it hears, and what nobody does.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_courier::Tls;
use kezek_courier::second::Handed;
use kezek_courier::second::mail::{MailRelay, MailSettings, Security};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tracing::field::{Field, Visit};

use crate::mail::{mail, rules, settings};

const PASSWORD: &str = "ala-tau-4810";

/// What the relay does with `STARTTLS`, which it offers.
#[derive(Clone, Copy, PartialEq)]
enum Starttls {
    Begins,
    Refuses,
    /// It is encrypted from the first byte.
    Done,
}

/// A relay, everything that it heard with whether that was encrypted, and the file with its certificate.
struct Relay {
    port: u16,
    heard: Arc<Mutex<Vec<(bool, String)>>>,
    folder: tempfile::TempDir,
}

impl Relay {
    async fn start(starttls: Starttls) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let (acceptor, heard) = (TlsAcceptor::from(Arc::new(config)), Arc::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, kept) = (listener.local_addr().unwrap().port(), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = serve(stream, &acceptor, starttls, &kept).await;
            }
        });
        Self { port, heard, folder }
    }

    /// One message with a login.
    async fn handed(&self, security: Security, password: &str) -> Handed {
        let tls = Tls { authorities_file: Some(self.folder.path().join("ca.pem")), ..Tls::default() };
        self.handed_by(security, password, &tls).await
    }

    async fn handed_by(&self, security: Security, password: &str, tls: &Tls) -> Handed {
        let file = self.folder.path().join("password");
        std::fs::write(&file, format!("{password}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let settings = MailSettings {
            login: Some("kezek".into()),
            password_file: Some(file),
            ..settings(self.port, security)
        };
        MailRelay::new(rules(true), settings, tls).unwrap().send(&mail("a@mine.example")).await
    }

    fn heard(&self, encrypted: bool) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|(is, _)| *is == encrypted).map(|(_, line)| line.clone()).collect()
    }
}

type Kept = Mutex<Vec<(bool, String)>>;

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    starttls: Starttls,
    kept: &Kept,
) -> std::io::Result<()> {
    if starttls == Starttls::Done {
        let mut stream = BufStream::new(acceptor.accept(stream).await?);
        say(&mut stream, "220 ready").await?;
        return converse(&mut stream, kept).await;
    }
    let mut stream = BufStream::new(stream);
    say(&mut stream, "220 ready").await?;
    while let Some(line) = hear(&mut stream, false, kept).await? {
        match line.as_str() {
            "STARTTLS" if starttls == Starttls::Begins => {
                say(&mut stream, "220 go on").await?;
                let mut stream = BufStream::new(acceptor.accept(stream.into_inner()).await?);
                return converse(&mut stream, kept).await;
            }
            "STARTTLS" => say(&mut stream, "454 no certificate at the moment").await?,
            _ if line.starts_with("EHLO") => {
                say(&mut stream, "250-relay.test\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS").await?;
            }
            _ => say(&mut stream, "250 ok").await?,
        }
    }
    Ok(())
}

/// What is said once nobody else can hear it.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    kept: &Kept,
) -> std::io::Result<()> {
    let mut in_data = false;
    while let Some(line) = hear(stream, true, kept).await? {
        let answer = match line.as_str() {
            "." => "250 queued",
            _ if in_data => "",
            "DATA" => "354 go on",
            _ if line.starts_with("EHLO") => "250-relay.test\r\n250 AUTH PLAIN LOGIN",
            _ if line.starts_with("AUTH") && line == login(PASSWORD) => "235 2.7.0 welcome",
            _ if line.starts_with("AUTH") => "535 5.7.8 that is not the password",
            _ => "250 ok",
        };
        in_data = line == "DATA" || (in_data && line != ".");
        if !answer.is_empty() {
            say(stream, answer).await?;
        }
    }
    Ok(())
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    text: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    encrypted: bool,
    kept: &Kept,
) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let line = line.trim_end().to_owned();
    kept.lock().unwrap().push((encrypted, line.clone()));
    Ok(Some(line))
}

/// The line that a login is.
fn login(password: &str) -> String {
    format!("AUTH PLAIN {}", STANDARD.encode(format!("\0kezek\0{password}")))
}

/// Everything that is logged, however unimportant.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        *self.0.lock().unwrap() += &format!("{field}={value:?}\n");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::Id {
        span.record(&mut self.clone());
        tracing::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &tracing::Id, _: &tracing::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::Id) {}

    fn exit(&self, _: &tracing::Id) {}
}

#[tokio::test]
async fn the_login_and_the_message_go_encrypted_only() {
    for (starttls, security) in [(Starttls::Begins, Security::Starttls), (Starttls::Done, Security::Tls)] {
        let relay = Relay::start(starttls).await;
        let taken = relay.handed(security, PASSWORD).await;
        assert_eq!(taken, Handed::Taken { said: "250 queued".into() });
        let (clear, encrypted) = (relay.heard(false), relay.heard(true));
        assert!(clear.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{clear:?}");
        let place = |line: &str| encrypted.iter().position(|heard| heard == line);
        let (login, to) = (place(&login(PASSWORD)), place("RCPT TO:<a@mine.example>"));
        assert!(login.is_some() && login < to, "{encrypted:?}");
    }
}

#[tokio::test]
async fn a_relay_that_refuses_to_encrypt_hears_nothing_of_login_and_message() {
    let relay = Relay::start(Starttls::Refuses).await;
    let refused = relay.handed(Security::Starttls, PASSWORD).await;
    let (Handed::Retry { reason } | Handed::Alarm { reason }) = &refused else { panic!("{refused:?}") };
    assert!(reason.contains("STARTTLS") && reason.contains("no certificate at the moment"), "{reason}");
    let clear = relay.heard(false);
    assert!(clear.iter().any(|line| line == "STARTTLS"), "{clear:?}");
    let harmless = |line: &String| line.starts_with("EHLO") || line == "STARTTLS" || line == "QUIT";
    assert!(clear.iter().all(harmless), "{clear:?}");
    assert_eq!(relay.heard(true), Vec::<String>::new());
}

#[tokio::test]
async fn a_relay_whose_authority_nobody_knows_hears_nothing_of_login_and_message() {
    let relay = Relay::start(Starttls::Begins).await;
    let refused = relay.handed_by(Security::Starttls, PASSWORD, &Tls::default()).await;
    assert!(matches!(&refused, Handed::Alarm { reason } if reason.contains("UnknownIssuer")), "{refused:?}");
    let clear = relay.heard(false);
    assert!(clear.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{clear:?}");
    assert_eq!(relay.heard(true), Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_password_is_told_without_the_password() {
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.clone());
    let wrong = "tien-shan-7010";
    let relay = Relay::start(Starttls::Begins).await;
    let refused = relay.handed(Security::Starttls, wrong).await;
    let Handed::Alarm { reason } = &refused else { panic!("{refused:?}") };
    assert!(reason.starts_with("the relay does not take the login \"kezek\""), "{reason}");
    assert!(reason.contains("535") && reason.contains("that is not the password"), "{reason}");
    assert!(relay.heard(true).contains(&login(wrong)), "it was sent, encrypted");
    assert!(relay.heard(true).iter().all(|line| !line.starts_with("MAIL")), "nothing without a login");
    tracing::trace!("the end of the log");
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("the end of the log"), "{log}");
    for secret in [wrong.to_owned(), STANDARD.encode(format!("\0kezek\0{wrong}"))] {
        assert!(!reason.contains(&secret) && !log.contains(&secret), "{reason}\n{log}");
    }
}
