//! The ordinary load: a small robust regression, one for each quarter of the day.

use super::Day;
use chrono::Datelike as _;

/// Below it a building is heated, in degrees Celsius.
const HEATED_BELOW_C: f64 = 15.0;
/// Above it a building is cooled.
const COOLED_ABOVE_C: f64 = 20.0;
/// From so many days on a season is told by two waves of a year; before, by a trend.
const SEASON_DAYS: usize = 300;
/// Huber's constant: 95 % as good as least squares where the noise is normal.
const HUBER: f64 = 1.345;
const ROUNDS: usize = 8;
/// A day of which more is left than so many times the usual is a wild one.
const WILD: f64 = 3.5;
/// A step looks like memory, so no more is believed.
const MOST_MEMORY: f64 = 0.6;

/// What each day is regressed on.
pub(super) struct Design {
    rows: Vec<Vec<f64>>,
    /// The expected load is the quarter's own.
    expected: Option<Vec<[f64; 4]>>,
    /// Days from which a step was found; their columns come last.
    steps: Vec<usize>,
    /// Columns that move slowly: level, temperature, season and steps.
    slow: usize,
}

/// One quarter of the day, fitted.
pub(super) struct Fitted {
    /// Orthonormal columns of the design.
    basis: Vec<Vec<f64>>,
    /// What is left, orthogonal to them, each day less what it remembers of the day before.
    pub(super) left: Vec<f64>,
    /// The share of a day that the next one remembers: columns and values are told without it.
    memory: f64,
}

impl Design {
    pub(super) fn of(days: &[Day]) -> Self {
        let has_temperature = days.iter().all(|day| day.temperature.is_some());
        let row = |(place, day): (usize, &Day)| {
            let mut row = vec![1.0];
            let weekday = day.date.weekday().num_days_from_monday();
            row.extend((1..7).map(|other| f64::from(u8::from(weekday == other))));
            if has_temperature {
                let celsius = day.temperature.unwrap_or_default();
                row.extend([(HEATED_BELOW_C - celsius).max(0.0), (celsius - COOLED_ABOVE_C).max(0.0)]);
            }
            row.extend(season(place, days.len(), day));
            row
        };
        let rows = days.iter().enumerate().map(row).collect();
        let slow = 1 + days.first().map_or(0, |day| season(0, days.len(), day).len());
        let slow = if has_temperature { slow + 2 } else { slow };
        let expected = days.iter().map(|day| day.expected).collect();
        Self { rows, expected, steps: Vec::new(), slow }
    }

    pub(super) fn add_step(&mut self, at: usize) {
        self.steps.push(at);
        self.slow += 1;
    }

    /// The days on which steps are known.
    pub(super) fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// How many columns move slowly.
    pub(super) fn slow(&self) -> usize {
        self.slow
    }

    /// Each quarter of the day on its own.
    pub(super) fn fitted(&self, days: &[Day]) -> [Fitted; 4] {
        [0, 1, 2, 3].map(|quarter| {
            let rows: Vec<Vec<f64>> = (0..days.len()).map(|place| self.row(place, quarter)).collect();
            let values: Vec<f64> = days.iter().map(|day| day.quarters[quarter]).collect();
            let (mut left, _) = robust(&rows, &values);
            let memory = memory(&left);
            let basis = orthonormal(&whitened(&rows, memory));
            left = whitened_values(&left, memory);
            off(&basis, &mut left);
            Fitted { basis, left, memory }
        })
    }

    /// The days without holidays, outages and faults of a meter: of these so much is left in some quarter that they would
    /// pass for the beginning of something.
    pub(super) fn ordinary(&self, days: &[Day]) -> Vec<Day> {
        let mut is_wild = vec![false; days.len()];
        for quarter in 0..4 {
            let rows: Vec<Vec<f64>> = (0..days.len()).map(|place| self.row(place, quarter)).collect();
            let values: Vec<f64> = days.iter().map(|day| day.quarters[quarter]).collect();
            let (left, usual) = robust(&rows, &values);
            is_wild.iter_mut().zip(left).for_each(|(wild, left)| *wild |= left.abs() > WILD * usual);
        }
        days.iter().zip(is_wild).filter(|(_, wild)| !wild).map(|(day, _)| day.clone()).collect()
    }

    fn row(&self, place: usize, quarter: usize) -> Vec<f64> {
        let mut row = self.rows[place].clone();
        row.extend(self.expected.as_ref().map(|expected| expected[place][quarter]));
        row.extend(self.steps.iter().map(|from| f64::from(u8::from(place >= *from))));
        row
    }
}

impl Fitted {
    /// Noise as it would be left had it been fitted.
    pub(super) fn fit(&self, noise: &mut [f64]) {
        off(&self.basis, noise);
    }

    /// For every day the part of a step that begins on it which the design cannot tell, as a sum of squares.
    pub(super) fn room(&self) -> Vec<f64> {
        let days = self.left.len();
        let told: Vec<Vec<f64>> = self.basis.iter().map(|column| self.along(column)).collect();
        let later = (1.0 - self.memory) * (1.0 - self.memory);
        let whole = |at: usize| 1.0 + later * (days - 1 - at) as f64;
        let known = |at: usize| told.iter().map(|told| told[at] * told[at]).sum::<f64>();
        (0..days).map(|at| whole(at) - known(at)).collect()
    }

    /// For every day the sum of some values along a step that begins on it: the first day whole, the later ones less what
    /// they remember of the step.
    pub(super) fn along(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; values.len()];
        let mut later = 0.0;
        for at in (0..values.len()).rev() {
            sums[at] = values[at] + (1.0 - self.memory) * later;
            later += values[at];
        }
        sums
    }
}

/// How much of a day the next one remembers.
fn memory(left: &[f64]) -> f64 {
    let (all, next): (f64, f64) = (dot(left, left), left.windows(2).map(|pair| pair[0] * pair[1]).sum());
    if all > 0.0 { (next / all).clamp(0.0, MOST_MEMORY) } else { 0.0 }
}

fn whitened(rows: &[Vec<f64>], memory: f64) -> Vec<Vec<f64>> {
    let less = |(place, row): (usize, &Vec<f64>)| match place.checked_sub(1).map(|before| &rows[before]) {
        Some(before) => row.iter().zip(before).map(|(now, before)| now - memory * before).collect(),
        None => row.clone(),
    };
    rows.iter().enumerate().map(less).collect()
}

fn whitened_values(values: &[f64], memory: f64) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = values.iter().map(|value| vec![*value]).collect();
    whitened(&rows, memory).into_iter().flatten().collect()
}

fn season(place: usize, days: usize, day: &Day) -> Vec<f64> {
    if days < SEASON_DAYS {
        return vec![place as f64 / days.max(1) as f64];
    }
    let angle = f64::from(day.date.ordinal()) / 365.25 * std::f64::consts::TAU;
    vec![angle.sin(), angle.cos(), (2.0 * angle).sin(), (2.0 * angle).cos()]
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Takes off what some orthonormal columns tell.
fn off(basis: &[Vec<f64>], values: &mut [f64]) {
    for column in basis {
        let share = dot(column, values);
        values.iter_mut().zip(column).for_each(|(value, cell)| *value -= share * cell);
    }
}

/// The columns made orthonormal, one after the other; one that the others tell already is left out.
fn orthonormal(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(width);
    for place in 0..width {
        let mut column: Vec<f64> = rows.iter().map(|row| row[place]).collect();
        let whole = dot(&column, &column);
        // Twice, as rounding leaves something the first time.
        off(&basis, &mut column);
        off(&basis, &mut column);
        let length = dot(&column, &column);
        if length > 1e-9 * whole {
            column.iter_mut().for_each(|cell| *cell /= length.sqrt());
            basis.push(column);
        }
    }
    basis
}

/// What is left of values by Huber's regression, and how much usually is.
fn robust(rows: &[Vec<f64>], values: &[f64]) -> (Vec<f64>, f64) {
    let (mut trust, mut left) = (vec![1.0; rows.len()], values.to_vec());
    let mut usual = 0.0;
    for _ in 0..ROUNDS {
        let weights = least_squares(rows, values, &trust);
        left = rows.iter().zip(values).map(|(row, value)| value - dot(row, &weights)).collect();
        // The median of what is left, as a standard deviation of normal noise.
        usual = (median(left.iter().map(|left| left.abs()).collect()) / 0.6745).max(1e-9);
        let bound = HUBER * usual;
        trust = left.iter().map(|left| bound / left.abs().max(bound)).collect();
    }
    (left, usual)
}

/// The normal equations by elimination, with a ridge so small that only what is doubled feels it.
fn least_squares(rows: &[Vec<f64>], values: &[f64], trust: &[f64]) -> Vec<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let mut table = vec![vec![0.0; width + 1]; width];
    for ((row, value), trust) in rows.iter().zip(values).zip(trust) {
        for (i, line) in table.iter_mut().enumerate() {
            for (j, cell) in line[..width].iter_mut().enumerate() {
                *cell += trust * row[i] * row[j];
            }
            line[width] += trust * row[i] * value;
        }
    }
    for (i, line) in table.iter_mut().enumerate() {
        line[i] += 1e-6 * (1.0 + line[i]);
    }
    eliminated(table)
}

fn eliminated(mut table: Vec<Vec<f64>>) -> Vec<f64> {
    let width = table.len();
    for i in 0..width {
        let pivot = table[i].clone();
        for (j, line) in table.iter_mut().enumerate() {
            let factor = line[i] / pivot[i];
            if i != j {
                line.iter_mut().zip(&pivot).for_each(|(cell, above)| *cell -= factor * above);
            }
        }
    }
    table.iter().enumerate().map(|(i, line)| line[width] / line[i]).collect()
}

/// The middle of some values; of an even number the upper one. Zero of none.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    match values.is_empty() {
        true => 0.0,
        false => *values.select_nth_unstable_by(middle, f64::total_cmp).1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wild_days_bend_nothing_and_are_no_ordinary_ones() {
        let wild = |x: usize| if x % 10 == 3 { 500.0 } else { ((x * 7) % 5) as f64 };
        let day = |x: usize| Day {
            date: chrono::NaiveDate::default() + chrono::Days::new(x as u64),
            quarters: [3.0 + 2.0 * x as f64 + wild(x); 4],
            temperature: None,
            expected: None,
        };
        let days: Vec<Day> = (0..100).map(day).collect();
        let ordinary = Design::of(&days).ordinary(&days);
        assert_eq!(ordinary.len(), 90);
        assert!(ordinary.iter().all(|day| day.quarters[0] < 300.0));
    }

    #[test]
    fn a_column_that_is_doubled_is_left_out() {
        let rows: Vec<Vec<f64>> = (0..50).map(|x| vec![1.0, f64::from(x), 2.0 * f64::from(x)]).collect();
        let basis = orthonormal(&rows);
        assert_eq!(basis.len(), 2);
        assert!((dot(&basis[0], &basis[1])).abs() < 1e-9 && (dot(&basis[1], &basis[1]) - 1.0).abs() < 1e-9);
        let mut line: Vec<f64> = (0..50).map(|x| f64::from(x) * 4.0 - 1.0).collect();
        off(&basis, &mut line);
        assert!(line.iter().all(|left| left.abs() < 1e-6));
    }
}
