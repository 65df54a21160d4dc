//! Money on an axis: in thousands or millions where figures would be too long.

use crate::Report;
use crate::words::FigureWords;
use kezek_pages::figures::fill;

/// A unit of money.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Money {
    /// What it is called.
    pub(super) unit: String,
    /// How much of the currency it is.
    pub(super) worth: f64,
}

impl Money {
    /// The unit in which the greatest amount has at most four digits.
    pub(super) fn of(report: &Report<'_>, most: f64) -> Self {
        let (w, currency) = (FigureWords::of(report.language), report.results.header.currency.as_str());
        let (words, worth) = match most {
            most if most >= 5e6 => (w.million, 1e6),
            most if most >= 5e3 => (w.thousand, 1e3),
            _ => ("{0}", 1.0),
        };
        Self { unit: fill(words, &[currency]), worth }
    }

    /// Decimals with which a value of this size keeps three digits.
    pub(super) fn decimals(&self, most: f64) -> usize {
        match most / self.worth {
            most if most >= 100.0 => 0,
            most if most >= 10.0 => 1,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::results;

    #[test]
    fn figures_stay_short() {
        let results = results();
        let report = Report { results: &results, language: Language::Kk };
        let units = [900.0, 12_000.0, 7e6].map(|most| Money::of(&report, most).unit);
        assert_eq!(units, ["KZT", "мың KZT", "млн KZT"]);
        let money = Money::of(&report, 12_000.0);
        assert_eq!((money.decimals(12_000.0), money.decimals(120_000.0), money.decimals(5_000.0)), (1, 0, 2));
    }
}
