//! The ledger from outside: the same rules for every store, tampering, crashes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crash;
mod fixture;
mod rules;
mod tamper;
