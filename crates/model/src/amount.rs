//! Energy and money of an auction as whole numbers, so that sums are exact and may be compared.

use serde::{Serialize, Serializer};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Units of [`Wh`] in a MWh and of [`Price`] in one unit of the currency.
const MILLION: i64 = 1_000_000;

/// Energy in whole Wh, a millionth of a MWh. Files and JSON carry it as MWh with at most six decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wh(pub i64);

/// A price per MWh in millionths of the currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

/// Money in millionths of a millionth of the currency: what a [`Price`] times a number of [`Wh`] comes to, never rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i128);

impl Wh {
    /// No energy.
    pub const ZERO: Self = Self(0);

    /// The energy in MWh.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn mwh(self) -> f64 {
        self.0 as f64 / MILLION as f64
    }

    /// The whole Wh of an energy in MWh, or nothing where it is finer than 1 Wh, not finite or beyond 10^9 MWh.
    #[must_use]
    pub fn from_mwh(mwh: f64) -> Option<Self> {
        millionths(mwh, 1e9).map(Self)
    }
}

impl Price {
    /// The price in the currency.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn per_mwh(self) -> f64 {
        self.0 as f64 / MILLION as f64
    }

    /// The price of a number in the currency per MWh, or nothing where it has more than six decimals or is beyond 10^12.
    #[must_use]
    pub fn from_per_mwh(price: f64) -> Option<Self> {
        millionths(price, 1e12).map(Self)
    }

    /// What an energy costs at this price.
    #[must_use]
    pub fn of(self, energy: Wh) -> Money {
        Money(i128::from(self.0) * i128::from(energy.0))
    }
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount in millionths of the currency.
    #[must_use]
    pub fn from_millionths(amount: i64) -> Self {
        Self(i128::from(amount) * i128::from(MILLION))
    }

    /// The amount in the currency.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn amount(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

/// The whole millionths of a number, or nothing where it is finer or beyond `most`.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn millionths(number: f64, most: f64) -> Option<i64> {
    let whole = (number * MILLION as f64).round();
    // A number that was written with six decimals is the nearest one to its millionths, and no other is.
    let is_exact = whole / MILLION as f64 == number;
    (number.abs() <= most && is_exact).then_some(whole as i64)
}

/// A number of `1 / 10^decimals` with as many decimals as it needs.
fn decimal(f: &mut fmt::Formatter<'_>, units: i128, decimals: u32) -> fmt::Result {
    let (one, sign) = (10_u128.pow(decimals), if units < 0 { "-" } else { "" });
    let (whole, rest) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let rest = format!("{rest:0width$}", width = decimals as usize);
    match rest.trim_end_matches('0') {
        "" => f.pad(&format!("{sign}{whole}")),
        rest => f.pad(&format!("{sign}{whole}.{rest}")),
    }
}

impl fmt::Display for Wh {
    /// The energy in MWh, exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, i128::from(self.0), 6)
    }
}

impl fmt::Display for Price {
    /// The price in the currency, exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, i128::from(self.0), 6)
    }
}

impl fmt::Display for Money {
    /// The amount in the currency, exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.0, 12)
    }
}

macro_rules! adds_up {
    ($name:ident, $zero:expr) => {
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold($zero, Add::add)
            }
        }
    };
}

adds_up!(Wh, Wh::ZERO);
adds_up!(Money, Money::ZERO);

impl Serialize for Wh {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.mwh())
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.per_mwh())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.amount())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wh_survives_the_way_through_mwh() {
        for wh in (0..1_000_000_000_000).step_by(999_999_937) {
            assert_eq!(Wh::from_mwh(Wh(wh).mwh()), Some(Wh(wh)));
        }
        assert_eq!(Wh::from_mwh(0.1), Some(Wh(100_000)));
        assert_eq!(Wh::from_mwh(0.000_000_5), None);
        assert_eq!(Wh::from_mwh(f64::NAN), None);
        assert_eq!(Wh::from_mwh(1e300), None);
    }

    #[test]
    fn cost_is_exact_and_shown_so() {
        let cost = Price(12_345_678).of(Wh(3_000_001));
        assert_eq!(cost.to_string(), "37.037046345678");
        assert_eq!(Price(10_000_000).of(Wh(2_500_000)), Money::from_millionths(25_000_000));
    }

    #[test]
    fn numbers_have_the_decimals_they_need() {
        assert_eq!(Wh(12_000_000).to_string(), "12");
        assert_eq!(Wh(500_000).to_string(), "0.5");
        assert_eq!(Wh(-1).to_string(), "-0.000001");
        assert_eq!(Price(10_010_000).to_string(), "10.01");
        assert_eq!(Money::ZERO.to_string(), "0");
    }
}
