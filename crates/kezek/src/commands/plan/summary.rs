//! A plan as a dispatcher reads it: per zone when it is short, how much, covered by whom, and what stays uncovered.

use super::shortage::{FacilityCut, Span, ZoneView, is_something, zones};
use crate::clock::{Clock, utc_window};
use crate::figures::{count, money, one, percent, with_decimals};
use crate::output::Paint;
use crate::table::{Columns, shortened};
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use kezek_planner::solve::Settings;
use std::collections::BTreeMap;

/// Most runs of shortage, facilities and windows that are listed; the rest is summed up.
const MOST_RUNS: usize = 16;
const MOST_FACILITIES: usize = 10;
const MOST_WINDOWS: usize = 4;
/// Longest facility, with its name.
const MOST_NAME: usize = 24;

/// Whether more than rounding stays uncovered somewhere; of several scenarios, in any that can come.
pub(crate) fn is_uncovered(plan: &Plan) -> bool {
    if let Some(said) = &plan.uncertainty {
        return said.scenarios.iter().any(|own| own.probability > 0.0 && is_something(own.uncovered_mwh));
    }
    plan.zones.iter().any(|row| is_something(row.uncovered_mw))
}

/// The plan as text.
///
/// # Errors
/// When the plan has no digest.
pub(super) fn table(case: &Case, plan: &Plan, paint: Paint) -> anyhow::Result<String> {
    let clock = Clock::new(case.grid.time_zone, case.grid.start, case.grid.end());
    let view = View { case, plan, clock, paint };
    let zones: String = zones(case, plan).iter().map(|zone| view.zone(zone)).collect();
    let scenarios = super::scenarios::text(case, plan, &view.clock, paint);
    Ok(format!("{}{zones}{scenarios}{}\n{}", heading(case, paint), view.stages(), view.outcome()?))
}

/// What would be planned, for a dry run.
///
/// # Errors
/// When the case has no digest.
pub(super) fn outlook(case: &Case, settings: Settings) -> anyhow::Result<String> {
    let protected = case.facilities.iter().filter(|facility| facility.protected).count();
    let facilities = count(case.facilities.len(), "facility", "facilities");
    Ok(format!(
        "{}\n  {facilities} ({protected} protected), {}, {}, {}\n  would stop at a gap of {} or after {} s; {}, seed {}\n  digest {}\n",
        heading(case, Paint::default()).trim_end(),
        count(case.zones.len(), "zone", "zones"),
        count(case.ties.len(), "tie", "ties"),
        count(case.schedules.len(), "standing order", "standing orders"),
        settings.gap,
        settings.time_limit_s,
        count(settings.threads as usize, "thread", "threads"),
        settings.seed,
        case.digest()?,
    ))
}

fn heading(case: &Case, paint: Paint) -> String {
    let grid = &case.grid;
    let clock = Clock::new(grid.time_zone, grid.start, grid.end());
    let intervals = count(grid.len, "interval", "intervals");
    format!(
        "{}\n  {} on the clock of {}, {}\n  {}, {intervals} of {} min\n",
        paint.heading(&case.name),
        clock.window(grid.start, grid.end()),
        grid.time_zone.name(),
        clock.heading(),
        utc_window(grid.start, grid.end()),
        grid.step_minutes,
    )
}

struct View<'a> {
    case: &'a Case,
    plan: &'a Plan,
    clock: Clock,
    paint: Paint,
}

impl View<'_> {
    fn zone(&self, zone: &ZoneView<'_>) -> String {
        let title = self.paint.heading(&format!("Zone {}", zone.id));
        let mut text = format!("\n{title}: {}\n", self.in_short(zone));
        if !zone.short().is_empty() {
            text += &format!("\n{}", self.runs(zone));
        }
        if !zone.cuts.is_empty() {
            text += &format!("\n{}", self.cuts(zone));
        }
        text + &self.uncovered(zone)
    }

    fn in_short(&self, zone: &ZoneView<'_>) -> String {
        let runs = zone.short();
        let (cut, flow) = (zone.cut_in(zone.all()), flow_words(zone.import_in(zone.all()).mwh));
        let all = format!("whole horizon: cut {} MWh{flow}", one(cut.mwh));
        if runs.is_empty() {
            return format!("never short of its own\n  {all}");
        }
        let hours = self.hours(runs.iter().map(|run| run.to - run.from).sum());
        let need = zone.need_in(zone.all());
        format!("short in {hours} h, by up to {} MW, {} MWh\n  {all}", one(need.peak_mw), one(need.mwh))
    }

    fn runs(&self, zone: &ZoneView<'_>) -> String {
        let window = format!("short ({})", self.clock.heading());
        let header = [&window, "h", "peak MW", "short MWh", "import MWh", "cut MWh", "uncovered MWh"];
        let mut table = Columns::new(1, &header);
        let runs = zone.short();
        for &run in runs.iter().take(MOST_RUNS) {
            table.row(self.run_row(self.window(run), zone, &[run]));
        }
        if let Some(rest) = runs.get(MOST_RUNS..).filter(|rest| !rest.is_empty()) {
            table.row(self.run_row(format!("and {} more", rest.len()), zone, rest));
        }
        table.text()
    }

    fn run_row(&self, label: String, zone: &ZoneView<'_>, runs: &[Span]) -> [String; 7] {
        let steps = runs.iter().map(|run| run.to - run.from).sum();
        let peak = runs.iter().map(|&run| zone.need_in(run).peak_mw).fold(0.0, f64::max);
        let sum = |mwh: &dyn Fn(Span) -> f64| one(runs.iter().map(|&run| mwh(run)).sum());
        [
            label,
            self.hours(steps),
            one(peak),
            sum(&|run| zone.need_in(run).mwh),
            sum(&|run| zone.import_in(run).mwh),
            sum(&|run| zone.cut_in(run).mwh),
            sum(&|run| zone.uncovered_in(run).mwh),
        ]
    }

    fn cuts(&self, zone: &ZoneView<'_>) -> String {
        let window = format!("cut ({})", self.clock.heading());
        let price = format!("{}/MWh", self.case.objective.currency);
        let mut table = Columns::new(2, &["facility", &window, "h", "peak MW", "cut MWh", &price]);
        let (shown, rest) = zone.cuts.split_at(zone.cuts.len().min(MOST_FACILITIES));
        shown.iter().for_each(|cut| self.facility(cut, &mut table));
        if !rest.is_empty() {
            let amounts = rest.iter().map(FacilityCut::cut_in_all);
            let (mw, mwh) = amounts.fold((0.0, 0.0), |sum, cut| (sum.0 + cut.peak_mw, sum.1 + cut.mwh));
            let label = format!("and {} more", rest.len());
            table.row([label, String::new(), String::new(), one(mw), one(mwh), String::new()]);
        }
        table.text()
    }

    fn facility(&self, cut: &FacilityCut<'_>, table: &mut Columns) {
        let facility = cut.facility;
        let mut name = shortened(&format!("{} {}", facility.id, facility.name), MOST_NAME);
        let mut price = money(cut.cost_per_mwh);
        for &span in cut.windows.iter().take(MOST_WINDOWS) {
            let amount = cut.cut_in(span);
            let (hours, window) = (self.hours(span.to - span.from), self.window(span));
            let (name, price) = (std::mem::take(&mut name), std::mem::take(&mut price));
            table.row([name, window, hours, one(amount.peak_mw), one(amount.mwh), price]);
        }
        if let Some(rest) = cut.windows.get(MOST_WINDOWS..).filter(|rest| !rest.is_empty()) {
            let amounts = rest.iter().map(|&span| cut.cut_in(span));
            let (mw, mwh) =
                amounts.fold((0.0, 0.0), |sum: (f64, f64), cut| (sum.0.max(cut.peak_mw), sum.1 + cut.mwh));
            let hours = self.hours(rest.iter().map(|span| span.to - span.from).sum());
            table.row([
                String::new(),
                format!("and {} more", rest.len()),
                hours,
                one(mw),
                one(mwh),
                String::new(),
            ]);
        }
    }

    fn uncovered(&self, zone: &ZoneView<'_>) -> String {
        let amount = zone.uncovered_in(zone.all());
        let spans = zone.uncovered();
        if spans.is_empty() {
            return "\n  stays uncovered: 0.0 MWh\n".to_owned();
        }
        let total = format!("stays uncovered: {} MWh, up to {} MW", one(amount.mwh), one(amount.peak_mw));
        let mut text = format!("\n  {}\n", self.paint.alarm(&total));
        for &span in spans.iter().take(MOST_RUNS) {
            let part = zone.uncovered_in(span);
            let (mwh, mw) = (one(part.mwh), one(part.peak_mw));
            text += &format!("    {}: {mwh} MWh, up to {mw} MW\n", self.window(span));
        }
        if let Some(rest) = spans.get(MOST_RUNS..).filter(|rest| !rest.is_empty()) {
            let mwh = rest.iter().map(|&span| zone.uncovered_in(span).mwh).sum();
            text += &format!("    and {} more: {} MWh\n", rest.len(), one(mwh));
        }
        text
    }

    fn outcome(&self) -> anyhow::Result<String> {
        let (plan, currency) = (self.plan, &self.case.objective.currency);
        let totals = &plan.totals;
        let energy = format!(
            "{} MWh of {} MWh nominated; uncovered {} MWh",
            one(totals.cut_mwh),
            one(totals.nominated_mwh),
            one(totals.uncovered_mwh)
        );
        let events = count(usize::try_from(totals.events)?, "event", "events");
        let lines = [
            ("cut", energy),
            ("overrun", self.overrun()),
            ("status", self.status()),
            ("objective", format!("{} {currency}{}", money(plan.objective), bound_words(plan))),
            ("cost", format!("{} {currency} for cuts and {events}", money(totals.cost))),
            ("burden", self.burden()),
            ("overridden", self.overridden()),
            ("digest", plan.digest()?),
            ("seconds", format!("{:.1}, seed {}", plan.seconds, plan.seed)),
        ];
        let told = lines.iter().filter(|(_, words)| !words.is_empty());
        Ok(told.map(|(name, words)| format!("{name:<11}{words}\n")).collect())
    }

    /// What orders or the state kept cut beyond the limits of a facility: the objective counts it as uncovered.
    fn overrun(&self) -> String {
        let (plan, price) = (self.plan, self.case.objective.uncovered_cost_per_mwh);
        let mwh = (plan.objective - plan.totals.cost) / price - plan.totals.uncovered_mwh;
        if price <= 0.0 || mwh < 0.05 || plan.uncertainty.is_some() {
            return String::new();
        }
        format!("{} MWh cut beyond max_cut_min or max_cut_hours, priced as uncovered", one(mwh))
    }

    /// The highest burden, of a policy that minimises it with the floor.
    fn burden(&self) -> String {
        let highest = format!("highest {} of its energy", percent(self.plan.totals.max_burden));
        let stages = self.plan.stages.as_deref().unwrap_or_default();
        let floor = stages.iter().find(|stage| stage.stage == "burden").and_then(|stage| stage.bound);
        match floor {
            None => highest,
            Some(floor) => {
                format!("{highest}; with this little uncovered no plan has less than {}", percent(floor))
            }
        }
    }

    /// The stages of a lexicographic policy.
    fn stages(&self) -> String {
        let Some(stages) = &self.plan.stages else { return String::new() };
        let mut table = Columns::new(1, &["stage", "reached", "proven not below", "gap %"]);
        for (at, stage) in stages.iter().enumerate() {
            let words = |value: f64| match stage.stage.as_str() {
                "uncovered" => format!("{} MWh", with_decimals(value, 3)),
                "burden" => format!("{} %", with_decimals(value * 100.0, 3)),
                _ => format!("{} {}", money(value), self.case.objective.currency),
            };
            let name = match stage.stage.as_str() {
                "uncovered" => "least uncovered and overrun",
                "burden" => "smallest highest burden",
                _ => "least cost",
            };
            let gap = stage.gap.map_or("-".to_owned(), |gap| with_decimals(gap * 100.0, 4));
            let bound = stage.bound.map_or("-".to_owned(), words);
            table.row([format!("{}. {name}", at + 1), words(stage.value), bound, gap]);
        }
        format!("\n{}", table.text())
    }

    fn status(&self) -> String {
        match self.plan.status {
            Status::Optimal => "optimal".to_owned(),
            Status::WithinGap => "within-gap: proven to be as near to the best as asked for".to_owned(),
            Status::TimeLimit => {
                self.paint.alarm("time-limit: stopped before the gap asked for; the best plan found")
            }
        }
    }

    fn overridden(&self) -> String {
        let mut by_rule: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for row in &self.plan.overridden {
            *by_rule.entry((&row.rule, &row.by)).or_default() += 1;
        }
        let words = |((rule, by), times): (&(&str, &str), &usize)| {
            format!("{rule} by {by} ({})", count(*times, "interval", "intervals"))
        };
        let words: Vec<String> = by_rule.iter().map(words).collect();
        if words.is_empty() { "no rule".to_owned() } else { words.join(&format!("\n{:11}", "")) }
    }

    fn window(&self, span: Span) -> String {
        self.clock.window(self.case.grid.instant(span.from), self.case.grid.instant(span.to))
    }

    #[allow(clippy::cast_precision_loss)]
    fn hours(&self, steps: usize) -> String {
        let hours = steps as f64 * self.case.grid.hours();
        if hours.fract() == 0.0 { format!("{hours:.0}") } else { format!("{hours:.2}") }
    }
}

fn flow_words(import_mwh: f64) -> String {
    if import_mwh.abs() < 0.05 {
        String::new()
    } else if import_mwh > 0.0 {
        format!(", import {} MWh", one(import_mwh))
    } else {
        format!(", export {} MWh", one(-import_mwh))
    }
}

fn bound_words(plan: &Plan) -> String {
    match (plan.bound, plan.gap) {
        (Some(bound), Some(gap)) => format!("; proven not below {}, gap {:.4} %", money(bound), gap * 100.0),
        _ => "; no bound proven".to_owned(),
    }
}
