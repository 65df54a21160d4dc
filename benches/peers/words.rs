//! What the command line chooses.

use crate::row::{Row, all};
use std::path::PathBuf;

/// Who is compared.
pub(crate) const PEERS: [&str; 4] = ["kezek", "highs", "cp-sat", "linopy"];

pub(crate) const USAGE: &str = "\
usage: ./dev bench peers [OPTIONS]

  --rows 45x24,100x24   rows of the table of goals, or any other FACILITIESxINTERVALS; all where not given
  --seeds 1-10          cases of a row, `1-4` or `1,3`
  --peers LIST          of kezek, highs, cp-sat, linopy; kezek has the row's own time
  --peer-seconds 300    time of the others
  --threads 2           of each
  --memory-gib 16       address space of a run; one that needs more has failed
  --again PEER          run it anew, whatever results there are
  --table               run nothing, print what is there
  --each                with a line for every case

Results are kept in target/peers/results.jsonl; what is there is not run again.";

/// The choice.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) rows: Vec<Row>,
    pub(crate) seeds: Vec<u64>,
    pub(crate) peers: Vec<String>,
    pub(crate) peer_seconds: f64,
    pub(crate) threads: u32,
    pub(crate) memory_gib: u64,
    pub(crate) again: Option<String>,
    pub(crate) table_only: bool,
    pub(crate) each: bool,
    pub(crate) python: PathBuf,
}

impl Words {
    /// Reads the words; `None` where only help was asked for.
    pub(crate) fn read(words: &[String]) -> Result<Option<Self>, String> {
        let mut chosen = Self {
            rows: all(),
            seeds: (1..=10).collect(),
            peers: PEERS.map(str::to_owned).to_vec(),
            peer_seconds: 300.0,
            threads: 2,
            memory_gib: 16,
            again: None,
            table_only: false,
            each: false,
            python: PathBuf::from("python3"),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--table" => chosen.table_only = true,
                "--each" => chosen.each = true,
                _ => chosen.take(word, words.next().ok_or(format!("{word} needs a value\n{USAGE}"))?)?,
            }
        }
        Ok(Some(chosen))
    }

    fn take(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "--rows" => self.rows = value.split(',').map(Row::named).collect::<Result<_, _>>()?,
            "--seeds" => self.seeds = seeds(value)?,
            "--peers" => self.peers = value.split(',').map(peer).collect::<Result<_, _>>()?,
            "--peer-seconds" => self.peer_seconds = number(value)?,
            "--threads" => self.threads = number(value)?,
            "--memory-gib" => self.memory_gib = number(value)?,
            "--again" => self.again = Some(peer(value)?),
            "--python" => self.python = PathBuf::from(value),
            _ => return Err(format!("{option} is no option\n{USAGE}")),
        }
        Ok(())
    }
}

fn seeds(value: &str) -> Result<Vec<u64>, String> {
    match value.split_once('-') {
        Some((first, last)) => Ok((number(first)?..=number(last)?).collect()),
        None => value.split(',').map(number).collect(),
    }
}

fn peer(name: &str) -> Result<String, String> {
    if PEERS.contains(&name) { Ok(name.to_owned()) } else { Err(format!("{name} is none of {PEERS:?}")) }
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}
