//! Where a long search stands, on stderr.

use crate::figures;
use crate::output::Output;
use crate::table::shortened;
use kezek_model::case::Case;
use kezek_planner::solve::{Progress, Settings};
use std::io::{self, IsTerminal as _, Write as _};

/// Searches shorter than this are not talked about, in seconds.
const SILENT_S: f64 = 1.0;
/// What a search that goes well says of itself; all else is why there is none.
const STAGES: [&str; 7] =
    ["fallback", "search", "exact programme", "uncovered", "burden", "cost", "frontier"];
/// Seconds between two lines where stderr is no terminal.
const EVERY_S: f64 = 10.0;

/// A line that is wider than the terminal could not be taken back.
const NARROW: usize = 79;

/// Writes one line that keeps changing where stderr is a terminal, else a line every ten seconds.
pub(crate) struct Reporter {
    on: bool,
    terminal: bool,
    currency: String,
    limit_s: f64,
    told_s: f64,
    open: bool,
}

impl Reporter {
    pub(crate) fn new(output: &Output, case: &Case, settings: Settings) -> Self {
        Self {
            on: !output.is_quiet(),
            terminal: io::stderr().is_terminal(),
            currency: case.objective.currency.clone(),
            limit_s: settings.time_limit_s,
            told_s: 0.0,
            open: false,
        }
    }

    /// Takes a report of the search.
    pub(crate) fn tell(&mut self, progress: Progress) {
        if !self.on {
            return;
        }
        if !STAGES.contains(&progress.stage.as_str()) {
            self.finish();
            _ = writeln!(io::stderr(), "{}; the plan is a constructed one", progress.stage);
            return;
        }
        if !self.is_due(progress.seconds) {
            return;
        }
        self.told_s = progress.seconds;
        let line = self.line(&progress);
        if self.terminal {
            _ = write!(io::stderr(), "\r\x1b[2K{}", shortened(&line, NARROW));
            self.open = true;
        } else {
            _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Takes the changing line away.
    pub(crate) fn finish(&mut self) {
        if self.open {
            _ = write!(io::stderr(), "\r\x1b[2K");
            self.open = false;
        }
    }

    fn is_due(&self, seconds: f64) -> bool {
        let pause_s = if self.terminal { 0.2 } else { EVERY_S };
        let first_s = if self.terminal { SILENT_S } else { EVERY_S };
        seconds >= first_s && seconds - self.told_s >= pause_s
    }

    fn line(&self, progress: &Progress) -> String {
        let money = |value| format!("{} {}", figures::money(value), self.currency);
        let (best, least): (&str, &dyn Fn(f64) -> String) = match progress.stage.as_str() {
            "uncovered" => ("stage 1 of 3, least uncovered: ", &mwh),
            "burden" => ("stage 2 of 3, highest burden: ", &share),
            "cost" => ("stage 3 of 3, least cost: ", &money),
            "frontier" => ("points so far: ", &whole),
            _ => ("best so far ", &money),
        };
        let best = format!("{best}{}", least(progress.incumbent));
        let bound = progress.bound.map(|bound| format!(", at least {}", least(bound)));
        let time = format!("{:.0} of {:.0} s", progress.seconds, self.limit_s);
        format!("{time}; {best}{}; Ctrl-C keeps it", bound.unwrap_or_default())
    }
}

fn mwh(value: f64) -> String {
    format!("{} MWh", figures::one(value))
}

fn share(value: f64) -> String {
    format!("{:.2} %", value * 100.0)
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reporter(terminal: bool) -> Reporter {
        Reporter { on: true, terminal, currency: "USD".into(), limit_s: 30.0, told_s: 0.0, open: false }
    }

    #[test]
    fn without_a_terminal_a_line_every_ten_seconds() {
        let mut reporter = reporter(false);
        assert!(!reporter.is_due(9.9));
        assert!(reporter.is_due(10.0));
        reporter.told_s = 10.0;
        assert!(!reporter.is_due(19.9));
        assert!(reporter.is_due(20.0));
    }

    #[test]
    fn on_a_terminal_short_searches_are_silent() {
        assert!(!reporter(true).is_due(0.9));
        assert!(reporter(true).is_due(1.1));
    }

    #[test]
    fn the_line_says_how_long_and_how_good() {
        let progress =
            Progress { stage: "search".into(), incumbent: 12_345.6, bound: Some(12_000.0), seconds: 12.3 };
        let line = "12 of 30 s; best so far 12 345.60 USD, at least 12 000.00 USD; Ctrl-C keeps it";
        assert_eq!(reporter(true).line(&progress), line);
    }
}
