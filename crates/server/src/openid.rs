//! Signing in where people already do: an OpenID Connect provider, by the authorization code flow with PKCE.
//!
//! The provider says who somebody is, and nothing else: what the person may do stands in the accounts, which name the
//! provider's subject. Approvals ask for password and code of the account as ever.

mod token;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kezek_courier::Tls;
use reqwest::{RequestBuilder, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::{Config, read_password};
use crate::error::ServerError;
use token::{Claims, Keys};

/// Where the provider sends people back to.
pub(crate) const BACK: &str = "/sign-in/openid/back";
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// No provider says more.
const MAX_BYTES: usize = 256 * 1024;

/// `[openid]`: the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdSettings {
    /// What the button says.
    pub name: String,
    /// The provider, as it names itself; https, or http on this machine.
    pub issuer: String,
    /// The name of this control room at the provider.
    pub client_id: String,
    /// The file with the secret of this control room at the provider, which only this user may read.
    pub client_secret_file: PathBuf,
    /// Under which address browsers know this control room: the provider sends them back to it.
    pub public_url: String,
}

impl OpenIdSettings {
    /// Whether the addresses can be used; nobody is contacted.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (key, text) in [("issuer", &self.issuer), ("public_url", &self.public_url)] {
            let url = Url::parse(text).map_err(|error| format!("openid: {key} is {text:?}: {error}"))?;
            if !is_private_line(&url) || url.query().is_some() || url.fragment().is_some() {
                return Err(format!("openid: {key} is {text:?}, expected https, or http on this machine"));
            }
        }
        Ok(())
    }

    fn redirect_uri(&self) -> String {
        format!("{}{BACK}", self.public_url.trim_end_matches('/'))
    }
}

/// Whether nobody between here and there reads along.
fn is_private_line(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// What is remembered of somebody who is at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trip {
    pub(crate) environment: String,
    /// Comes back with the person.
    pub(crate) state: String,
    /// Comes back in the token.
    pub(crate) nonce: String,
    /// Shows the provider that who left is who fetches the token (PKCE, RFC 7636).
    pub(crate) verifier: String,
    /// Where to go afterwards.
    pub(crate) next: String,
    /// Seconds since 1970.
    pub(crate) expires: u64,
}

impl Trip {
    pub(crate) fn begin(environment: &str, next: &str, expires: u64) -> Result<Self, ServerError> {
        Ok(Self {
            environment: environment.into(),
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            next: next.into(),
            expires,
        })
    }

    /// SHA-256 of the verifier.
    fn challenge(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    }
}

fn random() -> Result<String, ServerError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| ServerError::BrokeOff { what: "the randomness of this machine" })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// An address that nobody between here and there reads along with.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Line(Url);

impl TryFrom<String> for Line {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("{text}: {error}"))?;
        if is_private_line(&url) { Ok(Self(url)) } else { Err(format!("{text} is not encrypted")) }
    }
}

/// What a provider says of itself (OpenID Connect Discovery 1.0, 3).
#[derive(Debug, Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: Line,
    token_endpoint: Line,
    jwks_uri: Line,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    id_token: String,
}

/// The way to the provider.
pub(crate) struct OpenId {
    settings: OpenIdSettings,
    secret: String,
    client: reqwest::Client,
}

impl OpenId {
    /// None where the settings name no provider.
    pub(crate) fn new(config: &Config) -> Result<Option<Self>, ServerError> {
        let Some(settings) = config.openid.clone() else { return Ok(None) };
        let secret = read_password(&settings.client_secret_file)?;
        let client = client(&config.tls, &settings.issuer)?;
        Ok(Some(Self { settings, secret, client }))
    }

    /// What the button says.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// The page of the provider on which to sign in.
    pub(crate) async fn page(&self, trip: &Trip) -> Result<Url, ServerError> {
        let mut page = self.provider().await?.authorization_endpoint.0;
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri())
            .append_pair("state", &trip.state)
            .append_pair("nonce", &trip.nonce)
            .append_pair("code_challenge", &trip.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(page)
    }

    /// As whom the provider knows who came back with `code`.
    pub(crate) async fn subject(&self, trip: &Trip, code: &str, unix_s: u64) -> Result<String, ServerError> {
        let provider = self.provider().await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.settings.redirect_uri()),
            ("code_verifier", &trip.verifier),
        ];
        let (id, secret) = (encoded(&self.settings.client_id), encoded(&self.secret));
        let asked = self.client.post(provider.token_endpoint.0).basic_auth(id, Some(secret));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(body);
        let tokens: Tokens = self.read("the token", asked).await?;
        let keys: Keys = self.read("the keys", self.client.get(provider.jwks_uri.0)).await?;
        let expected = Claims {
            issuer: &self.settings.issuer,
            audience: &self.settings.client_id,
            nonce: &trip.nonce,
            unix_s,
        };
        token::subject(&tokens.id_token, &keys, &expected).map_err(|why| self.broken(&why))
    }

    async fn provider(&self) -> Result<Provider, ServerError> {
        let place =
            format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let provider: Provider = self.read("its description", self.client.get(place)).await?;
        if provider.issuer != self.settings.issuer {
            return Err(self.broken(&format!("it calls itself {:?}", provider.issuer)));
        }
        Ok(provider)
    }

    async fn read<T: DeserializeOwned>(&self, what: &str, request: RequestBuilder) -> Result<T, ServerError> {
        let lost = |source: reqwest::Error| ServerError::Unreachable {
            server: self.settings.issuer.clone(),
            source: source.without_url(),
        };
        let mut response = request.send().await.map_err(lost)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                return Err(self.broken(&format!("{what} is longer than {MAX_BYTES} bytes")));
            }
        }
        if !status.is_success() {
            return Err(self.broken(&format!("asked for {what} it answers {status}")));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.broken(&format!("{what}: {error}")))
    }

    fn broken(&self, why: &str) -> ServerError {
        ServerError::OpenId { issuer: self.settings.issuer.clone(), why: why.to_owned() }
    }
}

fn client(tls: &Tls, issuer: &str) -> Result<reqwest::Client, ServerError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.client_config()?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .build()
        .map_err(|source| ServerError::Unreachable { server: issuer.to_owned(), source })
}

/// A text as part of a form: RFC 6749, 2.3.1 asks it of name and secret too.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
