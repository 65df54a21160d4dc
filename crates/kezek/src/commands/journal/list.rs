//! `kezek journal list`: who did what, when and why.

use crate::clock::Clock;
use crate::database::{HELP, location, open};
use crate::exit::Exit;
use crate::output::{Format, Output, csv_text, json, json_lines};
use crate::table::Columns;
use chrono::SecondsFormat::Millis;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_journal::Location;
use kezek_server::audit::{Deed, Wanted, deeds};

/// Letters of an address that a table shows.
const DIGITS: usize = 12;

/// List what people did, with time and reason, and what was refused to them
///
/// Reads the journal on this machine and writes nothing; a server may go on meanwhile. What the control room did by
/// itself (attempts, warnings, verdicts) is left out. Refusals come from a file beside the journal that is bounded in
/// size: the oldest go first, and of those that repeat themselves within a minute the first is kept with their number.
/// Control rooms on PostgreSQL keep theirs beside their key files (`.refused.jsonl`); those are not listed here.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(super) struct Args {
    /// The journal
    #[arg(value_parser = location)]
    database: Location,
    /// Only what this person did, alone or beside another
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only what is about this order
    #[arg(long, value_name = "ORDER_NO")]
    order: Option<String>,
    /// Only what is about this facility or its orders
    #[arg(long, value_name = "ID")]
    facility: Option<String>,
    /// Only from this instant on, RFC 3339
    #[arg(long, value_name = "INSTANT")]
    since: Option<DateTime<Utc>>,
    /// Leave out what was refused
    #[arg(long)]
    done: bool,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the list; csv with frozen columns
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek journal list control-room/kezek.db
  kezek journal list control-room/kezek.db --order 2026-0115-N1-v1
  kezek journal list control-room/kezek.db --person \"A. Duty\" --since 2026-01-15T00:00:00Z --format csv";

/// Lists.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let wanted = Wanted {
        person: args.person.clone(),
        order_no: args.order.clone(),
        facility: args.facility.clone(),
        since: args.since,
        done_only: args.done,
    };
    let found = deeds(&open(&args.database)?, &wanted)?;
    output.data(&match args.format {
        Format::Json => json(&found)?,
        Format::Jsonl => json_lines(&found)?,
        Format::Csv => csv(&found)?,
        Format::Table => table(&found, args.zone),
    })?;
    Ok(Exit::Done)
}

fn table(found: &[Deed], zone: Tz) -> String {
    if found.is_empty() {
        return "nobody did such a thing\n".to_owned();
    }
    let clock = Clock::covering(zone, found.iter().map(|deed| deed.at));
    let when = format!("when ({})", clock.heading());
    let mut table = Columns::new(5, &[when.as_str(), "who", "what", "about", "why"]);
    for deed in found {
        let done = deed.seq.is_some();
        let outcome = if done { String::new() } else { format!("{}: ", deed.outcome) };
        table.row([
            clock.moment(deed.at),
            who(deed),
            outcome + &deed.action,
            about(deed),
            deed.reason.clone(),
        ]);
    }
    table.text()
}

fn who(deed: &Deed) -> String {
    let from = || deed.from.clone().map(|from| format!("somebody at {from}"));
    let person = deed.person.clone().or_else(from).unwrap_or_else(|| "somebody".into());
    match &deed.second_person {
        Some(second) => format!("{person} with {second}"),
        None => person,
    }
}

fn about(deed: &Deed) -> String {
    let plan = || deed.plan_digest.as_ref().map(|plan| plan.chars().take(DIGITS).collect());
    let facility = || deed.facility.as_ref().map(ToString::to_string);
    let order = deed.order_no.as_ref().map(ToString::to_string);
    order.or_else(plan).or_else(facility).or_else(|| deed.licence.clone()).unwrap_or_default()
}

const COLUMNS: [&str; 12] = [
    "at",
    "seq",
    "outcome",
    "person",
    "second_person",
    "action",
    "facility",
    "order_no",
    "plan_digest",
    "reason",
    "from",
    "licence",
];

fn csv(found: &[Deed]) -> anyhow::Result<String> {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = found.iter().map(|deed| {
        [
            deed.at.to_rfc3339_opts(Millis, true),
            deed.seq.map(|seq| seq.to_string()).unwrap_or_default(),
            deed.outcome.clone(),
            or_empty(&deed.person),
            or_empty(&deed.second_person),
            deed.action.clone(),
            deed.facility.as_ref().map(ToString::to_string).unwrap_or_default(),
            deed.order_no.as_ref().map(ToString::to_string).unwrap_or_default(),
            or_empty(&deed.plan_digest),
            deed.reason.clone(),
            or_empty(&deed.from),
            or_empty(&deed.licence),
        ]
    });
    csv_text(COLUMNS, rows)
}
