//! Delivery over real sockets on loopback, and signatures judged by somebody else's Ed25519.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod foreign;
mod mail;
mod peer;
mod tls;
mod wire;
