//! Contradictions between the keys of a profile, all named together.

use std::collections::BTreeSet;

use super::{Label, Part, Raw};
use crate::import::value::MAX_KW;

impl Raw {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        let mut expect = |holds: bool, message: String| {
            if !holds {
                faults.push(message);
            }
        };
        let step = self.step_minutes;
        expect(
            !self.zone.trim().is_empty(),
            "`zone` is blank: name the grid zone as in case.toml".to_owned(),
        );
        expect([15, 30, 60].contains(&step), format!("`step_minutes` is {step}, expected 60, 30 or 15"));
        expect(
            !is_numeric_sign(self.decimal) && !self.thousands.contains(&self.decimal),
            format!(
                "`decimal` is {:?}, expected a sign that is no digit, no minus and not in `thousands`",
                self.decimal
            ),
        );
        expect(
            !self.thousands.iter().any(|sign| is_numeric_sign(*sign)),
            "`thousands` holds a digit, a plus or a minus".to_owned(),
        );
        expect(!self.time.formats.is_empty(), "`time.formats` is empty: give at least one".to_owned());
        self.check_period(&mut expect);
        self.check_columns(&mut expect);
        self.check_parts(&mut expect);
    }

    fn check_period(&self, expect: &mut impl FnMut(bool, String)) {
        if self.time.period_column.is_some() {
            expect(
                self.time.time_zone.is_some(),
                "`time.period_column` counts the intervals of a civil day: add `time.time_zone`".to_owned(),
            );
            expect(
                self.time.label == Label::Start,
                "`time.label = \"end\"` and `time.period_column` exclude each other: a place in the day names the \
                 whole interval"
                    .to_owned(),
            );
        }
    }

    fn check_columns(&self, expect: &mut impl FnMut(bool, String)) {
        let mut seen = BTreeSet::new();
        for column in &self.column {
            let name = &column.name;
            expect(seen.insert(name), format!("column `{name}` is named twice"));
            expect(
                column.scale.is_finite() && column.scale != 0.0,
                format!("`scale` of column `{name}` is {}, expected a number other than 0", column.scale),
            );
            let (min, max) = (column.min.unwrap_or(f64::MIN), column.max.unwrap_or(f64::MAX));
            expect(
                min.is_finite() && max.is_finite() && min <= max,
                format!(
                    "`min` and `max` of column `{name}` are {min} and {max}, expected numbers, min first"
                ),
            );
        }
    }

    fn check_parts(&self, expect: &mut impl FnMut(bool, String)) {
        let has = |part: Part| self.column.iter().any(|column| column.part == part);
        let constant = &self.constant;
        let all = [constant.supply_mw, constant.import_mw, constant.demand_mw, constant.reserve_mw];
        let most = MAX_KW as f64 / 1_000.0;
        expect(
            all.iter().flatten().all(|mw| mw.is_finite() && mw.abs() <= most),
            "a figure under [constant] is not a number or absurdly large".to_owned(),
        );
        if has(Part::Headroom) {
            let alone = self.column.iter().all(|column| matches!(column.part, Part::Headroom | Part::Check));
            expect(
                alone && all.iter().flatten().count() == 0,
                "`headroom` stands beside supply, import, demand or reserve: give either the headroom or its parts".to_owned(),
            );
            return;
        }
        expect(
            self.column.iter().any(|column| column.part != Part::Check),
            "no column becomes a part of the headroom".to_owned(),
        );
        let given =
            has(Part::Supply) || has(Part::Import) || constant.supply_mw.or(constant.import_mw).is_some();
        expect(given, "nothing gives supply or import: name a column or set [constant] supply_mw".to_owned());
        let taken = has(Part::Demand) || constant.demand_mw.is_some();
        expect(taken, "nothing gives demand: name a column or set [constant] demand_mw".to_owned());
    }
}

fn is_numeric_sign(sign: char) -> bool {
    sign.is_numeric() || matches!(sign, '-' | '+' | '\u{2212}')
}
