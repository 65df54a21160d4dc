//! The inverse of a basis as a product of elementary matrices (Dantzig and Orchard-Hays, 1954).

use super::columns::Columns;
use std::ops::Range;

/// The product; of nothing at first, the inverse of a basis of slacks.
#[derive(Default)]
pub(super) struct Product {
    elements: Vec<Element>,
    rows: Vec<usize>,
    factors: Vec<f64>,
    /// How many elements made it at first.
    made_of: usize,
}

/// What turns a column into the unit of a row.
struct Element {
    row: usize,
    pivot: f64,
    /// The other rows and factors of the column.
    others: Range<usize>,
}

/// Factors below which nothing is left of one.
const DUST: f64 = 1e-12;
/// Pivots that a basis has to have.
const LEAST_PIVOT: f64 = 1e-9;
/// Part of the greatest pivot that one may be, in a row with fewer factors.
const SHORTER: f64 = 1e-3;

impl Product {
    /// The product of some columns, and in which row each stands; rows without one have their slacks.
    pub(super) fn of(columns: &Columns, basis: &[usize]) -> (Self, Vec<Option<usize>>) {
        let rows = basis.len();
        let (mut product, mut places, mut filled) = (Self::default(), vec![None; rows], vec![0_u32; rows]);
        basis.iter().flat_map(|&column| columns.of(column)).for_each(|(row, _)| filled[row] += 1);
        let mut order = basis.to_vec();
        order.sort_by_key(|&column| (columns.len_of(column), column));
        let mut turned = vec![0.0; rows];
        for column in order {
            turned.fill(0.0);
            columns.of(column).for_each(|(row, factor)| turned[row] = factor);
            product.forwards(&mut turned);
            let open = || (0..rows).filter(|&row| places[row].is_none());
            let greatest = open().map(|row| turned[row].abs()).fold(0.0, f64::max);
            let least = f64::max(SHORTER * greatest, LEAST_PIVOT);
            let Some(row) = open().filter(|&row| turned[row].abs() >= least).min_by_key(|&row| filled[row])
            else {
                continue;
            };
            places[row] = Some(column);
            product.push(row, &turned);
        }
        product.made_of = product.elements.len();
        (product, places)
    }

    /// Elements added since it was made.
    pub(super) fn added(&self) -> usize {
        self.elements.len() - self.made_of
    }

    /// Takes a column, as the inverse turns it, in the place of that of a row.
    pub(super) fn push(&mut self, row: usize, column: &[f64]) {
        let first = self.rows.len();
        for (other, &factor) in column.iter().enumerate() {
            if other != row && factor.abs() > DUST {
                self.rows.push(other);
                self.factors.push(factor);
            }
        }
        if first < self.rows.len() || (column[row] - 1.0).abs() > DUST {
            self.elements.push(Element { row, pivot: column[row], others: first..self.rows.len() });
        }
    }

    /// The inverse times a column.
    pub(super) fn forwards(&self, column: &mut [f64]) {
        for Element { row, pivot, others } in &self.elements {
            if column[*row] != 0.0 {
                let own = column[*row] / pivot;
                column[*row] = own;
                for (&other, factor) in self.rows[others.clone()].iter().zip(&self.factors[others.clone()]) {
                    column[other] -= factor * own;
                }
            }
        }
    }

    /// A row times the inverse.
    pub(super) fn backwards(&self, row: &mut [f64]) {
        for Element { row: own, pivot, others } in self.elements.iter().rev() {
            let others = self.rows[others.clone()].iter().zip(&self.factors[others.clone()]);
            let taken: f64 = others.map(|(&other, factor)| factor * row[other]).sum();
            row[*own] = (row[*own] - taken) / pivot;
        }
    }
}
