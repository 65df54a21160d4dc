//! What an order means, in plain words and in UTC.

use super::calendar::{Run, Window, merged};
use super::{Depth, DepthBase, DepthKind, StandingOrder};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// More patterns of daily windows than this, as from a long period in a zone with summer time, are not spelt out.
const MOST_PATTERNS: usize = 6;

impl StandingOrder {
    /// The order in plain words and in UTC, as lines of a name and what it says, the title first. With `at`, whether it
    /// holds at that instant, until when, or when next. With `zone`, whether it means that grid zone and that its clock
    /// is the order's own; the name of an IANA time zone shows the same instants on that clock instead.
    #[must_use]
    pub fn describe(&self, at: Option<DateTime<Utc>>, zone: Option<&str>) -> String {
        let at = at.map(|at| at.clamp(EARLIEST, LATEST));
        let run = self.run_to_show(at);
        let windows = run.map(|run| merged(self.period.daily(run))).unwrap_or_default();
        let mut lines = self.origin();
        lines.push(("days", self.days()));
        lines.push(("every day", self.daily_window()));
        lines.extend(self.in_utc(run, &windows).into_iter().map(|line| ("in UTC", line)));
        lines.push(("for", self.scope_words()));
        lines.push(("depth", self.depth.words()));
        lines.extend(self.budget_words().map(|words| ("budget", words)));
        lines.extend(self.settlement.iter().map(|prices| ("prices", prices.words())));
        lines.extend(
            self.supersedes.iter().map(|other| ("replaces", format!("{other}, which is void as a whole"))),
        );
        lines.extend(at.map(|at| ("at", self.at_words(at))));
        lines.extend(
            zone.into_iter().flat_map(|zone| self.zone_words(zone, &windows)).map(|line| ("zone", line)),
        );
        format!("{}\n{}", self.title, columns(&lines))
    }

    fn origin(&self) -> Vec<(&'static str, String)> {
        vec![
            ("number", self.number.clone()),
            ("issued", format!("{} by {}", day_words(self.issued), self.issuer)),
            ("signed by", self.signatory.clone()),
            ("basis", self.basis.clone()),
        ]
    }

    fn days(&self) -> String {
        let period = &self.period;
        let clock = format!("on the clock of {}", period.time_zone.name());
        if period.every_year {
            let (first, last) = (period.first_day.format("%-d %B"), period.last_day.format("%-d %B"));
            return format!("{first} to {last}, both included, every year, {clock}");
        }
        if period.first_day == period.last_day {
            return format!("{}, {clock}", day_words(period.first_day));
        }
        format!("{} to {}, both included, {clock}", day_words(period.first_day), day_words(period.last_day))
    }

    fn daily_window(&self) -> String {
        let (from, to) = (&self.period.daily_from, &self.period.daily_to);
        match (from.as_str(), to.as_str()) {
            ("00:00", "24:00") => "all day".into(),
            _ if to <= from => format!("{from} to {to} of the next day"),
            _ => format!("{from} to {to}"),
        }
    }

    /// The run of the period that is shown in UTC: the one that holds at `at` or follows it, else the one written down.
    fn run_to_show(&self, at: Option<DateTime<Utc>>) -> Option<Run> {
        let period = &self.period;
        let written = (period.first_day, period.last_day);
        if !period.every_year {
            return Some(written);
        }
        let from_year = at.map_or(written.0.year(), |at| at.year() - 1);
        let not_over = |run: &Run| at.is_none_or(|at| period.daily(*run).any(|window| at < window.to));
        (from_year..=from_year + YEARS_AHEAD).filter_map(|year| period.run_from(year)).find(not_over)
    }

    fn in_utc(&self, run: Option<Run>, windows: &[Window]) -> Vec<String> {
        let season = run.filter(|_| self.period.every_year);
        let season = season.map(|(first, _)| format!("for the season that begins on {}:", day_words(first)));
        let patterns = patterns(windows);
        let mut lines: Vec<String> = season.into_iter().collect();
        lines.extend(patterns.iter().take(MOST_PATTERNS).map(|pattern| pattern_words(pattern)));
        if let (Some(last), true) = (windows.last(), patterns.len() > MOST_PATTERNS) {
            lines.push(format!("... by the same civil times to {}", window_words(last)));
        }
        if windows.is_empty() {
            lines.push("never: the clock leaps over it".into());
        }
        lines
    }

    fn scope_words(&self) -> String {
        let scope = &self.scope;
        let part = |words: &str, names: &[String]| {
            (!names.is_empty()).then(|| format!("{words} {}", listed(names, "or")))
        };
        let everywhere = scope.zones.is_empty() && scope.regions.is_empty() && scope.facilities.is_empty();
        let parts = [
            Some("every facility".to_owned()),
            part("of class", &scope.classes),
            part("in zone", &scope.zones),
            part("in region", &scope.regions),
            part("named", &scope.facilities),
            everywhere.then(|| "everywhere".to_owned()),
            part("except", &scope.except),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn budget_words(&self) -> Option<String> {
        let budget = self.budget.as_ref()?;
        let parts = [
            budget.notice_minutes.map(|minutes| format!("at least {minutes} min notice")),
            budget.min_gap_minutes.map(|minutes| format!("at least {minutes} min between two cuts")),
            budget.max_events_per_day.map(|events| format!("at most {events} cuts begun per day")),
            budget.max_cut_hours.map(|hours| format!("at most {hours} h under cut in these days")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let tighter = "or the facility's own values where they are tighter";
        Some(if parts.is_empty() {
            "the facility's own values".into()
        } else {
            format!("{}; {tighter}", parts.join(", "))
        })
    }

    fn at_words(&self, at: DateTime<Utc>) -> String {
        let far =
            if self.period.every_year { at + TimeDelta::days(366 * i64::from(YEARS_AHEAD)) } else { LATEST };
        let local = format!("{} ({})", instant_words(at), civil_words(at, self.period.time_zone));
        match self.windows(at, far).first() {
            Some(now) if now.from == at && now.to == far => format!("{local}: holds, without an end"),
            Some(now) if now.from == at => {
                format!("{local}: holds, until {} (exclusive)", instant_words(now.to))
            }
            Some(next) => format!("{local}: does not hold; next {}", window_words(next)),
            None => format!("{local}: does not hold; it is over"),
        }
    }

    fn zone_words(&self, zone: &str, windows: &[Window]) -> Vec<String> {
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else { return Vec::new() };
        if let Ok(clock) = zone.parse::<Tz>() {
            let (begins, ends) = (civil_words(first.from, clock), civil_words(last.to, clock));
            return vec![format!("on the clock of {clock} it begins at {begins} and ends at {ends}")];
        }
        let meant = if self.scope.zones.is_empty() {
            "meant, as every zone is".into()
        } else if self.scope.zones.iter().any(|name| name == zone) {
            "meant".into()
        } else {
            format!("not meant; the order is for {}", listed(&self.scope.zones, "and"))
        };
        let civil = first.from.with_timezone(&self.period.time_zone).naive_local();
        let (begins, behind) = (local_words(civil), local_words(civil - TimeDelta::hours(1)));
        let hint = format!(
            "{zone} is a grid zone, not a clock: it begins at {begins} of {}, which is {behind} where the clock is an hour behind",
            self.period.time_zone.name()
        );
        vec![format!("{zone}: {meant}"), hint]
    }
}

/// A 29 February comes again within eight years at the latest.
const YEARS_AHEAD: i32 = 9;

/// The years that have four digits: no order says anything beyond, and all reckoning is safe within.
const EARLIEST: DateTime<Utc> = new_year(1);
const LATEST: DateTime<Utc> = new_year(10_000);

const fn new_year(year: i32) -> DateTime<Utc> {
    match NaiveDate::from_ymd_opt(year, 1, 1) {
        Some(day) => day.and_time(NaiveTime::MIN).and_utc(),
        None => DateTime::<Utc>::MAX_UTC,
    }
}

impl Depth {
    fn words(&self) -> String {
        let (base, value) = (self.of.words(), self.value);
        let share = format!("for all of them together, shared in proportion to {base}");
        let unknown = match self.of {
            DepthBase::Nominated => "",
            _ => " (the nominated power where that is not known)",
        };
        let floor = "never below the emergency floor";
        match self.kind {
            DepthKind::Full => "reduce to the emergency floor".into(),
            DepthKind::None => "no limit".into(),
            DepthKind::ToMw => format!("{value} MW {share}{unknown}; {floor}"),
            DepthKind::ByMw => format!("{value} MW less {share}{unknown}; {floor}"),
            DepthKind::ToPercent => format!("{value} % of {base}{unknown}; {floor}"),
            DepthKind::ByPercent => format!("{base}{unknown} less {value} %; {floor}"),
        }
    }
}

impl DepthBase {
    fn words(self) -> &'static str {
        match self {
            Self::Nominated => "the nominated power",
            Self::Quota => "the quota",
            Self::TwelveMonthMax => "the highest demand of the last twelve months",
        }
    }
}

/// Windows in groups of those that come 24 hours apart and last equally long.
fn patterns(windows: &[Window]) -> Vec<&[Window]> {
    let alike = |one: &Window, next: &Window| {
        next.from - one.from == TimeDelta::days(1) && next.to - next.from == one.to - one.from
    };
    windows.chunk_by(alike).collect()
}

fn pattern_words(pattern: &[Window]) -> String {
    match pattern {
        [] => String::new(),
        [only] => window_words(only),
        [first, .., last] => format!("{}, and so on daily to {}", window_words(first), window_words(last)),
    }
}

fn window_words(window: &Window) -> String {
    format!("{} until {} (exclusive)", instant_words(window.from), instant_words(window.to))
}

fn instant_words(instant: DateTime<Utc>) -> String {
    let whole = instant.timestamp() % 60 == 0 && instant.timestamp_subsec_nanos() == 0;
    instant.format(if whole { "%Y-%m-%dT%H:%MZ" } else { "%Y-%m-%dT%H:%M:%S%.fZ" }).to_string()
}

fn civil_words(instant: DateTime<Utc>, time_zone: Tz) -> String {
    let local = instant.with_timezone(&time_zone);
    format!("{} {}, UTC{}", local_words(local.naive_local()), time_zone.name(), local.format("%:z"))
}

fn local_words(civil: chrono::NaiveDateTime) -> String {
    civil.format("%H:%M on %-d %B %Y").to_string()
}

fn day_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

fn listed(names: &[String], word: &str) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} {word} {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// Two columns; a name that repeats stands once.
fn columns(lines: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut above = "";
    for (name, words) in lines {
        let shown = if *name == above { "" } else { name };
        text.push_str(&format!("{shown:<11}{words}\n"));
        above = name;
    }
    text
}

#[cfg(test)]
mod tests;
