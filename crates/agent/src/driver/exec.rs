//! A command of the facility: `COMMAND limit <kW>`, `COMMAND free`, `COMMAND read`.

use super::{Driver, DriverError, Driving, Mean};
use crate::error::AgentError;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::units::Kw;
use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

/// The most that is read of what a command prints.
const MAX_OUTPUT_BYTES: u64 = 64 * 1024;
/// How much of an error output is told.
const TOLD_CHARS: usize = 500;
/// A sample stands for so many sampling intervals when the next one is missing.
const STANDS_FOR: i32 = 3;
/// Bounds of the time between two looks at the meter.
const SHORTEST_SAMPLE: Duration = Duration::from_secs(1);
const LONGEST_SAMPLE: Duration = Duration::from_secs(24 * 60 * 60);
/// More samples than any reading's interval needs.
const MAX_SAMPLES: usize = 100_000;

/// Runs a command for every limit, and one for every look at the meter. `read` may run while `limit` does.
#[derive(Debug)]
pub struct Exec {
    command: Vec<String>,
    timeout: Duration,
    sample_every: TimeDelta,
    seen: Mutex<Seen>,
}

/// What was read from the meter, in the order of time.
#[derive(Debug, Default)]
struct Seen {
    samples: VecDeque<(DateTime<Utc>, Kw)>,
    tried_at: Option<DateTime<Utc>>,
}

impl Exec {
    /// A driver that runs this program with these first arguments, each time for at most `timeout`, and reads the
    /// meter every `sample_every`, between a second and a day.
    ///
    /// # Errors
    /// When no program is named, or no time is given to it.
    pub fn new(command: &[String], timeout: Duration, sample_every: Duration) -> Result<Self, AgentError> {
        if command.is_empty() {
            return Err(AgentError::config(
                "driver.command",
                "empty".into(),
                "a program and its first arguments",
            ));
        }
        if timeout.is_zero() {
            return Err(AgentError::config(
                "driver.timeout_seconds",
                "0".into(),
                "at least 1, for instance 10",
            ));
        }
        let sample_every = sample_every.clamp(SHORTEST_SAMPLE, LONGEST_SAMPLE);
        let sample_every = TimeDelta::seconds(sample_every.as_secs().cast_signed());
        Ok(Self { command: command.to_vec(), timeout, sample_every, seen: Mutex::default() })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, arguments: &[&str]) -> Result<String, DriverError> {
        let told = || [&[self.command[0].as_str()], arguments].concat().join(" ");
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| DriverError::NotRun { command: told(), source })?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let ended = async { tokio::join!(child.wait(), text(out), text(err)) };
        let (status, printed, said) = tokio::time::timeout(self.timeout, ended)
            .await
            .map_err(|_| DriverError::TimedOut { command: told(), seconds: self.timeout.as_secs() })?;
        let status = status.map_err(|source| DriverError::NotRun { command: told(), source })?;
        match status.success() {
            true => Ok(printed),
            false => Err(DriverError::Failed { command: told(), status, said: tail(&said) }),
        }
    }

    async fn read(&self, at: DateTime<Utc>) -> Result<(), DriverError> {
        if !self.is_sample_due(at) {
            return Ok(());
        }
        self.seen().tried_at = Some(at);
        let printed = self.call(&["read"]).await?;
        let power = parse_kw(&printed).ok_or_else(|| DriverError::NoPower {
            command: format!("{} read", self.command[0]),
            found: tail(&printed),
        })?;
        let mut seen = self.seen();
        // After a clock was set back, what was seen later than now is of another time.
        seen.samples.retain(|(seen_at, _)| *seen_at < at);
        seen.samples.push_back((at, power));
        if seen.samples.len() > MAX_SAMPLES {
            seen.samples.pop_front();
        }
        Ok(())
    }

    fn is_sample_due(&self, at: DateTime<Utc>) -> bool {
        let tried_at = self.seen().tried_at;
        tried_at.is_none_or(|tried_at| at < tried_at || at - tried_at >= self.sample_every)
    }

    fn mean(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Mean> {
        let mut seen = self.seen();
        let (samples, longest) = (&seen.samples, self.sample_every * STANDS_FOR);
        let (mut energy, mut covered_ms) = (0_i128, 0_i64);
        for (index, (at, power)) in samples.iter().enumerate() {
            let next = samples.get(index + 1).map_or(to, |next| next.0);
            let end = next.min(*at + longest).min(to);
            let part_ms = (end - (*at).max(from)).num_milliseconds().max(0);
            energy += i128::from(power.0) * i128::from(part_ms);
            covered_ms += part_ms;
        }
        let missing = (to - from) - TimeDelta::milliseconds(covered_ms);
        // Intervals are asked for in the order of time: what ended before this one is not needed again.
        let old = seen.samples.partition_point(|(at, _)| *at + longest < from);
        seen.samples.drain(..old);
        let power = rounded_quotient(energy, i128::from(covered_ms))?;
        Some(Mean { power: Kw(power), is_complete: missing <= self.sample_every })
    }
}

fn rounded_quotient(energy: i128, duration: i128) -> Option<i64> {
    let doubled = (2 * energy + duration).checked_div_euclid(2 * duration)?;
    i64::try_from(doubled).ok()
}

async fn text(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What breaks off is judged by how the command ends.
        let _ = stream.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tail(text: &str) -> String {
    let text = text.trim();
    let skipped = text.chars().count().saturating_sub(TOLD_CHARS);
    text.chars().skip(skipped).collect()
}

#[allow(clippy::cast_possible_truncation)]
fn parse_kw(text: &str) -> Option<Kw> {
    let kw: f64 = text.trim().parse().ok()?;
    (kw.abs() <= 1e12).then(|| Kw(kw.round() as i64))
}

impl Driver for Exec {
    fn set_limit(&self, limit: Option<Kw>, _at: DateTime<Utc>) -> Driving<'_, ()> {
        Box::pin(async move {
            match limit {
                Some(limit) => self.call(&["limit", &limit.0.to_string()]).await?,
                None => self.call(&["free"]).await?,
            };
            Ok(())
        })
    }

    fn sample(&self, at: DateTime<Utc>) -> Driving<'_, ()> {
        Box::pin(self.read(at))
    }

    fn mean_power(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Driving<'_, Option<Mean>> {
        Box::pin(async move { Ok(self.mean(from, to)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec() -> Exec {
        Exec::new(&["true".into()], Duration::from_secs(5), Duration::from_secs(10)).unwrap()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_642_960_800 + second, 0).unwrap()
    }

    fn with_samples(samples: &[(i64, i64)]) -> Exec {
        let exec = exec();
        exec.seen().samples = samples.iter().map(|(second, kw)| (at(*second), Kw(*kw))).collect();
        exec
    }

    #[test]
    fn the_mean_is_weighted_by_time() {
        let exec = with_samples(&[(-5, 100), (15, 400), (30, 400), (45, 100)]);
        // 15 s at 100, 30 s at 400, 15 s at 100
        assert_eq!(exec.mean(at(0), at(60)), Some(Mean { power: Kw(250), is_complete: true }));
    }

    #[test]
    fn a_gap_is_not_filled_and_is_told() {
        let exec = with_samples(&[(0, 100), (600, 300)]);
        let mean = exec.mean(at(0), at(900)).unwrap();
        assert_eq!(mean, Mean { power: Kw(200), is_complete: false });
        assert_eq!(exec.mean(at(900), at(1800)), None);
    }

    #[test]
    fn old_samples_are_forgotten() {
        let exec = with_samples(&[(0, 100), (10, 100), (900, 100)]);
        exec.mean(at(900), at(1800));
        assert_eq!(exec.seen().samples.len(), 1);
    }

    #[test]
    fn what_a_meter_prints() {
        assert_eq!(parse_kw(" 19250.5\n"), Some(Kw(19251)));
        assert_eq!(parse_kw("-3"), Some(Kw(-3)));
        for text in ["", "12 kW", "NaN", "inf", "1e300"] {
            assert_eq!(parse_kw(text), None, "{text}");
        }
    }
}
