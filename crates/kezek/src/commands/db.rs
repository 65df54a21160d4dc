//! `kezek db backup|restore|drill`: the journal outlives its machine, and that is tried out beforehand.

use crate::database::{location, open};
use crate::exit::Exit;
use crate::output::{Format, Output, json};
use chrono::Utc;
use kezek_journal::{Location, backup};
use kezek_server::restore::{Drill, drill, restore};
use std::path::PathBuf;

/// Back the journal up, bring it back, and try that out
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Backup(Backup),
    Restore(Restore),
    Drill(Try),
}

/// Write the journal as it is now into a new file, and verify what was written
///
/// A server may go on meanwhile: the file holds one moment of the journal. It has its name only once it is whole.
#[derive(clap::Args, Debug)]
#[command(after_help = BACKUP_EXAMPLES)]
struct Backup {
    /// The journal: a file or postgres://...
    #[arg(value_parser = location)]
    from: Location,
    /// The backup, which does not exist yet
    file: PathBuf,
}

const BACKUP_EXAMPLES: &str = "\
Examples:
  kezek db backup control-room/kezek.db /mnt/backups/2026-01-31.db
  kezek db backup postgres://kezek@/kezek?host=/run/postgresql /mnt/backups/2026-01-31.db

Exit codes: 0 the backup is sound; 3 there is no such journal; 8 the database does not answer; 9 the journal does not hold.";

/// Bring a journal back from a backup, into a new file or an empty database
///
/// Orders that left after the backup was taken are lost here, but facilities hold them. So the next start is in an epoch
/// above any that the lost journal can have reached: facilities take its orders for newer. Issuing stops until two people
/// `kezek resume`: ask the facilities first what they hold.
#[derive(clap::Args, Debug)]
#[command(after_help = RESTORE_EXAMPLES)]
struct Restore {
    /// The backup
    file: PathBuf,
    /// Where to: a file that does not exist yet, or an empty database
    #[arg(value_parser = location)]
    to: Location,
}

const RESTORE_EXAMPLES: &str = "\
Examples:
  kezek db restore /mnt/backups/2026-01-31.db control-room/kezek.db
  kezek db restore /mnt/backups/2026-01-31.db postgres://kezek@/kezek?host=/run/postgresql

Exit codes: 0 restored; 3 there is no such backup, or something is there already; 9 the backup does not hold.";

/// Try a backup out: restore it into a folder of its own, verify the chain, replay everything
#[derive(clap::Args, Debug)]
#[command(after_help = DRILL_EXAMPLES)]
struct Try {
    /// The backup
    file: PathBuf,
    /// Form of the finding
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const DRILL_EXAMPLES: &str = "\
Examples:
  kezek db drill /mnt/backups/2026-01-31.db

Exit codes: 0 the backup can be restored; 3 there is no such backup; 9 it does not hold.";

/// Backs up, restores, or tries out.
///
/// # Errors
/// When a journal or a file cannot be used, or does not hold.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Backup(asked) => {
            let copied = backup(&open(&asked.from)?, &asked.file)?;
            let (records, documents, head) = (copied.records, copied.documents, copied.head);
            output.data(&format!(
                "the backup is sound: {records} records, {documents} documents\nhead {head}\n"
            ))?;
            output.say("keep the head elsewhere too: it proves later that nothing was cut off");
        }
        Verb::Restore(asked) => bring_back(asked, output)?,
        Verb::Drill(asked) => {
            let found = drill(&asked.file, Utc::now())?;
            output.data(&match asked.format {
                Format::Json => json(&found)?,
                _ => words(&found),
            })?;
        }
    }
    Ok(Exit::Done)
}

fn bring_back(asked: &Restore, output: &Output) -> anyhow::Result<()> {
    let found = restore(&asked.file, &open(&asked.to)?, Utc::now())?;
    let (records, documents) = (found.copied.records, found.copied.documents);
    output.data(&format!(
        "restored: {records} records, {documents} documents\nhead {}\nthe next start is in an epoch above {}\n",
        found.head, found.epoch
    ))?;
    let since = found.last.map_or_else(String::new, |last| format!(" after {last}"));
    output.say(&format!(
        "what left{since} is not known here: ask the facilities what they hold, then `kezek resume` with a second person"
    ));
    Ok(())
}

fn words(found: &Drill) -> String {
    let restored = &found.restored;
    let last = restored.last.map_or_else(|| "nothing".into(), |last| last.to_string());
    format!(
        "the backup can be restored\n\
         records      {}\ndocuments    {}\nlast entry   {last}\nhead         {}\n\
         environment  {}\norders       {}\nenrolled     {}\nheads        {} compared\n\
         restored in  {:.2} s\nverified in  {:.2} s\nreplayed in  {:.2} s\n",
        restored.copied.records,
        restored.copied.documents,
        restored.copied.head,
        found.environment.as_deref().unwrap_or("none yet"),
        found.orders,
        found.enrolled,
        found.heads_compared,
        found.restore_s,
        found.verify_s,
        found.replay_s,
    )
}
