//! What a run hands back: `answer.json` in its folder, written by Rust and Python alike.

use serde::{Deserialize, Serialize};

/// The end of a run.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Answer {
    /// Seconds until the solver had the model; 0 for Kezek, whose seconds count it.
    pub(crate) modelled_s: f64,
    /// Seconds in all, the reading of the case apart.
    pub(crate) seconds: f64,
    /// The plan, in kW per facility and interval; nothing where none was found.
    pub(crate) cuts_kw: Option<Vec<Vec<i64>>>,
    /// The proven lower bound.
    pub(crate) bound: Option<f64>,
    /// Incumbents and bounds as they came; empty where `highs.log` has them.
    pub(crate) trace: Vec<Point>,
    /// Most memory it held.
    pub(crate) peak_mib: f64,
}

/// Where a run stood.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Point {
    /// Seconds since it began.
    pub(crate) s: f64,
    /// Objective of the best plan so far.
    pub(crate) objective: Option<f64>,
    /// Proven lower bound so far.
    pub(crate) bound: Option<f64>,
}

/// The most memory that this process has held, in MiB; 0 where the system does not say.
pub(crate) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|words| words.split_whitespace().next()).and_then(|kib| kib.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
