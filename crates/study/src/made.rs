//! Made cases: fleets drawn from a seed, with times, gaps, budgets, notice, blocks, ramps, restore limits and a tie,
//! for tests and benchmarks.

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

struct Made {
    name: String,
    zone: &'static str,
    nominated_kw: u64,
    columns: String,
}

const HEADER: &str = "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,\
    nominated_mw,quota_mw,floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,\
    max_cut_min,min_gap_min,max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n";

impl Made {
    fn draw(draw: &mut Draw, f: usize, blocks_percent: u64) -> Self {
        let zone = ZONES[draw.below(20) as usize % 9 % 3];
        let time_zone = if zone == "west" { "Asia/Oral" } else { "Asia/Almaty" };
        let nominated_kw = 2_000 + draw.below(38_000);
        let floor_kw = nominated_kw * (2 + draw.below(5)) / 100;
        let block = if draw.below(100) < blocks_percent {
            mw((nominated_kw - floor_kw) / (3 + draw.below(5)))
        } else {
            String::new()
        };
        let (least, hours) = (60 * (1 + draw.below(3)), 4 + draw.below(10));
        let columns = [
            (1 + draw.below(2)).to_string(),
            (draw.below(40) == 0).to_string(),
            mw(nominated_kw),
            String::new(), // no quota
            mw(floor_kw),
            mw(nominated_kw / (8 + draw.below(20))),
            block,
            format!("{:.2}", draw.between(38.0, 107.0)),
            (draw.below(8) * 50).to_string(),
            (draw.below(4) * 60).to_string(),
            least.to_string(),
            (least + 60 * draw.below(8)).to_string(),
            (60 * (1 + draw.below(4))).to_string(),
            (1 + draw.below(3)).to_string(),
            hours.to_string(),
            mw(nominated_kw / (1 + draw.below(4))),
        ];
        Self {
            name: format!("F{f:05}"),
            zone,
            nominated_kw,
            columns: format!("{time_zone},{}", columns.join(",")),
        }
    }
}

fn mw(kw: u64) -> String {
    format!("{}.{:03}", kw / 1000, kw % 1000)
}

fn load_mw(fleet: &[Made], zone: &str) -> f64 {
    fleet.iter().filter(|made| made.zone == zone).map(|made| made.nominated_kw as f64 / 1000.0).sum()
}

fn facilities_csv(fleet: &[Made]) -> String {
    let row = |made: &Made| {
        format!(
            "{0},{0},Licensee {0},L-{0},2024-01-01,2026-12-31,{1},{2}\n",
            made.name, made.zone, made.columns
        )
    };
    HEADER.to_owned() + &fleet.iter().map(row).collect::<String>()
}

/// Small numbers from a seed (SplitMix64, public domain).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.below(1_000_000) as f64 / 1e6)
    }
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
        assert_proven(&plan, 0.3);
    }

    #[test]
    fn a_hundred_facilities_and_24_hours_within_half_a_minute() {
        let plan = planned(Recipe::day(1, 100), 30.0);
        assert_eq!(plan.allocations.len(), 100 * 24);
        assert_proven(&plan, 0.3);
    }
}
