//! Chances that do not disturb each other: every purpose of every draw has numbers of its own, so that a scenario that
//! asks for more of one leaves all others as they are, and differences between scenarios are paired.

use crate::draw::Draw;
use sha2::{Digest as _, Sha256};

/// The numbers of one purpose of a draw: a function of these three alone.
#[must_use]
pub(super) fn stream(seed: u64, draw: u32, purpose: &str) -> Draw {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(draw.to_be_bytes());
    hash.update(purpose.as_bytes());
    let first = hash.finalize().iter().take(8).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    Draw(first)
}

/// A time of exponential length.
pub(super) fn exponential(draw: &mut Draw, mean: f64) -> f64 {
    // `libm` gives the same digits on every machine; the library of the system does not.
    -mean * libm::log(1.0 - draw.unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_draws_and_seeds_have_numbers_of_their_own() {
        let first = |seed, draw, purpose| stream(seed, draw, purpose).below(u64::MAX);
        assert_eq!(first(1, 2, "unit A"), first(1, 2, "unit A"));
        let others = [first(2, 2, "unit A"), first(1, 3, "unit A"), first(1, 2, "unit B")];
        assert!(others.iter().all(|other| *other != first(1, 2, "unit A")));
    }

    #[test]
    fn times_have_their_mean() {
        let mut draw = stream(1, 1, "times");
        let mean = (0..20_000).map(|_| exponential(&mut draw, 48.0)).sum::<f64>() / 20_000.0;
        assert!((mean - 48.0).abs() < 1.5, "{mean}");
    }
}
