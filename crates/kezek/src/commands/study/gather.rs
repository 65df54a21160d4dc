//! `kezek study gather FILE...`: the parts of a study joined.

use super::table;
use crate::exit::{Exit, Refusal};
use crate::output::{Format, Output};
use kezek_study::lab::gather::gather;
use std::path::PathBuf;

/// Join the parts that several machines have run
///
/// Every draw of every scenario must be in exactly one file, and all must be of the same study, engine and number of draws;
/// whatever is missing, double or mixed is told, and nothing is written. The file that is written is byte for byte the one
/// that a single machine would have made.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The files that `kezek study run --shard` wrote
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder for the result
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Form of the summary on stdout
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek study gather parts/*.jsonl --out results
  kezek study gather results/winter-1-of-1-0123456789abcdef.jsonl --format csv

Exit codes: 0 joined; 3 a file is none of a study, or they do not make a whole.";

/// Joins parts.
///
/// # Errors
/// When they do not make a whole.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let results = gather(&args.files).map_err(|error| Refusal::rejected(error.to_string()))?;
    std::fs::create_dir_all(&args.out)?;
    let path = results.write(&args.out)?;
    output.data(&table::summary(&results, args.format)?)?;
    output.say(&format!("wrote {}", path.display()));
    Ok(Exit::Done)
}
