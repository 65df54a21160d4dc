//! The ledger from outside: the same rules for every store, tampering, crashes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod copy;
mod crash;
mod fixture;
mod lease;
mod rules;
mod server;
mod tamper;
