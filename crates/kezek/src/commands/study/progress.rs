//! How far a study is, on stderr: a line that keeps changing, or one every ten seconds where stderr is no terminal.

use crate::output::Output;
use kezek_study::lab::run::Progress;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const BAR: usize = 30;

pub(super) struct Reporter {
    on: bool,
    terminal: bool,
    began: Instant,
    told: Option<Instant>,
}

impl Reporter {
    pub(super) fn new(output: &Output) -> Self {
        Self {
            on: !output.is_quiet(),
            terminal: io::stderr().is_terminal(),
            began: Instant::now(),
            told: None,
        }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        let pause = Duration::from_millis(if self.terminal { 200 } else { 10_000 });
        let since = self.told.map_or_else(|| self.began.elapsed(), |told| told.elapsed());
        if !self.on || since < pause {
            return;
        }
        self.told = Some(Instant::now());
        let line = line(progress, self.began.elapsed());
        if self.terminal {
            _ = write!(io::stderr(), "\r\x1b[2K{line}");
        } else {
            _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Takes the changing line away.
    pub(super) fn finish(&self) {
        if self.on && self.terminal && self.told.is_some() {
            _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

/// A bar, seasons, and the time that is left if the others take as long.
fn line(progress: Progress, elapsed: Duration) -> String {
    let Progress { done, kept, all } = progress;
    let full = BAR * done / all.max(1);
    let bar = format!("{}{}", "#".repeat(full), ".".repeat(BAR - full));
    let fresh = done - kept;
    let left = if fresh == 0 {
        String::new()
    } else {
        let seconds = elapsed.as_secs_f64() / fresh as f64 * (all - done) as f64;
        format!(", {} left", duration(seconds))
    };
    format!("[{bar}] {done} of {all} seasons{left}")
}

fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil() as u64;
    match (minutes / 60, minutes % 60) {
        (0, _) if seconds < 90.0 => format!("{:.0} s", seconds.ceil()),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_what_this_run_has_done() {
        let half = Progress { done: 15, kept: 10, all: 30 };
        let said = line(half, Duration::from_secs(50));
        assert_eq!(said, "[###############...............] 15 of 30 seasons, 3 min left");
        let none = Progress { done: 10, kept: 10, all: 30 };
        assert!(line(none, Duration::from_secs(1)).ends_with("10 of 30 seasons"));
        assert_eq!(duration(7_300.0), "2 h 02 min");
        assert_eq!(duration(42.1), "43 s");
    }
}
