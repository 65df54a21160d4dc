//! The corridor between the rooms: clock, HTTP API, pages, loops.
//!
//! ```text
//! request -> gate (who, how large) -> route -> writer: permit, journal, step -> effects -> deliveries -> writer ...
//! ```
//!
//! [`serve()`] keeps a [`ControlRoom`] with a real clock. Whoever has another clock lets [`serve_api`] answer the
//! requests of a room, and calls [`ControlRoom::tick`] whenever [`ControlRoom::next_due`] has come.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod access;
pub mod accounts;
pub mod api;
pub mod audit;
pub mod book;
pub mod client;
pub mod clocks;
pub mod config;
pub mod demo;
pub mod error;
pub mod evidence;
mod hatch;
mod judge;
pub mod limits;
#[cfg(test)]
mod noise;
pub mod notice;
mod openid;
mod pages;
mod papers;
mod porter;
pub mod post;
pub mod record;
pub mod refused;
mod registry;
mod replay;
pub mod restore;
pub mod room;
mod routes;
pub mod second;
pub mod serve;
mod shares;
#[cfg(test)]
mod simulated;
pub mod standby;
pub mod tables;
mod tenure;
mod throttle;
mod uncovered;
mod view;
mod writer;

pub use access::{Role, token_sha256};
pub use client::Client;
pub use clocks::{Clocks, Now, Steady};
pub use config::Config;
pub use error::ServerError;
pub use openid::OpenIdSettings;
pub use record::{CodeEvent, DeskEvent, Happening};
pub use room::ControlRoom;
pub use routes::{openapi, router};
pub use serve::{keep_time, serve, serve_api};
pub use standby::{Turn, serve_shared};
pub use writer::Happened;
