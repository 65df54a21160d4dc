//! The verbs, one file each.

pub(crate) mod account;
pub(crate) mod adopt;
pub(crate) mod agent;
pub(crate) mod approve;
pub(crate) mod auction;
pub(crate) mod called;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod confirm;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod enrolment_code;
pub(crate) mod evidence;
pub(crate) mod facilities;
pub(crate) mod freeze;
pub(crate) mod frontier;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod leads;
pub(crate) mod licence;
pub(crate) mod man;
pub(crate) mod orders;
pub(crate) mod plan;
pub(crate) mod proposals;
pub(crate) mod propose;
pub(crate) mod readings;
pub(crate) mod recall;
pub(crate) mod resend;
pub(crate) mod resume;
pub(crate) mod scenarios;
pub(crate) mod schedule;
pub(crate) mod send_back;
pub(crate) mod serve;
pub(crate) mod settlement;
pub(crate) mod status;
pub(crate) mod study;
pub(crate) mod thaw;
pub(crate) mod token;
pub(crate) mod verdicts;
pub(crate) mod voluntary;
pub(crate) mod why;

use crate::cli::Verb;
use crate::exit::Exit;
use crate::output::Output;

/// Does what a verb says.
///
/// # Errors
/// Whatever keeps the verb from being done; [`crate::exit::of`] says which code it ends with.
pub(crate) fn run(verb: &Verb, output: &Output) -> anyhow::Result<Exit> {
    match verb {
        Verb::Plan(args) => plan::run(args, output),
        Verb::Check(args) => check::run(args, output),
        Verb::Diff(args) => diff::run(args, output),
        Verb::Why(args) => why::run(args, output),
        Verb::Frontier(args) => frontier::run(args, output),
        Verb::Auction(args) => auction::run(args, output),
        Verb::Scenarios(args) => scenarios::run(args, output),
        Verb::Study(args) => study::run(args, output),
        Verb::Schedule(args) => schedule::run(args, output),
        Verb::Import(args) => import::run(args, output),
        Verb::Config(args) => config::run(args, output),
        Verb::Serve(args) => serve::run(args, output),
        Verb::Propose(args) => propose::run(args, output),
        Verb::Proposals(args) => proposals::run(args, output),
        Verb::Approve(args) => approve::run(args, output),
        Verb::SendBack(args) => send_back::run(args, output),
        Verb::Orders(args) => orders::run(args, output),
        Verb::Recall(args) => recall::run(args, output),
        Verb::Resend(args) => resend::run(args, output),
        Verb::Called(args) => called::run(args, output),
        Verb::Resume(args) => resume::run(args, output),
        Verb::Freeze(args) => freeze::run(args, output),
        Verb::Account(args) => account::run(args, output),
        Verb::Licence(args) => licence::run(args, output),
        Verb::Voluntary(args) => voluntary::run(args, output),
        Verb::Adopt(args) => adopt::run(args, output),
        Verb::Thaw(args) => thaw::run(args, output),
        Verb::Readings(args) => readings::run(args, output),
        Verb::Verdicts(args) => verdicts::run(args, output),
        Verb::Settlement(args) => settlement::run(args, output),
        Verb::Facilities(args) => facilities::run(args, output),
        Verb::EnrolmentCode(args) => enrolment_code::run(args, output),
        Verb::Confirm(args) => confirm::run(args, output),
        Verb::Status(args) => status::run(args, output),
        Verb::Evidence(args) => evidence::run(args, output),
        Verb::Journal(args) => journal::run(args, output),
        Verb::Leads(args) => leads::run(args, output),
        Verb::Db(args) => db::run(args, output),
        Verb::Token(args) => token::run(args, output),
        Verb::Agent(args) => agent::run(args, output),
        Verb::Demo(args) => demo::run(args, output),
        Verb::Completions(args) => completions::run(args, output),
        Verb::Man(args) => man::run(args, output),
    }
}
