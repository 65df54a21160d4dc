//! The facts of an answer: what the planner says, without its words.

use chrono::{DateTime, Utc};

/// An interval, or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// Energy cut in it, in MWh.
    pub cut_mwh: f64,
    /// Greatest cut in it, in MW.
    pub peak_mw: f64,
    /// What a MWh more of headroom is worth in its zone.
    pub price: f64,
    /// Where it stands among the facilities of its zone.
    pub place: Option<Place>,
    /// Why, interval by interval.
    pub causes: Vec<Caused>,
    /// What would be without the cut.
    pub instead: Option<Instead>,
    /// What headroom would have spared it.
    pub headroom: Option<Headroom>,
}

/// A place in the order of a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// By money per MWh; else by burden.
    pub is_merit: bool,
    /// Money per MWh, or a share from 0 to 1.
    pub figure: f64,
    /// From 1.
    pub place: usize,
    /// How many there are.
    pub of: usize,
    /// How many of those before it are cut.
    pub before_cut: usize,
}

/// A cause and where it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Caused {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// The cause.
    pub cause: Cause,
}

/// Why a facility is cut in an interval, or not; as the planner has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// Never cut.
    Protected,
    /// No licence.
    NotEntitled,
    /// Nothing above its floor.
    NoRoom,
    /// Notice has not passed.
    Notice,
    /// A standing order demands so many MW.
    Order {
        /// Its number.
        number: String,
        /// Demanded.
        mw: f64,
    },
    /// Each of these rules alone forces the cut.
    Forced(Vec<Rule>),
    /// Several rules together do.
    ForcedTogether,
    /// So many MW would stay uncovered.
    Needed {
        /// Uncovered.
        mw: f64,
    },
    /// Plans as good differ in it.
    Chance,
    /// Each of these rules alone spares it.
    Spared(Vec<Rule>),
    /// There is enough for all.
    Headroom,
    /// No cut of it pays.
    TooDear,
    /// Others cover.
    Margin,
}

/// A rule that was lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Shortest event.
    Shortest,
    /// Longest event.
    Longest,
    /// Time between events.
    Gap,
    /// Events a day.
    Events,
    /// Hours under cut.
    Hours,
    /// Return of its load.
    Ramp,
    /// Return of load in its zone.
    Restore,
    /// Blocks.
    Block,
    /// Smallest cut.
    Least,
    /// What an event costs.
    EventCost,
}

/// What would be without the cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Instead {
    /// Whether a plan without it is allowed; not known where none.
    pub possible: Option<bool>,
    /// It would cost at least this more.
    pub cost_at_least: Option<f64>,
    /// The best found costs this more.
    pub cost_found: Option<f64>,
    /// What would stay uncovered more, in MWh.
    pub uncovered_more_mwh: f64,
    /// Who would be cut more, by how many MWh, the most first.
    pub takers: Vec<(String, f64)>,
}

/// What headroom would have spared it.
#[derive(Clone, Debug, PartialEq)]
pub struct Headroom {
    /// So many MW more; none was found where there is none.
    pub at_most_mw: Option<f64>,
    /// Whether "none was found" means that there is none.
    pub proven: bool,
}
