//! The listener over real sockets: what is slow is cut off, what is under way may end.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use kezek_courier::{Bounds, Peer, ServerTls, Tls, serve};
use rcgen::{CertificateParams, KeyPair};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers with the address it was asked from, after a while.
#[derive(Clone)]
struct Slow(Duration);

type Request = hyper::Request<hyper::body::Incoming>;
type Response = hyper::Response<String>;

impl tower::Service<Request> for Slow {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (wait, peer) = (self.0, request.extensions().get::<Peer>().cloned().unwrap());
        Box::pin(async move {
            tokio::time::sleep(wait).await;
            Ok(Response::new(format!("{} {}", peer.address, peer.names.len())))
        })
    }
}

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

async fn start(tls: Option<Arc<ServerTls>>, bounds: Bounds, wait: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let until = async {
        let _ = stopped.await;
    };
    let ended = tokio::spawn(serve(listener, tls, bounds, Slow(wait), until));
    Server { address, stop, ended }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("nobody hangs up");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_request_under_way_ends_and_an_idle_connection_is_closed_at_shutdown() {
    let server = start(None, Bounds::default(), Duration::from_millis(300)).await;
    let (mut busy, mut idle) = (
        TcpStream::connect(server.address).await.unwrap(),
        TcpStream::connect(server.address).await.unwrap(),
    );
    busy.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    assert!(rest(&mut busy).await.ends_with("127.0.0.1 0"), "the request was cut off");
    assert_eq!(rest(&mut idle).await, "");
    tokio::time::timeout(PATIENCE, server.ended).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "it goes on listening");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["a.example".into()]).unwrap().self_signed(&key).unwrap();
    let files = [folder.path().join("door.pem"), folder.path().join("door.key.pem")];
    for (file, text) in files.iter().zip([certificate.pem(), key.serialize_pem()]) {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(file).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    }
    let [certificate_file, key_file] = files.map(Some);
    let tls = Tls { certificate_file, key_file, ..Tls::default() }.server().unwrap();
    let bounds = Bounds { handshake_within: Duration::from_millis(300), connections: 1, ..Bounds::default() };
    let server = start(tls, bounds, Duration::ZERO).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    silent.write_all(&[22, 3, 1]).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(rest(&mut second).await, "", "whoever would shake hands is told nothing in plain text");
    assert_eq!(rest(&mut silent).await, "");
    drop(server.stop);
}
