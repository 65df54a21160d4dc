//! The rows of the table of goals.

use kezek_study::made::{Goal, Horizon};

/// A row: so many facilities and intervals, and what is asked of Kezek there.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Number of facilities.
    pub(crate) facilities: usize,
    /// Number of intervals.
    pub(crate) steps: usize,
    /// Proven relative gaps, and the seconds within which they are asked for; the last has the row's own time.
    pub(crate) goals: Vec<(f64, f64)>,
}

impl Row {
    fn new(facilities: usize, steps: usize, goals: &[(f64, f64)]) -> Self {
        Self { facilities, steps, goals: goals.to_vec() }
    }

    /// `45x24`; what is not in the table is asked for what the country's day is.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let number = |word: &str| word.parse::<usize>().map_err(|_| format!("{name} is no row like 45x24"));
        let (facilities, steps) = name.split_once('x').ok_or(format!("{name} is no row like 45x24"))?;
        let (facilities, steps) = (number(facilities)?, number(steps)?);
        let known = all().into_iter().find(|row| (row.facilities, row.steps) == (facilities, steps));
        Ok(known.unwrap_or_else(|| Self::new(facilities, steps, DAY)))
    }

    pub(crate) fn name(&self) -> String {
        format!("{}x{}", self.facilities, self.steps)
    }

    pub(crate) fn goal(&self, seed: u64) -> Goal {
        Goal::new(seed, self.facilities, Horizon::of_steps(self.steps))
    }

    /// The gap of the row, and its own time in seconds.
    pub(crate) fn last_goal(&self) -> (f64, f64) {
        self.goals.last().copied().unwrap_or(DAY[1])
    }
}

const DAY: &[(f64, f64)] = &[(0.01, 1.0), (0.005, 10.0)];

/// All rows of the table.
pub(crate) fn all() -> Vec<Row> {
    vec![
        Row::new(45, 24, DAY),
        Row::new(100, 24, &[(0.003, 3.0)]),
        Row::new(100, 96, &[(0.005, 15.0)]),
        Row::new(45, 192, &[(0.005, 15.0)]),
        Row::new(1000, 24, &[(0.001, 8.0)]),
        Row::new(10_000, 96, &[(0.005, 90.0)]),
    ]
}
