//! Leads to undeclared load: steps up of what a zone draws beyond its registered facilities, alike at all hours.
//!
//! 1. What is metered of the registered facilities is taken off the zone's total, hour by hour.
//! 2. The ordinary load is a regression of each quarter of the civil day on weekday, heating and cooling degrees (where
//!    temperatures are given), an expected load (where one is given) and the season; Huber's weights keep holidays
//!    and outages from bending it, and these days are then left out. A day is told less what it remembers of the day before.
//! 3. For every day the same regression is asked how large a step would be that begins on it and stays. A step counts where
//!    each quarter of the day has its share of it: weather moves the evening more than the night, a rig draws the same at
//!    all hours. The one that stands out most is the lead; then the search goes on with it known.
//! 4. How often noise alone shows such a step: blocks of a week of what is left, the step taken out, are drawn anew,
//!    fitted and searched in the same way; the confidence is the share of draws in which nothing stands out as much.
//!
//! What it cannot see: load that began before the data or in its first or last three weeks, that grows slowly, or that stands
//! still in some hours; and nothing tells a thief from a new lawful consumer.

mod fit;
mod scan;
mod sieve;

pub use sieve::{Prepared, Total, prepare};

use crate::draw::Draw;
use chrono::NaiveDate;
use fit::Design;
use kezek_model::ids::ZoneId;
use kezek_model::lead::Lead;
use kezek_model::units::Kw;
use scan::{BLOCK, Field, MARGIN};

/// A civil day of a zone's load beyond what is registered, in MW.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// The day, on the zone's clock.
    pub date: NaiveDate,
    /// Means of the quarters of the day.
    pub quarters: [f64; 4],
    /// Mean temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// The ordinary load as somebody expected it, means of the quarters.
    pub expected: Option<[f64; 4]>,
}

/// How leads are sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Of the draws.
    pub seed: u64,
    /// How many draws the confidence rests on; it is at most `draws / (draws + 1)`.
    pub draws: u32,
    /// Leads below are not told.
    pub least_confidence: f64,
    /// Most leads of a zone.
    pub most: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { seed: 1, draws: 199, least_confidence: 0.8, most: 3 }
    }
}

/// Fewer days say nothing.
pub const LEAST_DAYS: usize = 4 * MARGIN;

/// The leads of a zone, the surest first. None where there are fewer days than [`LEAST_DAYS`].
#[must_use]
pub fn leads(zone: &ZoneId, days: &[Day], search: &Search) -> Vec<Lead> {
    let mut draw = Draw(search.seed);
    let days = &Design::of(days).ordinary(days);
    let mut design = Design::of(days);
    let mut found: Vec<Lead> = Vec::new();
    while days.len() >= LEAST_DAYS && found.len() < search.most {
        let Some(lead) = next(zone, days, &mut design, search, &mut draw) else { break };
        if lead.confidence < search.least_confidence {
            break;
        }
        found.push(lead);
    }
    found.sort_by(|one, other| other.confidence.total_cmp(&one.confidence).then(other.power.cmp(&one.power)));
    found
}

/// The step that stands out most, its size by the regression that knows of it, and how seldom noise does as much.
fn next(zone: &ZoneId, days: &[Day], design: &mut Design, search: &Search, draw: &mut Draw) -> Option<Lead> {
    let fitted = design.fitted(days);
    let known = design.steps().to_vec();
    let field = Field::of(&fitted, &known);
    let step = field.best(&scan::left(&fitted))?;
    design.add_step(step.at);
    let mut noise = scan::left(&design.fitted(days));
    // Columns that move slowly have taken as many blocks' worth of slow noise away.
    let blocks = (days.len() / BLOCK) as f64;
    let given_back = (blocks / (blocks - design.slow() as f64).max(1.0)).sqrt();
    noise.iter_mut().flatten().for_each(|mw| *mw *= given_back);
    let scale = scan::scale(&field, &noise, step.at, search.draws, draw);
    let greater = scale.heights.iter().filter(|height| **height >= step.height).count();
    Some(Lead {
        zone: zone.clone(),
        since: days[step.at].date,
        power: kw(step.size()),
        low: kw((step.size() - scale.spread).max(0.0)),
        high: kw(step.size() + scale.spread),
        confidence: 1.0 - (1.0 + greater as f64) / (1.0 + f64::from(search.draws)),
        quarters: step.sizes.map(kw),
    })
}

fn kw(mw: f64) -> Kw {
    Kw((mw * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::zone::MadeZone;

    const SURE: f64 = 0.9;
    const DAYS: usize = 400;
    const FROM: usize = 200;

    /// Whether a thief of so many MW was found, within two weeks and by half of its size, and how many others were.
    fn tried(seed: u64, thief_mw: f64) -> (bool, usize) {
        let made = MadeZone { seed, days: DAYS, mean_mw: 1_500.0, thief_mw, thief_from: FROM };
        let days = made.days();
        let search = Search { draws: 99, least_confidence: SURE, ..Search::default() };
        let leads = leads(&"south".into(), &days, &search);
        let began = days[FROM].date;
        let is_it = |lead: &Lead| {
            let near = (lead.since - began).num_days().abs() <= 14;
            near && (lead.power.mw() / thief_mw - 1.0).abs() <= 0.5
        };
        let found = leads.iter().filter(|lead| is_it(lead)).count();
        (found > 0, leads.len() - found)
    }

    #[test]
    fn a_thief_of_fifty_mw_is_found_and_no_thief_is_seldom_seen() {
        let seeds = 1..=20;
        let found = seeds.clone().filter(|seed| tried(*seed, 50.0).0).count();
        let false_alarms: usize = seeds.map(|seed| tried(100 + seed, 0.0).1).sum();
        println!("50 MW: {found} of 20 found; none: {false_alarms} of 20 alarmed");
        assert!(found >= 16, "{found} of 20 found");
        assert!(false_alarms <= 4, "{false_alarms} in 20 zones without a thief");
    }

    #[test]
    fn the_same_data_and_seed_give_the_same_leads_and_too_few_days_none() {
        let days = MadeZone { seed: 3, days: 200, mean_mw: 1_500.0, thief_mw: 80.0, thief_from: 90 }.days();
        let zone = "west".into();
        let search = Search { draws: 49, ..Search::default() };
        let once = leads(&zone, &days, &search);
        assert_eq!(once, leads(&zone, &days, &search));
        assert!(once.iter().all(|lead| lead.low <= lead.power && lead.power <= lead.high));
        assert_eq!(leads(&zone, &days[..LEAST_DAYS - 1], &search), []);
        assert_eq!(leads(&zone, &[], &search), []);
    }

    #[test]
    fn an_evening_load_is_no_flat_one() {
        let mut days = MadeZone { seed: 5, days: 300, mean_mw: 1_500.0, thief_mw: 0.0, thief_from: 0 }.days();
        days[150..].iter_mut().for_each(|day| day.quarters[3] += 200.0);
        let search = Search { draws: 49, least_confidence: SURE, ..Search::default() };
        assert_eq!(leads(&"west".into(), &days, &search), []);
    }
}
