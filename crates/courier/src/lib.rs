//! The messenger: keys, envelopes, signatures, the check of addresses, delivery and receiving.
//!
//! It carries bytes and knows no field of an order. It keeps nothing between two calls (a pool of
//! connections apart): when to try again is decided elsewhere, by those who remember.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod address;
pub mod client;
pub mod delivery;
pub mod detached;
pub mod envelope;
pub mod error;
pub mod keys;
pub mod limits;
pub mod listening;
pub mod network;
mod once;
pub mod receiving;
mod renewed;
pub mod second;
pub mod tls;

pub use address::{AddressRules, Allowed};
pub use client::{Answer, GuardedClient, Timeouts};
pub use delivery::{Courier, Dispatch, HttpCourier, Outcome};
pub use detached::{Purpose, Signature, Signed, open_signed, sign_detached, verify_detached};
pub use envelope::{Headers, VerifiedId, sign, verify};
pub use error::CourierError;
pub use keys::{PrivateKey, PublicKey};
pub use listening::{Bounds, Peer, serve};
pub use receiving::receive;
pub use tls::{ServerTls, Tls};
