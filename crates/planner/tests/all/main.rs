//! The judge and the search, held against hand-made cases, a brute force and changed plans.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod brute;
mod builder;
mod calendars;
mod families;
mod futures;
mod mutants;
mod reasons;
mod reference;
mod replan;
mod scenes;
mod stages;
mod why;
