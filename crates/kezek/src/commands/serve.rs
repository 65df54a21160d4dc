//! `kezek serve`: the control room.

use crate::commands::config::FILE;
use crate::database::{HELP, location, password};
use crate::exit::{Exit, Refusal};
use crate::interrupt;
use crate::output::Output;
use crate::remote::runtime;
use kezek_courier::PrivateKey;
use kezek_journal::{Location, Server};
use kezek_model::registry::Registry;
use kezek_server::{Clocks, Config, ControlRoom, Turn, serve, serve_shared};
use std::path::PathBuf;
use std::sync::Once;
use tokio::net::TcpListener;

/// Run the control room: pages, HTTP interface, orders on their way
///
/// Prints the address on stdout once it listens. Ctrl-C or SIGTERM ends it after the requests and deliveries under way.
/// Nothing is lost when it is killed: what was intended stands in the journal and goes on after the next start.
///
/// Several control rooms may share one journal in PostgreSQL: one leads, the others stand by, answer 503 and say who leads,
/// and one of them takes over within 15 seconds when the leader dies or sleeps. One that slept sends nothing any more.
///
/// People sign in on the pages with the accounts that `kezek account` makes; programs use the API with a token.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(crate) struct Args {
    /// The settings, as `kezek config init` writes them
    #[arg(long, default_value = FILE, value_name = "FILE")]
    config: PathBuf,
    /// Address and port, in place of those of the settings; port 0 takes any that is free
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The journal, in place of that of the settings: a file, or postgres://USER@HOST:PORT/DATABASE
    #[arg(long, value_name = "DATABASE", value_parser = location)]
    database: Option<Location>,
    /// Only check the settings, the key, the certificates and the registry
    #[arg(long)]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  kezek serve --config control-room/kezek.toml
  kezek serve --config control-room/kezek.toml --check
  kezek serve --config control-room/kezek.toml --listen 127.0.0.1:0
  kezek serve --config control-room/kezek.toml --database postgres://kezek@/kezek?host=/run/postgresql";

/// Serves until it is told to end.
///
/// # Errors
/// When settings, key, address or journal cannot be used.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let mut config = Config::load(&args.config)?;
    if let Some(listen) = &args.listen {
        config.listen.clone_from(listen);
    }
    if let Some(database) = &args.database {
        config.database = database.clone();
    }
    let config = config.with_password(password()?)?;
    let key = PrivateKey::load(&config.key_file)?;
    config.tls.server()?;
    if args.check {
        if let Some(folder) = &config.registry {
            Registry::read(folder)?;
        }
        config.check_second_channel()?;
        let (file, key_id, public) = (args.config.display(), key.key_id(), key.public());
        output.data(&format!(
            "{file} can be used; the fingerprint of the key is {key_id}\n  public key  {public}\n"
        ))?;
        return Ok(Exit::Done);
    }
    runtime()?.block_on(listen(config, &key, output))?;
    Ok(Exit::Done)
}

async fn listen(config: Config, key: &PrivateKey, output: &Output) -> anyhow::Result<()> {
    let end = interrupt::asked_to_end()?;
    let listener = TcpListener::bind(&config.listen).await.map_err(|error| {
        Refusal::rejected(format!("cannot listen on {}: {error}; name another address", config.listen))
    })?;
    let scheme = if config.tls.is_served() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr()?);
    if let Location::Server(server) = config.database.clone() {
        return share(config, server, key, listener, &address, end, output).await;
    }
    let room = ControlRoom::open(config, Clocks::system()).await?;
    let (environment, key_id) = (&room.config().environment, key.key_id());
    output
        .say(&format!("{environment} listens on {address}; fingerprint of its key {key_id}; Ctrl-C ends it"));
    // A control room works whether anybody reads its stdout or not.
    drop(output.data(&format!("{address}\n")));
    serve(room, listener, end).await?;
    output.say("ended; nothing is under way");
    Ok(())
}

/// One control room among several. Each turn is told, and the address once it is clear whose turn it is.
async fn share(
    config: Config,
    server: Server,
    key: &PrivateKey,
    listener: TcpListener,
    address: &str,
    end: impl Future<Output = ()> + Send + 'static,
    output: &Output,
) -> anyhow::Result<()> {
    let (environment, key_id) = (config.environment.clone(), key.key_id());
    let told = Once::new();
    let tell = |turn: Turn| {
        output.say(&match turn {
            Turn::StandsBy { leader } => {
                format!("{environment} stands by on {address}; the leader is {leader}; Ctrl-C ends it")
            }
            Turn::Leads { epoch } => format!(
                "{environment} leads on {address} in epoch {epoch}; fingerprint of its key {key_id}; Ctrl-C ends it"
            ),
            Turn::Deposed { why } => format!("{environment} no longer leads: {why}"),
        });
        // A control room works whether anybody reads its stdout or not.
        told.call_once(|| drop(output.data(&format!("{address}\n"))));
    };
    serve_shared(config, server, listener, end, tell).await?;
    output.say("ended; nothing is under way");
    Ok(())
}
