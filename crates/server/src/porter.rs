//! Before every request: how much its caller has asked already. After it: what was refused is counted and written down.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kezek_courier::Peer;
use kezek_courier::listening::network_of;
use kezek_courier::tls::facility_urn;

use crate::config::Config;
use crate::limits::Limits;
use crate::refused::{Refused, RefusedBook};
use crate::routes::Room;
use crate::routes::refusal::{ApiError, Told};
use crate::throttle::Buckets;

/// What is remembered about callers.
pub(crate) struct Porter {
    limits: Limits,
    addresses: Buckets<IpAddr>,
    callers: Buckets<String>,
    failures: Buckets<IpAddr>,
    refused: RefusedBook,
}

impl Porter {
    pub(crate) fn new(config: &Config) -> Self {
        let limits = config.limits.clone();
        Self {
            addresses: Buckets::new(limits.per_address),
            callers: Buckets::new(limits.per_caller),
            failures: Buckets::new(limits.failures),
            refused: RefusedBook::new(config.database.path().unwrap_or(&config.key_file)),
            limits,
        }
    }

    /// Counts a request of somebody who has proven to be this caller.
    ///
    /// # Errors
    /// When it is one too many.
    pub(crate) fn count(&self, caller: &str) -> Result<(), ApiError> {
        self.callers.take(&caller.to_owned(), Instant::now()).map_err(|wait| too_many("by one caller", wait))
    }

    /// What counts as one address; none where its callers are not counted together.
    fn counted(&self, peer: Option<&Peer>) -> Option<IpAddr> {
        let address = peer?.address;
        (!self.limits.trusts(address)).then(|| network_of(address))
    }

    fn admit(&self, from: Option<IpAddr>, now: Instant) -> Result<(), ApiError> {
        let Some(from) = from else { return Ok(()) };
        if let Some(wait) = self.failures.wait(&from, now) {
            return Err(too_many("that prove nothing", wait));
        }
        self.addresses.take(&from, now).map_err(|wait| too_many("from one address", wait))
    }

    /// Writes down what has not been told yet.
    pub(crate) fn close(&self) {
        self.refused.close();
    }
}

fn too_many(which: &str, wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + 1;
    let (error, hint) = (format!("too many requests {which}"), format!("come again in {seconds} s"));
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, error, hint).with_wait(seconds)
}

/// Who asks, once the token has said so: stands among the extensions of a request.
#[derive(Clone, Default)]
pub(crate) struct Who(pub(crate) Arc<OnceLock<String>>);

/// Stands before every route.
pub(crate) async fn keep_door(State(room): State<Room>, mut request: Request, next: Next) -> Response {
    let (porter, now, who) = (&room.porter, Instant::now(), Who::default());
    let peer = request.extensions().get::<Peer>().cloned();
    let from = porter.counted(peer.as_ref());
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    request.extensions_mut().insert(who.clone());
    let response = match porter.admit(from, now) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let Some(error) = told(&response) else { return response };
    if let (true, Some(from)) = (error.is_unproven, from) {
        // The next request waits where this one was the last that may prove nothing.
        let _ = porter.failures.take(&from, now);
    }
    porter.refused.keep(
        Refused {
            at: room.now(),
            person: who.0.get().cloned(),
            from: peer.map(|peer| peer.address.to_string()),
            method,
            path,
            status: response.status().as_u16(),
            error: error.error.clone(),
            repeated: 0,
        },
        now,
    );
    response
}

/// What was refused by the rules and not by a mistake in the words.
fn told(response: &Response) -> Option<&Told> {
    let status = response.status();
    let is_refusal = matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::CONFLICT
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
    );
    response.extensions().get::<Told>().filter(|_| is_refusal)
}

/// A facility must show a certificate that names it, where authorities for such are configured.
///
/// # Errors
/// When it shows none, or that of another.
pub(crate) fn require_certificate(room: &Room, peer: Option<&Peer>, facility: &str) -> Result<(), ApiError> {
    let config = room.config();
    if config.tls.client_ca_file.is_none() {
        return Ok(());
    }
    let expected = facility_urn(&config.environment, facility);
    if peer.is_some_and(|peer| peer.names.contains(&expected)) {
        return Ok(());
    }
    let error = format!("the certificate that was shown does not name {expected}");
    Err(ApiError::new(StatusCode::FORBIDDEN, error, "set [tls] client_certificate_file in agent.toml"))
}
