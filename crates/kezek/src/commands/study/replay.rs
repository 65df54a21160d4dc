//! `kezek study replay STUDY --draw N`: one season again, day by day.

use crate::exit::{Exit, Refusal};
use crate::figures::{one, with_decimals};
use crate::interrupt;
use crate::output::{Format, Output};
use crate::table::Columns;
use kezek_study::lab::Study;
use kezek_study::lab::outcome::{DAY_FIGURES, DayFigures};
use kezek_study::lab::replay::replay;
use kezek_study::lab::spec::BASE;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Live through one draw again, day by day
///
/// The figures are those that `kezek study run` had for this draw, whatever else it ran. With --out every day leaves a
/// folder of its own: the case that was planned, its plan and its hours, which every other verb reads. A control room whose
/// `[studies] folder` the replay lies in shows its days under Studies.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file of the study
    study: PathBuf,
    /// Which future, from 0
    #[arg(long, value_name = "N")]
    draw: u32,
    /// Which scenario
    #[arg(long, value_name = "NAME", default_value = BASE)]
    scenario: String,
    /// A folder for replay.json, and for DATE/ of every day: a case, plan.json and hours.csv
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of the days on stdout
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek study replay examples/winter-study/study.toml --draw 3
  kezek study replay winter.toml --draw 117 --scenario cold --out studies/cold-117
  kezek why studies/cold-117/2027-01-21 studies/cold-117/2027-01-21/plan.json S07

Columns of hours.csv: interval_start,zone,headroom_mw,nominated_mw,cut_mw,uncovered_mw,need_mw; headroom is what
came, not what was forecast; need is what would have been uncovered if nobody had been cut.

Exit codes: 0 lived through; 3 the study has faults, or the scenario is not in it; 6 stopped.";

/// Lives through a season again.
///
/// # Errors
/// When the study has faults, has no such scenario, or a day can't be planned.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let study = Study::read(&args.study)?;
    study.left_out.iter().for_each(|told| output.say(told));
    let names = study.scenarios();
    let Some(scenario) = names.iter().position(|name| *name == args.scenario) else {
        let known = names.join(", ");
        return Err(Refusal::rejected(format!("no scenario \"{}\"; the study has {known}", args.scenario)));
    };
    let stop = interrupt::stop_signal()?;
    let Some(rows) = replay(&study, (args.draw, scenario), args.out.as_deref(), &stop)? else {
        output.say(&format!("stopped; what was kept is no replay (exit code {})", Exit::Stopped.code()));
        return Ok(Exit::Stopped);
    };
    output.data(&match args.format {
        Format::Csv => csv(&rows),
        _ => table(&rows),
    })?;
    Ok(Exit::Done)
}

type Rows = [(chrono::NaiveDate, DayFigures)];

fn csv(rows: &Rows) -> String {
    let mut csv = format!("day,{}\n", DAY_FIGURES.join(","));
    for (date, figures) in rows {
        let values = figures.values().map(|value| value.to_string());
        // Writing to a String can't fail.
        let _ = writeln!(csv, "{date},{}", values.join(","));
    }
    csv
}

fn table(rows: &Rows) -> String {
    let header =
        ["day", "need MWh", "peak MW", "cut MWh", "foreseen MWh", "uncovered MWh", "orders", "gap %"];
    let mut table = Columns::new(1, &header);
    let k = |value: i64| one(value as f64 / 1000.0);
    for (date, day) in rows.iter().filter(|(_, day)| day.need_kwh > 0 || day.cut_kwh > 0) {
        table.row([
            date.to_string(),
            k(day.need_kwh),
            k(day.need_peak_kw),
            k(day.cut_kwh),
            k(day.foreseen_kwh),
            k(day.uncovered_kwh),
            day.orders.to_string(),
            with_decimals(day.gap_ppm as f64 / 1e4, 2),
        ]);
    }
    let quiet = rows.iter().filter(|(_, day)| day.need_kwh == 0 && day.cut_kwh == 0).count();
    format!(
        "{}  {quiet} of {} days without shortage and without cuts are left out; `foreseen` is what the plan \
         left uncovered\n",
        table.text(),
        rows.len()
    )
}
