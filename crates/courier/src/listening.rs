//! The other side of the wire: connections come in, bounded in number and time, plain or encrypted, and each request
//! learns who is calling.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::limits::{
    HANDSHAKE_WITHIN, HEAD_WITHIN, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, MAX_HEAD_BYTES, MAX_HEADERS,
};
use crate::network::Network;
use crate::tls::{ServerTls, names_of};

/// How long to wait when the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Who is calling: stands among the extensions of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// From where.
    pub address: IpAddr,
    /// The URIs in the certificate that was shown and verified; empty without one.
    pub names: Arc<[String]>,
}

/// How much and how slow a listener bears.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections at the same time.
    pub connections: usize,
    /// Connections to one address at the same time.
    pub connections_per_address: usize,
    /// Addresses without such a bound: a proxy in front, this machine itself.
    pub trusted: Vec<Network>,
    /// Until the handshake is over.
    pub handshake_within: Duration,
    /// Until the head of a request has come.
    pub head_within: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            connections_per_address: MAX_CONNECTIONS_PER_ADDRESS,
            trusted: Vec::new(),
            handshake_within: HANDSHAKE_WITHIN,
            head_within: HEAD_WITHIN,
        }
    }
}

/// Serves connections until `shutdown`, then lets the requests under way end. Dropping it ends them at once. The
/// service must always be ready, as a router is.
pub async fn serve<S, B>(
    listener: TcpListener,
    tls: Option<Arc<ServerTls>>,
    bounds: Bounds,
    service: S,
    shutdown: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (stop, stopped) = watch::channel(false);
    let (mut connections, places) = (JoinSet::new(), Places::new(bounds.clone()));
    tokio::pin!(shutdown);
    loop {
        let (stream, from) = tokio::select! {
            () = &mut shutdown => break,
            _ = connections.join_next(), if !connections.is_empty() => continue,
            accepted = accept(&listener) => accepted,
        };
        match places.take(from) {
            Ok(place) => {
                let line = Line { tls: tls.clone(), bounds: bounds.clone(), stopped: stopped.clone() };
                let service = service.clone();
                connections.spawn(async move {
                    line.hold(stream, from, service).await;
                    drop(place);
                });
            }
            Err(refusal) => refuse(&stream, tls.is_some(), refusal),
        }
    }
    stop.send_replace(true);
    while connections.join_next().await.is_some() {}
}

async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => return (stream, from.ip().to_canonical()),
            Err(error) => {
                let is_over =
                    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
                if !is_over {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// One connection from its handshake to its end.
struct Line {
    tls: Option<Arc<ServerTls>>,
    bounds: Bounds,
    stopped: watch::Receiver<bool>,
}

impl Line {
    async fn hold<S, B>(self, stream: TcpStream, address: IpAddr, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // A small answer must not wait for a large one; where it cannot be set it is only slower.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.converse(stream, Peer { address, names: Arc::from([]) }, service).await;
        };
        let handshake = TlsAcceptor::from(tls.current()).accept(stream);
        match tokio::time::timeout(self.bounds.handshake_within, handshake).await {
            Ok(Ok(stream)) => {
                let names = names_of(stream.get_ref().1.peer_certificates().unwrap_or_default());
                self.converse(stream, Peer { address, names: names.into() }, service).await;
            }
            Ok(Err(error)) => tracing::debug!(%address, %error, "no encrypted connection was made"),
            Err(_) => tracing::debug!(%address, "the handshake took too long"),
        }
    }

    async fn converse<IO, S, B>(self, stream: IO, peer: Peer, service: S)
    where
        IO: AsyncRead + AsyncWrite + Unpin,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
        B: Body + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let address = peer.address;
        let answering = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            service.clone().call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head_within)
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), answering);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = told(self.stopped) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%address, %error, "a connection broke off");
        }
    }
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // An error means that whoever tells has gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Why a connection is not kept, as the first line and body of an answer.
#[derive(Clone, Copy)]
enum Full {
    /// Too many of all.
    All,
    /// Too many of this address.
    Address,
}

/// Tells who speaks plainly; whoever began a handshake would not understand.
fn refuse(stream: &TcpStream, is_encrypted: bool, refusal: Full) {
    let (status, error) = match refusal {
        Full::All => ("503 Service Unavailable", "too many connections are open"),
        Full::Address => ("429 Too Many Requests", "too many connections of this address are open"),
    };
    if !is_encrypted {
        let body = format!(r#"{{"error":"{error}","hint":"close some and come again","faults":[]}}"#);
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nretry-after: 5\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        // Who does not take it at once is not waited for.
        let _ = stream.try_write(answer.as_bytes());
    }
}

/// The connections that are open.
#[derive(Clone)]
struct Places(Arc<(Bounds, Mutex<Open>)>);

#[derive(Default)]
struct Open {
    all: usize,
    of: BTreeMap<IpAddr, usize>,
    /// Refused since there was room.
    refused: u64,
}

/// One of them.
struct Place {
    places: Places,
    of: IpAddr,
}

impl Places {
    fn new(bounds: Bounds) -> Self {
        Self(Arc::new((bounds, Mutex::default())))
    }

    fn take(&self, from: IpAddr) -> Result<Place, Full> {
        let (bounds, open) = &*self.0;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, is_trusted) =
            (network_of(from), bounds.trusted.iter().any(|network| network.contains(from)));
        let here = open.of.get(&of).copied().unwrap_or_default();
        let full = match (open.all >= bounds.connections, here >= bounds.connections_per_address) {
            (true, _) => Some(Full::All),
            (false, true) if !is_trusted => Some(Full::Address),
            _ => None,
        };
        if let Some(full) = full {
            open.refused += 1;
            if open.refused == 1 {
                tracing::warn!(%from, open = open.all, of_address = here, "connections are refused");
            }
            return Err(full);
        }
        if std::mem::take(&mut open.refused) > 1 {
            tracing::warn!(open = open.all, "connections are taken again");
        }
        open.all += 1;
        *open.of.entry(of).or_default() += 1;
        Ok(Place { places: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.0.1.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(here) = open.of.get_mut(&self.of) {
            *here -= 1;
            if *here == 0 {
                open.of.remove(&self.of);
            }
        }
    }
}

/// What counts as one address: whoever has one IPv6 address has 64 bits of them.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}
