//! What a facility decides about its agent.

use crate::driver::Driver;
use crate::driver::exec::Exec;
use crate::driver::simulated::Simulated;
use crate::error::AgentError;
use kezek_courier::{AddressRules, Tls};
use kezek_model::ids::FacilityId;
use kezek_model::registry::FETCHED;
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const MINUTES_PER_DAY: u32 = 24 * 60;

/// The configuration of an agent, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// The facility that this agent acts for.
    pub facility: FacilityId,
    /// The control room's environment that orders must name, for instance `kz-live`.
    pub environment: String,
    /// Where the control room is, without a path: `https://kezek.example.kz`.
    pub server_url: String,
    /// Where this agent waits for orders; `None` where it fetches them.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// Where the facility's own people see orders and answer them; a loopback address. `None`: nowhere.
    #[serde(default)]
    pub admin_listen: Option<SocketAddr>,
    /// The whole address that the control room sends orders to: `https://mine.example.kz/orders`; `None` where this
    /// agent fetches them.
    #[serde(default)]
    pub public_address: Option<String>,
    /// Nobody can reach this agent, for instance behind NAT: it asks the control room for its orders.
    #[serde(default)]
    pub fetch: bool,
    /// The facility's private key; made at enrolment.
    pub key_file: PathBuf,
    /// What the agent remembers; made at enrolment.
    pub store_file: PathBuf,
    /// The pinned keys of the control room; written at enrolment.
    #[serde(default = "default_state_file")]
    pub state_file: PathBuf,
    /// Fingerprint of the control room's key, where it is known by another way than the network.
    #[serde(default)]
    pub control_room_fingerprint: Option<String>,
    /// What moves the load and reads the meter.
    pub driver: DriverConfig,
    /// Who answers orders.
    #[serde(default)]
    pub answer: AnswerPolicy,
    /// Length of a reading's interval in minutes; divides a day.
    #[serde(default = "default_meter_minutes")]
    pub meter_minutes: u32,
    /// Where messages may go beyond public addresses.
    #[serde(default)]
    pub addresses: AddressRules,
    /// Encryption of the door for orders, and the certificate that is shown to the control room.
    #[serde(default)]
    pub tls: Tls,
}

fn default_state_file() -> PathBuf {
    PathBuf::from("agent.json")
}

fn default_meter_minutes() -> u32 {
    15
}

fn default_seconds() -> u64 {
    10
}

/// Who answers orders. Orders are obeyed from receipt on, unless the answer is a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerPolicy {
    /// The agent accepts at once.
    Accept,
    /// The agent accepts so many seconds after receipt.
    AcceptAfter(u64),
    /// The agent refuses for this reason.
    Refuse(String),
    /// A person answers.
    #[default]
    Manual,
}

/// What moves the load and reads the meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DriverConfig {
    /// A command of the facility.
    Exec {
        /// The program and its first arguments; no shell reads them.
        command: Vec<String>,
        /// The longest that one call may take.
        #[serde(default = "default_seconds")]
        timeout_seconds: u64,
        /// How often the meter is read.
        #[serde(default = "default_seconds")]
        sample_seconds: u64,
    },
    /// A load in memory.
    Simulated {
        /// What it draws when free.
        #[serde(rename = "nominated_mw")]
        nominated: Kw,
        /// What it draws at least.
        #[serde(default, rename = "standby_mw")]
        standby: Kw,
        /// Fastest return in MW per hour; absent: at once.
        #[serde(default, rename = "ramp_up_mw_per_h")]
        ramp_up: Option<Kw>,
        /// Says yes and does not cut.
        #[serde(default)]
        lies: bool,
    },
}

impl DriverConfig {
    /// The driver that is meant.
    ///
    /// # Errors
    /// When an `exec` driver names no program.
    pub fn build(&self) -> Result<Box<dyn Driver>, AgentError> {
        match self {
            Self::Exec { command, timeout_seconds, sample_seconds } => {
                let (timeout, sample) =
                    (Duration::from_secs(*timeout_seconds), Duration::from_secs(*sample_seconds));
                Ok(Box::new(Exec::new(command, timeout, sample)?))
            }
            Self::Simulated { nominated, standby, ramp_up, lies } => {
                let load = Simulated::constant(*nominated).with_standby(*standby).with_lies(*lies);
                Ok(Box::new(load.with_ramp_up(*ramp_up)))
            }
        }
    }
}

impl AgentConfig {
    /// Holds the values against each other.
    ///
    /// # Errors
    /// When the reading's interval does not divide a day, others than this machine could answer orders, or orders have no
    /// way to come, or two.
    pub fn check(&self) -> Result<(), AgentError> {
        if self.meter_minutes == 0 || !MINUTES_PER_DAY.is_multiple_of(self.meter_minutes) {
            let found = self.meter_minutes.to_string();
            return Err(AgentError::config("meter_minutes", found, "a divisor of 1440, for instance 15"));
        }
        if self.tls.client_ca_file.is_some() {
            // Whoever brings orders proves it by their signature.
            return Err(AgentError::config(
                "tls.client_ca_file",
                "a file".into(),
                "nothing; it is a setting of kezek.toml",
            ));
        }
        self.check_way()?;
        match self.admin_listen.filter(|address| !address.ip().is_loopback()) {
            Some(address) => Err(AgentError::config(
                "admin_listen",
                address.to_string(),
                "a loopback address, for instance 127.0.0.1:7071",
            )),
            None => Ok(()),
        }
    }

    /// Orders come to a door, or they are fetched.
    fn check_way(&self) -> Result<(), AgentError> {
        let doors = [
            (
                "listen",
                self.listen.map(|address| address.to_string()),
                "an address and port, or fetch = true",
            ),
            ("public_address", self.public_address.clone(), "a whole address, or fetch = true"),
        ];
        for (field, found, expected) in doors {
            match (found, self.fetch) {
                (None, false) => return Err(AgentError::config(field, "missing".into(), expected)),
                (Some(found), true) => {
                    return Err(AgentError::config(field, found, "nothing, because fetch is true"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where the control room reaches this agent, as it is enrolled.
    pub(crate) fn reach(&self) -> &str {
        self.public_address.as_deref().unwrap_or(FETCHED)
    }

    /// The address of something that the control room's API offers.
    pub(crate) fn api(&self, what: &str) -> String {
        format!("{}/api/v1/{what}", self.server_url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        facility = "F1"
        environment = "test"
        server_url = "https://kezek.example.kz/"
        listen = "0.0.0.0:7070"
        public_address = "https://mine.example.kz/orders"
        key_file = "agent.key"
        store_file = "agent.store"
        answer = { accept-after = 600 }
        driver = { kind = "exec", command = ["/usr/local/bin/meter", "--bus", "1"] }
        addresses = { allow = ["10.0.0.0/8"] }
    "#;

    #[test]
    fn a_file_is_read_with_its_defaults() {
        let config: AgentConfig = toml::from_str(FILE).unwrap();
        assert_eq!(config.answer, AnswerPolicy::AcceptAfter(600));
        assert_eq!((config.meter_minutes, config.admin_listen), (15, None));
        assert_eq!(config.api("answers"), "https://kezek.example.kz/api/v1/answers");
        config.check().unwrap();
        config.driver.build().unwrap();
    }

    #[test]
    fn without_a_word_a_person_answers() {
        let file = FILE.replace("answer = { accept-after = 600 }", "");
        assert_eq!(toml::from_str::<AgentConfig>(&file).unwrap().answer, AnswerPolicy::Manual);
    }

    #[test]
    fn unknown_fields_and_unfit_values_are_refused() {
        assert!(toml::from_str::<AgentConfig>(&FILE.replace("key_file", "keyfile")).is_err());
        assert!(toml::from_str::<AgentConfig>(&FILE.replace("command", "comand")).is_err());
        let mut config: AgentConfig = toml::from_str(FILE).unwrap();
        config.meter_minutes = 7;
        assert!(config.check().unwrap_err().to_string().contains("divisor of 1440"));
        config.meter_minutes = 60;
        config.admin_listen = Some("0.0.0.0:1".parse().unwrap());
        assert!(config.check().unwrap_err().to_string().contains("loopback"));
    }

    #[test]
    fn orders_come_to_a_door_or_are_fetched() {
        let config = |file: &str| toml::from_str::<AgentConfig>(file).unwrap();
        let fetching = FILE.replace("listen = \"0.0.0.0:7070\"", "fetch = true");
        let said = |file: &str| config(file).check().unwrap_err().to_string();
        assert!(said(&fetching).contains("public_address"), "{}", said(&fetching));
        let fetching = fetching.replace("public_address = \"https://mine.example.kz/orders\"", "");
        config(&fetching).check().unwrap();
        assert_eq!(config(&fetching).reach(), "fetch:");
        assert_eq!(config(FILE).reach(), "https://mine.example.kz/orders");
        assert!(said(&fetching.replace("fetch = true", "")).contains("listen is missing"));
    }
}
