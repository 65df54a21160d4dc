//! `kezek agent`: what runs at a facility, and how its people speak to it.

mod door;
mod init;

use crate::commands::voluntary::{Cut, kept};
use crate::exit::{Exit, Refusal};
use crate::input;
use crate::interrupt;
use crate::output::{Format, Output};
use crate::remote::runtime;
use anyhow::Context as _;
use chrono::Utc;
use kezek_agent::{Agent, AgentConfig, Pins, Store, enrol, run as run_agent, volunteer};
use kezek_courier::PrivateKey;
use kezek_model::receipt::Response;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

const FILE: &str = "agent.toml";

/// Run at a facility: take orders, act on time, answer, report
///
/// Without a further word the agent runs until Ctrl-C or SIGTERM, and prints on stdout where it waits for orders, or whom
/// it asks for them where nobody can reach it (`fetch = true`). An order in force goes on being obeyed from what is stored, whether the network is there or not; the end of the agent
/// moves no load.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The settings, as `kezek agent init` writes them [default: agent.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  kezek agent init mine --facility N1 --server https://control.example --environment kz-live
  kezek agent enrol --config mine/agent.toml --code ABCD-EFGH-JKLM-NPQR-STUV
  kezek agent --config mine/agent.toml
  kezek agent orders --config mine/agent.toml
  kezek agent answer 2026-0115-N1-v1 accept --by \"A. Duty\" --config mine/agent.toml
  kezek agent voluntary --from 2026-01-15T18:00+05:00 --to 2026-01-15T20:00+05:00 --limit-mw 5 --cut-mw 15 \\
      --by \"A. Duty\" --config mine/agent.toml";

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Init(init::Args),
    Enrol(Enrol),
    Orders(Orders),
    Answer(Answer),
    Voluntary(Volunteer),
}

/// Make the facility known to the control room, once
///
/// Makes the facility's key, hands over its public half, and pins the key of the control room. The code comes from the
/// control room (`kezek enrolment-code`), by another way than this network.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek agent enrol --config mine/agent.toml --code ABCD-EFGH-JKLM-NPQR-STUV"
)]
struct Enrol {
    /// The code, good for one enrolment
    #[arg(long, value_name = "CODE")]
    code: String,
}

/// List the orders that the running agent has stored
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek agent orders --config mine/agent.toml")]
struct Orders {
    /// Form of the list
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

/// Answer an order, as the facility's person
///
/// The answer is signed with the facility's key and sent until the control room has it. An order is obeyed from its
/// receipt on, unless it is refused.
#[derive(clap::Args, Debug)]
#[command(after_help = ANSWER_EXAMPLES)]
struct Answer {
    /// The number of the order
    order_no: String,
    /// What is answered
    #[arg(value_parser = ["accept", "refuse"])]
    answer: String,
    /// Why it cannot be obeyed
    #[arg(long, value_name = "TEXT", required_if_eq("answer", "refuse"))]
    reason: Option<String>,
    /// Who answers
    #[arg(long, value_name = "NAME")]
    by: String,
}

const ANSWER_EXAMPLES: &str = "\
Examples:
  kezek agent answer 2026-0115-N1-v1 accept --by \"A. Duty\"
  kezek agent answer 2026-0115-N1-v1 refuse --reason \"transformer in repair\" --by \"A. Duty\"";

/// Declare a voluntary cut, before it begins
///
/// It is signed with the facility's key and credited where the meter bears it out. It is no order: the agent moves no load
/// for it, and nothing is restored after it. Without an answer of the control room nothing is declared; say it again.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "kezek agent voluntary [OPTIONS] --from <INSTANT> --to <INSTANT> --limit-mw <MW> --cut-mw <MW> \\\n           \
    --by <NAME>",
    after_help = "Example:\n  kezek agent voluntary --from 2026-01-15T18:00+05:00 --to 2026-01-15T20:00+05:00 \\\n      \
    --limit-mw 5 --cut-mw 15 --by \"A. Duty\" --config mine/agent.toml"
)]
struct Volunteer {
    #[command(flatten)]
    cut: Cut,
    /// Who declares it
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Runs the agent, or does what one of its verbs says.
///
/// # Errors
/// When settings, key, store or addresses cannot be used, or the other side refuses.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let config = || load(args.config.as_deref().unwrap_or(Path::new(FILE)));
    match &args.verb {
        None => runtime()?.block_on(serve(config()?, output))?,
        Some(Verb::Init(_)) if args.config.is_some() => {
            return Err(Refusal::rejected(
                "init writes new settings into a folder; --config names some that exist",
            ));
        }
        Some(Verb::Init(init)) => init::run(init, output)?,
        Some(Verb::Enrol(said)) => make_known(&config()?, &said.code, output)?,
        Some(Verb::Orders(asked)) => door::orders(&config()?, asked.format, output)?,
        Some(Verb::Answer(said)) => {
            door::answer(&config()?, &said.order_no, said.response()?, &said.by, output)?
        }
        Some(Verb::Voluntary(said)) => declare(&config()?, said, output)?,
    }
    Ok(Exit::Done)
}

impl Answer {
    fn response(&self) -> anyhow::Result<Response> {
        match (self.answer.as_str(), &self.reason) {
            ("refuse", Some(reason)) => Ok(Response::Refused { reason: reason.clone() }),
            ("accept", None) => Ok(Response::Accepted),
            _ => Err(Refusal::rejected("a reason goes with a refusal, and only with it")),
        }
    }
}

/// The settings. Relative paths in them are meant from their folder.
fn load(path: &Path) -> anyhow::Result<AgentConfig> {
    let text = input::text(path, "the settings of an agent, as `kezek agent init` writes them")?;
    let malformed = |error: toml::de::Error| Refusal::rejected(format!("{}: {error}", path.display()));
    let mut config: AgentConfig = toml::from_str(&text).map_err(malformed)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for file in [&mut config.key_file, &mut config.store_file, &mut config.state_file] {
        *file = folder.join(&file);
    }
    config.tls.resolve(folder);
    config.check()?;
    Ok(config)
}

fn make_known(config: &AgentConfig, code: &str, output: &Output) -> anyhow::Result<()> {
    let pins = runtime()?.block_on(enrol(config, code.trim()))?;
    let (facility, environment) = (&pins.facility, &pins.environment);
    let keys: Vec<String> = pins.control_room_keys.iter().map(kezek_courier::PublicKey::key_id).collect();
    let (own, public) = (&pins.key_id, PrivateKey::load(&config.key_file)?.public());
    output.data(&format!(
        "{facility} is enrolled in {environment}\n  own key           {own}\n  control room key  {}\n  own public key    \
         {public}\n",
        keys.join(", ")
    ))?;
    output.say("compare both fingerprints by telephone; then run `kezek agent`");
    Ok(())
}

fn declare(config: &AgentConfig, said: &Volunteer, output: &Output) -> anyhow::Result<()> {
    let (facility, environment) = (config.facility.clone(), config.environment.clone());
    let declared = said.cut.declared(facility, environment, &said.by)?;
    let is_new = runtime()?.block_on(volunteer(config, declared))?;
    Ok(output.data(&kept(config.facility.as_str(), is_new))?)
}

async fn serve(config: AgentConfig, output: &Output) -> anyhow::Result<()> {
    let end = interrupt::asked_to_end()?;
    Pins::load(&config.state_file)?;
    let (store, driver) = (Store::open(&config.store_file)?, config.driver.build()?);
    let (facility, server) = (config.facility.clone(), config.server_url.clone());
    let door = door_for_orders(&config).await?;
    let agent = Agent::open(config, store, driver, Arc::new(Utc::now))?;
    let (place, listener) = match door {
        Some((address, listener)) => {
            output.say(&format!("{facility} waits for orders on {address}/orders; Ctrl-C ends it"));
            (address, Some(listener))
        }
        None => {
            output.say(&format!("{facility} asks {server} for its orders; Ctrl-C ends it"));
            (server, None)
        }
    };
    // An agent works whether anybody reads its stdout or not.
    drop(output.data(&format!("{place}\n")));
    run_agent(agent, listener, end).await?;
    output.say("ended; the load stays as it is");
    Ok(())
}

/// Where orders come in, with its address; none where they are fetched.
async fn door_for_orders(config: &AgentConfig) -> anyhow::Result<Option<(String, TcpListener)>> {
    let Some(listen) = config.listen else { return Ok(None) };
    let busy = || format!("cannot listen on {listen}; name another address in the settings");
    let listener = TcpListener::bind(listen).await.with_context(busy)?;
    let scheme = if config.tls.is_served() { "https" } else { "http" };
    Ok(Some((format!("{scheme}://{}", listener.local_addr()?), listener)))
}
