//! A frontier as people and as spreadsheets read it.

use super::chart::curve;
use crate::figures::{money, one, with_decimals};
use crate::output::Paint;
use crate::table::Columns;
use kezek_model::case::Policy;
use kezek_planner::frontier::{Frontier, Point};
use std::fmt::Write as _;

/// A burden as percent, fine enough to tell limits apart.
fn percent(share: f64) -> String {
    format!("{} %", with_decimals(share * 100.0, 2))
}

/// Table and curve.
pub(super) fn table(frontier: &Frontier, paint: Paint) -> String {
    let mut text = format!("{}\n  {}\n\n", paint.heading(&frontier.case), about(frontier));
    text += &points(frontier);
    if !frontier.points.is_empty() {
        _ = write!(text, "\n  objective, {}\n", frontier.currency);
        let shown: Vec<(f64, f64)> =
            frontier.points.iter().map(|point| (point.burden, point.objective)).collect();
        for line in curve(&shown, &percent, &|value| with_decimals(value, 0)) {
            _ = writeln!(text, "  {line}");
        }
        text += "  highest burden\n";
    }
    text + "\n" + &in_short(frontier)
}

fn about(frontier: &Frontier) -> String {
    match frontier.policy {
        Policy::Rotation => "highest burden of the horizon and the past of ledger.csv".to_owned(),
        Policy::EqualShare | Policy::LeastCost => "highest burden of the horizon".to_owned(),
    }
}

fn points(frontier: &Frontier) -> String {
    let header = ["limit", "burden", "objective", "gap %", "cost", "uncovered MWh", "per percentage point"];
    let mut table = Columns::new(0, &header);
    for point in &frontier.points {
        table.row([
            percent(point.limit),
            percent(point.burden),
            money(point.objective),
            point.gap.map_or("-".to_owned(), |gap| with_decimals(gap * 100.0, 3)),
            money(point.cost),
            one(point.uncovered_mwh),
            point.shadow_price.map_or("-".to_owned(), money),
        ]);
    }
    table.text()
}

fn in_short(frontier: &Frontier) -> String {
    let currency = &frontier.currency;
    let floor = frontier.floor.map_or("not proven in this time".to_owned(), |floor| {
        format!("{}: with less, more than the least shortage stays uncovered", percent(floor))
    });
    let mut lines = vec![("floor", floor)];
    if let (Some(first), Some(last)) = (frontier.points.first(), frontier.points.last()) {
        let more = first.objective - last.objective;
        let spread = format!(
            "{} {currency} more than least cost for a highest burden of {} instead of {}",
            money(more),
            percent(first.burden),
            percent(last.burden)
        );
        lines.push(("fairness", spread));
    }
    lines.push(("seconds", format!("{:.1}, seed {}", frontier.seconds, frontier.seed)));
    lines.iter().map(|(name, words)| format!("{name:<11}{words}\n")).collect()
}

/// One row a point.
pub(super) fn csv(frontier: &Frontier) -> String {
    let mut text = "limit,burden,objective,bound,gap,cost,uncovered_mwh,shadow_price\n".to_owned();
    for point in &frontier.points {
        let Point { limit, burden, objective, cost, uncovered_mwh, .. } = point;
        let cell = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let (bound, gap, shadow_price) = (cell(point.bound), cell(point.gap), cell(point.shadow_price));
        _ = writeln!(
            text,
            "{limit},{burden},{objective},{bound},{gap},{cost},{uncovered_mwh},{shadow_price}"
        );
    }
    text
}
