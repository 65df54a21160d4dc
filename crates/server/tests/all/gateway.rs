//! The operator's gateway for short messages and mail relay: a small HTTP server, and a small mail server that speaks
//! SMTP over a real socket.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A short message as the gateway got it.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    pub(crate) phone: String,
    pub(crate) text: String,
    pub(crate) authorization: String,
}

#[derive(Clone)]
pub(crate) struct Gateway {
    shared: Arc<(AtomicU16, Mutex<Vec<Short>>)>,
    address: String,
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new((AtomicU16::new(200), Mutex::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().route("/send", post(take)).with_state(Arc::clone(&shared));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { shared, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/send", self.address)
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.shared.0.store(status, Ordering::SeqCst);
    }

    pub(crate) fn came(&self) -> Vec<Short> {
        self.shared.1.lock().unwrap().clone()
    }
}

async fn take(
    State(shared): State<Arc<(AtomicU16, Mutex<Vec<Short>>)>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let text = |key: &str| value[key].as_str().unwrap().to_owned();
    let authorization = headers["authorization"].to_str().unwrap().to_owned();
    shared.1.lock().unwrap().push(Short { phone: text("to"), text: text("text"), authorization });
    StatusCode::from_u16(shared.0.load(Ordering::SeqCst)).unwrap()
}

/// A mail as the relay got it.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) bytes: String,
}

#[derive(Clone)]
pub(crate) struct MailServer {
    shared: Arc<(AtomicU16, Mutex<Vec<Mail>>)>,
    pub(crate) port: u16,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new((AtomicU16::new(250), Mutex::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { converse(stream, &kept).await });
            }
        });
        Self { shared, port }
    }

    /// What it says of every mailbox from now on.
    pub(crate) fn answer_with(&self, status: u16) {
        self.shared.0.store(status, Ordering::SeqCst);
    }

    pub(crate) fn came(&self) -> Vec<Mail> {
        self.shared.1.lock().unwrap().clone()
    }
}

/// RFC 5321, as far as a relay needs it.
async fn converse(stream: TcpStream, kept: &(AtomicU16, Mutex<Vec<Mail>>)) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut say = async |text: String| writing.write_all(format!("{text}\r\n").as_bytes()).await.is_ok();
    let mut to = String::new();
    say("220 relay.test ESMTP".into()).await;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.to_ascii_uppercase();
        let answer = match () {
            () if verb.starts_with("EHLO") => "250-relay.test\r\n250 8BITMIME".into(),
            () if verb.starts_with("RCPT TO:<") => {
                to = line[9..line.find('>').unwrap()].to_owned();
                let status = kept.0.load(Ordering::SeqCst);
                format!("{status} that is what I say of {to}")
            }
            () if verb == "DATA" => {
                say("354 go on".into()).await;
                let mut bytes = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    bytes += &(line + "\n");
                }
                kept.1.lock().unwrap().push(Mail { to: to.clone(), bytes });
                "250 2.0.0 queued".into()
            }
            () if verb == "QUIT" => {
                say("221 bye".into()).await;
                return;
            }
            () => "250 ok".into(),
        };
        if !say(answer).await {
            return;
        }
    }
}
