//! `kezek approve DIGEST`: the second person's word, which lets the orders leave.

use crate::clock::{Clock, utc};
use crate::commands::proposals::{lone_returns, meant};
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::figures::{count, one};
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use crate::table::Columns;
use chrono_tz::Tz;
use kezek_server::Client;
use kezek_server::api::{ApprovedBody, DraftRow, ProposalDetail};

/// Approve exactly one plan; the last approval needed issues its orders
///
/// Shows first what will leave: the author, the sums, the order of every facility. Never the author's own plan, unless it
/// is an emergency that another person approves within 15 minutes; and never one whose check fails, whose parent is no longer the target, or whose window has begun.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The digest of the plan, 8 or more of its first digits, or `latest` for the newest that waits
    digest: String,
    /// What you have to say
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    comment: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek approve latest
  kezek approve 3f1c0a7be2d4 --comment \"agreed by telephone\" --zone Asia/Almaty
  kezek approve 3f1c0a7be2d4 --yes --format json

Exit codes: 0 approved (the answer says whether another person is needed); 7 not yours to approve,
somebody else was faster, the check fails, or nobody said yes; 8 no answer.";

/// Approves a plan.
///
/// # Errors
/// When no such plan waits, nobody says yes, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let proposal = fetch(&args.remote, &args.digest)?;
    let summary = summary(&proposal, args.zone);
    match args.yes {
        true => output.say(summary.trim_end()),
        // Whoever is asked must see what is asked, however quiet it is to be.
        false => output.complain(summary.trim_end()),
    }
    confirm(args.yes, "Approve this plan, so that its orders leave?", output)?;
    let (digest, comment) = (proposal.row.plan_digest.clone(), args.comment.clone());
    let approved = args.remote.ask(|client| async move { client.approve(&digest, &comment).await })?;
    output.data(&match args.format {
        Format::Json => json(&approved)?,
        _ => told(&approved),
    })?;
    Ok(Exit::Done)
}

/// A plan before the approvers, by what a person calls it.
pub(super) fn fetch(remote: &Remote, text: &str) -> anyhow::Result<ProposalDetail> {
    let rows = remote.ask(|client: Client| async move { client.proposals().await })?;
    let digest = meant(&rows, text)?;
    remote.ask(|client| async move { client.proposal(&digest).await })
}

fn told(approved: &ApprovedBody) -> String {
    if !approved.approved {
        let (so_far, needed) = (approved.approvals, approved.needed);
        return format!("your approval counts; {so_far} of {needed} have approved, no order leaves before\n");
    }
    let orders = count(approved.orders.len(), "order", "orders");
    let numbers: String = approved.orders.iter().map(|number| format!("  {number}\n")).collect();
    let other = approved.confirm_by.map(|by| {
        format!("another person must approve this emergency by {}, else what has not left waits\n", utc(by))
    });
    let other = other.unwrap_or_default();
    format!("approved; {orders} issued:\n{numbers}{other}")
}

/// What an approver should see before saying yes.
fn summary(proposal: &ProposalDetail, zone: Tz) -> String {
    let row = &proposal.row;
    let times = proposal.drafts.iter().flat_map(|draft| [draft.from, draft.until, draft.restore_from]);
    let clock = Clock::covering(zone, times.flatten().chain(row.window_from).chain(row.window_to));
    let mut text = format!("plan {}\n", row.plan_digest);
    text += &format!("  author     {}{}\n", row.author, in_quotes(&row.comment));
    text +=
        &format!("  status     {}; {} of {} have approved\n", row.status, row.approvals.len(), row.needed);
    if let (Some(from), Some(to)) = (row.window_from, row.window_to) {
        text += &format!("  window     {} ({})\n", clock.window(from, to), clock.heading());
    }
    text +=
        &format!("  cut        {} MWh, at most {} MW at once\n", one(row.cut_mwh), one(row.peak_cut_mw.mw()));
    text += &format!("  uncovered  {} MWh\n", one(row.uncovered_mwh));
    text += &match proposal.check.passed {
        true => "  check      holds\n".to_owned(),
        false => "  check      FAILS\n".to_owned(),
    };
    text += &proposal.check.findings.iter().map(|finding| format!("    {finding}\n")).collect::<String>();
    text += &orders(&proposal.drafts, &clock);
    text + &lone_returns(row, zone).into_iter().map(|line| line + "\n").collect::<String>()
}

fn in_quotes(comment: &str) -> String {
    if comment.is_empty() { String::new() } else { format!(": \"{comment}\"") }
}

fn orders(drafts: &[DraftRow], clock: &Clock) -> String {
    let (cut, free): (Vec<&DraftRow>, Vec<&DraftRow>) = drafts.iter().partition(|draft| draft.from.is_some());
    let mut text = format!("\n{} will be told to cut:\n", count(cut.len(), "facility", "facilities"));
    let from = format!("cut ({})", clock.heading());
    let mut table =
        Columns::new(4, &["facility", "zone", from.as_str(), "back from", "to MW", "cut MW", "MWh"]);
    for draft in &cut {
        let window = match (draft.from, draft.until) {
            (Some(from), Some(until)) => clock.window(from, until),
            _ => String::new(),
        };
        let back = draft.restore_from.map(|at| clock.moment(at)).unwrap_or_default();
        let limit = draft.limit_mw.map(|limit| limit.to_string()).unwrap_or_default();
        let (facility, zone) = (draft.facility.to_string(), draft.zone.to_string());
        table.row([facility, zone, window, back, limit, draft.cut_mw.to_string(), one(draft.cut_mwh)]);
    }
    if !cut.is_empty() {
        text += &table.text();
    }
    let unreached: Vec<String> =
        cut.iter().filter(|draft| !draft.has_address).map(|draft| draft.facility.to_string()).collect();
    if !unreached.is_empty() {
        let them = unreached.join(", ");
        text += &format!(
            "NOT ENROLLED: {them}: no order can be sent there; enrol them first, or be ready to call\n"
        );
    }
    if !free.is_empty() {
        text += &format!("{} not cut\n", count(free.len(), "facility is", "facilities are"));
    }
    text
}
