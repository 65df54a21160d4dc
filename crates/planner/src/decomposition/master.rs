//! The master: a linear programme that blends answers of the fleet so that they cover what is short.
//!
//! A column is one answer of one group of facilities, of a single one in a small fleet:
//! `min sum cost[g,k] * share[g,k] + uncovered`, with `sum share[g,k] = 1` for every group, the balance of every zone
//! and interval (3.1), the ties (3.2) and the zones' restore limits (3.6).

use super::fleet::{Fleet, Spans};
use super::prices::Prices;
use crate::draft::own_cost;
use crate::problem::mw;
use crate::solver::SolverError;
use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense};
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
    model: Option<Model>,
    balance: Vec<Vec<Option<Row>>>,
    restore: Vec<Vec<Option<Row>>>,
    energy: Vec<Option<Row>>,
    blend: Vec<Row>,
    /// Rows of the fleet's covers.
    covers: Vec<Row>,
    /// Columns of what stays uncovered, by zone and interval.
    uncovered: Vec<Vec<Option<Col>>>,
    first_column: usize,
    /// What its blends took so far, in facility-intervals asked.
    pub(crate) toil: u64,
}

/// An optimal blend.
pub(crate) struct Blend {
    /// Shares of the columns.
    pub(crate) shares: Vec<f64>,
    /// Flows and what is uncovered or in excess, by column of the programme.
    fixed: Vec<f64>,
    /// Its objective: that of the relaxation, among the columns so far.
    pub(crate) objective: f64,
    pub(crate) prices: Prices,
    /// What a group's best column so far costs at these prices, with its share of nothing.
    pub(crate) worth: Vec<f64>,
}

impl Master {
    /// A master whose first columns are the given cuts, which keep every rule.
    pub(crate) fn new(fleet: &Fleet<'_>, first: &[Vec<i64>]) -> Result<Self, SolverError> {
        let (groups, mut model) = (groups(fleet), ColProblem::new());
        let balance = balance_rows(fleet, &mut model);
        let restore = restore_rows(fleet, &mut model);
        let energy = energy_rows(fleet, &mut model);
        let blend: Vec<Row> = groups.iter().map(|_| model.add_row(1.0..=1.0)).collect();
        add_flows(fleet, &mut model, &balance);
        let limited = restore.iter().flatten().chain(&energy).flatten();
        limited.for_each(|&row| {
            model.add_column(EXCESS * fleet.problem.uncovered_price(), 0.0.., [(row, -1.0)])
        });
        let mut model = linear(model.try_optimise(Sense::Minimise), "building the master")?;
        model.try_set_option("simplex_strategy", PRIMAL_SIMPLEX).map_err(failed("configuring the master"))?;
        let uncovered = add_uncovered(fleet, &mut model, &balance)?;
        let first_column = model.num_cols();
        let (columns, covers, model) = (Vec::new(), Vec::new(), Some(model));
        let mut master = Self {
            groups,
            columns,
            model,
            balance,
            restore,
            energy,
            blend,
            covers,
            uncovered,
            first_column,
            toil: 0,
        };
        master.add(fleet, first, None)?;
        Ok(master)
    }

    /// Adds the answers of all groups, or of those whose answer is cheaper than what they are worth; their number.
    pub(crate) fn add(
        &mut self,
        fleet: &Fleet<'_>,
        cuts: &[Vec<i64>],
        blend: Option<&Blend>,
    ) -> Result<usize, SolverError> {
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
    ) -> Result<usize, SolverError> {
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
            let Some(model) = &mut self.model else { return Err(SolverError("the master is lost".into())) };
            let place = model.try_add_column(cost, 0.0..=1.0, rows).map_err(failed("adding a column"))?;
            self.columns.push(Column { group: g, cuts: Arc::new(own), place, is_open: true });
            added += 1;
        }
        Ok(added)
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
    pub(crate) fn tighten(&mut self, fleet: &Fleet<'_>) -> Result<(), SolverError> {
        for cover in &fleet.covers[self.covers.len()..] {
            let short = (0..self.uncovered.len())
                .filter(|&z| cover.zones[z])
                .filter_map(|z| Some((self.uncovered[z][cover.t]?, 1.0)));
            let covered = self.columns.iter().map(|column| {
                (column.place, cover.covered_by(fleet, &self.groups[column.group], &column.cuts))
            });
            let factors: Vec<(Col, f64)> = short.chain(covered.filter(|(_, mw)| *mw > 0.0)).collect();
            let Some(model) = &mut self.model else { return Err(SolverError("the master is lost".into())) };
            self.covers
                .push(model.try_add_row(cover.owed_mw().., factors).map_err(failed("adding a cover"))?);
        }
        Ok(())
    }

    /// Leaves every group its columns within spans of its members, or an answer where it has none; the dual simplex goes
    /// on from the last basis.
    pub(crate) fn confine(
        &mut self,
        fleet: &Fleet<'_>,
        spans: &Spans,
        answers: &[Vec<i64>],
    ) -> Result<(), SolverError> {
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
        let Some(model) = &mut self.model else { return Err(SolverError("the master is lost".into())) };
        model.try_set_option("simplex_strategy", DUAL_SIMPLEX).map_err(failed("configuring the master"))?;
        self.add_open(fleet, answers, None, &fitting)?;
        Ok(())
    }

    /// Opens some columns and closes all others.
    pub(crate) fn open(&mut self, is_open: impl Fn(usize, &Column) -> bool) {
        let Some(model) = &mut self.model else { return };
        for (k, column) in self.columns.iter_mut().enumerate() {
            let open = is_open(k, column);
            if open != column.is_open {
                column.is_open = open;
                model.change_column_bounds(column.place, 0.0..=if open { 1.0 } else { 0.0 });
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

    /// MW that a blend leaves uncovered in some zones.
    pub(crate) fn uncovered(&self, blend: &Blend, zones: &[bool], t: usize) -> f64 {
        let own = self.uncovered.iter().zip(zones).filter(|(_, has)| **has);
        own.filter_map(|(columns, _)| Some(blend.fixed[columns[t]?.index()])).sum()
    }

    /// Solves the master over the columns so far.
    pub(crate) fn blend(&mut self, fleet: &Fleet<'_>) -> Result<Blend, SolverError> {
        let Some(model) = self.model.take() else { return Err(SolverError("the master is lost".into())) };
        let solved = optimal(model, "the master")?;
        let pivots = u64::try_from(solved.simplex_iteration_count()).unwrap_or(0);
        self.toil += toil_of(self.columns.len() as u64, pivots);
        let solution = solved.get_solution();
        let duals = solution.dual_rows();
        let mut next = 0;
        let mut dual_of = |row: &Option<Row>| {
            row.map_or(0.0, |_| {
                next += 1;
                duals[next - 1]
            })
        };
        let balance = self.balance.iter().map(|rows| rows.iter().map(&mut dual_of).collect()).collect();
        let mut limited = |row: &Option<Row>| -dual_of(row);
        let restore = self.restore.iter().map(|rows| rows.iter().map(&mut limited).collect()).collect();
        let mut energy = vec![0.0; fleet.problem.facilities.len()];
        for (&f, row) in fleet.members.iter().zip(&self.energy) {
            energy[f] = limited(row);
        }
        let blend = Blend {
            shares: solution.columns()[self.first_column..].to_vec(),
            fixed: solution.columns()[..self.first_column].to_vec(),
            objective: solved.objective_value(),
            prices: Prices { balance, restore, energy, covers: duals[next + self.groups.len()..].to_vec() },
            worth: duals[next..next + self.groups.len()].to_vec(),
        };
        let mut model: Model = solved.into();
        // Columns come, rows stay: the last basis stays feasible, and the primal simplex goes on from it.
        model.try_set_option("simplex_strategy", PRIMAL_SIMPLEX).map_err(failed("configuring the master"))?;
        self.model = Some(model);
        Ok(blend)
    }
}

/// What it takes to blend columns, beside asking a facility about an interval (half a microsecond): a fit to some thousand
/// blends of 20 to 1 400 columns.
fn toil_of(columns: u64, pivots: u64) -> u64 {
    200 + 3 * columns / 2 + pivots * (20 + columns / 22)
}

fn balance_rows(fleet: &Fleet<'_>, model: &mut ColProblem) -> Vec<Vec<Option<Row>>> {
    let mut rows = |short: &Vec<f64>| {
        let each = short.iter().zip(&fleet.rows.balanced);
        each.map(|(&mw, balanced)| balanced.then(|| model.add_row(mw..))).collect()
    };
    fleet.rows.short.iter().map(&mut rows).collect()
}

fn restore_rows(fleet: &Fleet<'_>, model: &mut ColProblem) -> Vec<Vec<Option<Row>>> {
    let mut rows = |limits: &Vec<f64>| limits.iter().map(|&limit| limit_row(model, limit)).collect();
    fleet.rows.restore.iter().map(&mut rows).collect()
}

fn energy_rows(fleet: &Fleet<'_>, model: &mut ColProblem) -> Vec<Option<Row>> {
    fleet.members.iter().map(|&f| limit_row(model, fleet.rows.energy[f])).collect()
}

fn limit_row(model: &mut ColProblem, limit: f64) -> Option<Row> {
    limit.is_finite().then(|| model.add_row(..=limit))
}

fn add_flows(fleet: &Fleet<'_>, model: &mut ColProblem, balance: &[Vec<Option<Row>>]) {
    for (l, tie) in fleet.problem.ties.iter().enumerate() {
        for (t, ends) in balance[tie.from].iter().zip(&balance[tie.to]).enumerate() {
            let (Some(from), Some(to)) = (*ends.0, *ends.1) else { continue };
            let (least, most) = fleet.rows.flow(fleet.problem, l, t);
            model.add_column(0.0, least..=most, [(from, -1.0), (to, 1.0)]);
        }
    }
}

fn add_uncovered(
    fleet: &Fleet<'_>,
    model: &mut Model,
    balance: &[Vec<Option<Row>>],
) -> Result<Vec<Vec<Option<Col>>>, SolverError> {
    let mut add = |row: &Option<Row>| {
        let column = |row: Row| model.try_add_column(fleet.problem.uncovered_price(), 0.0.., [(row, 1.0)]);
        row.map(column).transpose().map_err(failed("building the master"))
    };
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

const PRIMAL_SIMPLEX: i32 = 4;
const DUAL_SIMPLEX: i32 = 1;
const NO_SCALING: i32 = 0;

/// A linear programme that is solved on this thread alone.
pub(crate) fn linear(
    model: Result<Model, highs::HighsStatus>,
    what: &'static str,
) -> Result<Model, SolverError> {
    let mut model = model.map_err(failed(what))?;
    model.make_quiet();
    model.try_set_option("threads", 1).map_err(failed(what))?;
    Ok(model)
}

/// Solves a linear programme that has an optimum.
pub(crate) fn optimal(model: Model, what: &'static str) -> Result<highs::SolvedModel, SolverError> {
    let mut solved = model.try_solve().map_err(failed(what))?;
    if solved.status() == HighsModelStatus::Unknown {
        // An optimum of the scaled programme that breaks a tolerance once scaled back: as it is, then.
        let mut model: Model = solved.into();
        model.try_set_option("simplex_scale_strategy", NO_SCALING).map_err(failed(what))?;
        solved = model.try_solve().map_err(failed(what))?;
    }
    match solved.status() {
        HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => Ok(solved),
        status => Err(SolverError(format!("{what} ended with status {status:?}"))),
    }
}

pub(crate) fn failed<E: std::fmt::Debug>(what: &'static str) -> impl Fn(E) -> SolverError {
    move |status| SolverError(format!("{what} failed ({status:?})"))
}
