//! The page that says why something was not done.

use askama::Template;

use crate::frame::Frame;

/// The page that says why something was not done.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was found and what was expected, in English, as the API says it.
    pub error: &'a str,
    /// What to do.
    pub hint: &'a str,
    /// All faults of an input.
    pub faults: &'a [String],
    /// The page to go on with.
    pub back: &'a str,
}
