//! Made cases: fleets drawn from a seed, with times, gaps, budgets, notice, blocks, ramps, restore limits and a tie,
//! for tests and benchmarks. [`Recipe`] makes an ordinary day, [`Goal`] a case of the table of goals.

mod fleet;
mod goal;
pub mod zone;

pub use goal::{Family, Goal, Horizon};

use crate::draw::Draw;
use fleet::{Made, facilities_csv, load_mw};
use kezek_model::case::CaseFiles;
use std::fmt::Write as _;

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Whatever is drawn is drawn from this.
    pub seed: u64,
    /// Number of facilities.
    pub facilities: usize,
    /// First civil moment of the horizon in Almaty, `YYYY-MM-DDTHH:MM`.
    pub start: &'static str,
    /// End of the horizon, exclusive.
    pub end: &'static str,
    /// The same two moments in UTC, `YYYY-MM-DDTHH:MM:SSZ`.
    pub start_utc: &'static str,
    /// Number of intervals.
    pub steps: usize,
    /// Length of an interval in minutes.
    pub step_minutes: u32,
    /// Facilities in a hundred that move in blocks.
    pub blocks_percent: u64,
    /// Share of the evening's nominations that is short.
    pub shortage: f64,
    /// Limit of the tie between north and south, as a share of the south's nominations.
    pub tie: f64,
}

impl Recipe {
    /// An ordinary winter day of 24 hours.
    #[must_use]
    pub fn day(seed: u64, facilities: usize) -> Self {
        Self {
            seed,
            facilities,
            start: "2026-01-24T00:00",
            end: "2026-01-25T00:00",
            start_utc: "2026-01-23T19:00:00Z",
            steps: 24,
            step_minutes: 60,
            blocks_percent: 30,
            shortage: 0.4,
            tie: 0.1,
        }
    }

    /// The day of 25 hours on which Almaty turned its clocks back.
    #[must_use]
    pub fn long_day(seed: u64, facilities: usize) -> Self {
        Self {
            start: "2024-02-29T00:00",
            end: "2024-03-01T00:00",
            start_utc: "2024-02-28T18:00:00Z",
            steps: 25,
            ..Self::day(seed, facilities)
        }
    }

    /// The files of the case.
    #[must_use]
    pub fn files(&self) -> CaseFiles {
        let mut draw = Draw(self.seed);
        let fleet: Vec<Made> =
            (0..self.facilities).map(|f| Made::draw(&mut draw, f, self.blocks_percent)).collect();
        let files = [
            ("case.toml", self.case_toml(&fleet)),
            ("facilities.csv", facilities_csv(&fleet)),
            ("forecast.csv", self.forecast_csv(&fleet, &mut draw)),
        ];
        CaseFiles { files: files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into() }
    }

    fn case_toml(&self, fleet: &[Made]) -> String {
        let limit = |zone| 0.25 * load_mw(fleet, zone) + 20.0;
        let zones: String = ZONES
            .iter()
            .map(|zone| format!("[[zone]]\nid = \"{zone}\"\nrestore_limit_mw = {:.3}\n\n", limit(zone)))
            .collect();
        let tie = self.tie * load_mw(fleet, "south");
        format!(
            "name = \"made-{}-{}\"\nissued_at = {}\n\n[horizon]\nstart = \"{}\"\nend = \"{}\"\n\
             time_zone = \"Asia/Almaty\"\nstep_minutes = {}\n\n[objective]\npolicy = \"least-cost\"\n\
             uncovered_cost_per_mwh = 3000.0\ncurrency = \"USD\"\n\n{zones}[[tie]]\nid = \"north-south\"\n\
             from = \"north\"\nto = \"south\"\nlimit_mw = {tie:.3}\nreverse_limit_mw = {tie:.3}\n\n\
             [[tier]]\nid = 2\nadder_per_mwh = 40.0\n",
            self.facilities, self.seed, self.start_utc, self.start, self.end, self.step_minutes,
        )
    }

    /// Headroom below the nominations in the evening and, less, in the morning; different by zone.
    fn forecast_csv(&self, fleet: &[Made], draw: &mut Draw) -> String {
        let mut csv = String::from("interval_start,zone,headroom_mw\n");
        let start: chrono::DateTime<chrono::Utc> = self.start_utc.parse().unwrap_or_default();
        let (morning, evening) = (draw.between(0.05, 0.15), draw.between(0.8, 1.0));
        for (z, zone) in ZONES.iter().enumerate() {
            let load = load_mw(fleet, zone);
            let depth = [0.8, 1.2, 0.9][z] * self.shortage;
            for t in 0..self.steps {
                let at = start + chrono::TimeDelta::minutes(t as i64 * i64::from(self.step_minutes));
                let hour = (t as f64 * f64::from(self.step_minutes) / 60.0) % 24.0;
                let dip = evening * bump(hour, 19.0, 4.0) + morning * bump(hour, 8.5, 2.0);
                let headroom = load * (1.15 - (0.15 + depth) * dip * draw.between(0.9, 1.1));
                let stamp = kezek_model::plan::utc_text(at);
                // Writing to a String can't fail.
                let _ = writeln!(csv, "{stamp},{zone},{headroom:.3}");
            }
        }
        csv
    }
}

const ZONES: [&str; 3] = ["north", "south", "west"];

/// A bell over an hour of the day, 1 at its middle.
fn bump(hour: f64, middle: f64, width: f64) -> f64 {
    (-((hour - middle) / width).powi(2)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::case::Case;
    use kezek_model::plan::{Plan, Status};
    use kezek_planner::solve::{Settings, Watch, solve};
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    /// No plan leaves `solve` that did not pass the check.
    fn planned(recipe: Recipe, time_limit_s: f64) -> Plan {
        let case = Case::parse(&recipe.files()).unwrap();
        let (began, stop) = (Instant::now(), AtomicBool::new(false));
        let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        let settings = Settings { gap: 0.001, time_limit_s, threads: 2, seed: 1 };
        solve(&case, settings, &mut watch).unwrap()
    }

    fn assert_proven(plan: &Plan, most_gap: f64) {
        let (bound, gap) = (plan.bound.unwrap(), plan.gap.unwrap());
        println!(
            "objective {:.0}, bound {bound:.0}, gap {:.2} %, {:?}",
            plan.objective,
            gap * 100.0,
            plan.status
        );
        assert!(0.0 < bound && bound <= plan.objective);
        assert!(gap <= most_gap, "gap {gap}");
        assert!(plan.totals.cut_mwh > 0.0 && plan.totals.events > 0);
    }

    #[test]
    fn the_same_seed_makes_the_same_case_and_another_another() {
        let digest = |seed| Case::parse(&Recipe::day(seed, 20).files()).unwrap().digest().unwrap();
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
    }

    /// Figures that were measured on made cases stay those of the same cases.
    #[test]
    fn what_was_made_once_is_made_again() {
        let files = Recipe::day(1, 20).files();
        let digest = |name| kezek_model::canonical::sha256_hex(files.get(name).unwrap());
        assert!(digest("facilities.csv").starts_with("f0616db1e11a56c3"));
        assert!(digest("forecast.csv").starts_with("f40ace79b03300c1"));
    }

    #[test]
    fn eight_facilities_are_planned_within_the_gap() {
        let plan = planned(Recipe::day(2, 8), 60.0);
        assert_ne!(plan.status, Status::TimeLimit);
        assert_proven(&plan, 0.001);
    }

    #[test]
    fn forty_facilities_on_the_day_of_25_hours() {
        let plan = planned(Recipe::long_day(1, 40), 10.0);
        assert_eq!(plan.allocations.len(), 40 * 25);
        assert_proven(&plan, 0.05);
    }

    #[test]
    fn a_hundred_facilities_and_24_hours_within_half_a_minute() {
        let plan = planned(Recipe::day(1, 100), 30.0);
        assert_eq!(plan.allocations.len(), 100 * 24);
        assert_proven(&plan, 0.03);
    }

    /// What is planned side by side is joined in a fixed order; the clock stops none of these.
    #[test]
    fn the_same_case_seed_and_threads_make_the_same_plan_whatever_the_order_of_rows() {
        for (seed, gap) in [(4, 0.03), (5, 0.04), (6, 0.008)] {
            let files = Goal::new(seed, 45, Horizon::of_steps(24)).files();
            let digest = |files: &CaseFiles| {
                let case = Case::parse(files).unwrap();
                let (began, stop) = (Instant::now(), AtomicBool::new(false));
                let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
                let settings = Settings { gap, time_limit_s: 300.0, threads: 2, seed: 1 };
                let plan = solve(&case, settings, &mut watch).unwrap();
                assert_eq!(plan.status, Status::WithinGap, "seed {seed}: {:?}", plan.gap);
                plan.digest().unwrap()
            };
            let first = digest(&files);
            assert_eq!(first, digest(&files), "seed {seed}");
            assert_eq!(first, digest(&with_rows_reversed(&files)), "seed {seed}, rows reversed");
        }
    }

    fn with_rows_reversed(files: &CaseFiles) -> CaseFiles {
        let mut files = files.clone();
        for (_, bytes) in files.files.iter_mut().filter(|(name, _)| name.ends_with(".csv")) {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            *bytes = (lines.join("\n") + "\n").into_bytes();
        }
        files
    }
}
