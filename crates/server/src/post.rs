//! One attempt at delivery: the order's canonical bytes in the envelope of Standard Webhooks, with the signature that
//! stays with the order beside it.

use axum::http::header::InvalidHeaderValue;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use kezek_courier::error::describe;
use kezek_courier::{
    Courier as _, CourierError, Dispatch, GuardedClient, HttpCourier, Outcome as Carried, PrivateKey,
    Purpose, Signed, Timeouts, sign,
};
use kezek_engine::Outcome;
use kezek_model::canonical::canonical_json;
use kezek_model::order::Order;
use kezek_model::registry::FETCHED;

use crate::config::Config;
use crate::error::ServerError;
use crate::evidence::Evidence;
use crate::hatch::Handed;

/// Name of the header with the signature over the order alone, as `key_id:base64`.
pub const ORDER_SIGNATURE_HEADER: &str = "kezek-order-signature";

/// Whoever carries orders.
pub(crate) struct Messenger {
    courier: HttpCourier,
    key: PrivateKey,
}

impl Messenger {
    pub(crate) fn new(config: &Config) -> Result<Self, ServerError> {
        let key = PrivateKey::load(&config.key_file)?;
        let client = GuardedClient::with_tls(config.addresses.clone(), Timeouts::default(), &config.tls)?;
        let courier = HttpCourier::new(client, vec![key.clone()])?;
        Ok(Self { courier, key })
    }

    pub(crate) fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The order with the signature that proves it anywhere, without a network.
    pub(crate) fn bundle(&self, order: Order) -> Result<Signed<Order>, CourierError> {
        Signed::new(Purpose::Order, order, &self.key)
    }

    /// What the control room vouches for of an order.
    pub(crate) fn seal(&self, evidence: Evidence) -> Result<Signed<Evidence>, CourierError> {
        Signed::new(Purpose::Evidence, evidence, &self.key)
    }

    /// Makes one attempt.
    pub(crate) async fn deliver(&self, address: &str, order: Order, now: DateTime<Utc>) -> Outcome {
        match self.dispatch(address, order, now) {
            Ok(dispatch) => outcome(self.courier.deliver(dispatch).await),
            Err(error) => Outcome::Alarm { reason: error.to_string() },
        }
    }

    /// The order as it would be pushed, for a facility that asks for it.
    pub(crate) fn handed(&self, order: &Order, now: DateTime<Utc>) -> Result<Handed, Outcome> {
        let made = self.dispatch(FETCHED, order.clone(), now).and_then(|dispatch| {
            let envelope = sign(&dispatch.body, &dispatch.id, now, &[&self.key])?;
            Ok((envelope, dispatch))
        });
        let unfit = |error: String| Outcome::Alarm { reason: error };
        let (envelope, dispatch) = made.map_err(|error| unfit(describe(&error)))?;
        let further = dispatch.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let pairs = envelope.pairs().into_iter().chain(further);
        let headers =
            pairs.map(|(name, value)| Ok((HeaderName::from_static(name), HeaderValue::from_str(value)?)));
        let headers: Result<HeaderMap, InvalidHeaderValue> = headers.collect();
        Ok(Handed { headers: headers.map_err(|error| unfit(error.to_string()))?, body: dispatch.body })
    }

    fn dispatch(&self, address: &str, order: Order, now: DateTime<Utc>) -> Result<Dispatch, CourierError> {
        let (id, body) = (order.order_no.to_string(), canonical_json(&order)?);
        let bundle = self.bundle(order)?;
        let signature = format!("{}:{}", bundle.key_id, bundle.signature);
        Ok(Dispatch {
            url: address.to_owned(),
            id,
            body,
            headers: vec![(ORDER_SIGNATURE_HEADER, signature)],
            now,
        })
    }
}

/// What came of an attempt, as the engine remembers it.
pub(crate) fn outcome(carried: Carried) -> Outcome {
    match carried {
        Carried::Received { status, .. } => Outcome::Received { status },
        Carried::Retry { reason, retry_after } => Outcome::Failed {
            reason,
            retry_after_s: retry_after.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
        },
        Carried::Alarm { reason } => Outcome::Alarm { reason },
    }
}
