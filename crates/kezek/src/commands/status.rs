//! `kezek status`: how things stand in the control room.

use crate::clock::utc;
use crate::exit::Exit;
use crate::figures::{count, one};
use crate::output::{Format, Output, Paint, json};
use crate::remote::Remote;
use kezek_server::api::StatusBody;

/// Warnings that are shown.
const MOST_WARNINGS: usize = 10;

/// Say how things stand: counts, what is under way, warnings, the head of the journal
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  kezek status\n  kezek status --format json")]
pub(crate) struct Args {
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// Prints how things stand.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let status = args.remote.ask(|client| async move { client.status().await })?;
    output.data(&match args.format {
        Format::Json => json(&status)?,
        _ => words(&status, output.paint()),
    })?;
    Ok(Exit::Done)
}

fn words(status: &StatusBody, paint: Paint) -> String {
    let (counts, environment) = (&status.counts, paint.heading(&status.environment));
    let mut text =
        format!("{environment}: {}, epoch {}, version {}\n", utc(status.now), status.epoch, status.version);
    let mut row = |name: &str, words: String| text += &format!("  {name:<10} {words}\n");
    row("facilities", format!("{} enrolled", status.enrolled));
    row(
        "orders",
        format!("{} issued, {} received, {} under way", counts.orders, counts.received, status.in_flight),
    );
    let (accepted, refused, silent) = (counts.accepted, counts.refused, counts.silent);
    row(
        "answers",
        format!("{accepted} accepted, {refused} refused; {silent} silent when the time to answer was over"),
    );
    let (complying, unknown, breach) = (counts.complying, counts.unknown, counts.breach);
    row(
        "meters",
        format!("{complying} complying, {unknown} unknown, {breach} in breach; {} restored", counts.restored),
    );
    row("uncovered", format!("{} MWh so far, by the meters", one(status.uncovered.mwh)));
    row("target", status.target.clone().unwrap_or_else(|| "no plan was approved yet".into()));
    row("journal", status.journal_head.to_string());
    row("next", status.next_due.map_or_else(|| "nothing is due".into(), utc));
    if let Some(trouble) = &status.journal_trouble {
        row("journal", paint.alarm(&format!("cannot be written, nothing is issued: {trouble}")));
    }
    if let Some(first) = status.registry_trouble.first() {
        let number = count(status.registry_trouble.len(), "fault", "faults");
        row("registry", paint.alarm(&format!("cannot be used, the one before holds; {number}: {first}")));
    }
    if let Some(first) = status.notice_trouble.first() {
        let number = count(status.notice_trouble.len(), "fault", "faults");
        row("notices", paint.alarm(&format!("built-in texts stand in for some; {number}: {first}")));
    }
    if let Some(promise) = &status.stopped {
        row("issuing", paint.alarm(&format!("has stopped: {promise}")));
    }
    if let Some(freeze) = &status.frozen {
        let (person, since, reason) = (&freeze.person, utc(freeze.since), &freeze.reason);
        row("frozen", paint.alarm(&format!("by {person} since {since}, nothing leaves: {reason}")));
    }
    text + &warnings(status)
}

fn warnings(status: &StatusBody) -> String {
    let shown = status.warnings.iter().take(MOST_WARNINGS);
    let mut text: String =
        shown.map(|warning| format!("  {}  {}\n", utc(warning.at), warning.text)).collect();
    if !text.is_empty() {
        let number = count(status.warnings.len(), "warning", "warnings");
        text = format!("\n{number}, newest first\n{text}");
    }
    text
}
