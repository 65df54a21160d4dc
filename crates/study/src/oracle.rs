//! The oracle: judges a run from outside, promise by promise.
//!
//! It reads the journal's records as JSON, the signed bytes that the pretend facilities and the network saw, and what
//! people asked for. It shares no code with the engine, nor with any other room: what an order means, who must have
//! approved it and which limit holds is written down here once more, in small forms of its own.

mod approval;
mod clocks;
mod content;
mod delivery;
mod end;
pub mod evidence;
mod ledger;
mod read;
mod receiver;
mod swing;

pub use evidence::{Evidence, Facility, Facts, Seen, Sight};

use chrono::{DateTime, Utc};
use read::Case;
use std::fmt;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `S1` to `S16`; `end` where the quiet phase did not put everything right, `read` for what cannot be read.
    pub promise: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    /// About which order.
    pub order: Option<String>,
    /// What was found, and what was expected.
    pub what: String,
    /// Of the run.
    pub seed: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.order.as_deref().unwrap_or("-");
        let at = self.at.format("%d %H:%M:%S%.3f");
        write!(f, "seed {}: {} broken at {at}, order {order}: {}", self.seed, self.promise, self.what)
    }
}

/// What is found while a case is looked through.
struct Findings {
    seed: u64,
    found: Vec<Finding>,
}

impl Findings {
    fn unless(
        &mut self,
        holds: bool,
        promise: &'static str,
        (at, order): (DateTime<Utc>, Option<&str>),
        what: impl FnOnce() -> String,
    ) {
        if !holds {
            let (order, seed) = (order.map(str::to_owned), self.seed);
            self.found.push(Finding { promise, at, order, what: what(), seed });
        }
    }
}

/// Every promise that was not kept, by time.
#[must_use]
pub fn examine(evidence: &Evidence) -> Vec<Finding> {
    let case = Case::read(evidence);
    let mut findings = Findings { seed: evidence.seed, found: Vec::new() };
    let ended = evidence.facts.ended_at;
    for what in &case.unread {
        findings.unless(false, "read", (ended, None), || what.clone());
    }
    let rules = [
        approval::examine,
        content::examine,
        swing::examine,
        delivery::examine,
        clocks::examine,
        receiver::examine,
        ledger::examine,
        end::examine,
    ];
    rules.iter().for_each(|rule| rule(&case, &mut findings));
    findings.found.sort_by_key(|finding| finding.at);
    findings.found
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// The judge may not see what it judges: no room of the house is used but its own modules.
    #[test]
    fn the_oracle_shares_no_code_with_any_room() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = vec![folder.join("oracle.rs")];
        files.extend(fs::read_dir(folder.join("oracle")).unwrap().map(|file| file.unwrap().path()));
        assert!(files.len() > 8);
        let needle = ["kezek", "_"].concat();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                assert!(!line.contains(&needle), "{}: {line}", file.display());
                let inward = !line.contains("crate::") || line.contains("crate::oracle");
                assert!(inward, "{}: {line}", file.display());
            }
        }
    }
}
