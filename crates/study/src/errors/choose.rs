//! Which model, by how well it foretells weeks that it has not seen.
//!
//! Weeks of the table are dealt into four parts in turn. Each model is fitted to three of them and draws runs of days, which
//! are scored ([`super::score`]) for the days and runs of the fourth: the energy score of days, the energy and the
//! variogram score of runs. A model's score for a week is the mean of the three, each over what the bootstrap of single
//! days has on the mean, so that lower than 1 is better than that.
//!
//! The lowest is chosen; but a bootstrap stands against normal numbers that are lower by no more than one standard error of
//! the difference from week to week, as it assumes less.

use super::score::Ensemble;
use super::{Day, HOURS, Kind, Model};
use crate::draw::Draw;
use std::collections::BTreeMap;
use std::fmt;

/// Weeks that a choice needs.
const WEEKS: usize = 8;
const PARTS: usize = 4;
/// Days in succession that are scored together.
const RUN: usize = 3;
/// Runs that are drawn for every part.
const MEMBERS: usize = 2000;

/// There is too little to choose by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "found {days} whole days, in {weeks} weeks of which three follow each other; a choice of the model needs {} days and \
     {WEEKS} such weeks: give a longer table of past forecasts, or one with fewer holes",
    WEEKS * 7
)]
pub struct TooFew {
    /// Days with all their hours.
    pub days: usize,
    /// Weeks of them that can be scored.
    pub weeks: usize,
}

/// How well a kind of model foretold what it had not seen. Lower is better.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The kind.
    pub kind: Kind,
    /// Energy score of days, in shares.
    pub day_energy: f64,
    /// Energy score of three days in succession, in shares.
    pub run_energy: f64,
    /// Variogram score of three days in succession, in shares.
    pub run_variogram: f64,
    /// All three, each over that of the bootstrap of days.
    pub together: f64,
    /// By how much that is above the lowest, and the standard error of the difference.
    pub above: (f64, f64),
}

/// The model of past errors, and why it is this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Fitted to all days.
    pub chosen: Model,
    /// Of every kind.
    pub scores: Vec<Score>,
    /// Weeks that were scored.
    pub weeks: usize,
    /// Days that the chosen model was fitted to.
    pub days: usize,
}

/// Chooses a model of past errors out of sample.
///
/// # Errors
/// When there are too few weeks.
pub fn choose(days: &[Day], seed: u64) -> Result<Choice, TooFew> {
    let weeks = weeks(days);
    let scored = weeks.iter().filter(|week| !week.runs.is_empty()).count();
    let too_few = TooFew { days: days.len(), weeks: scored };
    if scored < WEEKS || days.len() < WEEKS * 7 {
        return Err(too_few);
    }
    let tried: Option<Vec<Tried>> = Kind::ALL.into_iter().map(|kind| Tried::of(kind, &weeks, seed)).collect();
    let scores = scores(&tried.ok_or(too_few.clone())?);
    let chosen = pick(&scores).and_then(|kind| Model::fit(kind, days)).ok_or(too_few)?;
    Ok(Choice { chosen, scores, weeks: scored, days: days.len() })
}

struct Week {
    days: Vec<Day>,
    /// Errors of days in succession.
    runs: Vec<Vec<f64>>,
}

/// Weeks from the first day on.
fn weeks(days: &[Day]) -> Vec<Week> {
    let mut weeks: BTreeMap<i64, Vec<Day>> = BTreeMap::new();
    for day in days {
        weeks.entry((day.date - days[0].date).num_days() / 7).or_default().push(day.clone());
    }
    let follows = |run: &[Day]| run.windows(2).all(|pair| pair[0].date.succ_opt() == Some(pair[1].date));
    let week = |days: Vec<Day>| {
        let runs = days.windows(RUN).filter(|run| follows(run)).map(flat).collect();
        Week { days, runs }
    };
    weeks.into_values().map(week).collect()
}

fn flat(run: &[Day]) -> Vec<f64> {
    run.iter().flat_map(|day| day.share).collect()
}

/// The three scores of a kind for every week that has runs.
struct Tried {
    kind: Kind,
    weeks: Vec<[f64; 3]>,
}

impl Tried {
    fn of(kind: Kind, weeks: &[Week], seed: u64) -> Option<Self> {
        let mut scores = vec![None; weeks.len()];
        let mut draw = Draw(seed);
        for part in 0..PARTS {
            let of_part = |week: &usize| week % PARTS == part;
            let fit: Vec<Day> = (0..weeks.len())
                .filter(|week| !of_part(week))
                .flat_map(|week| weeks[week].days.clone())
                .collect();
            let model = Model::fit(kind, &fit)?;
            let runs: Vec<Vec<f64>> =
                (0..MEMBERS).map(|_| model.draw(&mut draw, RUN).into_iter().flatten().collect()).collect();
            let days = Ensemble::of(runs.iter().map(|run| run[..HOURS].to_vec()).collect());
            let runs = Ensemble::of(runs);
            for week in (0..weeks.len()).filter(of_part).filter(|week| !weeks[*week].runs.is_empty()) {
                let own = &weeks[week];
                scores[week] = Some([
                    mean(own.days.iter().map(|day| days.energy(&day.share))),
                    mean(own.runs.iter().map(|run| runs.energy(run))),
                    mean(own.runs.iter().map(|run| runs.variogram(run))),
                ]);
            }
        }
        Some(Self { kind, weeks: scores.into_iter().flatten().collect() })
    }

    fn means(&self) -> [f64; 3] {
        std::array::from_fn(|which| mean(self.weeks.iter().map(|week| week[which])))
    }

    /// The scores of every week in one number, where 1 is the given level.
    fn together(&self, level: &[f64; 3]) -> Vec<f64> {
        let over = |score: f64, level: f64| if level > 0.0 { score / level } else { 1.0 };
        self.weeks.iter().map(|week| mean((0..3).map(|which| over(week[which], level[which])))).collect()
    }
}

fn scores(tried: &[Tried]) -> Vec<Score> {
    let Some(level) = tried.first().map(Tried::means) else { return Vec::new() };
    let together: Vec<Vec<f64>> = tried.iter().map(|tried| tried.together(&level)).collect();
    let total = |weeks: &Vec<f64>| mean(weeks.iter().copied());
    let lowest = together.iter().min_by(|a, b| total(a).total_cmp(&total(b)));
    let score = |(tried, weeks): (&Tried, &Vec<f64>)| {
        let [day_energy, run_energy, run_variogram] = tried.means();
        let above = lowest.map_or((0.0, 0.0), |lowest| difference(weeks, lowest));
        Score { kind: tried.kind, day_energy, run_energy, run_variogram, together: total(weeks), above }
    };
    tried.iter().zip(&together).map(score).collect()
}

/// The mean difference of pairs and its standard error.
fn difference(one: &[f64], other: &[f64]) -> (f64, f64) {
    let apart: Vec<f64> = one.iter().zip(other).map(|(one, other)| one - other).collect();
    let centre = mean(apart.iter().copied());
    let squares: f64 = apart.iter().map(|apart| (apart - centre).powi(2)).sum();
    let count = apart.len().max(2) as f64;
    (centre, (squares / (count - 1.0) / count).sqrt())
}

/// The lowest, or the lowest bootstrap where that is no more than a standard error above it.
fn pick(scores: &[Score]) -> Option<Kind> {
    let lowest = |bootstrap: bool| {
        let own = scores.iter().filter(move |score| score.kind.is_bootstrap() || !bootstrap);
        own.min_by(|a, b| a.together.total_cmp(&b.together))
    };
    let bootstrap = lowest(true).filter(|score| score.above.0 <= score.above.1);
    bootstrap.or_else(|| lowest(false)).map(|score| score.kind)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / f64::max(count, 1.0)
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| model | energy of a day, % | energy of {RUN} days, % | variogram of {RUN} days, % | together | above the lowest |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for score in &self.scores {
            let percent =
                [score.day_energy, score.run_energy, score.run_variogram].map(|share| share * 100.0);
            let [day, run, variogram] = percent;
            let (above, error) = score.above;
            let mark = if score.kind == self.chosen.kind() { " **chosen**" } else { "" };
            writeln!(
                f,
                "| {}{mark} | {day:.2} | {run:.2} | {variogram:.3} | {:.3} | {above:.3} +- {error:.3} |",
                score.kind, score.together
            )?;
        }
        write!(f, "\n{} days, {} weeks scored", self.days, self.weeks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Hours;
    use crate::errors::model::tests::days;

    /// Normal errors with a level of the day that remembers so much of the day before.
    fn remembering(memory: f64, count: usize) -> Vec<Day> {
        let (mut draw, mut level) = (Draw(9), 0.0);
        days((0..count).map(|_| {
            level = memory * level + (1.0 - memory * memory).sqrt() * draw.normal();
            std::array::from_fn(|_| 0.03 * level + 0.01 * draw.normal())
        }))
    }

    #[test]
    fn days_that_remember_are_not_drawn_one_by_one() {
        let choice = choose(&remembering(0.9, 364), 1).unwrap();
        assert_ne!(choice.chosen.kind(), Kind::Blocks(1), "{choice}");
        let of = |kind| choice.scores.iter().find(|score| score.kind == kind).unwrap();
        assert!(of(Kind::Blocks(3)).together < 0.97, "{choice}");
        assert!(of(Kind::HourlyAndDaily).together < of(Kind::Hourly).together, "{choice}");
    }

    #[test]
    fn errors_with_a_fat_tail_on_one_side_are_drawn_from_the_past() {
        let mut draw = Draw(4);
        // On one day of eight the evening is missed by a lot, on the others hardly.
        let past = days((0..364).map(|_| -> Hours {
            let miss = if draw.chance(12) { 0.3 * draw.unit() + 0.2 } else { 0.0 };
            std::array::from_fn(|h| 0.002 * draw.normal() + if h > 16 { miss } else { 0.0 })
        }));
        let choice = choose(&past, 1).unwrap();
        assert!(choice.chosen.kind().is_bootstrap(), "{choice}");
        assert!(
            choice.scores.iter().all(|score| score.kind.is_bootstrap() || score.together > 1.1),
            "{choice}"
        );
    }

    #[test]
    fn a_tie_goes_to_the_bootstrap_and_a_clear_win_does_not() {
        let score = |kind, together, above| Score {
            kind,
            day_energy: 0.0,
            run_energy: 0.0,
            run_variogram: 0.0,
            together,
            above,
        };
        let picked = |above| {
            let scores = [
                score(Kind::Blocks(1), 1.0, (0.1, 0.01)),
                score(Kind::Blocks(2), 0.95, above),
                score(Kind::Hourly, 0.9, (0.0, 0.0)),
            ];
            pick(&scores)
        };
        assert_eq!(picked((0.05, 0.06)), Some(Kind::Blocks(2)));
        assert_eq!(picked((0.05, 0.04)), Some(Kind::Hourly));
        assert_eq!(pick(&[]), None);
    }

    #[test]
    fn the_same_seed_chooses_the_same_and_says_so() {
        let past = remembering(0.5, 60);
        let choice = choose(&past, 7).unwrap();
        assert_eq!(choice, choose(&past, 7).unwrap());
        assert_ne!(choice.scores, choose(&past, 8).unwrap().scores);
        assert_eq!((choice.weeks, choice.days), (9, 60));
        let told = choice.to_string();
        assert_eq!(told.matches("**chosen**").count(), 1, "{told}");
        assert_eq!(told.lines().count(), 2 + Kind::ALL.len() + 2, "{told}");
        assert!(choice.scores[0].together > 0.999_999 && choice.scores[0].together < 1.000_001);
    }

    #[test]
    fn too_few_days_are_told_with_what_to_do() {
        let past = remembering(0.5, 55);
        assert_eq!(choose(&past, 1).unwrap_err(), TooFew { days: 55, weeks: 8 });
        let odd: Vec<Day> = remembering(0.5, 200).into_iter().step_by(2).collect();
        assert_eq!(
            choose(&odd, 1).unwrap_err().to_string(),
            "found 100 whole days, in 0 weeks of which three follow each other; a choice of the model needs 56 \
             days and 8 such weeks: give a longer table of past forecasts, or one with fewer holes"
        );
        assert_eq!(choose(&[], 1).unwrap_err(), TooFew { days: 0, weeks: 0 });
    }
}
