//! `kezek study instead CASE`: what standing orders take, beside what a policy would take in their place.

mod summary;
mod tables;

use crate::commands::plan::{self, effort::Effort};
use crate::exit::{Exit, Refusal};
use crate::files;
use crate::output::{Format, Output, json};
use kezek_model::case::{Case, CaseFiles, Policy};
use kezek_study::instead::{Instead, compare, without_orders};
use std::path::{Path, PathBuf};

/// What standing orders take, and what a fair rotation would have taken instead
///
/// CASE is a folder with standing orders. It is planned twice: as it stands, and without its standing orders under a policy.
/// Both plans pass the check and know the same forecast.
///
/// Held equal is what consumers go without: the MWh that stay uncovered over all zones and hours. The plan instead seeks the
/// least of it before burden and cost (by least-cost: at the case's price). Afterwards it is verified, in sum and zone by zone,
/// that it leaves no more than the ordered plan does, but for 0.1 MWh or 0.01 % as the policies allow; the hours in which it
/// leaves more are counted. Where it leaves more, that is said: facilities have rules that the orders overrode.
///
/// A cut meets a shortage as far as more would stay uncovered in its hour without it. The burden of a facility is the share of
/// its energy that it has had cut (rotation counts ledger.csv too); facilities that cannot be cut have none.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// What the plan instead is sought by: rotation, equal-share or least-cost
    #[arg(long, default_value = "rotation", value_name = "POLICY", value_parser = policy)]
    policy: Policy,
    #[command(flatten)]
    effort: Effort,
    /// Also write the two cases with their plans (ordered/ and instead/: the files of the case, plan.json, plan.csv),
    /// hours.csv (each hour and zone) and facilities.csv (each facility) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of what is told on stdout: table for people, json with everything
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek study instead examples/west-island
  kezek study instead examples/winter-2021-22/january --out plans/january
  kezek study instead examples/west-island --policy least-cost --format json

Columns of hours.csv, per interval and zone: interval_start, interval_end, zone, headroom_mw,
nominated_mw, need_mw (uncovered if nobody were cut), ordered_cut_mw, instead_cut_mw,
ordered_uncovered_mw, instead_uncovered_mw.

Exit codes: 0 both planned, all covered; 3 the case has faults or no standing order; 4 one of the
plans leaves some shortage uncovered; 6 one was stopped before the gap asked for. 6 goes before 4.";

fn policy(text: &str) -> Result<Policy, String> {
    let policies = [Policy::Rotation, Policy::EqualShare, Policy::LeastCost];
    let found = policies.into_iter().find(|policy| policy.as_str() == text);
    found.ok_or_else(|| "a policy is rotation, equal-share or least-cost".to_owned())
}

/// Plans a case with and without its orders.
///
/// # Errors
/// When the case has faults or no order, or what was found cannot be written.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let files = CaseFiles::from_folder(&args.case)?;
    let case = Case::parse(&files)?;
    if case.schedules.is_empty() {
        let why = format!("{} has no standing order, so nothing could be done instead", args.case.display());
        return Err(Refusal::rejected(why));
    }
    let without = without_orders(&case, args.policy);
    let settings = args.effort.settings(&case);
    let (ordered, _) = plan::search(&case, settings, output)?;
    let (instead, _) = plan::search(&without, settings, output)?;
    let told = compare(&case, &ordered, args.policy, &instead)?;
    let written = args.out.as_ref().map_or(Ok(()), |folder| {
        super::write(&folder.join("ordered"), files.clone(), &case, &ordered)?;
        super::write(&folder.join("instead"), files, &without, &instead)?;
        write_tables(folder, &told)
    });
    output.data(&match args.format {
        Format::Table => summary::text(&case, &told, output.paint()),
        _ => json(&told)?,
    })?;
    written?;
    Ok(super::verdict(&[&ordered, &instead], output))
}

fn write_tables(folder: &Path, told: &Instead) -> anyhow::Result<()> {
    let (hours, facilities) = (tables::hours(told)?, tables::facilities(told)?);
    files::write_all(folder, &[("hours.csv", hours.as_bytes()), ("facilities.csv", facilities.as_bytes())])
}
