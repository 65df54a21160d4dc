//! `kezek licence suspend|reinstate|list`: licences suspended while plans run.

use crate::clock::utc;
use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use crate::table::Columns;
use kezek_server::api::LicenceRow;

/// Licences suspended while plans run
///
/// Orders bind as before; what changes is the next case, which gives such a licence no quota.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Keep that a licence is suspended, and say what to change in the next case
    Suspend(Change),
    /// Keep that a licence holds again
    Reinstate(Change),
    /// List the licences that are suspended
    List(List),
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  kezek licence suspend L-7 --reason \"order 7 of the ministry\"\n  \
    kezek licence reinstate L-7 --reason \"order 9 of the ministry\"")]
struct Change {
    /// Its number, as in tenants.csv
    licence: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek licence list")]
struct List {
    #[command(flatten)]
    remote: Remote,
}

/// Keeps or lists suspensions.
///
/// # Errors
/// When it is so already, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Suspend(Change { licence, reason, remote }) => {
            let row = remote.ask(|client| async move { client.suspend_licence(licence, reason).await })?;
            output.data(&suspended(&row))?;
        }
        Verb::Reinstate(Change { licence, reason, remote }) => {
            remote.ask(|client| async move { client.reinstate_licence(licence, reason).await })?;
            output.data(&format!("licence {licence} holds again; give it its quota in the next case\n"))?;
        }
        Verb::List(List { remote }) => {
            let rows = remote.ask(|client| async move { client.licences().await })?;
            output.data(&table(&rows))?;
        }
    }
    Ok(Exit::Done)
}

fn suspended(row: &LicenceRow) -> String {
    let licence = &row.licence;
    let facilities: Vec<String> = row.facilities.iter().map(ToString::to_string).collect();
    let whom = match facilities.is_empty() {
        true => "no facility stands under it in tenants.csv".to_owned(),
        false => facilities.join(", "),
    };
    format!(
        "licence {licence} is suspended ({whom}); orders bind as before\n\
         in the next case set quota_mw to 0 for it in facilities.csv, and in quotas.csv where rows name it\n"
    )
}

fn table(rows: &[LicenceRow]) -> String {
    if rows.is_empty() {
        return "no licence is suspended\n".to_owned();
    }
    let mut table = Columns::new(5, &["licence", "since (UTC)", "by", "reason", "facilities"]);
    for row in rows {
        let facilities: Vec<String> = row.facilities.iter().map(ToString::to_string).collect();
        table.row([
            row.licence.clone(),
            utc(row.since),
            row.person.clone(),
            row.reason.clone(),
            facilities.join(" "),
        ]);
    }
    table.text()
}
