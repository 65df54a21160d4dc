//! `kezek journal verify DATABASE` and `kezek journal list DATABASE`: the auditor's look at the ledger.

mod list;

use crate::exit::Exit;
use crate::figures::count;
use crate::output::{Format, Output, json};
use kezek_journal::{Head, JournalError, Record, SqliteReader, Verification, verify};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

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
}

/// Recompute the whole journal: find any changed byte, and a lost tail
///
/// Writes nothing; a server may go on meanwhile. The heads that the orders in the journal carry are held against it by
/// themselves. Heads that were kept elsewhere (every order carries one: its field journal_head) show whether the end
/// was cut off or all of it was written anew: give them with --head.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Verify {
    /// The journal, an SQLite file
    database: PathBuf,
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

Exit codes: 0 the journal is sound; 3 there is no such file; 9 it is not sound, every fault is told.";

/// Verifies a journal, or tells what people did.
///
/// # Errors
/// When there is no such file, or the system does not let us read it.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Verify(asked) => verified(asked, output),
        Verb::List(asked) => list::run(asked, output),
    }
}

fn verified(asked: &Verify, output: &Output) -> anyhow::Result<Exit> {
    let mut heads = asked.heads.clone();
    heads.extend(carried(&asked.database)?);
    let found = verify(&asked.database, &heads)?;
    let finding = Finding { is_sound: found.is_sound(), heads_compared: heads.len(), found: &found };
    output.data(&match asked.format {
        Format::Json => json(&finding)?,
        _ => finding.words(),
    })?;
    if found.is_sound() {
        return Ok(Exit::Done);
    }
    let faults = count(found.faults.len(), "fault", "faults");
    output.complain(&format!(
        "{faults}; the journal does not hold: stop, keep a copy of the file, restore a backup"
    ));
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

/// The heads that the orders in the journal carry, as far as it can be read; what cannot be read the verification tells.
fn carried(database: &Path) -> Result<Vec<Head>, JournalError> {
    let mut heads = Vec::new();
    let reader = match SqliteReader::open(database) {
        Ok(reader) => reader,
        Err(error @ JournalError::Missing { .. }) => return Err(error),
        Err(_) => return Ok(heads),
    };
    let mut visit = |record: Record| {
        let head = record.body.pointer("/event/journal_head");
        heads.extend(head.and_then(|head| serde_json::from_value::<Head>(head.clone()).ok()));
        ControlFlow::Continue(())
    };
    // It ends at the first record that is broken; the verification finds that and all others.
    drop(reader.load(0, &mut visit));
    Ok(heads)
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
