//! `kezek proposals`: plans before the approvers, and which of them is meant by a few digits.

use crate::clock::Clock;
use crate::exit::{Exit, Refusal};
use crate::figures;
use crate::files;
use crate::output::{Format, Output, json, json_lines};
use crate::remote::Remote;
use crate::table::{Columns, shortened};
use chrono_tz::Tz;
use kezek_server::api::{LoneReturnRow, ProposalRow};
use std::path::PathBuf;

/// Digits of a digest that a list shows, and the fewest that name a plan.
const SHOWN_DIGITS: usize = 12;
const FEWEST_DIGITS: usize = 8;

/// List the plans before the approvers, newest first
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  kezek proposals\n  kezek proposals --format json\n  kezek proposals --plan latest --pdf plan.pdf"
)]
pub(crate) struct Args {
    /// Which plan, for --pdf: 8 or more first digits of its digest, or `latest` for the newest that waits
    #[arg(long, value_name = "DIGEST", requires = "pdf")]
    plan: Option<String>,
    /// Also write that plan on paper into this file: PDF, A4, with a matrix for each day and lines to sign
    #[arg(long, value_name = "FILE", requires = "plan")]
    pdf: Option<PathBuf>,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the list
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// Lists the plans.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let rows = args.remote.ask(|client| async move { client.proposals().await })?;
    if let (Some(plan), Some(path)) = (&args.plan, &args.pdf) {
        let digest = meant(&rows, plan)?;
        let bytes = args.remote.ask(|client| async move { client.plan_paper(&digest).await })?;
        files::write(path, &bytes)?;
        output.say(&format!("the plan on paper stands in {}", path.display()));
    }
    output.data(&match args.format {
        Format::Json => json(&rows)?,
        Format::Jsonl => json_lines(&rows)?,
        Format::Table | Format::Csv => table(&rows, args.zone),
    })?;
    Ok(Exit::Done)
}

fn table(rows: &[ProposalRow], zone: Tz) -> String {
    if rows.is_empty() {
        return "no plan was proposed\n".to_owned();
    }
    let times = rows.iter().flat_map(|row| [row.window_from, row.window_to]).flatten();
    let clock = Clock::covering(zone, times);
    let window = format!("window ({})", clock.heading());
    let header = ["plan", "status", "author", "approved", window.as_str(), "cut MWh", "uncovered MWh"];
    let mut table = Columns::new(5, &header);
    for row in rows {
        let digest = row.plan_digest.get(..SHOWN_DIGITS).unwrap_or(&row.plan_digest).to_owned();
        let window = match (row.window_from, row.window_to) {
            (Some(from), Some(to)) => clock.window(from, to),
            _ => String::new(),
        };
        let approved = format!("{} of {}", row.approvals.len(), row.needed);
        let (author, mwh) = (shortened(&row.author, 16), figures::one(row.cut_mwh));
        table.row([
            digest,
            row.status.clone(),
            author,
            approved,
            window,
            mwh,
            figures::one(row.uncovered_mwh),
        ]);
    }
    table.text() + &rows.iter().flat_map(|row| alone(row, zone)).collect::<String>()
}

fn alone(row: &ProposalRow, zone: Tz) -> Vec<String> {
    let digest = row.plan_digest.get(..SHOWN_DIGITS).unwrap_or(&row.plan_digest);
    lone_returns(row, zone).into_iter().map(|line| format!("{digest} {line}\n")).collect()
}

/// What returns above the restore limit of its zone by itself: whoever approves the plan accepts it.
pub(super) fn lone_returns(row: &ProposalRow, zone: Tz) -> Vec<String> {
    let clock = Clock::covering(zone, row.lone_returns.iter().map(|lone| lone.at));
    let line = |lone: &LoneReturnRow| {
        format!(
            "RETURNS AT ONCE: {} brings back {} MW from {} ({}), above the restore limit of {} MW of zone {}; \
             it cannot return in smaller parts",
            lone.facility,
            lone.returns_mw,
            clock.moment(lone.at),
            clock.heading(),
            lone.restore_limit_mw,
            lone.zone,
        )
    };
    row.lone_returns.iter().map(line).collect()
}

/// The digest that a person means: all of it, its first digits, or `latest` for the newest that waits.
///
/// # Errors
/// When none or several are meant.
pub(super) fn meant(rows: &[ProposalRow], text: &str) -> anyhow::Result<String> {
    if text == "latest" {
        let newest = rows.iter().find(|row| ["waiting", "unconfirmed"].contains(&row.status.as_str()));
        let none = || Refusal::rejected("no plan waits for approval; `kezek proposals` lists all");
        return newest.map(|row| row.plan_digest.clone()).ok_or_else(none);
    }
    let begins = |row: &&ProposalRow| row.plan_digest.starts_with(text);
    let found: Vec<&ProposalRow> = rows.iter().filter(begins).collect();
    match found[..] {
        [row] if text.len() >= FEWEST_DIGITS => Ok(row.plan_digest.clone()),
        [_] => Err(Refusal::rejected(format!(
            "{text} is too short; give {FEWEST_DIGITS} digits of the digest or more"
        ))),
        [] => Err(Refusal::rejected(format!("no plan has the digest {text}; `kezek proposals` lists all"))),
        _ => Err(Refusal::rejected(format!("{text} begins several digests; give more digits"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(lone: serde_json::Value) -> ProposalRow {
        let at = "2026-01-15T12:00:00Z";
        serde_json::from_value(json!({
            "plan_digest": "3f1c0a7be2d45f60", "case_digest": "c", "parent": null, "author": "author",
            "proposed_at": at, "status": "waiting", "comment": "", "cut_mwh": 18.0, "peak_cut_mw": 18.0,
            "uncovered_mwh": 0.0, "facilities": 1, "window_from": at, "window_to": at, "needed": 1,
            "approvals": [], "returned": null, "issued_at": null, "lone_returns": lone,
        }))
        .unwrap()
    }

    #[test]
    fn what_returns_at_once_above_the_limit_is_said_below_the_table() {
        let almaty = chrono_tz::Asia::Almaty;
        let lone = json!([{
            "facility": "F1", "zone": "south", "at": "2026-01-15T16:00:00Z", "returns_mw": 18.0,
            "restore_limit_mw": 8.0,
        }]);
        let text = table(&[row(lone)], almaty);
        let line = text.lines().last().unwrap();
        assert!(line.starts_with("3f1c0a7be2d4 RETURNS AT ONCE: F1 brings back 18.0 MW from "), "{text}");
        assert!(line.contains("21:00") && line.contains("restore limit of 8.0 MW of zone south"), "{text}");
        assert!(!table(&[row(json!([]))], almaty).contains("RETURNS"));
    }
}
