//! Pretend facilities: each runs the agent's own code with its own key and store over real HTTP on loopback, and
//! draws a load in memory. Some have a quirk.

use axum::Router;
use chrono::{DateTime, Utc};
use kezek_agent::agent::{Agent, Now};
use kezek_agent::config::{AgentConfig, AnswerPolicy, DriverConfig};
use kezek_agent::driver::Driver as _;
use kezek_agent::driver::simulated::{Profile, Simulated};
use kezek_agent::enrol::enrol;
use kezek_agent::error::AgentError;
use kezek_agent::store::Store;
use kezek_courier::{AddressRules, Tls};
use kezek_model::case::{Case, Facility};
use kezek_model::grid::TimeGrid;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Quality, Reading};
use kezek_model::units::Kw;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How a pretend facility behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quirk {
    /// Answers at once and obeys.
    #[default]
    Obedient,
    /// Obeys, but its people take so many seconds to answer.
    Slow(u64),
    /// Was there for its enrolment; nobody has heard of it since.
    Offline,
    /// Says no, and draws what it always drew.
    Refuses,
    /// Says yes, and draws what it always drew.
    Lies,
}

/// Why there is no pretend world.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// An agent did not start.
    #[error("facility {facility}")]
    Agent {
        /// Whose.
        facility: FacilityId,
        /// Why.
        source: AgentError,
    },
    /// A folder or a socket could not be had.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where the facilities of a world live.
#[derive(Clone, Debug)]
pub struct Place {
    /// A folder for keys and stores.
    pub folder: PathBuf,
    /// Where the control room is.
    pub server_url: String,
    /// Its environment.
    pub environment: String,
}

/// Pretend facilities and their clock.
pub struct World {
    now: Now,
    agents: BTreeMap<FacilityId, Agent>,
    unheard: BTreeMap<FacilityId, Simulated>,
    doors: JoinSet<()>,
}

impl World {
    /// A world without facilities.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self { now, agents: BTreeMap::new(), unheard: BTreeMap::new(), doors: JoinSet::new() }
    }

    /// Opens a facility: its socket, its key, its enrolment with a code, its agent.
    ///
    /// # Errors
    /// When its folder or socket can't be had, or the control room refuses it.
    pub async fn open(
        &mut self,
        case: &Case,
        facility: &Facility,
        quirk: Quirk,
        place: &Place,
        code: &str,
    ) -> Result<(), WorldError> {
        let folder = place.folder.join(facility.id.as_str());
        std::fs::create_dir_all(&folder).map_err(io(format!("make the folder {}", folder.display())))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(io("open a socket".into()))?;
        let address = listener.local_addr().map_err(io("ask for the socket's address".into()))?;
        let config = config(case, facility, quirk, place, &folder, address);
        let failed = |source| WorldError::Agent { facility: facility.id.clone(), source };
        enrol(&config, code).await.map_err(failed)?;
        let load = load(case, facility, quirk);
        if quirk == Quirk::Offline {
            self.unheard.insert(facility.id.clone(), load);
            return Ok(());
        }
        let store = Store::open(&config.store_file).map_err(failed)?;
        let agent = Agent::open(config, store, Box::new(load), self.now.clone()).map_err(failed)?;
        self.doors.spawn(serve(listener, agent.router()));
        self.agents.insert(facility.id.clone(), agent);
        Ok(())
    }

    /// Lets every agent do what is due; returns when all have.
    pub async fn tick(&self) {
        // Where the clock runs, what is due at once is due later than any moment before the question.
        let due = self.agents.values().filter(|agent| agent.next_due().is_some_and(|at| at <= (self.now)()));
        let mut ticks: JoinSet<()> = JoinSet::new();
        for agent in due {
            let agent = agent.clone();
            ticks.spawn(async move { agent.tick().await });
        }
        while ticks.join_next().await.is_some() {}
    }

    /// The next instant at which an agent has something to do.
    #[must_use]
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.agents.values().filter_map(Agent::next_due).min()
    }

    /// What the grid company reads at the meters of facilities that nobody hears of.
    pub async fn read_unheard(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (facility, load) in &self.unheard {
            if let Ok(Some(mean)) = load.mean_power(from, to).await {
                readings.push(Reading {
                    facility: facility.clone(),
                    interval_start: from,
                    interval_end: to,
                    mean: mean.power,
                    quality: Quality::Ok,
                    source: "grid-company".into(),
                });
            }
        }
        readings
    }
}

async fn serve(listener: TcpListener, router: Router) {
    // A pretend facility whose socket breaks is one that is offline.
    drop(axum::serve(listener, router).await);
}

fn config(
    case: &Case,
    facility: &Facility,
    quirk: Quirk,
    place: &Place,
    folder: &Path,
    address: SocketAddr,
) -> AgentConfig {
    AgentConfig {
        facility: facility.id.clone(),
        environment: place.environment.clone(),
        server_url: place.server_url.clone(),
        listen: Some(address),
        admin_listen: None,
        public_address: Some(format!("http://{address}/orders")),
        fetch: false,
        key_file: folder.join("key"),
        store_file: folder.join("store.jsonl"),
        state_file: folder.join("agent.json"),
        control_room_fingerprint: None,
        driver: DriverConfig::Simulated {
            nominated: facility.nomination_kw[0],
            standby: facility.floor_kw,
            ramp_up: facility.ramp_up_kw_per_h,
            lies: quirk == Quirk::Lies,
        },
        answer: match quirk {
            Quirk::Slow(seconds) => AnswerPolicy::AcceptAfter(seconds),
            Quirk::Refuses => AnswerPolicy::Refuse("repair of the transformer: load can't be moved".into()),
            Quirk::Obedient | Quirk::Offline | Quirk::Lies => AnswerPolicy::Accept,
        },
        meter_minutes: case.grid.step_minutes,
        addresses: AddressRules { allow_loopback: true, allow: Vec::new() },
        tls: Tls::default(),
    }
}

/// A load that draws its nomination where it is entitled to it, and its floor where not.
fn load(case: &Case, facility: &Facility, quirk: Quirk) -> Simulated {
    let drawn: Vec<Kw> = (0..case.grid.len).map(|t| drawn(case, facility, t)).collect();
    let grid = case.grid.clone();
    let profile: Profile = Arc::new(move |at| drawn[interval(&grid, at)]);
    Simulated::new(profile)
        .with_standby(facility.floor_kw)
        .with_ramp_up(facility.ramp_up_kw_per_h)
        .with_lies(quirk == Quirk::Lies)
}

fn drawn(case: &Case, facility: &Facility, t: usize) -> Kw {
    let entitled = facility.is_licensed_at(case.grid.instant(t));
    let quota = facility.quota_kw[t].unwrap_or(facility.nomination_kw[t]);
    let within = if entitled { facility.nomination_kw[t].min(quota) } else { Kw::ZERO };
    within.max(facility.floor_kw.min(facility.nomination_kw[t]))
}

/// The interval of an instant; the first before the horizon, the last after it.
fn interval(grid: &TimeGrid, at: DateTime<Utc>) -> usize {
    let minutes = (at - grid.start).num_minutes().max(0) / i64::from(grid.step_minutes);
    usize::try_from(minutes).unwrap_or(0).min(grid.len - 1)
}

fn io(what: String) -> impl FnOnce(std::io::Error) -> WorldError {
    move |source| WorldError::Io { what, source }
}
