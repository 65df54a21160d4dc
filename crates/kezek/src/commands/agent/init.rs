//! `kezek agent init DIR`: the settings of an agent, with a word on each.

use super::FILE;
use crate::commands::config::quoted;
use crate::exit::Refusal;
use crate::files;
use crate::output::Output;
use kezek_agent::AgentConfig;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Write commented settings of an agent, to be looked through
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The folder, made where it is missing
    folder: PathBuf,
    /// The facility, as the control room calls it
    #[arg(long, value_name = "ID")]
    facility: String,
    /// The control room
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// The control room's environment
    #[arg(long, default_value = "training", value_name = "NAME")]
    environment: String,
    /// Address and port on which the agent waits for orders
    #[arg(long, default_value = "127.0.0.1:7070", value_name = "ADDR")]
    listen: SocketAddr,
    /// Address and port for the facility's own people; this machine only
    #[arg(long, default_value = "127.0.0.1:7071", value_name = "ADDR")]
    admin_listen: SocketAddr,
    /// The whole address that the control room sends orders to; else that of --listen
    #[arg(long, value_name = "URL")]
    public_address: Option<String>,
    /// Takes the place of the option of all verbs, which means nothing here.
    #[arg(long, hide = true)]
    config: Option<PathBuf>,
    /// Nobody can reach the agent, for instance behind NAT: it asks the control room for its orders
    #[arg(long, conflicts_with_all = ["listen", "public_address"])]
    fetch: bool,
}

const EXAMPLES: &str = "\
Examples:
  kezek agent init mine --facility N1 --server https://control.example --environment kz-live \\
      --listen 0.0.0.0:7070 --public-address https://mine.example/orders
  kezek agent init mine --facility N1 --server https://control.example --environment kz-live --fetch";

/// Writes the settings.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let file = args.folder.join(FILE);
    files::refuse_existing(&file)?;
    let text = args.text();
    let config: AgentConfig = toml::from_str(&text).map_err(|error| Refusal::rejected(error.to_string()))?;
    config.check()?;
    files::write_all(&args.folder, &[(FILE, text.as_bytes())])?;
    let file = file.display();
    output.data(&format!("{file}\n"))?;
    output.say(&format!(
        "next: look through {file} (the driver above all), then \
         `kezek agent enrol --config {file} --code CODE`, then `kezek agent --config {file}`"
    ));
    Ok(())
}

impl Args {
    fn address(&self) -> String {
        let listen = self.listen;
        self.public_address.clone().unwrap_or_else(|| format!("http://{listen}/orders"))
    }

    /// How orders come.
    fn way(&self) -> String {
        if self.fetch {
            return "# Nobody can reach this agent: it asks the control room for its orders and keeps a request waiting there."
                .to_owned()
                + "\nfetch = true";
        }
        let (listen, address) = (self.listen, quoted(&self.address()));
        format!(
            "# Where this agent waits for orders, and the whole address under which the control room reaches it. Where \
             nobody\n# can reach it, for instance behind NAT, drop both and write: fetch = true\nlisten = \"{listen}\"\n\
             public_address = {address}"
        )
    }

    fn text(&self) -> String {
        let [facility, environment, server] =
            [&self.facility, &self.environment, &self.server].map(|text| quoted(text));
        let (way, admin_listen) = (self.way(), self.admin_listen);
        let is_plain = |url: &str| url.starts_with("http://");
        let here = is_plain(&self.server) || (!self.fetch && is_plain(&self.address()));
        format!(
            r#"# The settings of the agent of one facility.

# As the control room calls it.
facility = {facility}
# Orders that name another environment are refused.
environment = {environment}
server_url = {server}
{way}
# Where `kezek agent orders` and `kezek agent answer` speak to it. Who reaches this speaks for the facility.
admin_listen = "{admin_listen}"
# Made at enrolment. Relative paths begin in the folder of this file. The store holds the orders in force: keep it.
key_file = "agent.key"
store_file = "agent.store"
state_file = "agent.json"
# The fingerprint of the control room's key, where you know it by another way than the network.
# control_room_fingerprint = "21fe31dfa154a261"
# Who answers: "manual" (a person, by `kezek agent answer`), "accept" (the agent, at once),
# {{ accept-after = 600 }} (the agent, after so many seconds) or {{ refuse = "reason" }}.
answer = "manual"
# Length of a reading's interval in minutes.
meter_minutes = 15

# What moves the load and reads the meter. This one only pretends.
[driver]
kind = "simulated"
nominated_mw = 10.0
standby_mw = 0.0
# A real one is a command of yours:
# kind = "exec"
# command = ["/usr/local/bin/mine-load"]
# timeout_seconds = 10
# sample_seconds = 10

[addresses]
# The control room is a public https address. This machine and private networks only if they are named here.
allow_loopback = {here}
allow = []

[tls]
# PEM files, keys private to this user; read again when they change. With the first two, orders come over https.
# certificate_file = "door.pem"
# key_file = "door.key.pem"
# client_certificate_file = "facility.pem"   # shown to the control room; names urn:kezek:ENVIRONMENT:FACILITY
# client_key_file = "facility.key.pem"
# authorities_file = "control-room-ca.pem"   # trusted beside those of this machine
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_agent::AnswerPolicy;

    #[test]
    fn what_is_written_is_read() {
        let [listen, admin_listen] = ["127.0.0.1:1", "127.0.0.1:2"].map(|address| address.parse().unwrap());
        let args = Args {
            folder: "mine".into(),
            facility: "N\"1".into(),
            server: "https://control.example".into(),
            environment: "kz".into(),
            listen,
            admin_listen,
            public_address: Some("https://mine.example/orders".into()),
            config: None,
            fetch: false,
        };
        let config: AgentConfig = toml::from_str(&args.text()).unwrap();
        assert_eq!((config.facility.as_str(), &config.answer), ("N\"1", &AnswerPolicy::Manual));
        assert!(!config.addresses.allow_loopback);
        config.check().unwrap();
        config.driver.build().unwrap();
        let here = Args { public_address: None, ..args };
        let config: AgentConfig = toml::from_str(&here.text()).unwrap();
        assert_eq!(config.public_address.as_deref(), Some("http://127.0.0.1:1/orders"));
        assert!(config.addresses.allow_loopback);
        let config: AgentConfig = toml::from_str(&Args { fetch: true, ..here }.text()).unwrap();
        config.check().unwrap();
        assert!(config.fetch && config.listen.is_none() && !config.addresses.allow_loopback);
    }
}
