//! The control room over real HTTP on loopback, with a clock that is set by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod abuse;
mod access;
mod agents;
mod bounds;
mod browser;
mod emergency;
mod enrolment;
mod fetch;
mod freeze;
mod gateway;
mod life;
mod loops;
mod pages;
mod pages_issuing;
mod pages_my;
mod pages_orders;
mod papers;
mod receiver;
mod restart;
mod retry;
mod second;
mod standing;
mod surface;
mod tls;
mod world;
