//! `kezek study report RESULTS`: figures, workbook, Parquet and a page that holds them together.

use crate::exit::{Exit, Refusal};
use crate::files;
use crate::output::Output;
use kezek_model::registry::Language;
use kezek_reports::{Report, ReportError};
use kezek_study::lab::results::Results;
use std::path::PathBuf;

/// Write what people and other tools read of results
///
/// DIR receives report.html, one page with figures and tables that needs no network; results.xlsx with a sheet for every
/// table and a first one that explains them; draws.parquet with a row for every scenario, draw and day,
/// facilities.parquet and zones.parquet with one for every scenario, draw and facility or zone; and every figure as SVG
/// and PNG. What stands there from before is written anew: the same results give the same bytes.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A file that `kezek study run` or `kezek study gather` wrote
    results: PathBuf,
    /// The folder for the report
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Of titles and sentences; names of columns are the same in all
    #[arg(long, value_name = "kk|ru|en", default_value = "en", value_parser = crate::language::parse)]
    language: Language,
}

const EXAMPLES: &str = "\
Examples:
  kezek study report results/winter-1-of-1-0123456789abcdef.jsonl --out report
  kezek study report results/winter-1-of-1-0123456789abcdef.jsonl --out report-kk --language kk

The names of the files that were written go to stdout.

Exit codes: 0 written; 3 the file is none of a study, or holds no draw.";

/// Writes a report.
///
/// # Errors
/// When the results can't be read, hold no draw, or the folder can't be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let results = Results::read(&args.results).map_err(|error| Refusal::rejected(error.to_string()))?;
    let report = Report { results: &results, language: args.language };
    let written = kezek_reports::files(&report).map_err(|error| match error {
        ReportError::Empty => Refusal::rejected(format!("{}: {error}", args.results.display())),
        error => error.into(),
    })?;
    std::fs::create_dir_all(args.out.join("figures"))?;
    let contents: Vec<(&str, &[u8])> =
        written.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    files::write_all(&args.out, &contents)?;
    let names = written.iter().map(|(name, _)| format!("{}\n", args.out.join(name).display()));
    output.data(&names.collect::<String>())?;
    Ok(Exit::Done)
}
