//! The remembering: what holds for every order, as a pure function of events.
//!
//! [`step`] takes the state, one event and the time, and returns the effects that others carry out. The state is
//! nothing but the events so far: the same list of events and times gives an equal state. An outside effect is
//! durably intended before it happens, because sending is the effect of a journaled [`Event::AttemptIntended`],
//! and its outcome comes back as [`Event::AttemptEnded`].
//!
//! A caller asks [`permit`], appends the event to its journal, calls [`step`], carries out the effects; and asks
//! [`due`] what time itself brings. No clock, socket, disk or unseeded chance.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod config;
pub mod draft;
pub mod event;
pub mod refusal;
pub mod state;

pub mod bounds;
mod course;
mod slots;
mod swing;

mod approve;
mod confirm;
mod deliver;
pub mod emergency;
mod enrol;
mod freeze;
mod issue;
mod licence;
mod notice;
mod open;
pub mod phone;
mod propose;
mod recall;
mod registry;
mod restore;
mod resume;

pub mod again;
pub mod baseline;
pub mod comply;
pub mod energy;
pub mod guard;
mod meter;
pub mod settle;
pub mod stack;
pub mod voluntary;

mod due;
mod permit;
pub mod query;
mod step;

pub use bounds::{Bounds, LoneReturn, bounds, lone_returns};
pub use config::{Baseline, Config, SecondChannels, Tolerance};
pub use draft::{Draft, Terms, drafts};
pub use due::{due, next_due};
pub use event::{
    CheckSummary, Effect, Effects, Event, Mark, NoticeOutcome, Outcome, PlanSummary, Proposed, SecondChannel,
    Warning, WarningKind,
};
pub use issue::to_issue;
pub use permit::permit;
pub use refusal::Refusal;
pub use stack::governing;
pub use state::{Freeze, State};
pub use step::step;

#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, doc(hidden), allow(dead_code))]
pub mod promises;
#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(dead_code))]
mod testing;
