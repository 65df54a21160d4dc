//! HiGHS finds the same, wherever the simplex goes on from.

use super::*;
use highs::{ColProblem, HighsModelStatus, Sense};
use proptest::prelude::*;

/// What happens to a programme.
#[derive(Clone, Debug)]
enum Change {
    /// A row from some sum on, perhaps up to another, and factors of the columns so far.
    Row(f64, Option<f64>, Vec<f64>),
    /// A column of some cost between two values, and its factors in the rows so far.
    Column(f64, f64, f64, Vec<f64>),
    /// Another upper bound of a column.
    Limit(usize, f64),
    /// The simplex goes back to where an earlier solution ended.
    Back,
}

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let factor = prop_oneof![2 => Just(0.0), 3 => -5.0..5.0_f64, 1 => Just(1.0)];
    let factors = prop::collection::vec(factor, 12);
    let range = prop_oneof![Just(0.0), 0.0..9.0_f64];
    let row = (-6.0..6.0_f64, prop::option::of(range.clone()), factors.clone());
    let column = (-3.0..9.0_f64, prop_oneof![Just(0.0), -4.0..1.0_f64], range.clone(), factors);
    let change = prop_oneof![
        2 => row.prop_map(|(least, range, factors)| Change::Row(least, range.map(|own| least + own), factors)),
        8 => column.prop_map(|(cost, least, range, factors)| Change::Column(cost, least, least + range, factors)),
        4 => (0..40_usize, range).prop_map(|(at, range)| Change::Limit(at, range)),
        1 => Just(Change::Back),
    ];
    prop::collection::vec(prop::collection::vec(change, 1..12), 1..6)
}

/// Bounds and factors of a column.
struct Numbers {
    cost: f64,
    least: f64,
    most: f64,
    factors: Vec<(usize, f64)>,
}

/// What a row may be short of, or have too much of, at this price.
const DEAR: f64 = 50.0;

/// A programme, and the same in numbers.
#[derive(Default)]
struct Both {
    simplex: Simplex,
    rows: Vec<(Row, f64, f64)>,
    columns: Vec<(Col, Numbers)>,
    /// Where earlier solutions ended since the last row.
    bases: Vec<Basis>,
}

impl Both {
    fn change(&mut self, change: Change) {
        match change {
            Change::Row(least, most, factors) => self.add_row(least, most.unwrap_or(f64::INFINITY), &factors),
            Change::Column(cost, least, most, factors) => {
                let factors = factors.into_iter().enumerate().take(self.rows.len());
                let factors = factors.filter(|(_, factor)| *factor != 0.0).collect();
                self.add_column(Numbers { cost, least, most, factors });
            }
            Change::Limit(at, range) => {
                if let Some((column, own)) = self.columns.get_mut(at).filter(|(_, own)| own.cost < DEAR) {
                    own.most = own.least + range;
                    self.simplex.limit(*column, own.most);
                }
            }
            Change::Back => {
                if let Some(basis) = self.bases.first() {
                    self.simplex.go_to(basis);
                }
            }
        }
    }

    fn add_row(&mut self, least: f64, most: f64, factors: &[f64]) {
        let at = self.rows.len();
        let own = self.columns.iter_mut().zip(factors).filter(|(_, factor)| **factor != 0.0);
        let own: Vec<(Col, f64)> = own
            .map(|((column, numbers), &factor)| {
                numbers.factors.push((at, factor));
                (*column, factor)
            })
            .collect();
        self.rows.push((self.simplex.add_row(least, most, own), least, most));
        self.bases.clear();
        for factor in [1.0, -1.0] {
            self.add_column(Numbers {
                cost: DEAR,
                least: 0.0,
                most: f64::INFINITY,
                factors: vec![(at, factor)],
            });
        }
    }

    fn add_column(&mut self, own: Numbers) {
        let factors = own.factors.iter().map(|&(row, factor)| (self.rows[row].0, factor));
        self.columns.push((self.simplex.add_column(own.cost, (own.least, own.most), factors), own));
    }

    /// The least objective, as HiGHS finds it.
    fn least(&self) -> f64 {
        let mut model = ColProblem::new();
        let rows: Vec<_> = self.rows.iter().map(|&(_, least, most)| model.add_row(least..=most)).collect();
        for (_, own) in &self.columns {
            let factors: Vec<_> = own.factors.iter().map(|&(row, factor)| (rows[row], factor)).collect();
            model.add_column(own.cost, own.least..=own.most, factors);
        }
        let mut model = model.optimise(Sense::Minimise);
        model.make_quiet();
        let solved = model.solve();
        assert!(matches!(solved.status(), HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty));
        solved.objective_value()
    }

    /// What an objective can't be below, by the prices of the rows.
    fn bound(&self) -> f64 {
        let price = |row: usize| self.simplex.price(self.rows[row].0);
        let nearest = |price: f64, least: f64, most: f64| match price {
            price if price > 1e-6 => price * least,
            price if price < -1e-6 => price * most,
            _ => 0.0,
        };
        let columns = self.columns.iter().map(|(_, own)| {
            let paid: f64 = own.factors.iter().map(|&(row, factor)| price(row) * factor).sum();
            nearest(own.cost - paid, own.least, own.most)
        });
        let rows =
            self.rows.iter().enumerate().map(|(at, &(_, least, most))| nearest(price(at), least, most));
        columns.chain(rows).sum()
    }
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-5 * (1.0 + b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_solution_on_the_way_is_the_best_and_its_prices_prove_it(all in changes()) {
        let mut both = Both::default();
        for changes in all {
            changes.into_iter().for_each(|change| both.change(change));
            both.simplex.solve().unwrap();
            let (found, bound, least) = (both.simplex.objective(), both.bound(), both.least());
            prop_assert!(is_near(found, least) && is_near(bound, least), "{found} and {bound}, not {least}");
            both.bases.push(both.simplex.basis());
        }
    }
}

#[test]
fn what_nothing_keeps_within_bounds_has_no_solution() {
    let mut simplex = Simplex::default();
    let row = simplex.add_row(2.0, f64::INFINITY, []);
    let column = simplex.add_column(1.0, (0.0, 1.0), [(row, 1.0)]);
    assert!(simplex.solve().is_err());
    simplex.limit(column, 3.0);
    simplex.solve().unwrap();
    assert_eq!((simplex.value(column), simplex.price(row)), (2.0, 1.0));
}

#[test]
fn equal_columns_do_not_take_turns() {
    // What rounding leaves, at two prices: too little to be kept, and hardly enough.
    for (dust, dear) in [(5e-15, 3e6), (5e-13, 3e4)] {
        let mut simplex = Simplex::default();
        let [owed, blend] = [f64::INFINITY, 1.0].map(|most| simplex.add_row(1.0, most, []));
        simplex.add_column(dear, (0.0, f64::INFINITY), [(owed, 1.0)]);
        (0..2).for_each(|_| _ = simplex.add_column(0.0, (0.0, f64::INFINITY), [(owed, dust), (blend, 1.0)]));
        simplex.solve().unwrap();
        assert!(is_near(simplex.objective(), dear) && simplex.steps < 200, "{} steps", simplex.steps);
    }
}

#[test]
fn what_pays_only_as_carried_on_does_not_enter() {
    let mut simplex = Simplex::default();
    let row = simplex.add_row(2.0, f64::INFINITY, []);
    let columns = [1.0, 1.0].map(|cost| simplex.add_column(cost, (0.0, 9.0), [(row, 1.0)]));
    simplex.solve().unwrap();
    let (before, values) = (simplex.basis.clone(), columns.map(|column| simplex.value(column)));
    let at = simplex.free.iter().position(|free| free.variable != simplex.slacks[0]).unwrap();
    simplex.variables[simplex.free[at].variable].cost -= 1e-12;
    simplex.free[at].reduced = -1e-7;
    let (entering, mut column) = (simplex.entering().unwrap(), [0.0]);
    simplex.step(entering, &mut column).unwrap();
    assert_eq!((&simplex.basis, columns.map(|column| simplex.value(column))), (&before, values));
    assert!(simplex.entering().is_none(), "it has its own reduced cost now");
}

/// How many facilities and intervals there are; what two zones are short of in every interval; and round by round how cuts run:
/// facility, first interval, length and level of each.
type Zones = (usize, usize, Vec<u8>, Vec<Vec<(usize, usize, usize, u8)>>);

/// Masters as plans make them, with few different numbers, so that most of their steps lead nowhere.
fn zones() -> impl Strategy<Value = Zones> {
    (4..16_usize, 6..25_usize).prop_flat_map(|(facilities, steps)| {
        let cut = (0..facilities, 0..steps, 1..8_usize, 1..4_u8);
        let rounds = prop::collection::vec(prop::collection::vec(cut, 4..40), 1..8);
        (Just(facilities), Just(steps), prop::collection::vec(0..6_u8, 2 * steps), rounds)
    })
}

/// No number that is exact.
const UNIT_MW: f64 = 6.831;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn steps_that_lead_nowhere_do_not_go_round_in_circles((facilities, steps, needs, rounds) in zones()) {
        let mut both = Both::default();
        (0..facilities).for_each(|_| both.add_row(f64::NEG_INFINITY, 1.0, &[]));
        needs.iter().for_each(|need| both.add_row(UNIT_MW * f64::from(*need), f64::INFINITY, &[]));
        (0..2 * steps).for_each(|_| both.add_row(f64::NEG_INFINITY, 2.0 * UNIT_MW, &[]));
        let (need, returned) = (|zone, at| facilities + zone * steps + at, |zone, at| facilities + (zone + 2) * steps + at);
        for at in 0..steps {
            let factors = vec![(need(0, at), 1.0), (need(1, at), -1.0)];
            both.add_column(Numbers { cost: 0.0, least: -UNIT_MW, most: UNIT_MW, factors });
        }
        for cuts in rounds {
            for (facility, first, length, level) in cuts {
                let (zone, mw, last) = (facility % 2, UNIT_MW * f64::from(level), (first + length).min(steps));
                let mut factors = vec![(facility, 1.0)];
                factors.extend((first..last).map(|at| (need(zone, at), mw)));
                factors.extend((last < steps).then(|| (returned(zone, last), mw)));
                let cost = mw * (last - first) as f64 * [1.0, 1.5][facility % 2];
                both.add_column(Numbers { cost, least: 0.0, most: f64::INFINITY, factors });
            }
            let before = both.simplex.steps;
            both.simplex.solve().unwrap();
            let (found, least, steps) = (both.simplex.objective(), both.least(), both.simplex.steps - before);
            prop_assert!(is_near(found, least), "{found}, not {least}");
            prop_assert!(steps < 4 * both.rows.len() as u64, "{steps} steps");
        }
    }
}
