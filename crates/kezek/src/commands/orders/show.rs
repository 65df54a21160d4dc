//! `kezek orders show`: an order as a person reads it, and all that is known of it.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::figures::count;
use crate::files;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, OrderKind};
use kezek_model::receipt::{Act, Answer, Report, Response};
use kezek_server::api::{NoticeRow, OrderDetail, OrderTotals};
use kezek_server::tables::compliance as word;
use std::path::PathBuf;

/// Show one order as its facility reads it, with attempts, receipts and verdict
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The number of the order
    order_no: String,
    /// Also write the signed order into this file: it proves itself anywhere, without a network
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Also write the order on paper into this file: PDF, A4, Kazakh and Russian side by side, with lines to sign
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the order
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek orders show 2026-0115-N1-v1 --zone Asia/Almaty
  kezek orders show 2026-0115-N1-v1 --bundle N1.order.json
  kezek orders show 2026-0115-N1-v1 --pdf N1.order.pdf";

/// Shows.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let order_no = OrderNo::from(args.order_no.clone());
    let (detail, now) = args
        .remote
        .ask(|client| async move { Ok((client.order(&order_no).await?, client.status().await?.now)) })?;
    if let Some(path) = &args.bundle {
        let order_no = OrderNo::from(args.order_no.clone());
        let bundle = args.remote.ask(|client| async move { client.bundle(&order_no).await })?;
        files::write(path, json(&bundle)?.as_bytes())?;
        output.say(&format!("the signed order stands in {}", path.display()));
    }
    if let Some(path) = &args.pdf {
        let order_no = OrderNo::from(args.order_no.clone());
        let bytes = args.remote.ask(|client| async move { client.order_paper(&order_no).await })?;
        files::write(path, &bytes)?;
        output.say(&format!("the order on paper stands in {}", path.display()));
    }
    output.data(&match args.format {
        Format::Json => json(&detail)?,
        _ => text(&detail, args.zone, now),
    })?;
    Ok(Exit::Done)
}

/// Everything about an order in words, as it is by the control room's clock.
pub(in crate::commands) fn text(detail: &OrderDetail, zone: Tz, now: DateTime<Utc>) -> String {
    let (row, order) = (&detail.row, &detail.order);
    let clock = Clock::covering(zone, [order.window_from, order.window_to, row.issued_at].into_iter());
    let mut text = format!("order {} for {}: {}\n", row.order_no, row.facility, row.words.join(", "));
    text += &format!("times are {}\n\n", clock.heading());
    text += &told(order, &clock);
    text += &format!("  confirm by {}\n", clock.moment(order.ack_by));
    text += &format!("  call       {}, {}\n\n", order.notice.contact.name, order.notice.contact.phone);
    text += &identity(detail, &clock);
    text += &delivery(detail, &clock);
    text += &notices(&detail.notices, &clock);
    text += &answers(&detail.answers, &clock);
    text += &reports(&detail.reports, &clock);
    let is_begun = row.from.is_none_or(|from| from <= now);
    text + &verdict(detail.totals.as_ref(), is_begun)
}

/// What the facility is told, in one line per limit.
fn told(order: &Order, clock: &Clock) -> String {
    if order.kind == OrderKind::Recall {
        let withdrawn = order.supersedes.as_ref().map(ToString::to_string).unwrap_or_default();
        return format!("  {withdrawn} is withdrawn; what held below it holds again\n");
    }
    let limits = order.segments.iter().map(|segment| {
        let window = clock.window(segment.from, segment.to);
        format!("  reduce to {} MW (cut {} MW), {window}\n", segment.limit, segment.cut)
    });
    let mut text: String = limits.collect();
    if order.segments.is_empty() {
        text = "  nothing is cut in this window\n".to_owned();
    }
    if let Some(slot) = &order.restore {
        text += &format!("  until      {}, then back to {} MW\n", clock.moment(slot.from), slot.to);
    }
    text
}

/// Who was told over the second channel; nobody has received anything by it.
fn notices(rows: &[NoticeRow], clock: &Clock) -> String {
    let line = |row: &NoticeRow| {
        let outcome = row.outcome.as_deref().unwrap_or("under way");
        let (at, channel, to, name) = (clock.moment(row.at), &row.channel, &row.to, &row.name);
        format!("  {channel:<9}  {at} to {name}, {to}: {outcome}\n")
    };
    rows.iter().map(line).collect()
}

fn identity(detail: &OrderDetail, clock: &Clock) -> String {
    let (row, order, notice) = (&detail.row, &detail.order, &detail.order.notice);
    let mut text = format!(
        "  issued     {} by {}, {}\n",
        clock.moment(order.issued_at),
        notice.issuer,
        notice.signatory
    );
    text += &format!("  reason     {}; {}\n", notice.reason.en, notice.condition);
    text += &format!("  basis      {}\n", notice.legal_basis);
    text += &format!("  plan       {}\n", order.plan_digest);
    text += &format!("  check      {}\n", detail.check_mark);
    text += &format!(
        "  sequence   {} in epoch {}, environment {}\n",
        order.sequence, order.epoch, order.environment
    );
    text += &format!("  window     {}\n", clock.window(order.window_from, order.window_to));
    text += &format!("  journal    {}\n", order.journal_head);
    if let Some(before) = &order.supersedes {
        text += &format!("  replaces   {before}\n");
    }
    if let Some(successor) = &row.successor {
        text += &format!("  {:<10} by {successor}\n", row.life);
    }
    text
}

fn delivery(detail: &OrderDetail, clock: &Clock) -> String {
    let row = &detail.row;
    let attempts = count(row.attempts as usize, "attempt", "attempts");
    let mut text = format!("\narrived?   {}, {attempts}\n", row.delivery);
    for attempt in &detail.attempt_rows {
        let outcome = attempt.outcome.as_deref().unwrap_or("under way");
        text += &format!("  {:>3}  {}  {outcome}\n", attempt.number, clock.moment(attempt.at));
    }
    match &row.alarm {
        Some(alarm) => text + &format!("  alarm: {alarm}; mend it, then `kezek resend {}`\n", row.order_no),
        None => text,
    }
}

fn answers(answers: &[Answer], clock: &Clock) -> String {
    if answers.is_empty() {
        return "answered?  no\n".to_owned();
    }
    let line = |answer: &Answer| {
        let said = match &answer.answer {
            Response::Accepted => "accepted".to_owned(),
            Response::Refused { reason } => format!("refused: {reason}"),
        };
        format!("answered?  {said}, by {}, {}\n", answer.by, clock.moment(answer.at))
    };
    answers.iter().map(line).collect()
}

fn reports(reports: &[Report], clock: &Clock) -> String {
    let line = |report: &Report| {
        let did = match (report.act, report.limit) {
            (Act::Limited, Some(limit)) => format!("set the limit of {limit} MW"),
            (Act::Limited, None) => "set no limit".to_owned(),
            (Act::Restored, _) => "let the load return".to_owned(),
            (Act::Failed, _) => "could not move the load".to_owned(),
        };
        format!("reports    {did}, {}\n", clock.moment(report.at))
    };
    reports.iter().map(line).collect()
}

fn verdict(totals: Option<&OrderTotals>, is_begun: bool) -> String {
    let Some(totals) = totals else { return "metered?   nothing to meter\n".to_owned() };
    if totals.verdict.is_some() && !is_begun {
        return format!("metered?   not yet; tolerance {}\n", totals.tolerance);
    }
    let verdict = totals.verdict.map_or("it never governed", word);
    let state = if totals.is_final { "final" } else { "so far" };
    format!(
        "metered?   {verdict} ({state}): {} complying, {} unknown, {} breach; tolerance {}\n",
        totals.complying, totals.unknown, totals.breach, totals.tolerance
    )
}
