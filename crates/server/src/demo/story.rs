//! The story: a plan, a proposal, an approval by another person, and eight days of orders, answers and meters.

use super::people::Login;
use super::stage::Stage;
use super::voice::{Listener, Voice};
use super::winter;
use super::{DemoError, Options, kazakh_week};
use crate::api::ProposeBody;
use crate::error::ServerError;
use crate::writer::Happened;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::plan::Plan;
use kezek_planner::solve::{Settings, Watch, solve};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

/// How it ended. Counts are orders.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counts {
    /// Issued.
    pub orders: u64,
    /// By a 2xx.
    pub received: u64,
    /// By a signed answer.
    pub accepted: u64,
    /// By a signed answer.
    pub refused: u64,
    /// No answer by `ack_by`.
    pub silent: u64,
    /// By the verdict over the whole window.
    pub complying: u64,
    /// By the verdict over the whole window.
    pub breach: u64,
    /// Lifted in its slot.
    pub restored: u64,
    /// What other consumers went short of, by the meters.
    pub uncovered_mwh: f64,
    /// Whether the journal verifies, the heads that the orders carry included.
    pub journal_ok: bool,
}

/// Between two looks of the grid company at the meters of facilities that nobody hears of.
const METER_ROUND: TimeDelta = TimeDelta::days(1);
const PLANNING_THREADS: u32 = 2;

/// Plays the week, and then serves on until `stop` unless it is to end at once.
///
/// # Errors
/// When a part of it fails.
pub async fn play(
    options: &Options,
    listener: Listener<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Counts, DemoError> {
    let files = kazakh_week();
    let case = Case::parse(&files)?;
    let mut stage = Stage::open(&case, options).await?;
    let mut voice = Voice::new(listener, case.grid.time_zone);
    let mut feed = stage.room.follow();
    introduce(&stage, &case, options, &mut voice);
    let plan = planned(&case).await?;
    tell_plan(&stage, &case, &plan, &mut voice);
    propose_and_approve(&stage, &files, plan, &mut voice).await?;
    play_out(&mut stage, &case, &mut feed, &mut voice).await?;
    let counts = counts(&stage, options).await?;
    conclude(&stage, &counts, &mut voice);
    if !options.once {
        serve_on(&stage, options, stop, &mut voice).await?;
    }
    Ok(counts)
}

fn introduce(stage: &Stage, case: &Case, options: &Options, voice: &mut Voice<'_>) {
    voice.say_plain(&format!(
        "Control room at {} (pages; API under /api/v1, /api/v1/openapi.json)",
        stage.url
    ));
    voice.say_plain(&format!("Journal, keys and stores in {}", options.folder.display()));
    if !options.once {
        voice.say_plain("Sign in on the pages as");
        for Login { part, login, name, password } in &stage.logins {
            voice.say_plain(&format!("  {login} with the password {password} ({part}, {name})"));
        }
        voice.say_plain("or ask the API as");
        for actor in stage.cast.all() {
            let roles: Vec<&str> = actor.roles.iter().map(|role| role.as_str()).collect();
            voice.say_plain(&format!("  {} ({}), token {}", actor.name, roles.join(", "), actor.token));
        }
    }
    let facilities = case.facilities.len();
    voice.say(
        stage.clock.now(),
        &format!("{facilities} facilities enrolled, each with its own key and store"),
    );
}

async fn planned(case: &Case) -> Result<Plan, DemoError> {
    let case = case.clone();
    let planning = tokio::task::spawn_blocking(move || {
        let (began, stop) = (Instant::now(), AtomicBool::new(false));
        let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        solve(&case, Settings::of(&case, PLANNING_THREADS), &mut watch)
    });
    Ok(planning.await.map_err(|_| DemoError::BrokeOff { what: "the planning" })??)
}

fn tell_plan(stage: &Stage, case: &Case, plan: &Plan, voice: &mut Voice<'_>) {
    let totals = &plan.totals;
    let text = format!(
        "planned {}: {:.1} of {:.1} MWh cut, {:.1} MWh stay uncovered",
        case.name, totals.cut_mwh, totals.nominated_mwh, totals.uncovered_mwh
    );
    voice.say(stage.clock.now(), &text);
}

/// The author may not approve, another person may.
async fn propose_and_approve(
    stage: &Stage,
    files: &CaseFiles,
    plan: Plan,
    voice: &mut Voice<'_>,
) -> Result<(), DemoError> {
    let (author, approver) = (stage.client(&stage.cast.planner)?, stage.client(&stage.cast.approver)?);
    let comment = "The memo of 21 January".to_owned();
    let body = ProposeBody { case: files.clone(), plan, comment, asked_gap: None, priority: None };
    let digest = author.propose(&body).await?.plan_digest;
    let short = &digest[..12];
    voice.say(
        stage.clock.now(),
        &format!("{} proposes plan {short}; the check has passed", stage.cast.planner.name),
    );
    match author.approve(&digest, "").await {
        Ok(_) => return Err(DemoError::SelfApproved),
        Err(refusal) => voice.say(stage.clock.now(), &format!("she tries to approve it herself: {refusal}")),
    }
    let approved = approver.approve(&digest, "Approved as proposed").await?;
    let text = format!(
        "{} approves exactly this digest: {} orders",
        stage.cast.approver.name,
        approved.orders.len()
    );
    voice.say(stage.clock.now(), &text);
    Ok(())
}

/// Lets the clock leap from one due moment to the next until every order has been judged.
async fn play_out(
    stage: &mut Stage,
    case: &Case,
    feed: &mut Receiver<Arc<Happened>>,
    voice: &mut Voice<'_>,
) -> Result<(), DemoError> {
    let grid_company = stage.client(&stage.cast.grid_company)?;
    let mut meter_round = case.grid.start + METER_ROUND;
    while !all_judged(stage) {
        stand(stage, feed, voice).await?;
        let now = stage.clock.now();
        if now >= meter_round {
            let mut readings = Vec::new();
            for (from, to) in hours_until(case, meter_round) {
                readings.extend(stage.world.read_unheard(from, to).await);
            }
            if !readings.is_empty() {
                grid_company.readings(readings).await?;
            }
            voice.say(now, &day(stage).await?);
            meter_round += METER_ROUND;
            continue;
        }
        let due = [stage.room.next_due(), stage.world.next_due(), Some(meter_round)];
        if let Some(next) = due.into_iter().flatten().min() {
            stage.clock.leap_to(next);
        }
    }
    Ok(())
}

/// Does what is due in this moment, on both sides, until nothing is; the clock stands meanwhile.
async fn stand(
    stage: &Stage,
    feed: &mut Receiver<Arc<Happened>>,
    voice: &mut Voice<'_>,
) -> Result<(), ServerError> {
    let now = stage.clock.now();
    let is_due = |next: Option<DateTime<Utc>>| next.is_some_and(|at| at <= now);
    loop {
        stage.room.tick().await?;
        stage.world.tick().await;
        listen(feed, voice);
        if !is_due(stage.room.next_due()) && !is_due(stage.world.next_due()) {
            voice.flush(now);
            return Ok(());
        }
    }
}

fn listen(feed: &mut Receiver<Arc<Happened>>, voice: &mut Voice<'_>) {
    loop {
        match feed.try_recv() {
            Ok(happened) => voice.hear(&happened),
            Err(TryRecvError::Lagged(missed)) => voice.say_plain(&format!("({missed} events were not told)")),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        }
    }
}

fn all_judged(stage: &Stage) -> bool {
    stage.room.look(|book| {
        let mut orders = book.state.records();
        orders.all(|record| record.judged.is_some())
    })
}

/// The intervals of the round of the meters that ends at an instant.
fn hours_until(case: &Case, end: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let intervals = (0..case.grid.len).map(|t| (case.grid.instant(t), case.grid.instant(t + 1)));
    intervals.filter(|(from, to)| *from >= end - METER_ROUND && *to <= end).collect()
}

async fn day(stage: &Stage) -> Result<String, ServerError> {
    let uncovered = stage.room.uncovered().await?;
    Ok(format!("a day is over; other consumers went short of {:.1} MWh so far, by the meters", uncovered.mwh))
}

async fn counts(stage: &Stage, options: &Options) -> Result<Counts, DemoError> {
    let status = stage.client(&stage.cast.auditor)?.status().await?;
    let heads: Vec<_> = stage
        .room
        .look(|book| book.state.records().map(|record| record.order.journal_head.clone()).collect());
    let database = options.folder.join("kezek.db");
    let verifying = tokio::task::spawn_blocking(move || kezek_journal::verify(&database, &heads));
    let verification = verifying.await.map_err(|_| DemoError::BrokeOff { what: "the verification" })??;
    let counts = status.counts;
    Ok(Counts {
        orders: counts.orders,
        received: counts.received,
        accepted: counts.accepted,
        refused: counts.refused,
        silent: counts.silent,
        complying: counts.complying,
        breach: counts.breach,
        restored: counts.restored,
        uncovered_mwh: status.uncovered.mwh,
        journal_ok: verification.is_sound(),
    })
}

fn conclude(stage: &Stage, counts: &Counts, voice: &mut Voice<'_>) {
    let journal = if counts.journal_ok { "the journal verifies" } else { "THE JOURNAL DOES NOT VERIFY" };
    let text = format!(
        "the week is over: {} orders, {} received, {} accepted, {} refused, {} silent; by the meter {} complying, \
         {} breach; {} restored in their slot; {:.1} MWh uncovered; {journal}",
        counts.orders,
        counts.received,
        counts.accepted,
        counts.refused,
        counts.silent,
        counts.complying,
        counts.breach,
        counts.restored,
        counts.uncovered_mwh
    );
    voice.say(stage.clock.now(), &text);
}

/// Serves on at the pace of the world: orders may still be recalled, pages read.
async fn serve_on(
    stage: &Stage,
    options: &Options,
    stop: impl Future<Output = ()>,
    voice: &mut Voice<'_>,
) -> Result<(), DemoError> {
    stage.clock.run_on();
    voice.say_plain(&format!("Serving on at {} until Ctrl-C.", stage.url));
    let going_on = async {
        loop {
            stage.room.advance().await?;
            stage.world.tick().await;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    };
    let studying = async {
        voice.say_plain(&winter::study(&options.folder).await);
        std::future::pending().await
    };
    tokio::select! {
        () = stop => Ok(()),
        ended = going_on => ended,
        ended = studying => ended,
    }
}
