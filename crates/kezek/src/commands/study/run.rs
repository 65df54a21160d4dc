//! `kezek study run STUDY`: seasons drawn many times.

use super::progress::Reporter;
use super::table;
use crate::exit::{Exit, Refusal};
use crate::interrupt;
use crate::output::{Format, Output};
use kezek_study::lab::Study;
use kezek_study::lab::results::Shard;
use kezek_study::lab::run::{Running, run as live};
use std::path::PathBuf;

/// Live through a season many times, in the base and in every scenario
///
/// STUDY is a file like examples/winter-study/study.toml. It names a case whose horizon is the season, what may happen in
/// it (weather, forecast errors drawn from past ones, plants and lines that fail) and scenarios that change it. A draw is
/// one future, the same for all scenarios, so that their differences are paired. Every civil day is planned on the day
/// before with what was known then, with running cuts, hours used and burdens carried on, and is measured against what
/// came.
///
/// A day's plan ends by its gap or by counted work, never by the clock: the same study gives the same bytes on any number
/// of threads and any machine. Finished seasons are kept in DIR; after Ctrl-C the same command goes on with them.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file of the study
    study: PathBuf,
    /// The folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Futures to draw; else as many as the file says. Draw 7 is the same future however many there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    draws: Option<u32>,
    /// Only this part of the draws, for one machine of several: `kezek study gather` joins them
    #[arg(long, value_name = "PART/OF", default_value = "1/1")]
    shard: Shard,
    /// Threads; else as many as the machine has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Form of the summary on stdout
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek study run examples/winter-study/study.toml --draws 20
  kezek study run winter.toml --shard 3/8 --out parts
  kezek study run winter.toml --format csv > summary.csv

Columns of the csv: scenario,metric,mean,mean_within,low,median,high,worst,worst_draw,difference,
difference_within. The unit stands in the metric's name, money is in the currency of the case, `within` is
half of the width of a 95 % interval, low and high leave out a twentieth of the draws each, `difference` is
that from the base in the same draw.

Exit codes: 0 all draws are finished; 3 the study has faults, all are told; 6 stopped, finished seasons
are kept.";

/// Runs a study.
///
/// # Errors
/// When the study has faults, a day can't be planned, or results can't be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let mut study = Study::read(&args.study)?;
    study.left_out.iter().for_each(|told| output.say(told));
    study.spec.draws = args.draws.unwrap_or(study.spec.draws);
    if args.shard.draws(study.spec.draws).next().is_none() {
        let (part, draws) = (args.shard.count, study.spec.draws);
        return Err(Refusal::rejected(format!("{part} parts of {draws} draws: this part would be empty")));
    }
    let stop = interrupt::stop_signal()?;
    let mut reporter = Reporter::new(output);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let ended = live(
        &study,
        &mut Running {
            shard: args.shard,
            threads: args.threads.map_or(processors, |threads| threads as usize),
            folder: &args.out,
            stop: &stop,
            progress: &mut |progress| reporter.tell(progress),
        },
    );
    reporter.finish();
    let Some((results, path)) = ended? else {
        let again = "stopped; finished seasons are kept, the same command goes on with them";
        output.say(&format!("{again} (exit code {})", Exit::Stopped.code()));
        return Ok(Exit::Stopped);
    };
    output.data(&table::summary(&results, args.format)?)?;
    output.say(&format!("wrote {}", path.display()));
    Ok(Exit::Done)
}
