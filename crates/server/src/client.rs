//! The control room from outside: one method for each thing that may be asked, for the command line and programs.

use std::fmt;
use std::time::Duration;

use kezek_courier::{Signed, Tls};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order};
use kezek_model::plan::Plan;
use kezek_model::receipt::{Reading, Voluntary};
use kezek_model::registry::Endpoint;
use reqwest::{Method, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{
    AdoptBody, ApprovedBody, CalledBody, CodeBody, CodeIssuedBody, CommentBody, ConfirmBody, EnrolBody,
    EnrolledBody, ErrorBody, FacilityRow, HealthBody, LicenceRow, OrderDetail, OrderRow, ProposalDetail,
    ProposalRow, ProposeBody, ProposedBody, ReadingsBody, ReasonBody, RecalledBody, SettlementBody,
    StatusBody, TakenBody, TwoPeopleBody, VerdictsBody, VoluntaryRow,
};
use crate::error::ServerError;

/// Until the connection stands.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Until the last byte of an answer: a large plan is checked meanwhile.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A way to a control room, with a token.
#[derive(Clone)]
pub struct Client {
    client: reqwest::Client,
    base: Url,
    token: Option<String>,
}

impl fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Client({})", self.base)
    }
}

impl Client {
    /// A way to the control room at `server`, for instance `https://control.example`. Plain `http` goes to this machine
    /// only, because the token would travel in the open.
    ///
    /// # Errors
    /// When the address is no such URL, or the client cannot be built.
    pub fn new(server: &str, token: Option<String>) -> Result<Self, ServerError> {
        Self::with_tls(server, token, &Tls::default())
    }

    /// As [`Client::new`], with further authorities and a certificate to show.
    ///
    /// # Errors
    /// As there; also when a file of the settings cannot be used.
    pub fn with_tls(server: &str, token: Option<String>, tls: &Tls) -> Result<Self, ServerError> {
        let wrong = |what: &str| ServerError::ConfigWrong { what: format!("server is {server:?}: {what}") };
        let base = Url::parse(server).map_err(|error| wrong(&error.to_string()))?;
        let is_here = matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if base.scheme() != "https" && !(base.scheme() == "http" && is_here) {
            return Err(wrong("expected https, or http to this machine"));
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.client_config()?)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("kezek/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| ServerError::Unreachable { server: server.to_owned(), source })?;
        Ok(Self { client, base, token })
    }

    fn url(&self, segments: &[&str]) -> Result<Url, ServerError> {
        let mut url = self.base.clone();
        let what = format!("server is {}: it cannot have a path", self.base);
        url.path_segments_mut()
            .map_err(|()| ServerError::ConfigWrong { what })?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(segments);
        Ok(url)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<T, ServerError> {
        parse(&self.fetch(method, url, body).await?)
    }

    async fn fetch(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<Vec<u8>, ServerError> {
        let server = self.base.to_string();
        let failed = |source: reqwest::Error| ServerError::Unreachable {
            server: server.clone(),
            source: source.without_url(),
        };
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let bytes = read(response).await?.map_err(failed)?;
        match status.is_success() {
            true => Ok(bytes),
            false => Err(answered(status.as_u16(), &bytes)),
        }
    }

    async fn get<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, ServerError> {
        self.ask(Method::GET, self.url(segments)?, None).await
    }

    async fn find<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        filters: &[(&str, Option<&str>)],
    ) -> Result<T, ServerError> {
        let mut url = self.url(segments)?;
        for (name, value) in filters {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        self.ask(Method::GET, url, None).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        body: &(impl Serialize + Sync),
    ) -> Result<T, ServerError> {
        let unwritten = |error: serde_json::Error| ServerError::NotUnderstood { what: error.to_string() };
        let body = serde_json::to_vec(body).map_err(unwritten)?;
        self.ask(Method::POST, self.url(segments)?, Some(body)).await
    }

    /// Lays a plan before the approvers.
    ///
    /// # Errors
    /// As every method here: [`ServerError::Unreachable`] when no answer comes, [`ServerError::Answered`] when the
    /// server refuses, [`ServerError::NotUnderstood`] when its answer is another than expected.
    pub async fn propose(&self, body: &ProposeBody) -> Result<ProposedBody, ServerError> {
        self.post(&["proposals"], body).await
    }

    /// Plans, newest first.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn proposals(&self) -> Result<Vec<ProposalRow>, ServerError> {
        self.get(&["proposals"]).await
    }

    /// One plan with all that approvers should see.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn proposal(&self, plan_digest: &str) -> Result<ProposalDetail, ServerError> {
        self.get(&["proposals", plan_digest]).await
    }

    /// The plan as it was proposed.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn plan(&self, plan_digest: &str) -> Result<Plan, ServerError> {
        self.get(&["plans", plan_digest]).await
    }

    /// Approves exactly this plan.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn approve(&self, plan_digest: &str, comment: &str) -> Result<ApprovedBody, ServerError> {
        self.post(&["proposals", plan_digest, "approve"], &CommentBody { comment: comment.into() }).await
    }

    /// Sends a plan back to its author.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn send_back(&self, plan_digest: &str, comment: &str) -> Result<TakenBody, ServerError> {
        self.post(&["proposals", plan_digest, "return"], &CommentBody { comment: comment.into() }).await
    }

    /// Orders, worst first; `state` is a word of their life.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn orders(
        &self,
        state: Option<&str>,
        facility: Option<&str>,
    ) -> Result<Vec<OrderRow>, ServerError> {
        self.find(&["orders"], &[("state", state), ("facility", facility)]).await
    }

    /// Keeps what was said when the facility was called about an order.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn called(&self, order_no: &OrderNo, answer: &str) -> Result<TakenBody, ServerError> {
        let body = CalledBody { answer: answer.into() };
        self.post(&["orders", order_no.as_str(), "called"], &body).await
    }

    /// Everything about one order.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn order(&self, order_no: &OrderNo) -> Result<OrderDetail, ServerError> {
        self.get(&["orders", order_no.as_str()]).await
    }

    /// Exactly what was signed.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn bundle(&self, order_no: &OrderNo) -> Result<Signed<Order>, ServerError> {
        self.get(&["orders", order_no.as_str(), "order"]).await
    }

    /// The evidence of an order, byte for byte as its file.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn evidence(&self, order_no: &OrderNo) -> Result<Vec<u8>, ServerError> {
        self.fetch(Method::GET, self.url(&["orders", order_no.as_str(), "evidence"])?, None).await
    }

    /// An order on paper, as PDF.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn order_paper(&self, order_no: &OrderNo) -> Result<Vec<u8>, ServerError> {
        self.fetch(Method::GET, self.url(&["orders", order_no.as_str(), "paper"])?, None).await
    }

    /// A plan on paper, as PDF.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn plan_paper(&self, plan_digest: &str) -> Result<Vec<u8>, ServerError> {
        self.fetch(Method::GET, self.url(&["plans", plan_digest, "paper"])?, None).await
    }

    /// The orders that a facility has not received yet, lowest sequence first.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn pending(&self, facility: &FacilityId) -> Result<Vec<Signed<Order>>, ServerError> {
        self.get(&["facilities", facility.as_str(), "orders", "pending"]).await
    }

    /// Withdraws an order.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn recall(&self, order_no: &OrderNo, reason: &str) -> Result<RecalledBody, ServerError> {
        self.post(&["orders", order_no.as_str(), "recall"], &ReasonBody { reason: reason.into() }).await
    }

    /// Lets delivery of an order begin anew.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn resend(&self, order_no: &OrderNo) -> Result<TakenBody, ServerError> {
        self.post(&["orders", order_no.as_str(), "resend"], &()).await
    }

    /// Enters readings; in several requests where there are many.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn readings(&self, readings: Vec<Reading>) -> Result<TakenBody, ServerError> {
        self.post(&["readings"], &ReadingsBody { readings, environment: None }).await
    }

    /// What the meters say about orders.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn verdicts(
        &self,
        order: Option<&str>,
        facility: Option<&str>,
    ) -> Result<VerdictsBody, ServerError> {
        self.find(&["verdicts"], &[("order", order), ("facility", facility)]).await
    }

    /// What orders brought and what it costs.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn settlement(
        &self,
        order: Option<&str>,
        facility: Option<&str>,
    ) -> Result<SettlementBody, ServerError> {
        self.find(&["settlement"], &[("order", order), ("facility", facility)]).await
    }

    /// A code that lets a facility enrol once.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn enrolment_code(&self, facility: &FacilityId) -> Result<CodeIssuedBody, ServerError> {
        self.post(&["enrolment-codes"], &CodeBody { facility: facility.clone() }).await
    }

    /// Makes a facility known.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn enrol(&self, body: &EnrolBody) -> Result<EnrolledBody, ServerError> {
        self.post(&["enrol"], body).await
    }

    /// Confirms the change of an address or key, as a second person.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn confirm(&self, facility: &FacilityId, body: &ConfirmBody) -> Result<TakenBody, ServerError> {
        self.post(&["facilities", facility.as_str(), "confirm"], body).await
    }

    /// Keeps a voluntary cut that a facility has told of.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn volunteered(&self, declared: &Voluntary) -> Result<TakenBody, ServerError> {
        self.post(&["voluntary"], declared).await
    }

    /// Voluntary cuts and what the meters say of them.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn voluntary(&self) -> Result<Vec<VoluntaryRow>, ServerError> {
        self.get(&["voluntary"]).await
    }

    /// Keeps that a licence is suspended.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn suspend_licence(&self, licence: &str, reason: &str) -> Result<LicenceRow, ServerError> {
        self.post(&["licences", licence, "suspend"], &ReasonBody { reason: reason.into() }).await
    }

    /// Keeps that a licence holds again.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn reinstate_licence(&self, licence: &str, reason: &str) -> Result<TakenBody, ServerError> {
        self.post(&["licences", licence, "reinstate"], &ReasonBody { reason: reason.into() }).await
    }

    /// The licences that are suspended.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn licences(&self) -> Result<Vec<LicenceRow>, ServerError> {
        self.get(&["licences"]).await
    }

    /// Lets what endpoints.csv proposes hold, together with the owner of the second token, if it still says that.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn adopt(
        &self,
        facility: &FacilityId,
        endpoint: &Endpoint,
        reason: &str,
        second_token: &str,
    ) -> Result<TakenBody, ServerError> {
        let (reason, second_token) = (reason.to_owned(), second_token.to_owned());
        let body = AdoptBody { reason, second_token, endpoint: Some(endpoint.clone()) };
        self.post(&["facilities", facility.as_str(), "adopt"], &body).await
    }

    /// What endpoints.csv says of a facility at this moment.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn endpoint(&self, facility: &FacilityId) -> Result<Endpoint, ServerError> {
        self.get(&["facilities", facility.as_str(), "endpoint"]).await
    }

    /// The facilities that are enrolled.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn facilities(&self) -> Result<Vec<FacilityRow>, ServerError> {
        self.get(&["facilities"]).await
    }

    /// Stops everything that leaves.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn freeze(&self, reason: &str) -> Result<TakenBody, ServerError> {
        self.post(&["issuing", "freeze"], &ReasonBody { reason: reason.into() }).await
    }

    /// Lets orders leave again, together with the owner of the second token.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn thaw(&self, reason: &str, second_token: &str) -> Result<TakenBody, ServerError> {
        self.post(&["issuing", "thaw"], &TwoPeopleBody::new(reason, second_token)).await
    }

    /// Lets issuing go on after a promise was found broken, together with the owner of the second token.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn resume(&self, reason: &str, second_token: &str) -> Result<TakenBody, ServerError> {
        self.post(&["issuing", "resume"], &TwoPeopleBody::new(reason, second_token)).await
    }

    /// How things stand.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn status(&self) -> Result<StatusBody, ServerError> {
        self.get(&["status"]).await
    }

    /// The end of the journal.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn journal_head(&self) -> Result<Head, ServerError> {
        self.get(&["journal", "head"]).await
    }

    /// Whether the server works.
    ///
    /// # Errors
    /// As [`Client::propose`].
    pub async fn health(&self) -> Result<HealthBody, ServerError> {
        self.get(&["healthz"]).await
    }
}

/// The body of an answer; the inner error is the wire's.
async fn read(mut response: Response) -> Result<Result<Vec<u8>, reqwest::Error>, ServerError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Ok(body)),
            Err(error) => return Ok(Err(error)),
        }
        if body.len() > MAX_ANSWER_BYTES {
            let what = format!("more than {MAX_ANSWER_BYTES} bytes");
            return Err(ServerError::NotUnderstood { what });
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ServerError> {
    serde_json::from_slice(bytes).map_err(|error| ServerError::NotUnderstood { what: error.to_string() })
}

fn answered(status: u16, bytes: &[u8]) -> ServerError {
    let plain = || ErrorBody {
        error: String::from_utf8_lossy(bytes).chars().take(200).collect(),
        ..ErrorBody::default()
    };
    let body: ErrorBody = serde_json::from_slice(bytes).unwrap_or_else(|_| plain());
    ServerError::Answered { status, error: body.error, hint: body.hint, faults: body.faults }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_travels_encrypted_or_stays_here() {
        for server in
            ["https://control.example", "http://127.0.0.1:8080", "http://[::1]:1/", "http://localhost"]
        {
            assert!(Client::new(server, None).is_ok(), "{server}");
        }
        for server in ["http://control.example", "ftp://localhost", "control.example", "http://10.0.0.1"] {
            assert!(matches!(Client::new(server, None), Err(ServerError::ConfigWrong { .. })), "{server}");
        }
    }

    #[test]
    fn names_become_parts_of_a_path_and_nothing_else() {
        let client = Client::new("https://control.example/", None).unwrap();
        let url = client.url(&["orders", "a/b?c", "recall"]).unwrap();
        assert_eq!(url.as_str(), "https://control.example/api/v1/orders/a%2Fb%3Fc/recall");
    }
}
