//! What errors of days to come are drawn from.

mod blocks;
mod parametric;

pub use parametric::Parametric;

use super::{Day, Hours};
use crate::draw::Draw;
use blocks::Blocks;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A way to draw errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Past errors again, so many whole days in succession.
    Blocks(usize),
    /// Normal numbers that remember the hour before.
    Hourly,
    /// Normal numbers that remember the hour before, and a level of the day that remembers the day before.
    HourlyAndDaily,
}

impl Kind {
    /// All that [`choose`](super::choose) looks at.
    pub const ALL: [Self; 7] = [
        Self::Blocks(1),
        Self::Blocks(2),
        Self::Blocks(3),
        Self::Blocks(5),
        Self::Blocks(7),
        Self::Hourly,
        Self::HourlyAndDaily,
    ];

    /// Whether it draws past errors again.
    #[must_use]
    pub fn is_bootstrap(self) -> bool {
        matches!(self, Self::Blocks(_))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks(1) => f.write_str("bootstrap of days"),
            Self::Blocks(length) => write!(f, "bootstrap of {length} days"),
            Self::Hourly => f.write_str("normal, hour to hour"),
            Self::HourlyAndDaily => f.write_str("normal, hour to hour and day to day"),
        }
    }
}

/// A model of errors, fitted to past ones. As it is written down it says its parameters, of a bootstrap the days that it
/// draws from by their dates.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Model(Fitted);

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Fitted {
    Blocks(Blocks),
    Normal(Box<Parametric>),
}

impl Model {
    /// Fits a model to past days in order of their dates; nothing comes of fewer than two of them, or blocks of no day.
    #[must_use]
    pub fn fit(kind: Kind, days: &[Day]) -> Option<Self> {
        let fitted = match kind {
            Kind::Blocks(length) => Fitted::Blocks(Blocks::fit(days, length)?),
            Kind::Hourly => Fitted::Normal(Parametric::hourly(days)?.into()),
            Kind::HourlyAndDaily => Fitted::Normal(Parametric::hourly_and_daily(days)?.into()),
        };
        Some(Self(fitted))
    }

    /// What kind it is of, for a person to read.
    #[must_use]
    pub fn name(&self) -> String {
        self.kind().to_string()
    }

    /// What kind it is of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Fitted::Blocks(blocks) => Kind::Blocks(blocks.days_in_a_block),
            Fitted::Normal(normal) if normal.day_variance > 0.0 => Kind::HourlyAndDaily,
            Fitted::Normal(_) => Kind::Hourly,
        }
    }

    /// Its parameters, where it has some.
    #[must_use]
    pub fn parametric(&self) -> Option<&Parametric> {
        match &self.0 {
            Fitted::Blocks(_) => None,
            Fitted::Normal(normal) => Some(normal),
        }
    }

    /// Errors of consecutive civil days, as shares of what those that it was fitted to are shares of.
    #[must_use]
    pub(crate) fn draw(&self, draw: &mut Draw, days: usize) -> Vec<Hours> {
        match &self.0 {
            Fitted::Blocks(blocks) => blocks.draw(draw, days),
            Fitted::Normal(normal) => normal.draw(draw, days),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use chrono::NaiveDate;

    /// Days in succession of the given errors.
    pub(in crate::errors) fn days(shares: impl IntoIterator<Item = Hours>) -> Vec<Day> {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        first.iter_days().zip(shares).map(|(date, share)| Day { date, share }).collect()
    }

    #[test]
    fn a_seed_draws_the_same_on_every_machine() {
        let mut made = Draw(5);
        let past = days((0..30).map(|_| std::array::from_fn(|_| made.normal() / 16.0)));
        let values = |kind| {
            let drawn = Model::fit(kind, &past).unwrap().draw(&mut Draw(11), 3);
            [drawn[0][0], drawn[1][12], drawn[2][23]]
        };
        assert_eq!(values(Kind::Blocks(3)), [0.07702857428366236, 0.0848724650386834, 0.05031414412899072]);
        assert_eq!(values(Kind::Hourly), [0.003444121558755291, 0.037269388077443365, -0.018580421525520443]);
    }

    #[test]
    fn a_report_can_write_down_what_was_drawn_from() {
        let past = days([[0.0; 24], [0.5; 24]]);
        let written = |kind| serde_json::to_value(Model::fit(kind, &past).unwrap()).unwrap();
        assert_eq!(
            written(Kind::Blocks(2)),
            serde_json::json!({"blocks": {"days_in_a_block": 2, "drawn_from": ["2020-01-01", "2020-01-02"]}})
        );
        assert_eq!(written(Kind::Hourly)["normal"]["mean"][23], 0.25);
        for kind in Kind::ALL {
            assert_eq!(Model::fit(kind, &past[..1]), None);
        }
    }
}
