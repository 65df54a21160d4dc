//! The reasons of a plan's rows: every kind of statement is tried out.

use crate::brute::solved;
use crate::builder::{nominated_kw, plan as written};
use crate::reference::{frame, levels, zone_excess};
use crate::scenes::{Scene, random};
use kezek_model::plan::Plan;
use kezek_model::registry::Language;
use kezek_pages::said;
use kezek_planner::check::{Rule, check};
use std::collections::BTreeMap;

struct Row<'a> {
    scene: &'a Scene,
    cuts: &'a [Vec<i64>],
    i: usize,
    t: usize,
}

impl Row<'_> {
    fn with(&self, kw: i64) -> Plan {
        let mut cuts = self.cuts.to_vec();
        cuts[self.i][self.t] = kw;
        written(&self.scene.case, &cuts)
    }

    fn uncovered_mw(&self, kw: i64) -> f64 {
        self.with(kw).totals.uncovered_mwh
    }

    fn cut(&self) -> i64 {
        self.cuts[self.i][self.t]
    }

    fn breaks(&self, kw: i64, rules: &[Rule]) -> bool {
        check(&self.scene.case, &self.with(kw), None).findings.iter().any(|found| rules.contains(&found.rule))
    }

    /// The judge allows for rounding, the planner does not.
    fn returns_too_fast(&self, kw: i64) -> bool {
        let mut cuts = self.cuts.to_vec();
        cuts[self.i][self.t] = kw;
        let cuts: Vec<&[i64]> = cuts.iter().map(Vec::as_slice).collect();
        let frames: Vec<_> = (0..cuts.len()).map(|i| frame(self.scene, i)).collect();
        let z = self.scene.case.zone_index(&self.scene.case.facilities[self.i].zone).unwrap();
        (0..self.scene.case.grid.len).any(|t| zone_excess(self.scene, &frames, &cuts, z, t) > 0)
    }

    /// The least that an order demands, else nothing.
    fn smaller(&self) -> i64 {
        let frame = frame(self.scene, self.i);
        let allowed = levels(self.scene, self.i, &frame, self.t);
        allowed.into_iter().find(|&kw| kw >= frame.demand[self.t]).unwrap()
    }

    fn smallest(&self) -> i64 {
        let frame = frame(self.scene, self.i);
        levels(self.scene, self.i, &frame, self.t).into_iter().filter(|&kw| kw > 0).min().unwrap()
    }

    fn members(&self) -> Vec<usize> {
        let facilities = &self.scene.case.facilities;
        let zone = &facilities[self.i].zone;
        (0..facilities.len()).filter(|&j| facilities[j].zone == *zone).collect()
    }

    fn nominated_less_headroom_kw(&self) -> f64 {
        let case = &self.scene.case;
        let z = case.zone_index(&case.facilities[self.i].zone).unwrap();
        let nominated: i64 =
            self.members().iter().map(|&j| nominated_kw(case, &case.facilities[j], self.t)).sum();
        nominated as f64 - case.scenarios[0].headroom_mw[z][self.t] * 1000.0
    }
}

/// The rules of the judge that a sentence speaks of.
fn spoken_of(text: &str) -> Option<&'static [Rule]> {
    let kinds: [(&str, &[Rule]); 8] = [
        ("its events last at least", &[Rule::MinCut]),
        ("a pause here would be shorter", &[Rule::MinGap]),
        ("one too many that day", &[Rule::MaxEvents]),
        ("its load returns by no more", &[Rule::Ramp]),
        ("may not outlast", &[Rule::MaxCut]),
        ("min from another event", &[Rule::MinGap]),
        ("no start left", &[Rule::MaxEvents]),
        ("no hours under cut left", &[Rule::MaxHours]),
    ];
    kinds.into_iter().find(|(words, _)| text.contains(words)).map(|(_, rules)| rules)
}

fn number_after(text: &str, words: &str) -> f64 {
    let rest = text.split(words).nth(1).unwrap();
    rest.trim_start().split([' ', ';']).next().unwrap().parse().unwrap()
}

/// Asserts what a sentence says, and gives its kind.
fn tried(row: &Row<'_>, text: &str) -> &'static str {
    let (cut, facility) = (row.cut(), &row.scene.case.facilities[row.i]);
    let uncovered = row.uncovered_mw(cut);
    if text.contains("without it zone") {
        let more = row.uncovered_mw(0) - uncovered;
        assert!((more - number_after(text, "is short of ")).abs() < 1e-9, "{more} MW more are short: {text}");
        return if text.contains("deeper because") { "deeper" } else { "needed" };
    }
    if text.contains("not needed in this interval") {
        assert!((row.uncovered_mw(row.smaller()) - uncovered).abs() < 1e-9, "{text}");
        if let Some(rules) = spoken_of(text) {
            assert!(row.breaks(row.smaller(), rules), "{text}");
            return "kept by a rule";
        }
        if text.contains("at once") {
            assert!(row.returns_too_fast(row.smaller()), "{text}");
            return "kept by its zone";
        }
        if text.contains("another event") {
            assert!(row.with(row.smaller()).objective >= row.with(cut).objective - 1e-6, "{text}");
            return "kept by its price";
        }
        return "kept by chance";
    }
    if text.contains("stays short") {
        let smallest = row.smallest();
        assert!(row.uncovered_mw(smallest) < uncovered - 1e-9, "{text}");
        if let Some(rules) = spoken_of(text) {
            assert!(row.breaks(smallest, rules), "{text}");
            return "short, spared by a rule";
        }
        if text.contains("its smallest cut costs") {
            assert!(row.with(smallest).objective >= row.with(cut).objective - 1e-6, "{text}");
        }
        return "short";
    }
    if text.contains("headroom for all") {
        assert!(row.nominated_less_headroom_kw() <= 1e-6, "{text}");
        return "headroom";
    }
    if text.contains("imports cover") {
        assert!(
            row.nominated_less_headroom_kw() > 0.0 && row.members().iter().all(|&j| row.cuts[j][row.t] == 0)
        );
        return "imports";
    }
    if text.contains("is covered by MWh of at most") {
        let dearest = number_after(text, "at most ");
        assert!(facility.cut_cost_per_mwh > dearest, "{text}");
        let rivals = &row.scene.case.facilities;
        let is_one =
            |&j: &usize| row.cuts[j][row.t] > 0 && (rivals[j].cut_cost_per_mwh - dearest).abs() < 0.01;
        assert!(row.members().iter().any(is_one), "{text}");
        return "dearer";
    }
    if text.contains("is covered, and") {
        assert!(spoken_of(text).is_none_or(|rules| row.breaks(row.smallest(), rules)), "{text}");
        return "covered, and a rule";
    }
    if text.starts_with("standing order") {
        assert!(row.scene.percent[row.t].is_some() && row.cut() > 0, "{text}");
        return "order";
    }
    match text {
        "protected: never cut" => assert!(facility.protected),
        "nothing to cut above its floor" => assert_eq!(frame(row.scene, row.i).room[row.t], 0),
        "cut stays as it was: notice has not passed" | "not cut: notice has not passed" => {
            assert_eq!(frame(row.scene, row.i).frozen[row.t], Some(cut));
        }
        "licence not valid: entitled to nothing beyond its floor" => assert!(facility.licence_to.is_some()),
        "not cut: a cut here would cover nothing" => {
            assert!(uncovered > 0.0 && row.uncovered_mw(row.smallest()) >= uncovered - 1e-9);
        }
        _ => assert!(text.ends_with("is covered without it"), "{text}"),
    }
    "plain"
}

/// The pages know every part of a reason: in English it comes out as it went in, but for how its numbers look.
fn can_be_said(reason: &str) {
    let said = |language| said::known(reason, language, chrono_tz::UTC).unwrap_or_else(|| panic!("{reason}"));
    let plain = said(Language::En).replace('\u{202f}', "").replace('\u{2212}', "-");
    assert_eq!(plain, reason);
    for language in [Language::Ru, Language::Kk] {
        let words = said(language);
        assert!(!words.contains("zone") && !words.contains("cut"), "{words}");
    }
}

#[test]
fn every_reason_is_true() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..700 {
        let scene = random(seed);
        let plan = solved(&scene).unwrap();
        let len = scene.case.grid.len;
        let cuts: Vec<Vec<i64>> =
            plan.allocations.chunks(len).map(|rows| rows.iter().map(|row| row.cut.0).collect()).collect();
        for (n, allocation) in plan.allocations.iter().enumerate() {
            let row = Row { scene: &scene, cuts: &cuts, i: n / len, t: n % len };
            can_be_said(&allocation.reason);
            let kind = std::panic::catch_unwind(|| tried(&row, &allocation.reason));
            let kind = kind.unwrap_or_else(|_| panic!("seed {seed}, facility {}, interval {}", row.i, row.t));
            *kinds.entry(kind).or_default() += 1;
        }
    }
    println!("{kinds:?}");
    for kind in
        ["needed", "deeper", "kept by a rule", "short, spared by a rule", "headroom", "dearer", "order"]
    {
        assert!(kinds.get(kind).is_some_and(|&times| times >= 5), "{kind} is hardly tried: {kinds:?}");
    }
}
