//! The inverse of a basis as a product of elementary matrices (Dantzig and Orchard-Hays, 1954), at first those of two triangles.

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
const DUST: f64 = 1e-14;
/// Pivots that a basis has to have.
const LEAST_PIVOT: f64 = 1e-9;
/// Part of the greatest pivot that one may be, in a row with fewer factors.
const SHORTER: f64 = 0.1;

impl Product {
    /// The inverse of some columns, and in which row each stands; rows without one have their slacks.
    ///
    /// Each column, turned by those before it, is parted: what it has in rows that have none yet goes to the lower triangle,
    /// the rest to the upper one. So both stay nearly as sparse as the columns are (Markowitz, 1957).
    pub(super) fn of(columns: &Columns, basis: &[usize]) -> (Self, Vec<Option<usize>>) {
        let (mut lower, mut upper) = (Self::default(), Self::default());
        let mut places = vec![None; basis.len()];
        let (single, several): (Vec<usize>, Vec<usize>) =
            basis.iter().partition(|&&column| columns.len_of(column) == 1);
        for column in single {
            if let Some((row, factor)) = columns.of(column).find(|(row, _)| places[*row].is_none()) {
                places[row] = Some(column);
                upper.push(row, factor, []);
            }
        }
        let (order, filled) = by_open_rows(columns, several, &places);
        let mut turned = vec![0.0; basis.len()];
        for column in order {
            turned.fill(0.0);
            columns.of(column).for_each(|(row, factor)| turned[row] = factor);
            lower.forwards(&mut turned);
            let Some(row) = shortest(&turned, &filled, &places) else { continue };
            let (pivot, own) =
                (turned[row], turned.iter().copied().enumerate().filter(|(other, _)| *other != row));
            let (open, taken): (Vec<_>, Vec<_>) =
                own.filter(|(_, factor)| *factor != 0.0).partition(|(other, _)| places[*other].is_none());
            lower.push(row, 1.0, open.into_iter().map(|(other, factor)| (other, factor / pivot)));
            upper.push(row, pivot, taken);
            places[row] = Some(column);
        }
        lower.extend_backwards(&upper);
        lower.made_of = lower.elements.len();
        (lower, places)
    }

    /// Takes the elements of another one, the last one first.
    fn extend_backwards(&mut self, other: &Self) {
        for Element { row, pivot, others } in other.elements.iter().rev() {
            let rows = other.rows[others.clone()].iter().copied();
            self.push(*row, *pivot, rows.zip(other.factors[others.clone()].iter().copied()));
        }
    }

    /// Elements added since it was made.
    pub(super) fn added(&self) -> usize {
        self.elements.len() - self.made_of
    }

    /// Takes a column, as the inverse turns it, in the place of that of a row.
    pub(super) fn replace(&mut self, row: usize, column: &[f64]) {
        let others = column.iter().copied().enumerate().filter(|(other, _)| *other != row);
        self.push(row, column[row], others);
    }

    fn push(&mut self, row: usize, pivot: f64, others: impl IntoIterator<Item = (usize, f64)>) {
        let first = self.rows.len();
        for (other, factor) in others.into_iter().filter(|(_, factor)| factor.abs() > DUST) {
            self.rows.push(other);
            self.factors.push(factor);
        }
        if first < self.rows.len() || (pivot - 1.0).abs() > DUST {
            self.elements.push(Element { row, pivot, others: first..self.rows.len() });
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

/// Columns with few factors in rows without a column first, and how many factors of them every row has.
fn by_open_rows(
    columns: &Columns,
    mut several: Vec<usize>,
    places: &[Option<usize>],
) -> (Vec<usize>, Vec<u32>) {
    let open = |column| columns.of(column).filter(|(row, _)| places[*row].is_none()).count();
    several.sort_by_cached_key(|&column| (open(column), column));
    let mut filled = vec![0; places.len()];
    several.iter().flat_map(|&column| columns.of(column)).for_each(|(row, _)| filled[row] += 1);
    (several, filled)
}

/// The row with the fewest factors of those without a column in which the pivot is not too small.
fn shortest(turned: &[f64], filled: &[u32], places: &[Option<usize>]) -> Option<usize> {
    let open = || (0..turned.len()).filter(|&row| places[row].is_none());
    let greatest = open().map(|row| turned[row].abs()).fold(0.0, f64::max);
    let least = f64::max(SHORTER * greatest, LEAST_PIVOT);
    open().filter(|&row| turned[row].abs() >= least).min_by_key(|&row| filled[row])
}
