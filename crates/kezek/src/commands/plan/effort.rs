//! How long and how near to look: flags that every search takes.

use kezek_model::case::Case;
use kezek_planner::solve::Settings;

/// Flags that go before the settings of the case.
#[derive(clap::Args, Debug)]
pub(crate) struct Effort {
    /// Stop at this proven relative gap; else that of the case, else 0.001
    #[arg(long, value_parser = gap, value_name = "GAP")]
    gap: Option<f64>,
    /// Stop after this many seconds; else that of the case, else 30
    #[arg(long, value_parser = seconds, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Threads; else those of the case, else as many as the machine has
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024), value_name = "N")]
    threads: Option<u32>,
    /// Seed; the same case, seed and threads give the same result
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Effort {
    /// The settings of a case, with what the command line says instead.
    pub(crate) fn settings(&self, case: &Case) -> Settings {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let own = Settings::of(case, u32::try_from(processors).unwrap_or(1));
        Settings {
            gap: self.gap.unwrap_or(own.gap),
            time_limit_s: self.time_limit.unwrap_or(own.time_limit_s),
            threads: self.threads.unwrap_or(own.threads),
            seed: self.seed.unwrap_or(own.seed),
        }
    }
}

/// A relative gap from the command line.
///
/// # Errors
/// When it is none.
pub(crate) fn gap(text: &str) -> Result<f64, String> {
    let gap: f64 = text.parse().map_err(|_| "a relative gap is a number, for instance 0.001 for 0.1 %")?;
    if (0.0..1.0).contains(&gap) { Ok(gap) } else { Err("a relative gap is at least 0 and below 1".into()) }
}

/// Seconds from the command line.
///
/// # Errors
/// When they are none.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a time limit is a number of seconds, for instance 30")?;
    let fits = seconds > 0.0 && seconds <= 1e6;
    if fits { Ok(seconds) } else { Err("a time limit is above 0 and at most 1 000 000 seconds".into()) }
}
