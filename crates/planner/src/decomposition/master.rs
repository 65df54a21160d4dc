//! The master: a linear programme that blends answers of the fleet so that they cover what is short.
//!
//! A column is one answer of one group of facilities, of a single one in a small fleet:
//! `min sum cost[g,k] * share[g,k] + uncovered`, with `sum share[g,k] = 1` for every group, the balance of every zone
//! and interval (3.1), the ties (3.2) and the zones' restore limits (3.6).

use super::fleet::{Fleet, Spans};
use super::prices::Prices;
use super::simplex::{Basis, Col, Row, Simplex};
use crate::draft::own_cost;
use crate::problem::mw;
use crate::solver::SolverError;
use std::sync::Arc;

/// Groups beyond which facilities share one.
pub(super) const MOST_GROUPS: usize = 256;

/// Price of a MW that returns too fast, in those of a MW uncovered: so high that it is but a last resort.
const EXCESS: f64 = 10.0;

/// Cuts of the members of a group, one after the other.
pub(crate) type Cuts = Arc<Vec<Vec<i64>>>;

/// A column: an answer of a group.
pub(crate) struct Column {
    pub(crate) group: usize,
    pub(crate) cuts: Cuts,
    place: Col,
    /// Whether it may have a share.
    is_open: bool,
}

/// The programme, and what its rows and columns are.
pub(crate) struct Master {
    /// Members of every group, by position in the fleet.
    pub(crate) groups: Vec<Vec<usize>>,
    pub(crate) columns: Vec<Column>,
    programme: Simplex,
    balance: Vec<Vec<Option<Row>>>,
    restore: Vec<Vec<Option<Row>>>,
    energy: Vec<Option<Row>>,
    blend: Vec<Row>,
    /// Rows of the fleet's covers.
    covers: Vec<Row>,
    /// Columns of what stays uncovered, by zone and interval.
    uncovered: Vec<Vec<Option<Col>>>,
    /// What its blends took so far, in facility-intervals asked.
    pub(crate) toil: u64,
}

/// An optimal blend.
pub(crate) struct Blend {
    /// Shares of the columns.
    pub(crate) shares: Vec<f64>,
    /// Its objective: that of the relaxation, among the columns so far.
    pub(crate) objective: f64,
    pub(crate) prices: Prices,
    /// What a group's best column so far costs at these prices, with its share of nothing.
    pub(crate) worth: Vec<f64>,
}

impl Master {
    /// A master whose first columns are the given cuts, which keep every rule.
    pub(crate) fn new(fleet: &Fleet<'_>, first: &[Vec<i64>]) -> Self {
        let (groups, mut programme) = (groups(fleet), Simplex::default());
        let balance = balance_rows(fleet, &mut programme);
        let restore = restore_rows(fleet, &mut programme);
        let energy = energy_rows(fleet, &mut programme);
        let blend: Vec<Row> = groups.iter().map(|_| programme.add_row(1.0, 1.0, [])).collect();
        add_flows(fleet, &mut programme, &balance);
        let excess = EXCESS * fleet.problem.uncovered_price();
        for &row in restore.iter().flatten().chain(&energy).flatten() {
            programme.add_column(excess, (0.0, f64::INFINITY), [(row, -1.0)]);
        }
        let uncovered = add_uncovered(fleet, &mut programme, &balance);
        let (columns, covers) = (Vec::new(), Vec::new());
        let mut master =
            Self { groups, columns, programme, balance, restore, energy, blend, covers, uncovered, toil: 0 };
        master.add(fleet, first, None);
        master
    }

    /// Adds the answers of all groups, or of those whose answer is cheaper than what they are worth; their number.
    pub(crate) fn add(&mut self, fleet: &Fleet<'_>, cuts: &[Vec<i64>], blend: Option<&Blend>) -> usize {
        let open = vec![None; self.groups.len()];
        self.add_open(fleet, cuts, blend, &open)
    }

    /// The same for the groups of which no column is chosen.
    pub(crate) fn add_open(
        &mut self,
        fleet: &Fleet<'_>,
        cuts: &[Vec<i64>],
        blend: Option<&Blend>,
        chosen: &[Option<usize>],
    ) -> usize {
        let mut added = 0;
        for g in (0..self.groups.len()).filter(|&g| chosen[g].is_none()) {
            let own: Vec<Vec<i64>> = self.groups[g].iter().map(|&f| cuts[f].clone()).collect();
            let cost = self.cost(fleet, g, &own);
            let factors = self.factors(fleet, g, &own);
            if let Some(blend) = blend {
                let reduced = cost - earned(fleet, &factors, blend) - blend.worth[g];
                if reduced > -1e-6 * (1.0 + cost.abs()) {
                    continue;
                }
            }
            let rows = factors.into_iter().filter_map(|(at, factor)| Some((self.row(at)?, factor)));
            let rows: Vec<(Row, f64)> = rows.chain([(self.blend[g], 1.0)]).collect();
            let place = self.programme.add_column(cost, (0.0, f64::INFINITY), rows);
            self.columns.push(Column { group: g, cuts: Arc::new(own), place, is_open: true });
            added += 1;
        }
        added
    }

    fn cost(&self, fleet: &Fleet<'_>, g: usize, own: &[Vec<i64>]) -> f64 {
        let cost = |(&m, cuts): (&usize, &Vec<i64>)| own_cost(fleet.problem, fleet.facility(m), cuts);
        self.groups[g].iter().zip(own).map(cost).sum()
    }

    /// What a column gives, by row.
    fn factors(&self, fleet: &Fleet<'_>, g: usize, own: &[Vec<i64>]) -> Vec<(Place, f64)> {
        let mut factors = Vec::new();
        let zone = self.groups[g].first().map_or(0, |&m| fleet.facility(m).zone);
        for t in 0..fleet.problem.steps {
            let (mut cut, mut returned) = (0, 0);
            for (&m, cuts) in self.groups[g].iter().zip(own) {
                let row = fleet.facility(m);
                let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
                cut += cuts[t];
                returned += earlier - cuts[t] - if earlier > 0 { row.fall(t) } else { 0 };
            }
            if cut != 0 && self.balance[zone][t].is_some() {
                factors.push((Place::Balance(zone, t), mw(cut)));
            }
            if returned != 0 && self.restore[zone][t].is_some() {
                factors.push((Place::Restore(zone, t), mw(returned)));
            }
        }
        for (&m, cuts) in self.groups[g].iter().zip(own) {
            if self.energy[m].is_some() {
                factors.push((Place::Energy(m), mw(cuts.iter().sum())));
            }
        }
        for (k, cover) in fleet.covers.iter().enumerate().take(self.covers.len()) {
            let covered = cover.covered_by(fleet, &self.groups[g], own);
            if covered > 0.0 {
                factors.push((Place::Cover(k), covered));
            }
        }
        factors
    }

    /// Adds the rows of covers that the fleet got since.
    pub(crate) fn tighten(&mut self, fleet: &Fleet<'_>) {
        for cover in &fleet.covers[self.covers.len()..] {
            let short = (0..self.uncovered.len())
                .filter(|&z| cover.zones[z])
                .filter_map(|z| Some((self.uncovered[z][cover.t]?, 1.0)));
            let covered = self.columns.iter().map(|column| {
                (column.place, cover.covered_by(fleet, &self.groups[column.group], &column.cuts))
            });
            let factors: Vec<(Col, f64)> = short.chain(covered.filter(|(_, mw)| *mw > 0.0)).collect();
            self.covers.push(self.programme.add_row(cover.owed_mw(), f64::INFINITY, factors));
        }
    }

    /// Leaves every group its columns within spans of its members, or an answer where it has none.
    pub(crate) fn confine(&mut self, fleet: &Fleet<'_>, spans: &Spans, answers: &[Vec<i64>]) {
        let fits = |own: &[usize], column: &Column| {
            let mut own = own.iter().zip(column.cuts.iter());
            own.all(|(m, cuts)| {
                spans.get(m).is_none_or(|spans| spans.iter().zip(cuts).all(|(span, &kw)| span.has(kw)))
            })
        };
        let fits: Vec<bool> = self.columns.iter().map(|k| fits(&self.groups[k.group], k)).collect();
        let mut fitting: Vec<Option<usize>> = vec![None; self.groups.len()];
        for (k, column) in self.columns.iter().enumerate().filter(|(k, _)| fits[*k]) {
            fitting[column.group] = Some(k);
        }
        self.open(|k, _| fits[k]);
        self.add_open(fleet, answers, None, &fitting);
    }

    /// Opens some columns and closes all others.
    pub(crate) fn open(&mut self, is_open: impl Fn(usize, &Column) -> bool) {
        for (k, column) in self.columns.iter_mut().enumerate() {
            let open = is_open(k, column);
            if open != column.is_open {
                column.is_open = open;
                self.programme.limit(column.place, if open { f64::INFINITY } else { 0.0 });
            }
        }
    }

    fn row(&self, place: Place) -> Option<Row> {
        match place {
            Place::Balance(z, t) => self.balance[z][t],
            Place::Restore(z, t) => self.restore[z][t],
            Place::Energy(m) => self.energy[m],
            Place::Cover(k) => self.covers.get(k).copied(),
        }
    }

    /// MW that the last blend leaves uncovered in some zones.
    pub(crate) fn uncovered(&self, zones: &[bool], t: usize) -> f64 {
        let own = self.uncovered.iter().zip(zones).filter(|(_, has)| **has);
        own.filter_map(|(columns, _)| Some(self.programme.value(columns[t]?))).sum()
    }

    /// Where the last blend ended.
    pub(crate) fn basis(&self) -> Basis {
        self.programme.basis()
    }

    /// Goes back to where a blend ended.
    pub(crate) fn go_to(&mut self, basis: &Basis) {
        self.programme.go_to(basis);
    }

    /// Solves the master over the columns so far.
    pub(crate) fn blend(&mut self, fleet: &Fleet<'_>) -> Result<Blend, SolverError> {
        let before = self.programme.steps;
        self.programme.solve()?;
        self.toil +=
            toil_of(self.columns.len() as u64, self.programme.rows() as u64, self.programme.steps - before);
        let programme = &self.programme;
        let price = |row: &Option<Row>| row.map_or(0.0, |row| programme.price(row));
        let limited = |row: &Option<Row>| -price(row);
        let mut energy = vec![0.0; fleet.problem.facilities.len()];
        for (&f, row) in fleet.members.iter().zip(&self.energy) {
            energy[f] = limited(row);
        }
        let prices = Prices {
            balance: self.balance.iter().map(|rows| rows.iter().map(price).collect()).collect(),
            restore: self.restore.iter().map(|rows| rows.iter().map(limited).collect()).collect(),
            energy,
            covers: self.covers.iter().map(|&row| programme.price(row)).collect(),
        };
        Ok(Blend {
            shares: self.columns.iter().map(|column| programme.value(column.place)).collect(),
            objective: programme.objective(),
            prices,
            worth: self.blend.iter().map(|&row| programme.price(row)).collect(),
        })
    }
}

/// What it takes to blend columns, beside asking a facility about an interval (a quarter of a microsecond): a fit to some
/// thousand blends of 20 to 1 400 columns.
fn toil_of(columns: u64, rows: u64, steps: u64) -> u64 {
    20 + columns / 8 + steps * (2 + columns / 16 + rows / 5)
}

fn balance_rows(fleet: &Fleet<'_>, programme: &mut Simplex) -> Vec<Vec<Option<Row>>> {
    let mut rows = |short: &Vec<f64>| {
        let each = short.iter().zip(&fleet.rows.balanced);
        each.map(|(&mw, balanced)| balanced.then(|| programme.add_row(mw, f64::INFINITY, []))).collect()
    };
    fleet.rows.short.iter().map(&mut rows).collect()
}

fn restore_rows(fleet: &Fleet<'_>, programme: &mut Simplex) -> Vec<Vec<Option<Row>>> {
    let mut rows = |limits: &Vec<f64>| limits.iter().map(|&limit| limit_row(programme, limit)).collect();
    fleet.rows.restore.iter().map(&mut rows).collect()
}

fn energy_rows(fleet: &Fleet<'_>, programme: &mut Simplex) -> Vec<Option<Row>> {
    fleet.members.iter().map(|&f| limit_row(programme, fleet.rows.energy[f])).collect()
}

fn limit_row(programme: &mut Simplex, limit: f64) -> Option<Row> {
    limit.is_finite().then(|| programme.add_row(f64::NEG_INFINITY, limit, []))
}

fn add_flows(fleet: &Fleet<'_>, programme: &mut Simplex, balance: &[Vec<Option<Row>>]) {
    for (l, tie) in fleet.problem.ties.iter().enumerate() {
        for (t, ends) in balance[tie.from].iter().zip(&balance[tie.to]).enumerate() {
            let (Some(from), Some(to)) = (*ends.0, *ends.1) else { continue };
            let (least, most) = fleet.rows.flow(fleet.problem, l, t);
            programme.add_column(0.0, (least, most), [(from, -1.0), (to, 1.0)]);
        }
    }
}

fn add_uncovered(
    fleet: &Fleet<'_>,
    programme: &mut Simplex,
    balance: &[Vec<Option<Row>>],
) -> Vec<Vec<Option<Col>>> {
    let price = fleet.problem.uncovered_price();
    let mut add =
        |row: &Option<Row>| row.map(|row| programme.add_column(price, (0.0, f64::INFINITY), [(row, 1.0)]));
    balance.iter().map(|rows| rows.iter().map(&mut add).collect()).collect()
}

/// A row in which facilities meet.
#[derive(Clone, Copy)]
enum Place {
    Balance(usize, usize),
    Restore(usize, usize),
    Energy(usize),
    Cover(usize),
}

/// What a column is paid at some prices.
fn earned(fleet: &Fleet<'_>, factors: &[(Place, f64)], blend: &Blend) -> f64 {
    let price = |place: Place| match place {
        Place::Balance(z, t) => blend.prices.balance[z][t],
        Place::Restore(z, t) => -blend.prices.restore[z][t],
        Place::Energy(m) => -blend.prices.energy[fleet.members[m]],
        Place::Cover(k) => blend.prices.covers[k],
    };
    factors.iter().map(|&(place, factor)| price(place) * factor).sum()
}

/// Members, each for itself in a small fleet, else neighbours of one zone together.
fn groups(fleet: &Fleet<'_>) -> Vec<Vec<usize>> {
    let zone = |m: usize| fleet.problem.facilities[fleet.members[m]].zone;
    let size = fleet.members.len().div_ceil(MOST_GROUPS).max(1);
    let in_zone = |z: usize| (0..fleet.members.len()).filter(|&m| zone(m) == z).collect::<Vec<usize>>();
    let zones = (0..fleet.problem.zones.len()).map(in_zone);
    zones.flat_map(|members| members.chunks(size).map(<[usize]>::to_vec).collect::<Vec<_>>()).collect()
}
