//! The second channel of the control room: what there is of it, and one message over it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_courier::second::Handed;
use kezek_courier::second::gateway::{Gateway, GatewaySettings, ShortMessage};
use kezek_courier::second::mail::{Mail, MailRelay, MailSettings};
use kezek_courier::{CourierError, GuardedClient, Timeouts};
use kezek_engine::{NoticeOutcome, SecondChannel, SecondChannels};
use kezek_model::canonical::sha256_hex;
use kezek_model::order::Order;
use kezek_model::registry::Contact;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::notice::Notice;
use crate::notice::folder::Texts;

/// How people are told of an order that has not arrived by four fifths of its lead time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondChannelSettings {
    /// Attempts per order and number or mailbox.
    pub most_attempts: u32,
    /// Seconds between a failure and the next attempt.
    pub pause_s: u32,
    /// The gateway for short messages; without it none are sent.
    pub sms: Option<GatewaySettings>,
    /// The mail relay; without it no e-mail is sent.
    pub email: Option<MailSettings>,
}

impl Default for SecondChannelSettings {
    fn default() -> Self {
        let SecondChannels { most_attempts, pause_s, .. } = SecondChannels::default();
        Self { most_attempts, pause_s, sms: None, email: None }
    }
}

impl SecondChannelSettings {
    /// What travels to the engine.
    pub(crate) fn engine(&self) -> SecondChannels {
        SecondChannels {
            sms: self.sms.is_some(),
            email: self.email.is_some(),
            most_attempts: self.most_attempts.min(10),
            pause_s: self.pause_s,
        }
    }
}

/// Whoever tells people.
pub(crate) struct Teller {
    gateway: Option<Gateway>,
    relay: Option<MailRelay>,
}

impl Teller {
    pub(crate) fn new(config: &Config) -> Result<Self, CourierError> {
        let (settings, rules) = (&config.second_channel, &config.addresses);
        let gateway = |settings: &GatewaySettings| {
            let client = GuardedClient::with_tls(rules.clone(), Timeouts::default(), &config.tls)?;
            Gateway::new(client, rules, settings.clone())
        };
        let relay = |settings: &MailSettings| MailRelay::new(rules.clone(), settings.clone(), &config.tls);
        Ok(Self {
            gateway: settings.sms.as_ref().map(gateway).transpose()?,
            relay: settings.email.as_ref().map(relay).transpose()?,
        })
    }

    /// Hands over one message.
    pub(crate) async fn tell(
        &self,
        channel: SecondChannel,
        contact: &Contact,
        order: &Order,
        (texts, zone): (&Texts, Tz),
        now: DateTime<Utc>,
    ) -> NoticeOutcome {
        let notice = match Notice::new(order, zone, texts, contact.language) {
            Ok(notice) => notice,
            Err(error) => return NoticeOutcome::Alarm { reason: error.to_string() },
        };
        let message = match channel {
            SecondChannel::Sms => Message::Short { text: notice.short(), about: order.order_no.as_str() },
            SecondChannel::Email => {
                Message::Mail(mail(contact, notice.subject(), notice.long(), order.order_no.as_str(), now))
            }
        };
        self.hand_over(contact, message).await
    }

    /// Hands over a message that tries out whether somebody can be told.
    pub(crate) async fn trial(
        &self,
        channel: SecondChannel,
        contact: &Contact,
        text: &str,
        now: DateTime<Utc>,
    ) -> NoticeOutcome {
        let message = match channel {
            SecondChannel::Sms => Message::Short { text: text.to_owned(), about: "test" },
            SecondChannel::Email => {
                let subject = text.split(':').next().unwrap_or_default().to_owned();
                Message::Mail(mail(
                    contact,
                    subject,
                    format!("{text}\n"),
                    &format!("test-{}", now.timestamp()),
                    now,
                ))
            }
        };
        self.hand_over(contact, message).await
    }

    async fn hand_over(&self, contact: &Contact, message: Message<'_>) -> NoticeOutcome {
        outcome(match (message, &self.gateway, &self.relay) {
            (Message::Short { text, about }, Some(gateway), _) => {
                gateway.send(ShortMessage { phone: &contact.sms, text: &text, order_no: about }).await
            }
            (Message::Mail(mail), _, Some(relay)) => relay.send(&mail).await,
            _ => Handed::Alarm { reason: "this channel is not set up any more".into() },
        })
    }
}

/// What goes over a channel.
enum Message<'a> {
    Short { text: String, about: &'a str },
    Mail(Mail),
}

fn outcome(handed: Handed) -> NoticeOutcome {
    match handed {
        Handed::Taken { said } => NoticeOutcome::Told { by: said },
        Handed::Retry { reason } => NoticeOutcome::Failed { reason },
        Handed::Alarm { reason } => NoticeOutcome::Alarm { reason },
    }
}

/// `about` tells it from others to the same mailbox.
fn mail(contact: &Contact, subject: String, text: String, about: &str, now: DateTime<Utc>) -> Mail {
    let mailbox = sha256_hex(contact.email.as_bytes());
    let id = format!("{about}.{}@kezek.invalid", &mailbox[..12]);
    Mail { to: contact.email.clone(), subject, text, id, now }
}
