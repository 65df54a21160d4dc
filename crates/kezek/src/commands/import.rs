//! `kezek import PROFILE=TABLE... --out DIR`: foreign tables into the forecast of a case.

mod coverage;
mod summary;

use crate::exit::{Exit, Refusal};
use crate::files;
use crate::input;
use crate::output::{Format, Output};
use coverage::{Coverage, Doubled};
use kezek_model::fault::Faults;
use kezek_model::import::{
    ForecastRow, Import, Profile, Reject, import, write_forecast_csv, write_reject_csv,
};
use std::path::PathBuf;

/// Turn foreign tables into the forecast.csv of a case
///
/// A profile is a small TOML file that says what a table means: grid zone, time column and its clock, unit, separator,
/// and which part of the headroom each column becomes. Nothing is guessed. One pair is one table; a case of several
/// zones needs one pair or more for each. examples/import/ has profiles and explains them.
///
/// Writes forecast.csv, and rejects.csv with every row that was not taken, its reason, and every gap. A case takes no
/// gaps: where the zones do not have the same intervals without a hole, the rejects are written but no forecast, and the
/// exit code is 3, unless --allow-gaps is given.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A profile and the table it is for
    #[arg(required = true, value_name = "PROFILE=TABLE", value_parser = pair)]
    pairs: Vec<Pair>,
    /// The folder in which forecast.csv and rejects.csv are written
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the forecast although intervals are missing; a case over them will be refused
    #[arg(long)]
    allow_gaps: bool,
    /// Form of the account on stdout
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek import examples/import/korem-west.toml=west.csv --out cases/west
  kezek import north.toml=north-jan.csv north.toml=north-feb.csv west.toml=west.csv --out cases/winter

Exit codes: 0 forecast written; 3 a profile or table was refused, nothing is usable, or intervals
are missing (without --allow-gaps): no forecast.csv is written, rejects.csv is where there are any.";

/// A table and what it means.
#[derive(Clone, Debug)]
struct Pair {
    profile: PathBuf,
    table: PathBuf,
}

fn pair(text: &str) -> Result<Pair, String> {
    match text.split_once('=') {
        Some((profile, table)) if !profile.is_empty() && !table.is_empty() => {
            Ok(Pair { profile: profile.into(), table: table.into() })
        }
        _ => {
            Err("name the profile and the table with = between them, for instance north.toml=north.csv"
                .into())
        }
    }
}

/// A table that was read.
struct Taken {
    pair: Pair,
    zone: String,
    import: Import,
}

/// Imports tables.
///
/// # Errors
/// When a profile or table is refused, or what they give is no forecast.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (taken, refused) = read_all(&args.pairs);
    let rows: Vec<ForecastRow> = taken.iter().flat_map(|table| table.import.rows.clone()).collect();
    let rejected: Vec<Reject> = taken.iter().flat_map(|table| table.import.rejected.clone()).collect();
    let coverage = Coverage::of(&taken);
    let doubled = Doubled::first_of(&taken);
    let obstacle = obstacle(args, !refused.is_empty(), doubled.as_ref(), &coverage);
    write(args, &rows, &rejected, obstacle.is_none())?;
    output.data(&match args.format {
        Format::Table => summary::table(&taken, &coverage),
        _ => summary::json(&taken, &coverage, obstacle.is_none())?,
    })?;
    refused.iter().for_each(|error| tell(error, output));
    let Some(obstacle) = obstacle else {
        say_what_was_written(args, &coverage, output);
        return Ok(Exit::Done);
    };
    let rejects = if rejected.is_empty() {
        String::new()
    } else {
        format!("; see {}", args.out.join(REJECTS).display())
    };
    Err(Refusal::rejected(format!("{obstacle}; no {FORECAST} was written{rejects}")))
}

const FORECAST: &str = "forecast.csv";
const REJECTS: &str = "rejects.csv";

fn read_all(pairs: &[Pair]) -> (Vec<Taken>, Vec<anyhow::Error>) {
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for pair in pairs {
        match read(pair) {
            Ok(table) => taken.push(table),
            Err(error) => refused.push(error),
        }
    }
    (taken, refused)
}

fn read(pair: &Pair) -> anyhow::Result<Taken> {
    let profile_text = input::text(&pair.profile, "an import profile in TOML");
    let bytes = input::bytes(&pair.table, "a table in CSV");
    let (profile_text, bytes) = input::both(profile_text, bytes)?;
    let profile = Profile::from_toml(&pair.profile.display().to_string(), &profile_text)?;
    let import = import(&profile, &pair.table.display().to_string(), &bytes)?;
    Ok(Taken { pair: pair.clone(), zone: profile.zone().to_string(), import })
}

/// Why no forecast can be written, if so.
fn obstacle(args: &Args, refused: bool, doubled: Option<&Doubled>, coverage: &Coverage) -> Option<String> {
    if refused {
        return Some("not everything could be read".into());
    }
    if let Some(doubled) = doubled {
        return Some(doubled.to_string());
    }
    if coverage.is_empty() {
        return Some("no row is usable".into());
    }
    if coverage.missing() == 0 || args.allow_gaps {
        return None;
    }
    let hint = "mend the tables, narrow `from` and `to` or say `fill = \"last\"` in the profile, or pass --allow-gaps";
    Some(format!("{}: {hint}", coverage.missing_words()))
}

fn write(args: &Args, rows: &[ForecastRow], rejected: &[Reject], usable: bool) -> anyhow::Result<()> {
    let (mut forecast, mut rejects) = (Vec::new(), Vec::new());
    write_forecast_csv(rows, &mut forecast)?;
    write_reject_csv(rejected, &mut rejects)?;
    let both = [(REJECTS, rejects.as_slice()), (FORECAST, forecast.as_slice())];
    match (usable, rejected.is_empty()) {
        (true, _) => files::write_all(&args.out, &both),
        (false, false) => files::write_all(&args.out, &both[..1]),
        (false, true) => Ok(()),
    }
}

fn tell(error: &anyhow::Error, output: &Output) {
    match error.downcast_ref::<Faults>() {
        Some(faults) => output.complain(&faults.to_string()),
        None => output.complain(&format!("{error:#}")),
    }
}

fn say_what_was_written(args: &Args, coverage: &Coverage, output: &Output) {
    output.say(&format!(
        "wrote {} and {}",
        args.out.join(FORECAST).display(),
        args.out.join(REJECTS).display()
    ));
    if coverage.missing() > 0 {
        output.say(&format!("{}: a case over them will be refused", coverage.missing_words()));
    }
}
