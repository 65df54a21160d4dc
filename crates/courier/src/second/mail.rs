//! E-mail: one message to one mailbox through the operator's own mail relay, encrypted unless it runs on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::address::{Address, Envelope};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::{Deserialize, Serialize};

use super::{Handed, secret};
use crate::address::AddressRules;
use crate::client::find;
use crate::error::{CourierError, describe};
use crate::limits::CONNECT_TIMEOUT;
use crate::tls::{Tls, certificates};

/// How long one message may take, from the first packet to the relay's last word.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// The mail relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Its host name.
    pub host: String,
    /// Its port: mostly 587 with `starttls`, 465 with `tls`.
    pub port: u16,
    /// How the connection is encrypted.
    #[serde(default)]
    pub security: Security,
    /// In whose name, for instance `Control room <kezek@operator.example>`.
    pub from: String,
    /// Name to log in with; without it nobody logs in.
    #[serde(default)]
    pub login: Option<String>,
    /// A file with the password, that only its owner and group may read.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// After a greeting in clear; a relay that does not offer it gets nothing.
    #[default]
    Starttls,
    /// From the first byte.
    Tls,
    /// Not at all; only on this machine.
    None,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To which mailbox.
    pub to: String,
    /// What stands in the list.
    pub subject: String,
    /// What is read.
    pub text: String,
    /// The same at every attempt, so that a mailbox can tell a repetition.
    pub id: String,
    /// When it is sent.
    pub now: DateTime<Utc>,
}

/// A mail relay that can be reached.
#[derive(Debug, Clone)]
pub struct MailRelay {
    settings: MailSettings,
    from: Mailbox,
    rules: AddressRules,
    credentials: Option<Credentials>,
    /// Read again at every connection, as it may be renewed.
    authorities_file: Option<PathBuf>,
}

impl MailRelay {
    /// A relay; its password is read, its settings checked. Of `tls` its authorities are trusted beside those of this
    /// machine.
    ///
    /// # Errors
    /// When the sender is no mailbox, one of login and password is missing, or password or authorities cannot be read.
    pub fn new(rules: AddressRules, settings: MailSettings, tls: &Tls) -> Result<Self, CourierError> {
        let from =
            settings.from.parse().map_err(|_| CourierError::BadMailRelay { why: "`from` is no mailbox" })?;
        let credentials = match (&settings.login, &settings.password_file) {
            (None, None) => None,
            (Some(login), Some(file)) => {
                Some(Credentials::new(login.clone(), secret(file)?.trim_end().into()))
            }
            _ => return Err(CourierError::BadMailRelay { why: "`login` and `password_file` go together" }),
        };
        if credentials.is_some() && settings.security == Security::None {
            return Err(CourierError::BadMailRelay {
                why: "a password is sent over encrypted connections only",
            });
        }
        let authorities_file = tls.authorities_file.clone();
        authorities_file.as_deref().map(certificates).transpose()?;
        Ok(Self { settings, from, rules, credentials, authorities_file })
    }

    /// Hands over one message.
    pub async fn send(&self, mail: &Mail) -> Handed {
        match tokio::time::timeout(MAIL_TIMEOUT, self.attempt(mail)).await {
            Ok(Ok(said)) => Handed::Taken { said },
            Ok(Err(failure)) => failure.handed(),
            Err(_) => Failure::passing(format!("no end within {} s", MAIL_TIMEOUT.as_secs())).handed(),
        }
    }

    async fn attempt(&self, mail: &Mail) -> Result<String, Failure> {
        let (envelope, bytes) = self.written(mail)?;
        let hello = ClientId::default();
        let mut connection = self.connect(&hello).await?;
        if let Some(credentials) = &self.credentials {
            let login = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            let name = self.settings.login.as_deref().unwrap_or_default();
            let what = format!("the relay does not take the login {name:?}");
            login.map_err(|error| Failure::from(error).on(&what))?;
        }
        let response = connection.send(&envelope, &bytes).await?;
        // It has been taken: how the connection ends changes nothing.
        let _ = connection.quit().await;
        let first = response.message().next().unwrap_or_default().to_owned();
        Ok(format!("{} {first}", response.code()))
    }

    fn written(&self, mail: &Mail) -> Result<(Envelope, Vec<u8>), Failure> {
        let lasting = |what: &str| Failure::lasting(what.to_owned());
        let to: Address = mail.to.parse().map_err(|_| lasting("the mailbox is malformed"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(mail.subject.as_str())
            .date(mail.now.into())
            .message_id(Some(format!("<{}>", mail.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| lasting(&error.to_string()))?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to]);
        Ok((envelope.map_err(|error| lasting(&error.to_string()))?, message.formatted()))
    }

    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Failure> {
        let places = self.places().await?;
        let at_once = match self.settings.security {
            Security::Tls => Some(self.parameters()?),
            Security::Starttls | Security::None => None,
        };
        let connecting =
            AsyncSmtpConnection::connect_tokio1(&places[..], Some(CONNECT_TIMEOUT), hello, at_once, None);
        let mut connection = connecting.await?;
        if self.settings.security == Security::Starttls {
            if !connection.can_starttls() {
                let reason = "the relay offers no STARTTLS, and nothing is sent in clear".to_owned();
                return Err(Failure::lasting(reason));
            }
            let begun = connection.starttls(self.parameters()?, hello).await;
            begun
                .map_err(|error| Failure::from(error).on("STARTTLS failed, and nothing is sent in clear"))?;
        }
        Ok(connection)
    }

    fn parameters(&self) -> Result<TlsParameters, Failure> {
        let mut parameters = TlsParameters::builder(self.settings.host.clone());
        if let Some(file) = &self.authorities_file {
            for known in certificates(file).map_err(|error| Failure::lasting(describe(&error)))? {
                parameters = parameters.add_root_certificate(Certificate::from_der(known.to_vec())?);
            }
        }
        Ok(parameters.build()?)
    }

    /// What is dialled is what was checked, so a name that changes in between gains nothing.
    async fn places(&self) -> Result<Vec<SocketAddr>, Failure> {
        let (host, port) = (self.settings.host.as_str(), self.settings.port);
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<SocketAddr> =
            found.map_err(|error| Failure::passing(format!("{host} is not found: {error}")))?.collect();
        let addresses: Vec<_> = found.iter().map(SocketAddr::ip).collect();
        let refused = |error: CourierError| Failure::lasting(describe(&error));
        self.rules.check_resolved(host, &addresses).map_err(refused)?;
        if self.settings.security == Security::None && !addresses.iter().all(std::net::IpAddr::is_loopback) {
            let reason = format!("{host} is not this machine, and nothing is sent in clear");
            return Err(Failure::lasting(reason));
        }
        Ok(found)
    }
}

/// Why a message was not taken.
struct Failure {
    /// Whether a further attempt would end the same way.
    lasts: bool,
    reason: String,
}

impl Failure {
    fn lasting(reason: String) -> Self {
        Self { lasts: true, reason }
    }

    fn passing(reason: String) -> Self {
        Self { lasts: false, reason }
    }

    /// The same, with what was attempted.
    fn on(self, what: &str) -> Self {
        Self { reason: format!("{what}: {}", self.reason), ..self }
    }

    fn handed(self) -> Handed {
        match self {
            Self { lasts: true, reason } => Handed::Alarm { reason },
            Self { lasts: false, reason } => Handed::Retry { reason },
        }
    }
}

impl From<lettre::transport::smtp::Error> for Failure {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        // A certificate that nobody knows comes as a fault of the connection.
        let is_tls = error.is_tls() || find::<rustls::Error>(&error).is_some();
        Self { lasts: error.is_permanent() || is_tls || error.is_client(), reason: describe(&error) }
    }
}
