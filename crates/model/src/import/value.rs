//! From the cells of a row to the headroom of an interval.

use super::outcome::Amount;
use super::profile::{Part, Profile, ValueColumn};
use crate::units::Kw;

/// Figures beyond this are slips, and sums of them could leave the range of whole kW.
pub(super) const MAX_KW: i64 = 100_000_000_000;

/// One cell in whole kW, or why not. `min` and `max` are in the unit of the table.
pub(super) fn value(profile: &Profile, column: &ValueColumn, cell: &str) -> Result<Kw, String> {
    if profile.missing.contains(cell) {
        return Err("no value".to_owned());
    }
    let Some(number) = profile.spelling.parse(cell) else {
        return Err(format!(
            "not a number with the decimal sign {:?} and the thousands the profile names",
            profile.spelling.decimal
        ));
    };
    if let Some(min) = column.min.filter(|min| number < *min) {
        return Err(format!("implausible: below the minimum of {min}"));
    }
    if let Some(max) = column.max.filter(|max| number > *max) {
        return Err(format!("implausible: above the maximum of {max}"));
    }
    if column.part == Part::Check {
        return Ok(Kw::ZERO);
    }
    let kw = (number * column.scale * profile.kw_per_unit()).round();
    if kw.abs() <= MAX_KW as f64 { Ok(Kw(kw as i64)) } else { Err(format!("implausible: {kw} kW")) }
}

/// The parts of one interval while its columns are added up.
#[derive(Default)]
pub(super) struct Sums {
    supply: Kw,
    import: Kw,
    demand: Kw,
    reserve: Kw,
    headroom: Kw,
}

impl Sums {
    pub(super) fn of_constants(profile: &Profile) -> Self {
        let kw = |mw: Option<f64>| Kw((mw.unwrap_or(0.0) * 1_000.0).round() as i64);
        let constant = &profile.constant;
        Self {
            supply: kw(constant.supply_mw),
            import: kw(constant.import_mw),
            demand: kw(constant.demand_mw),
            reserve: kw(constant.reserve_mw),
            headroom: Kw::ZERO,
        }
    }

    pub(super) fn add(&mut self, part: Part, power: Kw) {
        match part {
            Part::Supply => self.supply += power,
            Part::Import => self.import += power,
            Part::Demand => self.demand += power,
            Part::Reserve => self.reserve += power,
            Part::Headroom => self.headroom += power,
            Part::Check => {}
        }
    }

    /// The first part that cannot be negative and is. An import below 0 is an export.
    pub(super) fn negative(&self) -> Option<(&'static str, Kw)> {
        let parts = [("supply_mw", self.supply), ("demand_mw", self.demand), ("reserve_mw", self.reserve)];
        parts.into_iter().find(|(_, power)| *power < Kw::ZERO)
    }

    pub(super) fn amount(&self, headroom: bool) -> Amount {
        if headroom {
            return Amount::Headroom { headroom: self.headroom };
        }
        let Self { supply, import, demand, reserve, .. } = *self;
        Amount::Parts { supply, import, demand, reserve }
    }
}
