//! The plan on paper: what it comes to, who approved it, and a matrix of facilities and hours for each day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use kezek_model::ids::FacilityId;
use kezek_model::plan::{Allocation, Plan};
use kezek_model::registry::Language;
use kezek_model::units::Kw;
use kezek_pages::figures;
use kezek_pages::words;
use serde_json::{Value, json};

use crate::BOTH;
use crate::press::{PaperError, Sheet};

/// Columns that an A4 sheet has room for.
const MAX_COLUMNS: usize = 24;

words! {
    /// Words of the plan on paper.
    PlanPaperWords {
        title: "Day plan of load curtailment", "Суточный план ограничения потребления", "Тұтынуды шектеудің тәуліктік жоспары";
        case: "Case", "Расчёт", "Есеп";
        window: "Hours", "Часы", "Сағаттар";
        author: "Proposed", "Предложил", "Ұсынған";
        energy: "Cut, MWh", "Снижение, МВт·ч", "Кеміту, МВт·сағ";
        peak: "Peak cut, MW", "Наибольшее снижение, МВт", "Ең үлкен кеміту, МВт";
        facilities: "Facilities under cut", "Объектов под снижением", "Кемітілетін нысандар";
        uncovered: "Uncovered, MWh", "Не покрыто, МВт·ч", "Жабылмаған, МВт·сағ";
        approved_by: "Approved", "Утвердил", "Бекіткен";
        not_approved: "NOT APPROVED: no order follows this plan", "НЕ УТВЕРЖДЁН: распоряжений по этому плану нет", "БЕКІТІЛМЕГЕН: бұл жоспар бойынша өкім жоқ";
        matrix: "Load not above, MW (hatched: cut)", "Нагрузка не выше, МВт (штриховка: снижение)", "Жүктеме ең көбі, МВт (сызықталғаны: кеміту)";
        no_cut: "Nobody is cut.", "Снижений нет.", "Кеміту жоқ.";
        facility: "Facility", "Объект", "Нысан";
        all_cut: "All cuts, MW", "Всего снижение, МВт", "Барлық кеміту, МВт";
        all_uncovered: "Uncovered, MW", "Не покрыто, МВт", "Жабылмаған, МВт";
        digest: "Digest of the plan (SHA-256)", "Отпечаток плана (SHA-256)", "Жоспар таңбасы (SHA-256)";
        issued: "Issued", "Выдал", "Шығарған";
        received: "Received", "Принял", "Қабылдаған";
        name: "name, signature", "фамилия, подпись", "тегі, қолы";
        time: "date, time", "дата, время", "күні, уақыты";
        page: "page {0} of {1}", "страница {0} из {1}", "{1} беттің {0}-беті";
    }
}

/// Somebody who approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The plan on paper.
#[derive(Debug)]
pub struct PlanPaper<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its digest.
    pub digest: &'a str,
    /// The control room's environment.
    pub environment: &'a str,
    /// Who proposed it.
    pub author: &'a str,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// Whether its orders were issued.
    pub is_issued: bool,
    /// The clock of the case.
    pub zone: Tz,
    /// Minutes of an interval.
    pub step_minutes: u32,
}

impl PlanPaper<'_> {
    /// As PDF; the same for the same facts.
    ///
    /// # Errors
    /// When the typesetter refuses.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        self.sheet().pdf()
    }

    fn sheet(&self) -> Sheet {
        let both = BOTH.map(PlanPaperWords::of);
        let said = |word: fn(&PlanPaperWords) -> &'static str| both.map(word).join(" / ");
        let facts = json!({
            "title": both.map(|w| w.title),
            "environment": self.environment,
            "digest": self.digest,
            "digest_word": said(|w| w.digest),
            "rows": self.rows(&said),
            "not_approved": (!self.is_issued).then(|| said(|w| w.not_approved)),
            "matrix": said(|w| w.matrix),
            "no_cut": said(|w| w.no_cut),
            "facility": said(|w| w.facility),
            "all_cut": said(|w| w.all_cut),
            "all_uncovered": said(|w| w.all_uncovered),
            "tables": self.tables(),
            "signatures": [said(|w| w.issued), said(|w| w.approved_by), said(|w| w.received)],
            "name_word": said(|w| w.name),
            "time_word": said(|w| w.time),
            "page": both.map(|w| w.page),
        });
        Sheet {
            template: include_str!("../templates/plan.typ"),
            facts,
            code: String::new(),
            ident: self.digest.to_owned(),
            dated: self.proposed_at,
        }
    }

    fn rows(&self, said: &dyn Fn(fn(&PlanPaperWords) -> &'static str) -> String) -> Vec<[String; 2]> {
        let tenth = |value: f64| figures::number(value, 1, Language::Ru);
        let totals = &self.plan.totals;
        let cuts = self.plan.allocations.iter().filter(|row| row.cut > Kw::ZERO);
        let facilities: BTreeSet<&FacilityId> = cuts.map(|row| &row.facility).collect();
        let peak = self.cut_by_start().into_values().max().unwrap_or(Kw::ZERO);
        let mut rows = vec![
            [said(|w| w.case), self.plan.case.clone()],
            [said(|w| w.window), self.window()],
            [said(|w| w.author), format!("{}, {}", self.author, self.stamp(self.proposed_at))],
            [said(|w| w.energy), tenth(totals.cut_mwh)],
            [said(|w| w.peak), tenth(peak.mw())],
            [said(|w| w.facilities), facilities.len().to_string()],
            [said(|w| w.uncovered), tenth(totals.uncovered_mwh)],
        ];
        let approved =
            |one: &Approval| [said(|w| w.approved_by), format!("{}, {}", one.person, self.stamp(one.at))];
        rows.extend(self.approvals.iter().map(approved));
        rows
    }

    fn window(&self) -> String {
        let starts = self.plan.allocations.iter().map(|row| row.interval_start);
        let (Some(from), Some(last)) = (starts.clone().min(), starts.max()) else { return "–".into() };
        let to = last + TimeDelta::minutes(i64::from(self.step_minutes));
        format!("{}–{} ({})", self.stamp(from), self.stamp(to), figures::offset(from, self.zone))
    }

    /// The same in every language.
    fn stamp(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%d.%m.%Y %H:%M").to_string()
    }

    fn cut_by_start(&self) -> BTreeMap<DateTime<Utc>, Kw> {
        let mut sums = BTreeMap::new();
        for row in &self.plan.allocations {
            let sum = sums.entry(row.interval_start).or_insert(Kw::ZERO);
            *sum += row.cut;
        }
        sums
    }

    fn uncovered_by_start(&self) -> BTreeMap<DateTime<Utc>, f64> {
        let mut sums = BTreeMap::new();
        for row in &self.plan.zones {
            *sums.entry(row.interval_start).or_insert(0.0) += row.uncovered_mw;
        }
        sums
    }

    /// A table for each day of the clock, or for as many hours of it as a sheet has room for.
    fn tables(&self) -> Vec<Value> {
        let (cut, uncovered) = (self.cut_by_start(), self.uncovered_by_start());
        let mut days: BTreeMap<NaiveDate, Vec<DateTime<Utc>>> = BTreeMap::new();
        for start in cut.keys() {
            days.entry(start.with_timezone(&self.zone).date_naive()).or_default().push(*start);
        }
        let rows: BTreeMap<(&FacilityId, DateTime<Utc>), &Allocation> =
            self.plan.allocations.iter().map(|row| ((&row.facility, row.interval_start), row)).collect();
        let sheets = days.values().flat_map(|starts| starts.chunks(MAX_COLUMNS));
        let tables = sheets.map(|starts| {
            let of = |text: &dyn Fn(&DateTime<Utc>) -> String| starts.iter().map(text).collect::<Vec<_>>();
            let tenth = |value: f64| figures::number(value, 1, Language::Ru);
            json!({
                "day": BOTH.map(|language| figures::day(starts[0], self.zone, language)).join(" / "),
                "hours": of(&|start| figures::hour(*start, self.zone)),
                "rows": matrix(&rows, starts),
                "cut": of(&|start| tenth(cut[start].mw())),
                "uncovered": of(&|start| tenth(uncovered.get(start).copied().unwrap_or(0.0))),
            })
        });
        tables.collect()
    }
}

/// The facilities that are cut in these hours; limits where they are, nothing elsewhere.
fn matrix(
    rows: &BTreeMap<(&FacilityId, DateTime<Utc>), &Allocation>,
    starts: &[DateTime<Utc>],
) -> Vec<Value> {
    let facilities: BTreeSet<&FacilityId> = rows.keys().map(|(facility, _)| *facility).collect();
    let cell = |facility, start: &DateTime<Utc>| {
        let row = rows.get(&(facility, *start)).filter(|row| row.cut > Kw::ZERO);
        row.map(|row| figures::mw(row.limit, Language::Ru))
    };
    let drawn = facilities.into_iter().filter_map(|facility| {
        let cells: Vec<Option<String>> = starts.iter().map(|start| cell(facility, start)).collect();
        cells.iter().any(Option::is_some).then(|| json!([facility.as_str(), cells]))
    });
    drawn.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bare, unknown, words};
    use kezek_model::case::Policy;
    use kezek_model::plan::{Status, Totals};

    fn plan(facilities: usize, hours: i64) -> Plan {
        let from: DateTime<Utc> = "2026-01-23T19:00:00Z".parse().unwrap();
        let row = |facility: usize, hour: i64| Allocation {
            facility: format!("F{facility:03}").into(),
            interval_start: from + TimeDelta::hours(hour),
            nominated: Kw(20_000),
            limit: if hour % 24 >= 17 { Kw(2_000) } else { Kw(20_000) },
            cut: if hour % 24 >= 17 { Kw(18_000) } else { Kw::ZERO },
            reason: "turn".into(),
        };
        Plan {
            case: "Вечер".into(),
            case_digest: "00".into(),
            engine: "0.1.0".into(),
            policy: Policy::LeastCost,
            seed: 1,
            parent: None,
            status: Status::Optimal,
            objective: 2.5,
            bound: None,
            gap: None,
            seconds: 0.1,
            totals: Totals { cut_mwh: 1305.0, ..Totals::default() },
            stages: None,
            uncertainty: None,
            allocations: (0..facilities).flat_map(|f| (0..hours).map(move |h| row(f, h))).collect(),
            zones: vec![],
            flows: vec![],
            overridden: vec![],
        }
    }

    fn paper(plan: &Plan, is_issued: bool) -> PlanPaper<'_> {
        let proposed_at = "2026-01-23T12:20:00Z".parse().unwrap();
        PlanPaper {
            plan,
            digest: "9c1e04af",
            environment: "kz-test",
            author: "Б. Омарова",
            proposed_at,
            approvals: vec![Approval { person: "А. Серік".into(), at: proposed_at }],
            is_issued,
            zone: chrono_tz::Asia::Almaty,
            step_minutes: 60,
        }
    }

    #[test]
    fn words_are_translated() {
        for (key, [en, ru, kk]) in PlanPaperWords::TABLE {
            assert!(en != ru && ru != kk && !kk.is_empty() && !ru.is_empty(), "{key}");
        }
    }

    #[test]
    fn the_plan_says_who_approved_what_and_each_day_has_its_matrix() {
        let plan = plan(3, 48);
        let pages = paper(&plan, true).sheet().pages().unwrap();
        assert_eq!(unknown(&pages), 0);
        let said = words(&pages);
        for text in
            ["Суточный план", "тәуліктік жоспары", "1\u{202f}305,0", "А. Серік", "54,0", "9c1e04af", "F002"]
        {
            assert!(said.contains(&bare(text)), "{text} is not in {said}");
        }
        assert_eq!(said.matches("сб24янв").count(), said.matches("вс25янв").count(), "{said}");
        assert!(!said.contains("НЕУТВЕРЖДЁН"), "{said}");
        let draft = words(&paper(&plan, false).sheet().pages().unwrap());
        assert!(draft.contains("НЕУТВЕРЖДЁН"), "{draft}");
    }

    #[test]
    fn a_large_plan_goes_over_many_pages_that_are_counted() {
        let plan = plan(150, 24);
        let pages = paper(&plan, true).sheet().pages().unwrap();
        let (count, said) = (pages.pages().len(), words(&pages));
        assert!(count > 2 && said.contains(&format!("страница{count}из{count}")), "{count}");
    }

    #[test]
    fn the_same_facts_make_the_same_bytes() {
        let plan = plan(2, 24);
        assert_eq!(paper(&plan, true).pdf().unwrap(), paper(&plan, true).pdf().unwrap());
    }
}
