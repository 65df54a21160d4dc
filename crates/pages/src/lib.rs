//! What people see. Facts in, HTML out: no clock, no socket, no journal, so that a page can be read in a test.
//!
//! Every page is a struct whose fields are what it shows, a template beside it, and a table of words in three languages
//! (`words!`), where a missing one does not compile.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod alarm;
pub mod assets;
pub mod audit;
pub mod burden;
pub mod chart;
pub mod clash;
pub mod compare;
pub mod course;
pub mod day;
pub mod drills;
pub mod facilities;
pub mod facility;
pub mod feeds;
pub mod figures;
pub mod fonts;
pub mod frame;
pub mod handover;
pub mod ics;
pub mod issuing;
pub mod keys;
pub mod licence;
pub mod my;
pub mod order;
pub mod orders;
pub mod paper;
pub mod plan;
pub mod plans;
pub mod problem;
pub mod qr;
pub mod registry;
pub mod said;
pub mod scenarios;
pub mod sign_in;
pub mod states;
pub mod studies;
pub mod verdicts;
pub mod waves;
pub mod why;
pub mod words;

pub use askama::Template;
pub use frame::{Frame, Place, Theme, Who};
pub use kezek_model::registry::Language;
