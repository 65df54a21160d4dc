//! What obeying and not obeying costs: prices that hold in an order's windows, with the text they come from.
//!
//! No public text was found that says what a miner in Kazakhstan pays who does not obey, so prices are parameters:
//! each names its source and says whether it is assumed.

use super::section::{Section, line};
use super::{StandingOrder, in_force};
use crate::case::Facility;
use crate::units::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toml::de::DeValue;

pub(super) const KEYS: &[&str] = &["currency", "penalty_per_mwh", "credit_per_mwh", "assumed", "source"];

const PRICE: &str = "a price from 0 to 1000000000 with at most two decimals";
const MOST: i64 = 100_000_000_000;

/// `[settlement]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// ISO 4217, for instance `KZT`; its minor unit is a hundredth.
    pub currency: String,
    /// What the facility owes for a MWh above its limit in an interval in breach.
    pub penalty_per_mwh: Option<Money>,
    /// What the facility is owed for a MWh of an ordered cut that it achieved.
    pub credit_per_mwh: Option<Money>,
    /// Whether the prices are assumed; true unless the file says false.
    pub assumed: bool,
    /// The text that they come from or are made after.
    pub source: String,
}

/// A stretch in which one standing order says the prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// Number of the order.
    pub schedule: String,
    /// Its prices.
    pub settlement: Settlement,
}

pub(super) fn read(mut section: Section<'_, '_, '_, '_>) -> Option<Settlement> {
    let code = |value: &DeValue<'_>| {
        line(value).filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    let currency = section.required("currency", "an ISO 4217 code such as KZT", code);
    let penalty_per_mwh = section.optional("penalty_per_mwh", PRICE, price);
    let credit_per_mwh = section.optional("credit_per_mwh", PRICE, price);
    let assumed = section.optional("assumed", "true or false", DeValue::as_bool).unwrap_or(true);
    let source = section.required("source", "the text that the prices come from, on one line", line);
    Some(Settlement { currency: currency?, penalty_per_mwh, credit_per_mwh, assumed, source: source? })
}

/// A price, from its digits as they stand in the file.
fn price(value: &DeValue<'_>) -> Option<Money> {
    let text = match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|price: &Money| (0..=MOST).contains(&price.0))
}

impl Settlement {
    /// The prices in words.
    pub(super) fn words(&self) -> String {
        let currency = &self.currency;
        let said =
            |words: &str, price: Option<Money>| price.map(|price| format!("{words} {price} {currency}/MWh"));
        let prices = [
            said("above the limit", self.penalty_per_mwh),
            said("for an achieved cut the facility is owed", self.credit_per_mwh),
        ];
        let prices: Vec<String> = prices.into_iter().flatten().collect();
        let prices = if prices.is_empty() { "no prices".into() } else { prices.join("; ") };
        let assumed = if self.assumed { "assumed, after" } else { "by" };
        format!("{prices} ({assumed} {})", self.source)
    }
}

/// The stretches of `[from, to)` in which a facility has prices, in order of time. Of several orders that say prices for
/// one instant the one issued last holds, of these the one with the last number: the latest valid version decides.
#[must_use]
pub fn priced(
    orders: &[StandingOrder],
    facility: &Facility,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Priced> {
    let mut known = in_force(orders);
    known.retain(|order| order.settlement.is_some() && order.covers(facility));
    known.sort_by_key(|order| (order.issued, &order.number));
    let windows: Vec<_> = known.iter().map(|order| (*order, order.windows(from, to))).collect();
    let edges: BTreeSet<DateTime<Utc>> =
        windows.iter().flat_map(|(_, windows)| windows).flat_map(|window| [window.from, window.to]).collect();
    let edges: Vec<_> = edges.into_iter().collect();
    let mut stretches: Vec<Priced> = Vec::new();
    for pair in edges.windows(2) {
        let holds = |windows: &[super::Window]| windows.iter().any(|window| window.contains(pair[0]));
        let Some((order, _)) = windows.iter().rev().find(|(_, windows)| holds(windows)) else { continue };
        let Some(settlement) = order.settlement.clone() else { continue };
        match stretches.last_mut() {
            Some(last) if last.to == pair[0] && last.schedule == order.number => last.to = pair[1],
            _ => stretches.push(Priced {
                from: pair[0],
                to: pair[1],
                schedule: order.number.clone(),
                settlement,
            }),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::read::tests::order;

    const PRICES: &str =
        "settlement = { currency = 'CAD', penalty_per_mwh = 581.68, credit_per_mwh = 200, source = 'Rate' }";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn facility() -> Facility {
        Facility::unlimited("F1".into(), "south".into(), chrono_tz::Asia::Almaty, vec![])
    }

    #[test]
    fn prices_are_read_by_their_digits_and_assumed_unless_said() {
        let settlement = order(PRICES).settlement.unwrap();
        assert_eq!(settlement.penalty_per_mwh, Some(Money(58_168)));
        assert_eq!(settlement.credit_per_mwh, Some(Money(20_000)));
        assert!(
            settlement.assumed && settlement.words().contains("581.68 CAD/MWh"),
            "{}",
            settlement.words()
        );
        assert_eq!(order("").settlement, None);
    }

    #[test]
    fn faults_of_prices_are_named() {
        let text = |prices: &str| {
            format!(
                "title = 'S'\nnumber = '1'\nissuer = 'O'\nsignatory = 'A'\nbasis = 'B'\nissued = 2022-01-21\n\
                 period = {{ first_day = 2022-01-24, last_day = 2022-01-31, time_zone = 'Asia/Almaty' }}\n\
                 depth = {{ kind = 'full' }}\nsettlement = {{ {prices} }}"
            )
        };
        for (prices, named) in [
            ("currency = 'tenge', source = 's'", "settlement.currency"),
            ("currency = 'KZT'", "settlement.source"),
            ("currency = 'KZT', source = 's', penalty_per_mwh = 1.005", "settlement.penalty_per_mwh"),
            ("currency = 'KZT', source = 's', credit_per_mwh = -1", "settlement.credit_per_mwh"),
            ("currency = 'KZT', source = 's', credit_per_mhw = 1", "an unknown key"),
        ] {
            let faults = StandingOrder::parse("o.toml", &text(prices)).unwrap_err().to_string();
            assert!(faults.contains(named), "{prices}: {faults}");
        }
    }

    #[test]
    fn the_version_issued_last_holds_where_two_speak_and_each_in_its_own_days() {
        let mut first = order(PRICES);
        let mut second = first.clone();
        second.number = "2".into();
        second.issued = "2022-01-26".parse().unwrap();
        second.period.first_day = "2022-01-28".parse().unwrap();
        first.number = "9".into();
        let span = (at("2022-01-27T00:00:00Z"), at("2022-01-29T00:00:00Z"));
        let found = priced(&[second.clone(), first.clone()], &facility(), span.0, span.1);
        let told: Vec<_> = found.iter().map(|stretch| (stretch.schedule.as_str(), stretch.to)).collect();
        assert_eq!(told, [("9", at("2022-01-27T18:00:00Z")), ("2", span.1)]);
        first.scope.except = vec!["F1".into()];
        assert_eq!(priced(&[second, first], &facility(), span.0, span.1).len(), 1);
    }
}
