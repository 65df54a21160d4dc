//! The laboratory: what a season would do to the miners and to everyone else, drawn many times.
//!
//! A [`Study`] is a case whose horizon is the season, what may happen in it, and scenarios that change it. A draw brings a
//! [`Future`](future::Future), the same for all scenarios; [`season`] lives through it, day by day, each planned the day
//! before with what was known then; an [`outcome`] is what is kept of it. [`results`] are the file of many, [`gather`] joins
//! the files of several machines, [`compare`] says what they say, and how sure; a [`replay`] keeps the days of one draw.

pub mod chance;
pub mod change;
pub mod compare;
pub mod future;
pub mod gather;
mod history;
pub mod outcome;
pub mod replay;
pub mod results;
pub mod run;
pub mod season;
pub mod spec;
#[cfg(test)]
mod tests;

pub use spec::Study;
