//! Two plans side by side, for people.

use crate::clock::{Clock, utc_window};
use crate::figures::{money, one, percent};
use crate::output::Paint;
use crate::table::Columns;
use kezek_model::case::Case;
use kezek_study::instead::{Instead, Relief, Spread, Taken};

/// What is told.
pub(super) fn text(case: &Case, told: &Instead, paint: Paint) -> String {
    [heading(case, told, paint), sums(told), relief(&told.relief, paint), zones(told), days(told)].join("\n")
}

fn heading(case: &Case, told: &Instead, paint: Paint) -> String {
    let grid = &case.grid;
    let clock = Clock::new(grid.time_zone, grid.start, grid.end());
    let (window, zone) = (clock.window(grid.start, grid.end()), grid.time_zone.name());
    format!(
        "{}\n  {window} on the clock of {zone}, {}\n  {}\n  ordered: by {}\n  instead: without them, by {}\n",
        paint.heading(&case.name),
        clock.heading(),
        utc_window(grid.start, grid.end()),
        told.orders.join(", "),
        told.policy.as_str(),
    )
}

fn sums(told: &Instead) -> String {
    let mut table = Columns::new(1, &["all zones", "ordered", "instead"]);
    let mut row = |name: &str, figure: &dyn Fn(&Taken) -> String| {
        table.row([name.to_owned(), figure(&told.ordered), figure(&told.instead)]);
    };
    row("cut MWh", &|own| one(own.cut_mwh));
    row("  of which met a shortage of its hour", &|own| one(own.met_mwh));
    row("uncovered MWh", &|own| one(own.uncovered_mwh));
    row("facility-hours under cut", &|own| one(own.facility_hours));
    row("events", &|own| own.events.to_string());
    row("highest burden", &|own| percent(own.burden.highest));
    row("median burden", &|own| percent(own.burden.median));
    row("lowest burden", &|own| percent(own.burden.lowest));
    row(&format!("cost to miners, {}", told.currency), &|own| money(own.cost));
    let (nominated, need) = (one(told.nominated_mwh), one(told.need_mwh));
    format!(
        "{}\n  nominated {nominated} MWh; if nobody were cut {need} MWh would stay uncovered\n",
        table.text()
    )
}

fn relief(relief: &Relief, paint: Paint) -> String {
    let more = |mwh: f64| {
        let which = if mwh < 0.0 { "less" } else { "more" };
        format!("{} MWh {which} uncovered", one(mwh.abs()))
    };
    let mut text = if relief.is_kept {
        format!("same relief: yes; instead {} in sum, and in no zone more\n", more(relief.more_mwh))
    } else {
        let mut places = vec![format!("{} in sum", more(relief.more_mwh))];
        places.extend(relief.zones.iter().map(|zone| format!("{} in {}", more(zone.more_mwh), zone.zone)));
        format!("{}: instead {}\n", paint.alarm("same relief: no"), places.join(", "))
    };
    text += &match relief.hours_with_more > 0.0 {
        true => format!(
            "hour by hour: more in {} h, by up to {} MW\n",
            one(relief.hours_with_more),
            one(relief.most_mw)
        ),
        false => "hour by hour: in none more\n".to_owned(),
    };
    text
}

fn zones(told: &Instead) -> String {
    let header = [
        "zone",
        "ordered cut MWh",
        "uncovered MWh",
        "burden %",
        "instead cut MWh",
        "uncovered MWh",
        "burden %",
    ];
    let mut table = Columns::new(1, &header);
    for zone in &told.zones {
        let [ordered, instead] = [&zone.ordered, &zone.instead];
        table.row([
            zone.zone.to_string(),
            one(ordered.cut_mwh),
            one(ordered.uncovered_mwh),
            range(&ordered.burden),
            one(instead.cut_mwh),
            one(instead.uncovered_mwh),
            range(&instead.burden),
        ]);
    }
    table.text()
}

/// From the lowest to the highest burden, in percent.
fn range(burden: &Spread) -> String {
    let [lowest, highest] = [burden.lowest, burden.highest].map(|share| one(share * 100.0));
    if lowest == highest { highest } else { format!("{lowest} to {highest}") }
}

fn days(told: &Instead) -> String {
    let header = ["day", "need MWh", "ordered cut", "met", "uncovered", "instead cut", "met", "uncovered"];
    let mut table = Columns::new(1, &header);
    for day in &told.days {
        let parts =
            [day.ordered, day.instead].map(|part| [part.cut_mwh, part.met_mwh, part.uncovered_mwh].map(one));
        let [[cut, met, uncovered], [instead, instead_met, instead_uncovered]] = parts;
        table.row([
            day.date.to_string(),
            one(day.need_mwh),
            cut,
            met,
            uncovered,
            instead,
            instead_met,
            instead_uncovered,
        ]);
    }
    table.text()
}
