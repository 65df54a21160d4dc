//! `kezek orders watch`: a line whenever something about an order changes.

use crate::exit::{self, Exit};
use crate::interrupt;
use crate::output::{Format, Output};
use crate::remote::{Remote, runtime};
use chrono::{DateTime, SecondsFormat, Utc};
use kezek_model::ids::OrderNo;
use kezek_server::Client;
use kezek_server::api::OrderRow;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Print a line for every change of an order, until Ctrl-C
///
/// Begins with how every order stands. A line has the time, the order, whether it has arrived, what was answered, what
/// the meter says, and whether the order is live, superseded, recalled or expired. Goes on when the control room cannot
/// be reached for a while, and says so.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only orders for this facility
    #[arg(long, value_name = "ID")]
    facility: Option<String>,
    /// Seconds between two looks
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// Form of a line
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Jsonl]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek orders watch
  kezek orders watch --facility N1 --every 5 --format jsonl";

/// Watches.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let client = args.remote.client()?;
    runtime()?.block_on(async {
        let end = interrupt::asked_to_end()?;
        tokio::select! {
            watched = watch(args, &client, output) => watched,
            () = end => Ok(Exit::Done),
        }
    })
}

async fn watch(args: &Args, client: &Client, output: &Output) -> anyhow::Result<Exit> {
    let mut known = BTreeMap::new();
    let mut is_away = false;
    loop {
        match client.orders(None, args.facility.as_deref()).await.map_err(anyhow::Error::from) {
            Ok(rows) => {
                is_away = false;
                for change in changes(&mut known, &rows, Utc::now()) {
                    output.data(&change.line(args.format)?)?;
                }
            }
            // Whoever may not look will not be allowed to in two seconds either.
            Err(error) if exit::of(&error) != Exit::Remote => return Err(error),
            Err(error) if !is_away => {
                is_away = true;
                output.complain(&format!("{error:#}; looking again every {} s", args.every));
            }
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_secs(args.every)).await;
    }
}

/// How an order stands, where that is news.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    /// When it was seen here.
    at: DateTime<Utc>,
    order_no: OrderNo,
    delivery: String,
    answer: String,
    meter: String,
    life: String,
}

fn changes(known: &mut BTreeMap<OrderNo, [String; 4]>, rows: &[OrderRow], at: DateTime<Utc>) -> Vec<Change> {
    let mut news = Vec::new();
    for row in rows {
        let stand = [&row.delivery, &row.answer, &row.meter, &row.life].map(Clone::clone);
        if known.insert(row.order_no.clone(), stand.clone()).as_ref() != Some(&stand) {
            let [delivery, answer, meter, life] = stand;
            news.push(Change { at, order_no: row.order_no.clone(), delivery, answer, meter, life });
        }
    }
    news
}

impl Change {
    fn line(&self, format: Format) -> anyhow::Result<String> {
        if format == Format::Jsonl {
            return Ok(serde_json::to_string(self)? + "\n");
        }
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (delivery, answer, meter, life) = (&self.delivery, &self.answer, &self.meter, &self.life);
        Ok(format!("{at}  {:<16}  {delivery:<8}  {answer:<8}  {meter:<9}  {life}\n", self.order_no.as_str()))
    }
}
