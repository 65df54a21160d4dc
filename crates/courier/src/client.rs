//! The only place from which connections are opened. Every address is checked before it is dialled, redirects
//! are not followed, no proxy is asked, and of an answer no more is read than was agreed.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, Url};
use rustls::RootCertStore;

use crate::address::AddressRules;
use crate::error::CourierError;
use crate::limits::{
    CONNECT_TIMEOUT, MAX_ANSWER_BYTES, POOL_IDLE_PER_HOST, POOL_IDLE_TIMEOUT, TOTAL_TIMEOUT,
};
use crate::tls::Tls;

/// How long to wait for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, total: TOTAL_TIMEOUT }
    }
}

/// An HTTP answer of any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`MAX_ANSWER_BYTES`] of it.
    pub body: Vec<u8>,
    /// False when the body was longer than that, or broke off.
    pub whole: bool,
}

/// A request of any kind.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Kind and bytes.
    pub(crate) content: Option<(&'static str, Vec<u8>)>,
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

/// An HTTP client that keeps to [`AddressRules`].
#[derive(Debug, Clone)]
pub struct GuardedClient {
    client: Client,
    rules: Arc<AddressRules>,
    timeouts: Timeouts,
}

impl GuardedClient {
    /// A client for these rules. Connections are encrypted by rustls with the authorities of this machine; where
    /// it has none, every encrypted connection fails and plain `http` to named places still works.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(rules: AddressRules, timeouts: Timeouts) -> Result<Self, CourierError> {
        Self::with_tls(rules, timeouts, &Tls::default())
    }

    /// As [`GuardedClient::new`], with further authorities and a certificate to show.
    ///
    /// # Errors
    /// When a file of the settings cannot be used, or the client cannot be built.
    pub fn with_tls(rules: AddressRules, timeouts: Timeouts, tls: &Tls) -> Result<Self, CourierError> {
        let rules = Arc::new(rules);
        let resolver = GuardedResolver { rules: Arc::clone(&rules), lookup: Arc::new(look_up) };
        Self::build(guarded(timeouts, resolver, tls)?, rules, timeouts)
    }

    fn build(
        builder: ClientBuilder,
        rules: Arc<AddressRules>,
        timeouts: Timeouts,
    ) -> Result<Self, CourierError> {
        let client = builder.build().map_err(|error| CourierError::Client(Box::new(error)))?;
        Ok(Self { client, rules, timeouts })
    }

    /// Asks for what an address holds.
    ///
    /// # Errors
    /// When the address is refused or malformed, or no answer comes. A status is never an error here.
    pub async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, CourierError> {
        let url = self.rules.check_url(url)?;
        self.send(&url, self.client.request(Method::GET, url.clone()), headers).await
    }

    /// Sends a JSON body to an address.
    ///
    /// # Errors
    /// As [`GuardedClient::get`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, CourierError> {
        let url = self.rules.check_url(url)?;
        let request = self.client.request(Method::POST, url.clone());
        let request = request.header("content-type", "application/json").body(body);
        self.send(&url, request, headers).await
    }

    /// Asks in any way.
    ///
    /// # Errors
    /// As [`GuardedClient::get`].
    pub(crate) async fn ask(&self, url: &str, asked: Request<'_>) -> Result<Answer, CourierError> {
        let url = self.rules.check_url(url)?;
        let request = self.client.request(asked.method, url.clone());
        let request = match asked.content {
            Some((content_type, body)) => request.header("content-type", content_type).body(body),
            None => request,
        };
        self.send(&url, request, asked.headers).await
    }

    async fn send(
        &self,
        url: &Url,
        request: RequestBuilder,
        headers: &[(&str, &str)],
    ) -> Result<Answer, CourierError> {
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.map_err(|error| self.explain(url, error))?;
        Ok(read_answer(response).await)
    }

    fn explain(&self, url: &Url, error: reqwest::Error) -> CourierError {
        let host = place(url);
        if error.is_builder() {
            return CourierError::Client(Box::new(error.without_url()));
        }
        if let Some(CourierError::AddressRefused { host, why }) = find(&error) {
            return CourierError::AddressRefused { host: host.clone(), why: why.clone() };
        }
        if let Some(source) = find::<rustls::Error>(&error) {
            return CourierError::Tls { host, source: source.clone() };
        }
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => timed_out(host, "connect", self.timeouts.connect),
            (true, false) => timed_out(host, "answer", self.timeouts.total),
            (false, _) => CourierError::Unreachable { host, source: deepest(error) },
        }
    }
}

/// Why a connection failed, without the layers that pass it on.
fn deepest(error: reqwest::Error) -> Box<dyn Error + Send + Sync> {
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<reqwest::Error>() {
        Some(_) => Box::new(error.without_url()),
        None => cause.to_string().into(),
    }
}

/// Everything that guards a connection, the check of a written address apart.
fn guarded(
    timeouts: Timeouts,
    resolver: impl Resolve + 'static,
    tls: &Tls,
) -> Result<ClientBuilder, CourierError> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls.client(authorities())?)
        .dns_resolver(resolver)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .http1_only()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .pool_max_idle_per_host(POOL_IDLE_PER_HOST)
        .user_agent(concat!("kezek/", env!("CARGO_PKG_VERSION"))))
}

fn timed_out(host: String, what: &'static str, allowed: Duration) -> CourierError {
    CourierError::TimedOut { host, what, seconds: allowed.as_secs_f64() }
}

fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The first error of a kind among the sources. An `io::Error` hides the error it wraps from `source()`.
pub(crate) fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        let wrapped = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| current.source());
    }
    None
}

async fn read_answer(mut response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    let whole = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = MAX_ANSWER_BYTES - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break false;
                }
            }
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    Answer { status, headers, body, whole }
}

/// Reading the authorities takes a while and they do not change while the program runs.
static AUTHORITIES: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(store)
});

/// The authorities of this machine.
pub(crate) fn authorities() -> Arc<RootCertStore> {
    Arc::clone(&AUTHORITIES)
}

type Lookup = Arc<dyn Fn(String) -> LookingUp + Send + Sync>;
type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

fn look_up(name: String) -> LookingUp {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Answers only with addresses that may be sent to. What is dialled is what was checked, so a name that
/// changes between a check and a connection gains nothing.
struct GuardedResolver {
    rules: Arc<AddressRules>,
    lookup: Lookup,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, name) = (Arc::clone(&self.rules), name.as_str().to_owned());
        let looking_up = (self.lookup)(name.clone());
        Box::pin(async move {
            let found = looking_up.await?;
            let addresses: Vec<_> = found.iter().map(SocketAddr::ip).collect();
            rules.check_resolved(&name, &addresses)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
