//! Changes as people and programs read them.

use super::changes::{Changes, Course, CutWindow, FacilityChange, Figures, Kind};
use crate::clock::{Clock, utc};
use crate::figures::{change, count, one, with_decimals};
use crate::output::Paint;
use crate::table::Columns;
use kezek_model::plan::{Overridden, Status, utc_text};
use std::collections::{BTreeMap, BTreeSet};

/// Most facilities of a kind and windows of a facility that are listed.
const MOST_FACILITIES: usize = 40;
const MOST_WINDOWS: usize = 4;

/// The changes as text.
pub(super) fn table(changes: &Changes, paint: Paint) -> String {
    let (before, after) = (&changes.before, &changes.after);
    let title = paint.heading(&changes.case);
    let mut text = format!("{title}: what changes\n");
    text += &format!("  before  {}, {}\n", status(before.status), before.digest);
    text += &format!("  after   {}, {}\n\n", status(after.status), after.digest);
    if before.digest == after.digest {
        return text + "Nothing: the two plans are the same.\n";
    }
    text += &totals(before, after);
    text += &format!(
        "\nfacilities: {} newly cut, {} released, {} changed, {} as before\n",
        changes.count(Kind::NewlyCut),
        changes.count(Kind::Released),
        changes.count(Kind::Changed),
        changes.unchanged,
    );
    if !changes.facilities.is_empty() {
        text += &format!("\n{}", facilities(&changes.facilities));
    }
    text + &overridden("gives way no more", &changes.overridden_no_more)
        + &overridden("gives way now", &changes.overridden_now)
}

fn totals(before: &Figures, after: &Figures) -> String {
    let mut table = Columns::new(1, &["", "before", "after", "change"]);
    let mut row = |name: &str, decimals: usize, figure: &dyn Fn(&Figures) -> f64| {
        let [was, is] = [before, after].map(figure);
        let [shown_was, shown_is] = [was, is].map(|value| with_decimals(value, decimals));
        table.row([name.to_owned(), shown_was, shown_is, change(is - was, decimals)]);
    };
    row("cut MWh", 1, &|plan| plan.cut_mwh);
    row("peak cut MW", 1, &|plan| plan.peak_cut_mw);
    row("uncovered MWh", 1, &|plan| plan.uncovered_mwh);
    row("peak uncovered MW", 1, &|plan| plan.peak_uncovered_mw);
    row("objective", 2, &|plan| plan.objective);
    row("cost", 2, &|plan| plan.cost);
    #[allow(clippy::cast_precision_loss)]
    row("events", 0, &|plan| plan.events as f64);
    row("highest burden %", 1, &|plan| plan.max_burden * 100.0);
    #[allow(clippy::cast_precision_loss)]
    row("overridden", 0, &|plan| plan.overridden as f64);
    table.text()
}

fn facilities(changes: &[FacilityChange]) -> String {
    let header = ["facility", "", "", "cut (UTC)", "peak MW", "MWh", "change MWh"];
    let mut table = Columns::new(4, &header);
    for row in changes.iter().take(MOST_FACILITIES) {
        let mut lead = [row.facility.to_string(), kind(row.change).into(), change(row.change_mwh, 1)];
        windows("before", &row.before, &mut lead, &mut table);
        windows("after", &row.after, &mut lead, &mut table);
    }
    if let Some(rest) = changes.get(MOST_FACILITIES..).filter(|rest| !rest.is_empty()) {
        let mwh = rest.iter().map(|row| row.change_mwh).sum();
        let label = format!("and {} more", rest.len());
        let blank = String::new;
        table.row([label, blank(), blank(), blank(), blank(), blank(), change(mwh, 1)]);
    }
    table.text()
}

/// The windows of a facility in one plan; what leads the first row stands only once.
fn windows(plan: &str, windows: &[CutWindow], lead: &mut [String; 3], table: &mut Columns) {
    let mut plan = plan.to_owned();
    let mut row = |window: String, mw: String, mwh: String| {
        let [facility, kind, change] = std::mem::take(lead);
        table.row([facility, kind, std::mem::take(&mut plan), window, mw, mwh, change]);
    };
    if windows.is_empty() {
        row("not cut".into(), String::new(), one(0.0));
    }
    for window in windows.iter().take(MOST_WINDOWS) {
        let span = Clock::utc().window(window.from, window.to);
        row(span, one(window.peak_cut.mw()), one(window.cut_mwh));
    }
    if let Some(rest) = windows.get(MOST_WINDOWS..).filter(|rest| !rest.is_empty()) {
        let mw = rest.iter().map(|window| window.peak_cut.mw()).fold(0.0, f64::max);
        let mwh = rest.iter().map(|window| window.cut_mwh).sum();
        row(format!("and {} more", rest.len()), one(mw), one(mwh));
    }
}

/// Rules that give way in one plan only: per facility, rule and cause, how often and when first.
fn overridden(title: &str, rows: &[Overridden]) -> String {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Overridden>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.facility.as_str(), &row.rule, &row.by)).or_default().push(row);
    }
    let line = |((facility, rule, by), rows): (&(&str, &str, &str), &Vec<&Overridden>)| {
        let first = rows.iter().map(|row| row.interval_start).min().map(utc).unwrap_or_default();
        let times = count(rows.len(), "interval", "intervals");
        format!("  {title}: {rule} of {facility}, by {by}, {times} from {first}\n")
    };
    let lines: String = groups.iter().take(MOST_FACILITIES).map(line).collect();
    let more = groups.len().saturating_sub(MOST_FACILITIES);
    let rest = if more > 0 { format!("  and {more} more\n") } else { String::new() };
    if lines.is_empty() { lines } else { format!("\n{lines}{rest}") }
}

/// One JSON document per facility that changes.
///
/// # Errors
/// When a number is not finite, which no plan from a file has.
pub(super) fn lines(changes: &Changes) -> anyhow::Result<String> {
    let line = |change| Ok(serde_json::to_string(change)? + "\n");
    changes.facilities.iter().map(line).collect()
}

/// One row per facility and interval in which the cut differs.
///
/// # Errors
/// When the table cannot be put together.
pub(super) fn rows(before: &Course<'_>, after: &Course<'_>) -> anyhow::Result<String> {
    let names: BTreeSet<_> = before.cuts.keys().chain(after.cuts.keys()).copied().collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["facility", "interval_start", "interval_end", "cut_before_mw", "cut_after_mw"])?;
    for name in names {
        for &start in &before.starts {
            let [one, two] = [before, after].map(|course| {
                course.cuts.get(name).and_then(|cut| cut.get(&start)).copied().unwrap_or_default()
            });
            if one != two {
                let end = start + before.step;
                let [one, two] = [one, two].map(|cut| cut.mw().to_string());
                writer.write_record([name.as_str(), &utc_text(start), &utc_text(end), &one, &two])?;
            }
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::WithinGap => "within-gap",
        Status::TimeLimit => "time-limit",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::NewlyCut => "newly cut",
        Kind::Released => "released",
        Kind::Changed => "changed",
    }
}
