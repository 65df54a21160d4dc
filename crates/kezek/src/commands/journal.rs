//! `kezek journal verify DATABASE` and `kezek journal list DATABASE`: the auditor's look at the ledger; `kezek journal
//! copy FROM TO`: to another place.

mod list;

use crate::database::{HELP, location, open};
use crate::exit::Exit;
use crate::figures::count;
use crate::output::{Format, Output, json};
use kezek_journal::{Head, JournalError, Location, Verification, copy, verify_at};
use kezek_server::restore::carried;
use serde::Serialize;

const HASH_DIGITS: usize = 64;

/// The journal of a control room
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Verify(Verify),
    List(list::Args),
    Copy(Copy),
}

/// Recompute the whole journal: find any changed byte, and a lost tail
///
/// Writes nothing; a server may go on meanwhile. The heads that the orders in the journal carry are held against it by
/// themselves. Heads that were kept elsewhere (every order carries one: its field journal_head) show whether the end
/// was cut off or all of it was written anew: give them with --head.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n\n{HELP}"))]
struct Verify {
    /// The journal: a file or postgres://...
    #[arg(value_parser = location)]
    database: Location,
    /// A head that was handed out: number of the record and its hash
    #[arg(long = "head", value_name = "SEQ:HASH", value_parser = head)]
    heads: Vec<Head>,
    /// Form of the finding
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek journal verify control-room/kezek.db
  kezek journal verify control-room/kezek.db --head 812:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9

Exit codes: 0 the journal is sound; 3 there is no such journal; 9 it is not sound, every fault is told.";

/// Copy a journal to another place without losing its chain, for instance from a file into PostgreSQL
///
/// Every record is checked as it is read and sealed anew as it is written; both must end in the same head. No control
/// room may run on either meanwhile, and none on the first one afterwards: two would issue orders side by side.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("{COPY_EXAMPLES}\n\n{HELP}"))]
struct Copy {
    /// The journal
    #[arg(value_parser = location)]
    from: Location,
    /// Where to: a file that does not exist yet, or an empty database
    #[arg(value_parser = location)]
    to: Location,
}

const COPY_EXAMPLES: &str = "\
Examples:
  kezek journal copy control-room/kezek.db postgres://kezek@/kezek?host=/run/postgresql
  kezek journal copy postgres://kezek@/kezek?host=/run/postgresql control-room/kezek.db

Exit codes: 0 copied; 3 there is no such journal, or something is there already; 9 the journal does not hold.";

/// Verifies or copies a journal, or tells what people did.
///
/// # Errors
/// When there is no such journal, or the system does not let us read it.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Verify(asked) => examine(asked, output),
        Verb::List(asked) => list::run(asked, output),
        Verb::Copy(asked) => transfer(asked, output),
    }
}

fn transfer(asked: &Copy, output: &Output) -> anyhow::Result<Exit> {
    let (from, to) = (open(&asked.from)?, open(&asked.to)?);
    // Reading makes no journal where there is none; holding it keeps every control room out.
    drop(from.reader()?);
    let held = from.store("kezek journal copy")?;
    let mut store = to.store("kezek journal copy")?;
    let copied = copy(&*from.reader()?, &mut *store, &to.to_string())?;
    let (records, documents) = (copied.records, copied.documents);
    let (from_head, to_head) = (held.head()?, store.head()?);
    output.data(&format!(
        "copied {records} records and {documents} documents\n{from} ends at {from_head}\n{to} ends at {to_head}\n"
    ))?;
    output.say(&format!("start no control room on {from} any more: two would issue orders side by side"));
    Ok(Exit::Done)
}

fn examine(asked: &Verify, output: &Output) -> anyhow::Result<Exit> {
    let database = open(&asked.database)?;
    let mut heads = asked.heads.clone();
    match database.reader() {
        Ok(reader) => heads.extend(carried(&*reader)),
        // What is wrong with it the verification says.
        Err(JournalError::NotAJournal { .. } | JournalError::Database { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let found = verify_at(&database, &heads)?;
    let finding = Finding { is_sound: found.is_sound(), heads_compared: heads.len(), found: &found };
    output.data(&match asked.format {
        Format::Json => json(&finding)?,
        _ => finding.words(),
    })?;
    if found.is_sound() {
        return Ok(Exit::Done);
    }
    let faults = count(found.faults.len(), "fault", "faults");
    output
        .complain(&format!("{faults}; the journal does not hold: stop, keep a copy of it, restore a backup"));
    Ok(Exit::NotVerified)
}

#[derive(Serialize)]
struct Finding<'a> {
    is_sound: bool,
    heads_compared: usize,
    #[serde(flatten)]
    found: &'a Verification,
}

impl Finding<'_> {
    fn words(&self) -> String {
        let found = self.found;
        if !self.is_sound {
            return found.faults.iter().map(|fault| format!("{fault}\n")).collect();
        }
        let (records, documents) = (found.records, found.documents);
        let heads = count(self.heads_compared, "head", "heads");
        format!(
            "the journal is sound: {records} records, {documents} documents, {heads} compared\nhead {}\n",
            found.head
        )
    }
}

/// A head as it is shown.
///
/// # Errors
/// Says what was expected.
pub(crate) fn head(text: &str) -> Result<Head, String> {
    const EXPECTED: &str = "a head is a number, a colon and 64 hexadecimal digits";
    let (seq, hash) = text.split_once(':').ok_or(EXPECTED)?;
    let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (seq.parse(), is_hash) {
        (Ok(seq), true) => Ok(Head { seq, hash: hash.to_lowercase() }),
        _ => Err(EXPECTED.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_shown() {
        let shown = Head { seq: 812, hash: "a".repeat(HASH_DIGITS) };
        assert_eq!(head(&shown.to_string()).unwrap(), shown);
        for wrong in ["812", "812:abc", "x:aaaa", ""] {
            assert!(head(wrong).is_err(), "{wrong}");
        }
    }
}
