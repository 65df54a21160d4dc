//! The decomposition: facilities meet only in a few rows per zone and interval, so each is planned for itself at the
//! prices of these rows, and the prices are found so that together they fit (Dantzig and Wolfe, 1960).
//!
//! [`prices`] are the multipliers of balance (3.1) and restore limit (3.6), first from a [`merit`] order; the [`fleet`]
//! answers them, facility by facility, exactly, which proves a lower bound; the [`master`] blends the answers by a
//! [`simplex`] and prices them anew, round by round in an [`ascent`], tightened by [`cover`]s, then by the knots of a
//! [`tree`] that decides what past [`gains`] promise most of. A blend becomes a draft by a [`mixture`] or a [`dive`]; a
//! draft becomes better where it is [`mend`]ed, or where a [`neighbourhood`] is planned anew by a tree of its own, along a
//! [`trail`]; over long horizons in [`window`]s. [`search`] puts all this together.

mod ascent;
mod aside;
mod cover;
mod dive;
mod fleet;
mod gains;
mod lift;
mod master;
mod mend;
mod merit;
mod mixture;
mod neighbourhood;
mod prices;
mod search;
mod simplex;
#[cfg(test)]
pub(crate) mod tests;
mod trail;
mod tree;
mod window;

pub(crate) use ascent::Ascent;
pub(crate) use fleet::{Answer, Fleet};
pub(crate) use mend::{MENDING, Mender, Until};
pub(crate) use merit::{cost_per_mwh, prices as first_prices};
pub(crate) use mixture::mixture;
pub(crate) use prices::{Offer, Prices, Rows};
pub(crate) use search::{News, Target, search, search_from};
