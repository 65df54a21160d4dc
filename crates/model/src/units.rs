//! Whole kilowatts, the only power that leaves the planner; and whole watt hours, in which meters are settled, and whole minor
//! units of money.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// Power in whole kW. Files and JSON carry it as MW with at most three decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kw(pub i64);

impl Kw {
    /// No power.
    pub const ZERO: Self = Self(0);

    /// The power in MW.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn mw(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The whole kW of a power in MW, or nothing where it is finer than 1 kW, not finite or beyond 10^9 MW.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn from_mw(mw: f64) -> Option<Self> {
        let kw = (mw * 1000.0).round();
        (kw.abs() <= 1e12 && (mw * 1000.0 - kw).abs() < 1e-6).then_some(Self(kw as i64))
    }
}

/// Energy in whole Wh. Files and JSON carry it as MWh with at most six decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wh(pub i64);

impl Wh {
    /// No energy.
    pub const ZERO: Self = Self(0);

    /// The energy in MWh.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn mwh(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The whole Wh of an energy in MWh, or nothing where it is finer than 1 Wh, not finite or beyond 10^9 MWh.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn from_mwh(mwh: f64) -> Option<Self> {
        let wh = (mwh * 1e6).round();
        (wh.abs() <= 1e15 && (mwh * 1e6 - wh).abs() < 1e-3).then_some(Self(wh as i64))
    }
}

impl fmt::Display for Wh {
    /// The energy in MWh with three decimals, or six where it needs them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = if self.0 % 1000 == 0 { 3 } else { 6 };
        write!(f, "{:.decimals$}", self.mwh())
    }
}

impl Serialize for Wh {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.mwh())
    }
}

impl<'de> Deserialize<'de> for Wh {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mwh = f64::deserialize(deserializer)?;
        Self::from_mwh(mwh)
            .ok_or_else(|| serde::de::Error::custom(format!("{mwh} MWh is not a whole number of Wh")))
    }
}

/// Money in whole minor units, hundredths of a currency that stands beside it. Files and JSON carry it as text with two
/// decimals, so that nobody reckons with it in binary fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

impl Money {
    /// The price of an energy at so much for a MWh, halves of a minor unit away from zero.
    #[must_use]
    pub fn of(energy: Wh, per_mwh: Self) -> Self {
        const WH_PER_MWH: i128 = 1_000_000;
        let exact = i128::from(energy.0) * i128::from(per_mwh.0);
        let half = if exact < 0 { -WH_PER_MWH / 2 } else { WH_PER_MWH / 2 };
        Self(i64::try_from((exact + half) / WH_PER_MWH).unwrap_or(i64::MAX))
    }
}

/// A text that is no amount with at most two decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount of money with at most two decimals")]
pub struct NoMoney(String);

impl std::str::FromStr for Money {
    type Err = NoMoney;

    fn from_str(text: &str) -> Result<Self, NoMoney> {
        let none = || NoMoney(text.chars().take(32).collect());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        if unsigned.is_empty() || !digits(unsigned) || !digits(decimals) || decimals.len() > 2 {
            return Err(none());
        }
        format!("{whole}{decimals:0<2}").parse().map(Self).map_err(|_| none())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let minor = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Kw {
    /// The power in MW with as many decimals as it needs, at least one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = if self.0 % 100 == 0 { 1 } else { 3 };
        write!(f, "{:.decimals$}", self.mw())
    }
}

impl Add for Kw {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Kw {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Kw {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Kw {
    fn sum<I: Iterator<Item = Self>>(powers: I) -> Self {
        powers.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Kw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.mw())
    }
}

impl<'de> Deserialize<'de> for Kw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mw = f64::deserialize(deserializer)?;
        Self::from_mw(mw)
            .ok_or_else(|| serde::de::Error::custom(format!("{mw} MW is not a whole number of kW")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kw_survives_the_way_through_mw() {
        for kw in (-2_000_000..2_000_000).step_by(7) {
            assert_eq!(Kw::from_mw(Kw(kw).mw()), Some(Kw(kw)));
        }
    }

    #[test]
    fn every_wh_survives_the_way_through_mwh() {
        for wh in (-9_000_000_000_000..9_000_000_000_000).step_by(90_000_000_007) {
            assert_eq!(Wh::from_mwh(Wh(wh).mwh()), Some(Wh(wh)));
        }
        assert_eq!((Wh::from_mwh(0.000_000_5), Wh::from_mwh(f64::INFINITY)), (None, None));
        assert_eq!((Wh(1_500_000).to_string(), Wh(-1).to_string()), ("1.500".into(), "-0.000001".into()));
    }

    #[test]
    fn money_is_whole_minor_units_all_the_way() {
        for minor in (-1_000_000_i64..1_000_000).step_by(7) {
            assert_eq!(Money(minor).to_string().parse(), Ok(Money(minor)));
        }
        let money = |text: &str| text.parse::<Money>().ok().map(|money| money.0);
        assert_eq!(["5", "0.1", "-0.01", "581.68"].map(money), [500, 10, -1, 58_168].map(Some));
        assert!(["", "-", ".5", "1.005", "1e3", "1,5", "+1", " 1"].iter().all(|text| money(text).is_none()));
        // A third of a MWh at 1.00; half a minor unit is rounded away from zero.
        assert_eq!(Money::of(Wh(333_333), Money(100)), Money(33));
        assert_eq!([5_000, -5_000].map(|wh| Money::of(Wh(wh), Money(100)).0), [1, -1]);
    }

    #[test]
    fn finer_than_a_kw_is_refused() {
        assert_eq!(Kw::from_mw(1.0005), None);
        assert_eq!(Kw::from_mw(f64::NAN), None);
        assert_eq!(Kw::from_mw(1e300), None);
    }

    #[test]
    fn shown_in_mw() {
        assert_eq!(Kw(12_500).to_string(), "12.5");
        assert_eq!(Kw(12_001).to_string(), "12.001");
        assert_eq!(Kw(0).to_string(), "0.0");
    }
}
