//! `kezek plan CASE`: from a folder to a plan that passes the check.

mod again;
pub(crate) mod progress;
mod scenarios;
mod shortage;
mod summary;

use crate::exit::Exit;
use crate::figures;
use crate::files;
use crate::input;
use crate::interrupt;
use crate::output::{Format, Output};
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use kezek_planner::solve::{Settings, Watch, solve};
use progress::Reporter;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Plan a case: who is cut, when, how deep, and what stays uncovered
///
/// CASE is a folder with case.toml, facilities.csv and forecast.csv. The plan is the best found that passes the check of
/// `kezek check`. It always exists: a shortage that no allowed cut covers stays uncovered, is reported and priced.
///
/// With `policy = "equal-share"` or `"rotation"` in case.toml cost comes last: first the least shortage, then the smallest
/// highest burden (the share of its energy that a facility has had cut; `rotation` counts ledger.csv too), then cost.
///
/// Ctrl-C stops the search and keeps the best plan so far; twice ends at once.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// Stop at this proven relative gap; else that of the case, else 0.001
    #[arg(long, value_parser = gap, value_name = "GAP")]
    gap: Option<f64>,
    /// Stop after this many seconds; else that of the case, else 30
    #[arg(long, value_parser = seconds, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Threads; else those of the case, else as many as the machine has
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024), value_name = "N")]
    threads: Option<u32>,
    /// Seed; the same case, seed and threads give the same plan
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The approved plan that this one replaces, a plan.json or its digest: it becomes the parent, without which a
    /// second plan for the same time is refused as a clash
    #[arg(long, value_name = "PLAN", value_parser = parent)]
    replaces: Option<String>,
    /// Plan again from this plan.json, for instance after a new forecast: hours that notice has frozen stay, and of the
    /// plans within the gap one is taken that changes few facilities, and these by few MWh; it becomes the parent
    #[arg(long, value_name = "PLAN", conflicts_with = "replaces")]
    from: Option<PathBuf>,
    /// With --from: add its cuts in frozen hours to kept.csv of the case where they are missing there
    #[arg(long, requires = "from", conflicts_with = "dry_run")]
    keep: bool,
    /// Also write plan.json and plan.csv (the allocations) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of the plan on stdout: table for people, json as in plan.json, csv as in plan.csv
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    /// Only read the case and say what would be planned
    #[arg(long, conflicts_with = "out")]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  kezek plan examples/small
  kezek plan examples/kazakhstan-2022-01 --out plans/kz
  kezek plan examples/rotation-almaty
  kezek plan examples/small --gap 0 --time-limit 120 --format json > plan.json
  kezek plan examples/small --replaces plans/before/plan.json --out plans/after
  kezek plan cases/noon --from plans/morning/plan.json --keep --out plans/noon

Exit codes: 0 planned, all covered; 3 the case has faults, all are told; 4 some shortage stays
uncovered; 6 stopped before the gap asked for, best plan written. 6 goes before 4; the output says
both.";

/// Plans a case.
///
/// # Errors
/// When the case has faults or the plan cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let before = args.from.as_deref().map(input::plan);
    let (case, before) = input::both(Case::read(&args.case), before.transpose())?;
    tracing::info!(
        case = case.name,
        facilities = case.facilities.len(),
        intervals = case.grid.len,
        "case read"
    );
    if args.dry_run {
        output.data(&summary::outlook(&case, args.settings(&case))?)?;
        return Ok(Exit::Done);
    }
    let (case, plan, changes) = match before {
        Some(before) => {
            let case = again::frozen(&args.case, case, &before, args.keep, output)?;
            let again = again::search(&case, &before, args.settings(&case), output)?;
            let changes = again::changes(&again.moved);
            (case, again.plan, changes)
        }
        None => {
            let plan = search(&case, args.settings(&case), output)?;
            (case, Plan { parent: args.replaces.clone(), ..plan }, String::new())
        }
    };
    let json = serde_json::to_string_pretty(&plan)? + "\n";
    let csv = plan.to_csv(case.grid.step_minutes);
    let contents = [("plan.json", json.as_bytes()), ("plan.csv", csv.as_bytes())];
    let written = args.out.as_ref().map_or(Ok(()), |folder| files::write_all(folder, &contents));
    output.data(&match args.format {
        Format::Json | Format::Jsonl => json,
        Format::Csv => csv,
        Format::Table => summary::table(&case, &plan, output.paint())? + &changes,
    })?;
    if args.format != Format::Table && !changes.is_empty() {
        output.say(changes.trim_end());
    }
    written?;
    Ok(verdict(&plan, output))
}

impl Args {
    fn settings(&self, case: &Case) -> Settings {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let own = Settings::of(case, u32::try_from(processors).unwrap_or(1));
        Settings {
            gap: self.gap.unwrap_or(own.gap),
            time_limit_s: self.time_limit.unwrap_or(own.time_limit_s),
            threads: self.threads.unwrap_or(own.threads),
            seed: self.seed.unwrap_or(own.seed),
        }
    }
}

fn search(case: &Case, settings: Settings, output: &Output) -> anyhow::Result<Plan> {
    let stop = interrupt::stop_signal()?;
    let start = Instant::now();
    let mut reporter = Reporter::new(output, case, settings);
    let mut progress = |progress| reporter.tell(progress);
    let mut watch = Watch { elapsed: &|| start.elapsed(), stop: &stop, progress: &mut progress };
    let plan = solve(case, settings, &mut watch);
    reporter.finish();
    let plan = plan?;
    tracing::info!(objective = plan.objective, status = ?plan.status, seconds = plan.seconds, "planned and checked");
    Ok(plan)
}

/// The exit code, with a word on stderr why it is not 0.
fn verdict(plan: &Plan, output: &Output) -> Exit {
    let stopped = plan.status == Status::TimeLimit;
    let uncovered = summary::is_uncovered(plan);
    let shortage = if let Some(said) = plan.uncertainty.as_ref().filter(|_| uncovered) {
        let chance =
            said.scenarios.iter().filter(|own| own.uncovered_mwh > 0.0).map(|own| own.probability).sum();
        format!("something stays uncovered with a probability of {}", figures::percent(chance))
    } else if uncovered {
        format!("{} MWh stay uncovered", figures::one(plan.totals.uncovered_mwh))
    } else {
        "nothing stays uncovered".to_owned()
    };
    let exit = match (stopped, uncovered) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Uncovered,
        (false, false) => return Exit::Done,
    };
    let why = if stopped { format!("stopped before the gap asked for; {shortage}") } else { shortage };
    output.say(&format!("{why} (exit code {})", exit.code()));
    exit
}

/// The digest of a plan that is named by its file or by its digest.
fn parent(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest {
        return Ok(text.to_owned());
    }
    let plan = input::plan(Path::new(text)).map_err(|faults| faults.to_string())?;
    plan.digest().map_err(|error| error.to_string())
}

/// A relative gap from the command line.
///
/// # Errors
/// When it is none.
pub(crate) fn gap(text: &str) -> Result<f64, String> {
    let gap: f64 = text.parse().map_err(|_| "a relative gap is a number, for instance 0.001 for 0.1 %")?;
    if (0.0..1.0).contains(&gap) { Ok(gap) } else { Err("a relative gap is at least 0 and below 1".into()) }
}

pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a time limit is a number of seconds, for instance 30")?;
    let fits = seconds > 0.0 && seconds <= 1e6;
    if fits { Ok(seconds) } else { Err("a time limit is above 0 and at most 1 000 000 seconds".into()) }
}
