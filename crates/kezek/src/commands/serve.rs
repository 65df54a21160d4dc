//! `kezek serve`: the control room.

use crate::commands::config::FILE;
use crate::exit::{Exit, Refusal};
use crate::interrupt;
use crate::output::Output;
use crate::remote::runtime;
use kezek_courier::PrivateKey;
use kezek_model::registry::Registry;
use kezek_server::{Clocks, Config, ControlRoom, serve};
use std::path::PathBuf;
use tokio::net::TcpListener;

/// Run the control room: HTTP interface, status page, orders on their way
///
/// Prints the address on stdout once it listens. Ctrl-C or SIGTERM ends it after the requests and deliveries under way.
/// Nothing is lost when it is killed: what was intended stands in the journal and goes on after the next start.
///
/// The status page at / asks for a name and a password: any name, and a person's token.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The settings, as `kezek config init` writes them
    #[arg(long, default_value = FILE, value_name = "FILE")]
    config: PathBuf,
    /// Address and port, in place of those of the settings; port 0 takes any that is free
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Only check the settings, the key, the certificates and the registry
    #[arg(long)]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  kezek serve --config control-room/kezek.toml
  kezek serve --config control-room/kezek.toml --check
  kezek serve --config control-room/kezek.toml --listen 127.0.0.1:0";

/// Serves until it is told to end.
///
/// # Errors
/// When settings, key, address or journal cannot be used.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let mut config = Config::load(&args.config)?;
    if let Some(listen) = &args.listen {
        config.listen.clone_from(listen);
    }
    let key = PrivateKey::load(&config.key_file)?;
    config.tls.server()?;
    if args.check {
        if let Some(folder) = &config.registry {
            Registry::read(folder)?;
        }
        config.check_second_channel()?;
        let (file, key_id) = (args.config.display(), key.key_id());
        output.data(&format!("{file} can be used; the fingerprint of the key is {key_id}\n"))?;
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
    let address = listener.local_addr()?;
    let room = ControlRoom::open(config, Clocks::system()).await?;
    let (environment, key_id) = (&room.config().environment, key.key_id());
    let scheme = if room.config().tls.is_served() { "https" } else { "http" };
    output.say(&format!(
        "{environment} listens on {scheme}://{address}; fingerprint of its key {key_id}; Ctrl-C ends it"
    ));
    // A control room works whether anybody reads its stdout or not.
    drop(output.data(&format!("{scheme}://{address}\n")));
    serve(room, listener, end).await?;
    output.say("ended; nothing is under way");
    Ok(())
}
