//! The real loop: orders are taken, and every second what is due is done. The loops stand beside each other, so
//! that neither a slow network nor a slow meter delays a limit.

use crate::act::CLOCK_TOLERANCE;
use crate::agent::Agent;
use crate::error::AgentError;
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::error::describe;
use kezek_courier::limits::FETCH_WITHIN;
use kezek_courier::{Bounds, ServerTls};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

const TICK: Duration = Duration::from_secs(1);
/// How long open connections may last after the end was asked for.
const FAREWELL: Duration = Duration::from_secs(5);

/// Only the control room and the facility's own people call.
const MAX_CONNECTIONS: usize = 256;

/// Pauses after requests for orders that failed, doubled from the first to the last.
const FETCH_PAUSES: [Duration; 2] = [TICK, Duration::from_secs(30)];

type Part = Result<&'static str, AgentError>;

/// Serves and ticks until `shutdown`; without a listener it asks for orders where the settings say so. What holds at the
/// end goes on holding.
///
/// # Errors
/// When the admin address cannot be had, a certificate cannot be used, or a part of the agent ends by itself.
pub async fn run(
    agent: Agent,
    listener: impl Into<Option<TcpListener>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), AgentError> {
    let (stop, stopped) = watch::channel(false);
    let mut parts: JoinSet<Part> = JoinSet::new();
    if let Some(address) = agent.0.config.admin_listen {
        let cannot = |source| AgentError::Serve { address: address.to_string(), source };
        let admin = TcpListener::bind(address).await.map_err(cannot)?;
        parts.spawn(serve("the admin door", (admin, None), agent.admin_router(), stopped.clone()));
    }
    if let Some(listener) = listener.into() {
        let door = (listener, agent.0.config.tls.server()?);
        parts.spawn(serve("the door for orders", door, agent.router(), stopped.clone()));
    }
    if agent.0.config.fetch {
        parts.spawn(fetch_loop(agent.clone(), stopped.clone()));
    }
    parts.spawn(act_loop(agent.clone(), stopped.clone()));
    parts.spawn(meter_loop(agent.clone(), stopped.clone()));
    parts.spawn(send_loop(agent, stopped));
    let early = tokio::select! {
        () = shutdown => None,
        ended = parts.join_next() => ended,
    };
    stop.send_replace(true);
    if let Some(ended) = early {
        return Err(ended_by_itself(ended));
    }
    // Connections that do not end are dropped with the rest.
    let _ = tokio::time::timeout(FAREWELL, async { while parts.join_next().await.is_some() {} }).await;
    Ok(())
}

fn ended_by_itself(ended: Result<Part, tokio::task::JoinError>) -> AgentError {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(what)) => AgentError::Stopped { what: what.to_owned() },
        Err(error) => AgentError::Stopped { what: error.to_string() },
    }
}

async fn serve(
    what: &'static str,
    (listener, tls): (TcpListener, Option<Arc<ServerTls>>),
    router: Router,
    mut stopped: watch::Receiver<bool>,
) -> Part {
    let until = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let bounds = Bounds { connections: MAX_CONNECTIONS, ..Bounds::default() };
    kezek_courier::serve(listener, tls, bounds, router, until).await;
    Ok(what)
}

async fn act_loop(agent: Agent, mut stopped: watch::Receiver<bool>) -> Part {
    let mut steady = Steady::new(agent.not_before());
    let mut ticks = ticks();
    while pause(&agent, &mut ticks, &mut stopped).await {
        agent.answer_due().await;
        agent.act(Some(steady.now())).await;
        steady.agree(&agent);
    }
    Ok("acting")
}

async fn meter_loop(agent: Agent, mut stopped: watch::Receiver<bool>) -> Part {
    let mut ticks = ticks();
    while pause(&agent, &mut ticks, &mut stopped).await {
        agent.meter().await;
    }
    Ok("reading the meter")
}

async fn send_loop(agent: Agent, mut stopped: watch::Receiver<bool>) -> Part {
    let mut ticks = ticks();
    while pause(&agent, &mut ticks, &mut stopped).await {
        agent.send().await;
    }
    Ok("sending")
}

async fn fetch_loop(agent: Agent, mut stopped: watch::Receiver<bool>) -> Part {
    let [first, last] = FETCH_PAUSES;
    let mut pause = first;
    loop {
        let asked_at = Instant::now();
        let asked = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return Ok("asking for orders"),
            asked = agent.fetch(FETCH_WITHIN) => asked,
        };
        let rest = match asked {
            Ok(true) => Duration::ZERO,
            // Whoever is sent away at once asks no faster than this.
            Ok(false) => first.saturating_sub(asked_at.elapsed()),
            Err(ref error) => {
                tracing::warn!(error = %describe(error), "orders could not be fetched");
                pause
            }
        };
        pause = if asked.is_ok() { first } else { (pause * 2).min(last) };
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for the next second or for news; false when the end was asked for.
async fn pause(
    agent: &Agent,
    ticks: &mut tokio::time::Interval,
    stopped: &mut watch::Receiver<bool>,
) -> bool {
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => false,
        () = agent.0.news.notified() => true,
        _ = ticks.tick() => true,
    }
}

impl Agent {
    /// The machine's clock, or where it stood at the last record: a machine that comes up with a clock set back, for
    /// instance with an empty battery, releases nothing.
    fn not_before(&self) -> DateTime<Utc> {
        let latest = self.ledger().memory.latest;
        latest.into_iter().chain([self.now()]).max().unwrap_or_default()
    }
}

/// A clock that runs on from where it started, whatever is done to the machine's clock.
struct Steady {
    started_at: DateTime<Utc>,
    started: Instant,
}

impl Steady {
    fn new(now: DateTime<Utc>) -> Self {
        Self { started_at: now, started: Instant::now() }
    }

    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.started.elapsed()).unwrap_or(TimeDelta::MAX);
        self.started_at.checked_add_signed(elapsed).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Follows the machine's clock where that releases nothing.
    fn agree(&mut self, agent: &Agent) {
        let (now, steady) = (agent.now(), self.now());
        let apart = (now - steady).abs();
        if apart > CLOCK_TOLERANCE {
            tracing::warn!(%now, %steady, "the machine's clock was set; the stricter limit of both instants holds");
        }
        if apart <= CLOCK_TOLERANCE || agent.is_free(now, steady) {
            *self = Self::new(now);
        }
    }
}
