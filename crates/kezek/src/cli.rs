//! The command line: what can be asked of Kezek. Every verb's arguments stand in its own file.

use crate::commands::{
    account, adopt, agent, approve, auction, called, check, completions, config, confirm, db, demo, diff,
    enrolment_code, evidence, facilities, freeze, frontier, import, journal, leads, licence, man, orders,
    plan, proposals, propose, readings, recall, resend, resume, scenarios, schedule, send_back, serve,
    settlement, status, study, thaw, token, verdicts, voluntary, why,
};
use crate::exit;
use crate::output::Global;
use clap::{Parser, Subcommand};

/// Who is cut when the grid is short, how deep, and for how long
///
/// Kezek shares out a shortage of power among licensed miners: it reads a case (a folder), plans the cuts, judges any plan
/// on its own, has another person approve it, sends every facility a signed order, and says who complied. Data goes to
/// stdout, everything else to stderr.
#[derive(Parser, Debug)]
#[command(name = "kezek", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "`kezek help VERB` explains a verb; `kezek --help` shows examples and exit codes.")]
#[command(after_long_help = format!("{EXAMPLES}\n{}", exit::listing()))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  Plan a case, keep the plan, have it judged:
    kezek plan examples/small --out plans/small
    kezek check examples/small plans/small/plan.json

  What is different between two plans of a case:
    kezek diff plans/before/plan.json plans/after/plan.json

  What it costs to spread the burden:
    kezek frontier examples/rotation-almaty

  Share out tomorrow's quota among those who bid for it:
    kezek auction examples/auction-north-south --out auctions/tomorrow

  What a standing order took, and what a fair rotation would have taken instead:
    kezek study instead examples/winter-2021-22/january

  What a standing order means at a certain moment:
    kezek schedule show schedules/2022-01-24-suspension.toml --at 2022-01-31T17:30Z

  Make a forecast of somebody else's tables:
    kezek import north.toml=north.csv west.toml=west.csv --out cases/tomorrow

  Run a control room:
    kezek config init control-room
    kezek serve --config control-room/kezek.toml

  Have a plan approved by another person, and see what becomes of its orders:
    kezek propose cases/tomorrow plans/tomorrow/plan.json
    kezek approve latest
    kezek orders list
    kezek verdicts
";

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    Plan(plan::Args),
    Check(check::Args),
    Diff(diff::Args),
    Why(why::Args),
    Frontier(frontier::Args),
    Auction(auction::Args),
    Scenarios(scenarios::Args),
    Study(study::Args),
    Schedule(schedule::Args),
    Import(import::Args),
    Config(config::Args),
    Serve(serve::Args),
    Propose(propose::Args),
    Proposals(proposals::Args),
    Approve(approve::Args),
    SendBack(send_back::Args),
    Orders(orders::Args),
    Recall(recall::Args),
    Resend(resend::Args),
    Called(called::Args),
    Freeze(freeze::Args),
    Thaw(thaw::Args),
    Resume(resume::Args),
    Voluntary(voluntary::Args),
    Licence(licence::Args),
    Readings(readings::Args),
    Verdicts(verdicts::Args),
    Settlement(settlement::Args),
    Facilities(facilities::Args),
    EnrolmentCode(enrolment_code::Args),
    Confirm(confirm::Args),
    Adopt(adopt::Args),
    Status(status::Args),
    Evidence(evidence::Args),
    Journal(journal::Args),
    Leads(leads::Args),
    Db(db::Args),
    Token(token::Args),
    Account(account::Args),
    Agent(agent::Args),
    Demo(demo::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Verb {
    /// What the log need not repeat, as the end of a filter: the demo tells its story itself.
    pub(crate) fn tells_itself(&self) -> &'static str {
        match self {
            Self::Demo(_) => ",kezek_server=error,kezek_agent=error",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
