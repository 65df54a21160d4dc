//! Plans side by side: which is better, by how much, and for whom?

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use chrono::{DateTime, Utc};

use crate::chart::{Line, lines};
use crate::figures::fill;
use crate::frame::Frame;
use crate::plans::PlanRow;
use crate::words;

words! {
    /// Words of the comparison.
    CompareWords {
        title: "Plans side by side", "Планы рядом", "Жоспарлар қатар";
        too_few: "Tick two to five plans in the list.", "Отметьте в списке от двух до пяти планов.", "Тізімнен екіден беске дейін жоспар белгілеңіз.";
        figure: "Figure", "Показатель", "Көрсеткіш";
        state: "State", "Состояние", "Күйі";
        author: "Author", "Автор", "Авторы";
        energy: "Cut, MWh", "Снижение, МВт·ч", "Кеміту, МВт·сағ";
        peak: "Peak cut, MW", "Наибольшее снижение, МВт", "Ең үлкен кеміту, МВт";
        uncovered: "Uncovered, MWh", "Не покрыто, МВт·ч", "Жабылмаған, МВт·сағ";
        facilities: "Facilities under cut", "Объектов под снижением", "Кемітілетін нысандар";
        highest: "Highest burden of one facility, MWh", "Наибольшая нагрузка на один объект, МВт·ч", "Бір нысанға түсетін ең үлкен кеміту, МВт·сағ";
        of_zone: "Cut of {0}, MWh", "Снижение зоны {0}, МВт·ч", "{0} аймағының кемітуі, МВт·сағ";
        first: "against {0}", "к {0}", "{0} жоспарына";
        curve: "Cut over time, MW", "Снижение по времени, МВт", "Уақыт бойынша кеміту, МВт";
        facility: "Facility", "Объект", "Нысан";
        differ: "Facilities whose cut differs, MWh", "Объекты с разным снижением, МВт·ч", "Кемітуі әртүрлі нысандар, МВт·сағ";
        alike: "Every facility is cut by as much in all of them.", "Снижение каждого объекта везде одинаково.", "Әр нысанның кемітуі бәрінде бірдей.";
        least: "{0} leaves the least uncovered: {1} MWh.", "Меньше всего не покрыто в плане {0}: {1} МВт·ч.", "Ең аз жабылмаған {0} жоспарында: {1} МВт·сағ.";
        same: "All leave as much uncovered: {0} MWh.", "Не покрыто везде одинаково: {0} МВт·ч.", "Жабылмағаны бәрінде бірдей: {0} МВт·сағ.";
    }
}

/// A plan beside others.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What the list says of it.
    pub plan: PlanRow,
    /// Energy cut of each zone, in MWh.
    pub zones: BTreeMap<String, f64>,
    /// Energy cut of each facility, in MWh; those without a cut are missing.
    pub facilities: BTreeMap<String, f64>,
    /// Total cut from an instant on, in MW.
    pub curve: Vec<(DateTime<Utc>, f64)>,
}

impl Column {
    fn highest(&self) -> f64 {
        self.facilities.values().copied().fold(0.0, f64::max)
    }
}

/// Plans side by side.
#[derive(Debug, Template)]
#[template(path = "compare.html")]
pub struct Compare<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static CompareWords,
    /// In the order of the list.
    pub columns: Vec<Column>,
}

/// A figure of each plan, and by how much it differs from the first's.
type Row = (String, Vec<(String, Option<String>)>);

impl Compare<'_> {
    /// What is said first.
    fn sentence(&self) -> String {
        let uncovered = |column: &&Column| column.plan.uncovered_mwh;
        let by = |one: &&Column, other: &&Column| uncovered(one).total_cmp(&uncovered(other));
        let (Some(least), Some(most)) = (self.columns.iter().min_by(by), self.columns.iter().max_by(by))
        else {
            return self.w.too_few.into();
        };
        let figure = self.frame.tenth(&least.plan.uncovered_mwh);
        let is_alike = most.plan.uncovered_mwh - least.plan.uncovered_mwh < 0.05;
        match is_alike {
            true => fill(self.w.same, &[&figure]),
            false => fill(self.w.least, &[least.plan.short(), &figure]),
        }
    }

    fn row(&self, name: &str, figure: impl Fn(&Column) -> f64, decimals: usize) -> Row {
        let first = self.columns.first().map_or(0.0, &figure);
        let cell = |(place, column): (usize, &Column)| {
            let value = figure(column);
            let change = (place > 0).then(|| self.frame.change(&(value - first)));
            (crate::figures::number(value, decimals, self.frame.language), change)
        };
        (name.to_owned(), self.columns.iter().enumerate().map(cell).collect())
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![
            self.row(self.w.energy, |column| column.plan.cut_mwh, 1),
            self.row(self.w.peak, |column| column.plan.peak_mw, 1),
            self.row(self.w.uncovered, |column| column.plan.uncovered_mwh, 1),
            self.row(self.w.facilities, |column| f64::from(column.plan.facilities), 0),
            self.row(self.w.highest, Column::highest, 1),
        ];
        let zones: BTreeSet<&String> = self.columns.iter().flat_map(|column| column.zones.keys()).collect();
        for zone in zones {
            let name = fill(self.w.of_zone, &[zone]);
            rows.push(self.row(&name, |column| column.zones.get(zone).copied().unwrap_or_default(), 1));
        }
        rows
    }

    /// Facilities whose cut is not the same in all, the greatest difference first.
    fn differing(&self) -> Vec<Row> {
        let all: BTreeSet<&String> =
            self.columns.iter().flat_map(|column| column.facilities.keys()).collect();
        let of =
            |column: &Column, facility: &String| column.facilities.get(facility).copied().unwrap_or_default();
        let spread = |facility: &String| {
            let cuts = || self.columns.iter().map(|column| of(column, facility));
            cuts().fold(0.0, f64::max) - cuts().fold(f64::INFINITY, f64::min)
        };
        let mut differing: Vec<(&String, f64)> = all
            .into_iter()
            .map(|facility| (facility, spread(facility)))
            .filter(|(_, by)| *by > 0.05)
            .collect();
        differing.sort_by(|one, other| other.1.total_cmp(&one.1));
        let row = |(facility, _): (&String, f64)| self.row(facility, |column| of(column, facility), 1);
        differing.into_iter().map(row).collect()
    }

    fn against(&self) -> String {
        let first = self.columns.first().map_or("", |column| column.plan.short());
        fill(self.w.first, &[first])
    }

    fn curves(&self) -> String {
        let line = |column: &Column| Line {
            label: column.plan.short().into(),
            points: column.curve.iter().map(|(at, mw)| (*at, Some(*mw))).collect(),
        };
        let all: Vec<Line> = self.columns.iter().map(line).collect();
        lines(&all, self.frame, &self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use crate::plans::Status;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    fn column(frame: &Frame, digest: &str, uncovered_mwh: f64, facilities: &[(&str, f64)]) -> Column {
        Column {
            plan: PlanRow {
                digest: digest.into(),
                at: frame.now,
                author: "B. <Omarova>".into(),
                status: Status::Waiting,
                window: None,
                cut_mwh: facilities.iter().map(|(_, mwh)| mwh).sum(),
                peak_mw: 30.0,
                facilities: facilities.len().try_into().unwrap(),
                uncovered_mwh,
                approvals: 0,
                needed: 1,
            },
            zones: [("South".to_owned(), facilities.iter().map(|(_, mwh)| mwh).sum())].into(),
            facilities: facilities.iter().map(|(name, mwh)| ((*name).to_owned(), *mwh)).collect(),
            curve: vec![(frame.now, 30.0), (frame.now + TimeDelta::hours(2), 0.0)],
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(CompareWords::TABLE, &[]);
    }

    #[test]
    fn the_better_plan_is_named_and_only_what_differs_is_listed() {
        let frame = frame(Language::Ru);
        let columns = vec![
            column(&frame, "aaaaaaaa11", 12.5, &[("S1", 40.0), ("S2", 10.0)]),
            column(&frame, "bbbbbbbb22", 0.0, &[("S1", 40.0), ("S3", 22.5)]),
        ];
        let page = Compare { frame: &frame, w: CompareWords::of(frame.language), columns };
        let names: Vec<_> = page.differing().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["S3", "S2"]);
        let html = page.render().unwrap();
        for text in [
            "Меньше всего не покрыто в плане bbbbbbbb: 0,0 МВт·ч.",
            "к aaaaaaaa",
            "+12,5",
            "Снижение зоны South",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<Omarova>") && html.matches("<text").count() > 4, "{html}");
    }

    #[test]
    fn one_plan_is_no_comparison() {
        let frame = frame(Language::En);
        let page = Compare { frame: &frame, w: CompareWords::of(frame.language), columns: vec![] };
        let html = page.render().unwrap();
        assert!(html.contains("Tick two to five plans") && !html.contains("<svg"), "{html}");
    }
}
