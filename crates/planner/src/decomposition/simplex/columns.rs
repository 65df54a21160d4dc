//! Sparse columns, one behind the other.

use std::ops::Range;

/// Rows and factors of every column.
#[derive(Default)]
pub(super) struct Columns {
    ends: Vec<usize>,
    rows: Vec<u32>,
    factors: Vec<f64>,
    /// Columns and factors of every row.
    by_row: Vec<Vec<(u32, f64)>>,
}

impl Columns {
    pub(super) fn push(&mut self, entries: impl IntoIterator<Item = (usize, f64)>) {
        let column = narrow(self.ends.len());
        for (row, factor) in entries {
            self.rows.push(narrow(row));
            self.factors.push(factor);
            if self.by_row.len() <= row {
                self.by_row.resize_with(row + 1, Vec::new);
            }
            self.by_row[row].push((column, factor));
        }
        self.ends.push(self.rows.len());
    }

    /// Adds a row in which some columns have factors.
    pub(super) fn add_row(&mut self, row: usize, factors: &[(usize, f64)]) {
        if factors.is_empty() {
            return;
        }
        let mut own = vec![None; self.ends.len()];
        factors.iter().for_each(|&(column, factor)| own[column] = Some((row, factor)));
        let before = std::mem::take(self);
        for (column, added) in own.into_iter().enumerate() {
            self.push(before.of(column).chain(added));
        }
    }

    fn range(&self, column: usize) -> Range<usize> {
        column.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[column]
    }

    /// How many factors a column has.
    pub(super) fn len_of(&self, column: usize) -> usize {
        self.range(column).len()
    }

    /// Rows and factors of a column.
    pub(super) fn of(&self, column: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.range(column);
        self.rows[range.clone()].iter().map(|&row| row as usize).zip(self.factors[range].iter().copied())
    }

    /// By column, the sum of all rows, each times a number.
    pub(super) fn combined(&self, rows: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.ends.len()];
        for (own, times) in self.by_row.iter().zip(rows).filter(|(_, times)| **times != 0.0) {
            own.iter().for_each(|&(column, factor)| sums[column as usize] += times * factor);
        }
        sums
    }

    /// A column times a number for each row.
    pub(super) fn times(&self, column: usize, rows: &[f64]) -> f64 {
        self.of(column).map(|(row, factor)| rows[row] * factor).sum()
    }
}

#[allow(clippy::cast_possible_truncation)]
fn narrow(place: usize) -> u32 {
    place as u32
}
