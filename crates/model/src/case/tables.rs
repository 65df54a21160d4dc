//! The tables of a case, written so that they are read again as they were.

use super::{Case, Facility, State, facilities, forecast, history, overlays};
use crate::plan::utc_text;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Display;

impl Case {
    /// Everything but `case.toml` and standing orders, by the names of the files; no file where there is nothing to say.
    /// Series name every interval, also where they are constant.
    #[must_use]
    pub fn tables(&self) -> BTreeMap<&'static str, String> {
        let any = |has: fn(&Facility) -> bool| self.facilities.iter().any(has);
        let mut tables = BTreeMap::from([
            (facilities::FILE, self.facilities_csv()),
            (forecast::FILE, self.forecast_csv()),
            (overlays::NOMINATIONS, self.powers_csv(&|own, t| own.nomination_kw[t].to_string())),
            (history::LEDGER, self.ledger_csv()),
        ]);
        if any(|own| own.quota_kw.iter().any(Option::is_some)) {
            tables.insert(overlays::QUOTAS, self.powers_csv(&|own, t| shown(own.quota_kw[t])));
        }
        if any(|own| own.kept_kw.iter().any(Option::is_some)) {
            tables.insert(overlays::KEPT, self.kept_csv());
        }
        if any(|own| own.state != State::default()) {
            tables.insert(history::STATE, self.state_csv());
        }
        if !self.ties.is_empty() {
            tables.insert(overlays::TIES, self.ties_csv());
        }
        tables
    }

    /// The register; nominations and quotas have files of their own.
    fn facilities_csv(&self) -> String {
        let head = facilities::COLUMNS.required.iter().chain(facilities::COLUMNS.optional);
        csv(&head.copied().collect::<Vec<_>>(), self.facilities.iter().map(facility))
    }

    fn forecast_csv(&self) -> String {
        let is_stochastic = self.scenarios.len() > 1;
        let mut head = vec!["interval_start", "zone", "headroom_mw"];
        head.extend(is_stochastic.then_some(["scenario", "probability"]).into_iter().flatten());
        let mut rows = Vec::new();
        for scenario in &self.scenarios {
            for (zone, series) in self.zones.iter().zip(&scenario.headroom_mw) {
                for (t, mw) in series.iter().enumerate() {
                    let mut row = vec![self.start(t), zone.id.to_string(), mw.to_string()];
                    if is_stochastic {
                        row.extend([scenario.id.clone(), scenario.probability.to_string()]);
                    }
                    rows.push(row);
                }
            }
        }
        csv(&head, rows)
    }

    fn ties_csv(&self) -> String {
        let cells = self.ties.iter().flat_map(|own| (0..self.grid.len).map(move |t| (own, t)));
        let rows = cells.map(|(own, t)| {
            [self.start(t), own.id.to_string(), shown(own.limit_mw[t]), shown(own.reverse_limit_mw[t])]
        });
        csv(&["interval_start", "tie", "limit_mw", "reverse_limit_mw"], rows)
    }

    fn kept_csv(&self) -> String {
        let kept = |own: &'_ Facility, t: usize| {
            own.kept_kw[t].map(|kw| [self.start(t), own.id.to_string(), kw.to_string()])
        };
        let rows = self.cells().filter_map(|(own, t)| kept(own, t));
        csv(&["interval_start", "facility", "cut_mw"], rows)
    }

    fn powers_csv(&self, mw: &dyn Fn(&Facility, usize) -> String) -> String {
        let rows = self.cells().map(|(own, t)| [self.start(t), own.id.to_string(), mw(own, t)]);
        csv(&["interval_start", "facility", "mw"], rows)
    }

    fn ledger_csv(&self) -> String {
        let rows = self.facilities.iter().map(|own| {
            [own.id.to_string(), own.ledger.nominated_mwh.to_string(), own.ledger.cut_mwh.to_string()]
        });
        csv(&["facility", "nominated_mwh", "cut_mwh"], rows)
    }

    fn state_csv(&self) -> String {
        let moved = self.facilities.iter().filter(|own| own.state != State::default());
        let at = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, utc_text);
        let rows = moved.map(|own| {
            let State { cut_kw, cut_since, last_cut_end, events_today } = own.state;
            [own.id.to_string(), cut_kw.to_string(), at(cut_since), at(last_cut_end), shown(events_today)]
        });
        csv(&["facility", "cut_mw", "cut_since", "last_cut_end", "events_today"], rows)
    }

    fn cells(&self) -> impl Iterator<Item = (&Facility, usize)> {
        self.facilities.iter().flat_map(|own| (0..self.grid.len).map(move |t| (own, t)))
    }

    fn start(&self, t: usize) -> String {
        utc_text(self.grid.instant(t))
    }
}

/// A row of the register, in the order of its columns.
fn facility(own: &Facility) -> Vec<String> {
    vec![
        own.id.to_string(),
        own.name.clone(),
        own.licensee.clone(),
        own.licence_no.clone(),
        shown(own.licence_from),
        shown(own.licence_to),
        own.zone.to_string(),
        own.time_zone.name().to_owned(),
        own.tier.to_string(),
        own.protected.to_string(),
        String::new(),
        String::new(),
        own.floor_kw.to_string(),
        own.min_cut_kw.to_string(),
        shown(own.block_kw),
        own.cut_cost_per_mwh.to_string(),
        own.event_cost.to_string(),
        own.notice_minutes.to_string(),
        own.min_cut_minutes.to_string(),
        shown(own.max_cut_minutes),
        own.min_gap_minutes.to_string(),
        shown(own.max_events_per_day),
        shown(own.max_cut_hours),
        shown(own.ramp_up_kw_per_h),
        own.class.clone(),
        own.region.clone().unwrap_or_default(),
        shown(own.twelve_month_max_kw),
    ]
}

/// A blank cell for none.
fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn csv<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory can't fail, and every row is as wide as the head.
    _ = writer.write_record(head);
    rows.into_iter().for_each(|row| _ = writer.write_record(row.as_ref()));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{CaseFiles, Ledger};
    use super::*;
    use crate::units::Kw;
    use std::path::{Path, PathBuf};

    fn examples() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
    }

    fn files(name: &str) -> CaseFiles {
        CaseFiles::from_folder(&examples().join(name)).unwrap()
    }

    /// The settings and standing orders as they were, the tables written anew.
    fn again(mut files: CaseFiles, case: &Case) -> Case {
        files.files.retain(|name, _| name.ends_with(".toml"));
        let tables = case.tables().into_iter();
        files.files.extend(tables.map(|(name, text)| (name.to_owned(), text.into_bytes())));
        Case::parse(&files).unwrap()
    }

    #[test]
    fn every_example_is_read_again_as_it_was() {
        let mut seen = 0;
        for entry in std::fs::read_dir(examples()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Ok(case) = Case::read(&examples().join(&name)) else { continue };
            assert_eq!(again(files(&name), &case), case, "{name}");
            seen += 1;
        }
        assert!(seen >= 5, "only {seen} cases among the examples");
    }

    #[test]
    fn whatever_a_case_may_have_is_read_again_as_it_was() {
        let files = files("small");
        let mut case = Case::parse(&files).unwrap();
        let at = |hours: i64| Some(case.grid.start - chrono::TimeDelta::hours(hours));
        let state = State { cut_kw: Kw(1_500), cut_since: at(3), last_cut_end: at(9), events_today: Some(2) };
        case.scenarios[0].headroom_mw[0][1] -= 0.1 + 0.2;
        let own = &mut case.facilities[0];
        (own.state, own.ledger) = (state, Ledger { nominated_mwh: 0.1 + 0.2, cut_mwh: 1e-3 });
        (own.max_cut_hours, own.licence_from) = (Some(2.5), None);
        (own.name, own.region) = ("Ferma \"7\", Ekibastuz".into(), Some("Pavlodar".into()));
        (own.quota_kw[1], own.nomination_kw[0]) = (Some(Kw(901)), Kw(1));
        own.kept_kw[0] = Some(Kw(1_001));
        assert_eq!(again(files, &case), case);
    }
}
