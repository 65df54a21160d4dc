//! Cases for the table of goals: eight families, every one with every kind of limit, and short for long.

use super::fleet::{Made, facilities_csv, load_mw, mw};
use super::{ZONES, bump};
use crate::draw::Draw;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::CaseFiles;
use kezek_model::plan::utc_text;
use std::fmt::Write as _;

/// A horizon that begins on 24 January 2026, 00:00 in Almaty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Number of intervals.
    pub steps: usize,
    /// Length of an interval in minutes: 60, 30 or 15.
    pub step_minutes: u32,
}

impl Horizon {
    /// So many days in intervals of so many minutes.
    #[must_use]
    pub fn days(days: u32, step_minutes: u32) -> Self {
        Self { steps: (days * 1440 / step_minutes) as usize, step_minutes }
    }

    /// The horizon that the table of goals means by a number of intervals: a day of 48 or 96, else by the hour.
    #[must_use]
    pub fn of_steps(steps: usize) -> Self {
        let step_minutes = match steps {
            96 => 15,
            48 => 30,
            _ => 60,
        };
        Self { steps, step_minutes }
    }

    fn hours(self) -> f64 {
        f64::from(self.step_minutes) / 60.0
    }

    fn after(self, steps: usize) -> TimeDelta {
        TimeDelta::minutes(steps as i64 * i64::from(self.step_minutes))
    }

    /// Days as a share, which budgets of hours grow with: a week allows less than seven times what a day does.
    fn budget_days(self) -> f64 {
        let days = self.steps as f64 * self.hours() / 24.0;
        1.0 + 0.6 * (days - 1.0).max(0.0)
    }
}

/// What makes cases hard in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Nine in ten facilities move in blocks, else three in ten.
    pub many_blocks: bool,
    /// More is short than can be covered.
    pub severe: bool,
    /// Ties carry next to nothing, else more than is ever wanted.
    pub tight_ties: bool,
}

impl Family {
    /// The family of a seed: eight in turn.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { many_blocks: seed & 1 == 1, severe: seed & 2 == 2, tight_ties: seed & 4 == 4 }
    }

    /// Its name, `few-mild-slack` to `many-severe-tight`.
    #[must_use]
    pub fn name(self) -> String {
        let blocks = if self.many_blocks { "many" } else { "few" };
        let shortage = if self.severe { "severe" } else { "mild" };
        let ties = if self.tight_ties { "tight" } else { "slack" };
        format!("{blocks}-{shortage}-{ties}")
    }
}

/// A case of the table of goals: north and south are short in a third of the intervals or more, west has power to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Whatever is drawn is drawn from this.
    pub seed: u64,
    /// Number of facilities.
    pub facilities: usize,
    /// Length and step.
    pub horizon: Horizon,
    /// What makes it hard.
    pub family: Family,
    /// `least-cost`, `equal-share` or `rotation`.
    pub policy: &'static str,
}

impl Goal {
    /// A case of the family of its seed, planned for the least cost.
    #[must_use]
    pub fn new(seed: u64, facilities: usize, horizon: Horizon) -> Self {
        Self { seed, facilities, horizon, family: Family::of(seed), policy: "least-cost" }
    }

    /// The files of the case.
    #[must_use]
    pub fn files(&self) -> CaseFiles {
        let mut draw = Draw(self.seed);
        let percent = if self.family.many_blocks { 90 } else { 30 };
        let hours = self.horizon.budget_days();
        let fleet: Vec<Made> =
            (0..self.facilities).map(|f| Made::draw_goal(&mut draw, f, percent, hours)).collect();
        let files = [
            ("case.toml", self.case_toml(&fleet)),
            ("facilities.csv", facilities_csv(&fleet)),
            ("nominations.csv", self.nominations_csv(&fleet)),
            ("ledger.csv", ledger_csv(&fleet, &mut draw)),
            ("forecast.csv", self.forecast_csv(&fleet, &mut draw)),
        ];
        CaseFiles { files: files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into() }
    }

    fn case_toml(&self, fleet: &[Made]) -> String {
        let end = CIVIL_START.parse::<chrono::NaiveDateTime>().unwrap_or_default()
            + self.horizon.after(self.horizon.steps);
        let zone = |zone: &&str| {
            let limit = 0.2 * self.horizon.hours() * load_mw(fleet, zone) + 20.0;
            format!("[[zone]]\nid = \"{zone}\"\nrestore_limit_mw = {limit:.3}\n\n")
        };
        let tie = |to: &str| {
            let limit = load_mw(fleet, to) * if self.family.tight_ties { 0.03 } else { 1.0 };
            format!(
                "[[tie]]\nid = \"north-{to}\"\nfrom = \"north\"\nto = \"{to}\"\nlimit_mw = {limit:.3}\n\
                 reverse_limit_mw = {limit:.3}\n\n"
            )
        };
        format!(
            "name = \"goal-{}x{}-{}-{}\"\nissued_at = {START_UTC}\n\n[horizon]\nstart = \"{}\"\nend = \"{}\"\n\
             time_zone = \"Asia/Almaty\"\nstep_minutes = {}\n\n[objective]\npolicy = \"{}\"\n\
             uncovered_cost_per_mwh = 3000.0\ncurrency = \"USD\"\n\n{}{}{}[[tier]]\nid = 2\n\
             adder_per_mwh = 40.0\n",
            self.facilities,
            self.horizon.steps,
            self.seed,
            self.family.name(),
            &CIVIL_START[..16],
            end.format("%Y-%m-%dT%H:%M"),
            self.horizon.step_minutes,
            self.policy,
            ZONES.iter().map(zone).collect::<String>(),
            tie("south"),
            tie("west"),
        )
    }

    /// One facility in eight draws less by day.
    fn nominations_csv(&self, fleet: &[Made]) -> String {
        let mut csv = String::from("interval_start,facility,mw\n");
        for made in fleet.iter().skip(3).step_by(8) {
            for t in 0..self.horizon.steps {
                let by_day = (9.0..18.0).contains(&self.hour_of_day(t));
                let kw = if by_day { made.nominated_kw * 4 / 5 } else { made.nominated_kw };
                // Writing to a String can't fail.
                let _ = writeln!(csv, "{},{},{}", self.stamp(t), made.name, mw(kw));
            }
        }
        csv
    }

    /// Headroom against the load of the zone: some to spare, less a dip in the evening and a lesser one in the morning,
    /// of another depth every day; where it is severe, two hours in the evening are far worse.
    fn forecast_csv(&self, fleet: &[Made], draw: &mut Draw) -> String {
        let mut csv = String::from("interval_start,zone,headroom_mw\n");
        let (depth, peak) = if self.family.severe { (0.4, 1.4) } else { (0.3, 0.0) };
        let days = (self.horizon.steps as f64 * self.horizon.hours() / 24.0).ceil() as usize;
        let weather: Vec<f64> = (0..days).map(|_| draw.between(0.9, 1.1)).collect();
        for (zone, weight, spare) in [("north", 0.9, 0.04), ("south", 1.1, 0.04), ("west", 0.1, 0.25)] {
            let load = load_mw(fleet, zone);
            for t in 0..self.horizon.steps {
                let hour = self.hour_of_day(t);
                let day = (t as f64 * self.horizon.hours() / 24.0) as usize;
                let dip = depth * (bump(hour, 19.0, 4.0) + 0.5 * bump(hour, 8.5, 2.0));
                let dip = dip + peak * bump(hour, 19.0, 1.2);
                let short = weight * weather[day] * dip * draw.between(0.93, 1.07);
                // Writing to a String can't fail.
                let _ = writeln!(csv, "{},{zone},{:.3}", self.stamp(t), load * (1.0 + spare - short));
            }
        }
        csv
    }

    fn hour_of_day(&self, t: usize) -> f64 {
        (t as f64 * self.horizon.hours()) % 24.0
    }

    fn stamp(&self, t: usize) -> String {
        utc_text(START_UTC.parse::<DateTime<Utc>>().unwrap_or_default() + self.horizon.after(t))
    }
}

const CIVIL_START: &str = "2026-01-24T00:00:00";
const START_UTC: &str = "2026-01-23T19:00:00Z";

/// What fairness looks back on: thirty days, of which some facilities had up to a tenth cut.
fn ledger_csv(fleet: &[Made], draw: &mut Draw) -> String {
    let mut csv = String::from("facility,nominated_mwh,cut_mwh\n");
    for made in fleet {
        let nominated_mwh = made.nominated_kw as f64 / 1000.0 * 720.0;
        let cut_mwh = nominated_mwh * 0.01 * draw.below(11) as f64;
        // Writing to a String can't fail.
        let _ = writeln!(csv, "{},{nominated_mwh:.3},{cut_mwh:.3}", made.name);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::case::Case;
    use kezek_planner::problem::{FacilityRow, Problem};

    fn problem(seed: u64, facilities: usize, horizon: Horizon) -> Problem {
        Problem::new(&Case::parse(&Goal::new(seed, facilities, horizon).files()).unwrap()).unwrap()
    }

    fn shortage_mw(problem: &Problem, z: usize, t: usize) -> f64 {
        problem.uncut_load_mw(z, t) - problem.zones[z].headroom_mw[t]
    }

    /// The rows of the table that are quick to make; a thousand and ten thousand facilities differ in number only.
    fn rows() -> Vec<(usize, Horizon)> {
        let of_steps = Horizon::of_steps;
        vec![
            (8, of_steps(24)),
            (45, of_steps(24)),
            (100, of_steps(24)),
            (100, of_steps(96)),
            (45, of_steps(192)),
        ]
    }

    fn each(judge: impl Fn(u64, &Problem)) {
        for (facilities, horizon) in rows() {
            for seed in 1..=10 {
                let problem = problem(seed, facilities, horizon);
                assert_eq!((problem.facilities.len(), problem.steps), (facilities, horizon.steps));
                judge(seed, &problem);
            }
        }
    }

    #[test]
    fn every_case_is_short_in_two_zones_and_a_third_of_its_intervals() {
        each(|seed, problem| {
            let short = |z: usize| (0..problem.steps).filter(|&t| shortage_mw(problem, z, t) > 0.0).count();
            let zones = (0..problem.zones.len()).filter(|&z| 3 * short(z) >= problem.steps).count();
            assert!(zones >= 2, "seed {seed}, {} intervals: {zones}", problem.steps);
        });
    }

    #[test]
    fn a_thousand_facilities_are_short_too() {
        let problem = problem(5, 1000, Horizon::of_steps(24));
        let short = |z: usize| (0..24).filter(|&t| shortage_mw(&problem, z, t) > 0.0).count();
        assert!(short(0) >= 8 && short(1) >= 8);
    }

    /// Severe: somewhere the zones together are short of more than every cut would give; mild: nowhere of half of it.
    #[test]
    fn severe_is_more_than_can_be_covered_and_mild_is_not() {
        each(|seed, problem| {
            let room_mw =
                |t: usize| problem.facilities.iter().map(|row| row.room[t]).sum::<i64>() as f64 / 1000.0;
            let short_mw = |t: usize| (0..3).map(|z| shortage_mw(problem, z, t)).sum::<f64>();
            let most = (0..problem.steps).map(|t| short_mw(t) / room_mw(t)).fold(0.0, f64::max);
            if Family::of(seed).severe {
                assert!(most > 1.0, "{most}")
            } else {
                assert!(most < 0.5, "{most}")
            }
        });
    }

    #[test]
    fn every_case_has_every_kind_of_limit() {
        each(|_, problem| {
            let has = |judge: &dyn Fn(&FacilityRow) -> bool| problem.facilities.iter().any(judge);
            assert!(has(&|row| row.min_minutes > 60) && has(&|row| row.max_minutes.is_some()));
            assert!(has(&|row| row.gap_minutes[0] > 60) && has(&|row| row.starts_per_day[0] == Some(1)));
            assert!(has(&|row| row.hour_budgets[0].max_intervals < problem.steps / 2));
            assert!(has(&|row| row.frozen[0].is_some()) && has(&|row| row.block > 0));
            assert!(has(&|row| row.ramp.is_some_and(|ramp| ramp < row.room[0])));
            assert!(has(&|row| (0..problem.steps).any(|t| row.fall(t) > 0)));
            assert!(problem.zones.iter().all(|zone| zone.restore_limit_mw.is_some()));
            assert_eq!(problem.ties.len(), 2);
        });
    }

    #[test]
    fn ten_seeds_cover_the_eight_families() {
        let names: std::collections::BTreeSet<String> =
            (1..=10).map(|seed| Family::of(seed).name()).collect();
        assert_eq!(names.len(), 8);
    }
}
