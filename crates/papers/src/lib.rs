//! What people hold in their hands when the screens are dark: the order and the plan as PDF, typeset with fonts, templates
//! and words that are built in.
//!
//! Facts in, bytes out: no clock, no socket, no file. The same facts make the same bytes.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod order;
mod plan;
mod press;
#[cfg(test)]
mod testing;

pub use order::OrderPaper;
pub use plan::{Approval, PlanPaper};
pub use press::PaperError;

use kezek_model::registry::Language;

/// The languages of every paper, side by side.
const BOTH: [Language; 2] = [Language::Kk, Language::Ru];
