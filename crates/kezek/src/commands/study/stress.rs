//! `kezek study stress CASE --plan PLAN --at INSTANT`: a blow to the grid while a plan is carried out.

mod summary;
mod tables;

use crate::clock::instant;
use crate::commands::plan::{again, effort::Effort};
use crate::exit::{Exit, Refusal};
use crate::files;
use crate::input;
use crate::output::{Format, Output, json};
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::ids::ZoneId;
use kezek_model::plan::{Plan, Status};
use kezek_planner::check::check;
use kezek_study::stress::{Blow, tell};
use std::path::PathBuf;

/// What a blow to the grid makes of a plan, and what is left to shed
///
/// At the instant, the ties of a zone are lost (--island) or the headroom of a zone changes (--change), until --until. It
/// strikes the intervals that begin then or later; one that has begun is left as it was. The plan of that moment is void: it
/// is said
///
/// - what its orders, as they stand, leave uncovered now, and which of their cuts meet no shortage any more (idle: all zones
///   together, no more would stay uncovered without them);
/// - what mining still draws, what of it no order may take (floors, protected and not entitled facilities), what notice does
///   not let be shed yet, and what can be shed;
/// - what stays uncovered when all of that is shed, everywhere, whatever other rules say: no plan leaves less;
/// - what a plan made again leaves, by the rules of `kezek plan --from`: issued at the instant, hours that notice has frozen
///   stay as they are, and of the rest as little moves as the search finds.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("blow").required(true).multiple(true))]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// The plan that is being carried out, a plan.json of this case
    #[arg(long, value_name = "PLAN")]
    plan: PathBuf,
    /// When it happens, and is known
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: DateTime<Utc>,
    /// Until when, exclusive; else the end of the horizon
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    until: Option<DateTime<Utc>>,
    /// A zone that loses all its ties; may be given several times
    #[arg(long, value_name = "ZONE", group = "blow")]
    island: Vec<ZoneId>,
    /// MW that the headroom of a zone changes by, below 0 for what is lost; may be given several times
    #[arg(long, value_name = "ZONE=MW", value_parser = change, group = "blow")]
    change: Vec<(ZoneId, f64)>,
    #[command(flatten)]
    effort: Effort,
    /// Also write the case that is left with the plan made again (again/: the files of the case, plan.json, plan.csv),
    /// hours.csv (each struck hour and zone) and facilities.csv (each facility) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of what is told on stdout: table for people, json with everything
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek study stress examples/small --plan plans/small/plan.json --at 2026-01-15T14:00Z --island south
  kezek study stress plans/january/instead --plan plans/january/instead/plan.json \\
    --at 2022-01-25T05:59Z --until 2022-01-25T10:00Z --island south --change south=-150

Columns of hours.csv, per struck interval and zone: interval_start, interval_end, zone,
planned_headroom_mw, headroom_mw, drawn_mw, kept_mw, in_notice_mw, can_be_shed_mw, cut_mw, idle_mw,
planned_uncovered_mw, standing_uncovered_mw, shed_uncovered_mw, again_uncovered_mw.

Exit codes: 0 planned again, all covered; 3 the case, the plan or the blow was refused; 4 something
stays uncovered; 6 stopped before the gap asked for; 9 the plan does not hold. 6 goes before 4.";

fn change(text: &str) -> Result<(ZoneId, f64), String> {
    let read = text.split_once('=').and_then(|(zone, mw)| Some((zone, mw.parse::<f64>().ok()?)));
    match read {
        Some((zone, mw)) if !zone.is_empty() && mw.is_finite() => Ok((zone.into(), mw)),
        _ => Err("name a zone and MW, for instance south=-150".into()),
    }
}

/// Strikes a case while a plan is carried out.
///
/// # Errors
/// When the case, the plan or the blow is refused, or what was found cannot be written.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (files, plan) = input::both(CaseFiles::from_folder(&args.case), input::plan(&args.plan))?;
    let case = Case::parse(&files)?;
    let blow = args.blow()?;
    let report = check(&case, &plan, asked_gap(&plan));
    if !report.passed() {
        let tells =
            "the plan does not hold, so that nothing can be said of it; `kezek check` tells what is broken";
        output.complain(&format!("{tells}:\n{report}"));
        return Ok(Exit::NotVerified);
    }
    let struck = blow.strike(&case, &plan)?;
    let again = again::search(&struck, &plan, &[], args.effort.settings(&struck), output)?;
    let moved = again::changes(&again.moved);
    let told = tell(&blow, (&case, &plan), (&struck, &again.plan), again.moved)?;
    let written = args.out.as_ref().map_or(Ok(()), |folder| {
        super::write(&folder.join("again"), files, &struck, &again.plan)?;
        let (hours, facilities) = (tables::hours(&told)?, tables::facilities(&told)?);
        let contents = [("hours.csv", hours.as_bytes()), ("facilities.csv", facilities.as_bytes())];
        files::write_all(folder, &contents)
    });
    output.data(&match args.format {
        Format::Table => summary::text(&case, &blow, &told, output.paint()) + &moved,
        _ => json(&told)?,
    })?;
    written?;
    Ok(super::verdict(&[&again.plan], output))
}

/// With which gap a plan was made is its own affair: what it says of itself is what it is judged by.
fn asked_gap(plan: &Plan) -> Option<f64> {
    match plan.status {
        Status::Optimal => None,
        Status::WithinGap => plan.gap,
        Status::TimeLimit => Some(0.0),
    }
}

impl Args {
    fn blow(&self) -> anyhow::Result<Blow> {
        let change_mw: std::collections::BTreeMap<ZoneId, f64> = self.change.iter().cloned().collect();
        if change_mw.len() < self.change.len() {
            return Err(Refusal::rejected("--change names a zone twice; add up what it loses"));
        }
        Ok(Blow { at: self.at, until: self.until, islands: self.island.clone(), change_mw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_zone_and_a_number() {
        assert_eq!(change("south=-150"), Ok(("south".into(), -150.0)));
        for wrong in ["south", "=5", "south=", "south=inf", "south=-"] {
            assert!(change(wrong).is_err(), "{wrong}");
        }
    }
}
