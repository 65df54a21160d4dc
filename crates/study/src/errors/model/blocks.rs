//! Past days again, some in succession.
//!
//! The circular block bootstrap (Politis and Romano, *A circular block-resampling procedure for stationary data*, 1992):
//! blocks of so many consecutive days begin with the same chance at every past day, and after the last day comes the
//! first, so that every day is as likely as any other. Days that the table lacks are passed over in the same way.
//! The first block is cut at a random place, so that no day of the horizon is likelier than others to begin a block.

use crate::draw::Draw;
use crate::errors::{Day, Hours};
use chrono::NaiveDate;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Blocks {
    pub(super) days_in_a_block: usize,
    drawn_from: Vec<NaiveDate>,
    #[serde(skip)]
    past: Vec<Hours>,
}

impl Blocks {
    pub(super) fn fit(days: &[Day], days_in_a_block: usize) -> Option<Self> {
        let drawn_from = days.iter().map(|day| day.date).collect();
        let past = days.iter().map(|day| day.share).collect();
        (days.len() > 1 && days_in_a_block > 0).then_some(Self { days_in_a_block, drawn_from, past })
    }

    pub(super) fn draw(&self, draw: &mut Draw, days: usize) -> Vec<Hours> {
        let below = |draw: &mut Draw, bound: usize| draw.below(bound as u64) as usize;
        let mut left = 1 + below(draw, self.days_in_a_block);
        let mut at = below(draw, self.past.len());
        let mut drawn = Vec::with_capacity(days);
        while drawn.len() < days {
            drawn.push(self.past[at]);
            left -= 1;
            at = (at + 1) % self.past.len();
            if left == 0 {
                left = self.days_in_a_block;
                at = below(draw, self.past.len());
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::model::tests::days;

    /// Days of ten, each of which is all its own number; the numbers that are drawn.
    fn drawn(length: usize, seed: u64) -> Vec<usize> {
        let blocks = Blocks::fit(&days((0..10).map(|day| [f64::from(day); 24])), length).unwrap();
        let drawn = blocks.draw(&mut Draw(seed), 3000);
        assert!(drawn.iter().all(|share| share.iter().all(|value| *value == share[0])), "whole days");
        drawn.iter().map(|share| share[0] as usize).collect()
    }

    #[test]
    fn blocks_are_of_past_days_in_succession_and_wrap_at_the_end() {
        for length in [1, 2, 3, 5, 7] {
            let drawn = drawn(length, 4);
            let breaks: Vec<usize> =
                (1..drawn.len()).filter(|at| drawn[*at] != (drawn[at - 1] + 1) % 10).collect();
            assert!(breaks.iter().all(|at| at % length == breaks[0] % length), "blocks of {length}");
            let begun = drawn.len() / length;
            assert!(breaks.len() > begun * 8 / 10 && breaks.len() <= begun + 1, "a tenth go on by chance");
            assert!(length == 1 || drawn.windows(2).any(|pair| pair == [9, 0]));
            for day in 0..10 {
                let count = drawn.iter().filter(|own| **own == day).count();
                assert!((200..400).contains(&count), "day {day}: {count} of 3000, blocks of {length}");
            }
        }
    }

    #[test]
    fn the_first_block_may_be_cut() {
        let first = |seed| {
            let drawn = drawn(7, seed);
            (1..).find(|at| drawn[*at] != (drawn[at - 1] + 1) % 10).unwrap_or(0)
        };
        let begins: std::collections::BTreeSet<usize> = (0..80).map(|seed| first(seed) % 7).collect();
        assert_eq!(begins.len(), 7);
    }
}
