//! A web server of a few lines: it answers every request with the same bytes and remembers what came.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) first_line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
}

impl Peer {
    /// Answers at once.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        Self::start(answer.into(), Duration::ZERO).await
    }

    /// Reads the request, then waits before it answers.
    pub(crate) async fn slow(answer: impl Into<Vec<u8>>, wait: Duration) -> Self {
        Self::start(answer.into(), wait).await
    }

    async fn start(answer: Vec<u8>, wait: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (came, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (remembered, counted) = (Arc::clone(&came), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *counted.lock().unwrap() += 1;
                tokio::spawn(serve(stream, answer.clone(), wait, Arc::clone(&remembered)));
            }
        });
        Self { address, came, connections }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    pub(crate) fn came(&self) -> Vec<Request> {
        self.came.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, wait: Duration, came: Arc<Mutex<Vec<Request>>>) {
    while let Some(request) = read(&mut stream).await {
        came.lock().unwrap().push(request);
        tokio::time::sleep(wait).await;
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// One request with a `content-length`; `None` at the end of the connection or for anything else.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        bytes.push(stream.read_u8().await.ok()?);
    };
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_owned();
    let mut lines = head.split("\r\n");
    let first_line = lines.next()?.to_owned();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(name.parse::<HeaderName>().ok()?, value.parse().ok()?);
    }
    let length = headers.get("content-length").map_or(Some(0), |text| text.to_str().ok()?.parse().ok())?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { first_line, headers, body })
}
