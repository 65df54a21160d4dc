//! Whole kilowatts, the only power that leaves the planner.

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
