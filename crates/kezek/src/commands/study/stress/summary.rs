//! A blow and what becomes of a plan, for people.

use crate::clock::Clock;
use crate::figures::{change, count, one};
use crate::output::Paint;
use crate::table::Columns;
use kezek_model::case::Case;
use kezek_study::stress::{Blow, Hour, Stress, Sum};

/// Most hours of a zone that are listed; the rest is in hours.csv.
const MOST_HOURS: usize = 24;

/// What is told.
pub(super) fn text(case: &Case, blow: &Blow, told: &Stress, paint: Paint) -> String {
    let clock = Clock::new(case.grid.time_zone, told.at.min(told.from), told.to);
    [
        heading(case, blow, told, &clock, paint),
        orders(told),
        left(told),
        hours(told, &clock),
        outcome(told, paint),
    ]
    .join("\n")
}

fn heading(case: &Case, blow: &Blow, told: &Stress, clock: &Clock, paint: Paint) -> String {
    let islands = blow.islands.iter().map(|zone| format!("  {zone}: no tie carries anything\n"));
    let changes =
        blow.change_mw.iter().map(|(zone, mw)| format!("  {zone}: headroom {} MW\n", change(*mw, 1)));
    format!(
        "{}\n  struck at {} on the clock of {}, {}; hours {}\n{}",
        paint.heading(&case.name),
        clock.moment(told.at),
        case.grid.time_zone.name(),
        clock.heading(),
        clock.window(told.from, told.to),
        islands.chain(changes).collect::<String>(),
    )
}

/// Which orders of the plan meet nothing now.
fn orders(told: &Stress) -> String {
    let mut table =
        Columns::new(1, &["orders as they stand", "cut MWh", "of which idle now", "facilities", "idle now"]);
    for zone in &told.zones {
        let own = || told.facilities.iter().filter(|own| own.zone == zone.zone);
        let (cut, idle) = (own().filter(|own| own.cut_mwh > 0.0), own().filter(|own| own.idle_mwh > 0.0));
        table.row([
            zone.zone.to_string(),
            one(zone.sum.cut_mwh),
            one(zone.sum.idle_mwh),
            cut.count().to_string(),
            idle.count().to_string(),
        ]);
    }
    table.text()
}

/// What is left to shed.
fn left(told: &Stress) -> String {
    let header = ["MWh", "mining draws", "may not be taken", "in notice", "can be shed"];
    let mut table = Columns::new(1, &header);
    for zone in &told.zones {
        let Sum { drawn_mwh, kept_mwh, in_notice_mwh, can_be_shed_mwh, .. } = zone.sum;
        let [drawn, kept, in_notice, can_be_shed] =
            [drawn_mwh, kept_mwh, in_notice_mwh, can_be_shed_mwh].map(one);
        table.row([zone.zone.to_string(), drawn, kept, in_notice, can_be_shed]);
    }
    table.text()
}

/// The hours of every zone in which something is uncovered.
fn hours(told: &Stress, clock: &Clock) -> String {
    let mut text = String::new();
    for zone in &told.zones {
        let short = |hour: &&Hour| hour.zone == zone.zone && hour.standing_uncovered_mw > 0.0005;
        let short: Vec<&Hour> = told.hours.iter().filter(short).collect();
        if short.is_empty() {
            continue;
        }
        let first = format!("{} ({})", zone.zone, clock.heading());
        let header =
            [&first, "headroom MW", "drawn", "can be shed", "uncovered", "all shed", "planned again"];
        let mut table = Columns::new(1, &header);
        for hour in short.iter().take(MOST_HOURS) {
            let powers = [
                hour.headroom_mw,
                hour.drawn_mw,
                hour.can_be_shed_mw,
                hour.standing_uncovered_mw,
                hour.shed_uncovered_mw,
                hour.again_uncovered_mw,
            ];
            let [headroom, drawn, can_be_shed, standing, shed, again] = powers.map(one);
            let window = clock.window(hour.interval_start, hour.interval_end);
            table.row([window, headroom, drawn, can_be_shed, standing, shed, again]);
        }
        text += &table.text();
        if let Some(rest) = short.len().checked_sub(MOST_HOURS).filter(|rest| *rest > 0) {
            text += &format!("  and {} more in hours.csv (--out)\n", count(rest, "hour", "hours"));
        }
    }
    text
}

fn outcome(told: &Stress, paint: Paint) -> String {
    let sum = &told.sum;
    let said = [
        ("as planned", sum.planned_uncovered_mwh),
        ("orders as they stand", sum.standing_uncovered_mwh),
        ("all shed that can be", sum.shed_uncovered_mwh),
        ("planned again", sum.again_uncovered_mwh),
    ];
    let mut table = Columns::new(1, &["all zones", "uncovered MWh"]);
    said.into_iter().for_each(|(name, mwh)| table.row([name.to_owned(), one(mwh)]));
    let more = sum.standing_uncovered_mwh - sum.planned_uncovered_mwh;
    let verdict = match more > 0.05 || sum.idle_mwh > 0.05 {
        true => paint.alarm("the plan is void"),
        false => "the plan still serves".to_owned(),
    };
    format!(
        "{}\n{verdict}: its orders leave {} MWh uncovered that it had covered,\n  and {} MWh of its cuts meet no shortage\n",
        table.text(),
        one(more.max(0.0)),
        one(sum.idle_mwh)
    )
}
