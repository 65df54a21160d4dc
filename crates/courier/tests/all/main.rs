//! Delivery over real sockets on loopback, and signatures judged by somebody else's Ed25519.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod abuse;
mod foreign;
mod listening;
mod mail;
mod mail_tls;
mod peer;
mod tls;
mod wire;
