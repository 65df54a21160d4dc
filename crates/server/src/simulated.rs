//! The real writer, book and records in the pretend world of `kezek_study::sim`: seeds, crash points, deliberate faults.
//!
//! `./dev simulate` runs more seeds, or one with its log.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

use chrono::{DateTime, Utc};
use kezek_engine::{Effects, Event, State};
use kezek_study::oracle::{Finding, Sight};
use kezek_study::sim::disk::Disk;
use kezek_study::sim::{Asked, Corridor, CrashPoint, Denied, Fate, Outcome, Sabotage, Settings, Start, run};
use tokio::sync::{broadcast, oneshot};

use crate::book::Book;
use crate::clocks::Clocks;
use crate::error::ServerError;
use crate::record::Input;
use crate::replay::{StoreReader, read_on};
use crate::tenure::Tenure;
use crate::writer::{Published, Request, Writer};

/// Seeds that are run unless `KEZEK_SEEDS` says how many.
const SEEDS: u64 = 1_000;
/// Seeds that are run with the files of SQLite.
const SEEDS_ON_FILE: u64 = 12;
/// Seeds in which everything that can happen must have happened.
const SEEDS_LOOKED_THROUGH: u64 = 150;
/// Seeds with a deliberate fault in which it strikes.
const STRIKES: usize = 3;

/// The writer, asked without a thread of its own.
struct Desk {
    writer: Writer,
    published: Arc<Published>,
    clocks: Arc<Clocks>,
}

enum Answer {
    Happen(oneshot::Receiver<Result<Effects, ServerError>>),
    Due(oneshot::Receiver<Result<crate::writer::Brought, ServerError>>),
}

fn open(start: Start) -> Result<Box<dyn Corridor>, String> {
    let mut book = Book::new();
    read_on(&StoreReader(&*start.store), &mut book).map_err(|error| error.to_string())?;
    let clocks = Arc::new(match start.clock.steady {
        Some(steady) => Clocks::new(start.clock.wall, steady),
        None => Clocks::from(start.clock.wall),
    });
    clocks.begin_after(book.clock);
    let epoch = book.state.epoch() + 1;
    let published = Arc::new(Published {
        book: RwLock::new(book),
        trouble: Mutex::new(None),
        warnings: Mutex::default(),
        feed: broadcast::Sender::new(1),
        tenure: Tenure::default(),
    });
    let writer = Writer::new(start.store, Arc::clone(&clocks), Arc::clone(&published));
    let mut desk = Desk { writer, published, clocks };
    let (environment, config) = (start.environment, start.config);
    let opened = Event::Opened { environment, epoch, config };
    match desk.serve(vec![Asked::Happen(Box::new(opened), None)]).remove(0) {
        Ok(_) => Ok(Box::new(desk)),
        Err(denied) => Err(format!("{denied:?}")),
    }
}

impl Corridor for Desk {
    fn serve(&mut self, batch: Vec<Asked>) -> Vec<Result<Effects, Denied>> {
        let (requests, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(request).unzip();
        self.writer.serve(requests);
        answers.into_iter().map(answered).collect()
    }

    fn look(&self, look: &mut dyn FnMut(&State)) {
        look(&self.published.book.read().unwrap().state);
    }

    fn now(&self) -> DateTime<Utc> {
        self.published.book.read().unwrap().clock.max(self.clocks.now())
    }
}

fn request(asked: Asked) -> (Request, Answer) {
    match asked {
        Asked::Happen(event, evidence) => {
            let (reply, answer) = oneshot::channel();
            let input = evidence.into_iter().fold(Input::from(*event), Input::with_document);
            (Request::Happen { inputs: vec![input], reply }, Answer::Happen(answer))
        }
        Asked::Due => {
            let (reply, answer) = oneshot::channel();
            (Request::Due { reply }, Answer::Due(answer))
        }
    }
}

fn answered(answer: Answer) -> Result<Effects, Denied> {
    let answer = match answer {
        Answer::Happen(mut answer) => answer.try_recv().unwrap(),
        Answer::Due(mut answer) => answer.try_recv().unwrap().map(|brought| brought.effects),
    };
    answer.map_err(|error| match error {
        ServerError::Refused(refusal) => Denied::Refused(refusal),
        error => Denied::Journal(error.to_string()),
    })
}

fn simulate(seed: u64, sabotage: Option<Sabotage>, disk: Disk) -> Outcome {
    run(Settings { seed, sabotage, disk, crash: None, opening: &open }).unwrap()
}

pub(crate) fn in_memory(seed: u64, sabotage: Option<Sabotage>) -> Outcome {
    simulate(seed, sabotage, Disk::in_memory())
}

/// What was found, and how to see it again.
fn told(findings: &[Finding]) -> String {
    let lines = findings.iter().take(5).map(|finding| format!("{finding}\n"));
    let again =
        findings.first().map(|finding| format!("see it with: ./dev simulate --seed {}\n", finding.seed));
    lines.chain(again).collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// What a run of many seeds adds up to.
#[derive(Default)]
struct Sum {
    records: AtomicU64,
    attempts: AtomicU64,
    deaths: AtomicU64,
}

/// Runs the seeds `from..to` on all processors; what was found in the first that failed.
fn simulate_many(from: u64, to: u64, sum: &Sum) -> Vec<Finding> {
    let (next, found) = (AtomicU64::new(from), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= to || !found.lock().unwrap().is_empty() {
                return;
            }
            let outcome = in_memory(seed, None);
            sum.records.fetch_add(outcome.head.seq, Ordering::SeqCst);
            sum.attempts.fetch_add(outcome.attempts.into(), Ordering::SeqCst);
            sum.deaths.fetch_add(outcome.deaths.into(), Ordering::SeqCst);
            found.lock().unwrap().extend(outcome.findings());
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| _ = scope.spawn(work));
    });
    found.into_inner().unwrap()
}

#[test]
fn every_promise_holds_for_every_seed() {
    if let Some(seed) = number("KEZEK_SEED") {
        return show(seed);
    }
    let (began, sum) = (Instant::now(), Sum::default());
    let from = number("KEZEK_FROM").unwrap_or(1);
    let to = from + number("KEZEK_SEEDS").unwrap_or(SEEDS);
    let findings = simulate_many(from, to, &sum);
    let [records, attempts, deaths] =
        [&sum.records, &sum.attempts, &sum.deaths].map(|count| count.load(Ordering::SeqCst));
    println!(
        "seeds {from}..{to}: {records} records, {attempts} attempts, {deaths} deaths in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    assert!(findings.is_empty(), "{}", told(&findings));
}

/// One seed with all that was seen.
fn show(seed: u64) {
    let outcome = in_memory(seed, None);
    outcome.evidence.seen.iter().for_each(|seen| println!("{seen}"));
    for record in &outcome.evidence.records {
        println!("journal {} {} {} {}", record["seq"], record["at"], record["kind"], record["body"]);
    }
    let findings = outcome.findings();
    findings.iter().for_each(|finding| println!("{finding}"));
    assert!(findings.is_empty(), "{}", told(&findings));
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    // Where every plan is refused there is little that could differ.
    let heads = (1..).map(|seed| (seed, in_memory(seed, None).head)).filter(|(_, head)| head.seq > 100);
    let heads: Vec<_> = heads.take(3).collect();
    for (seed, head) in &heads {
        assert_eq!(in_memory(*seed, None).head, *head, "seed {seed}");
    }
    assert_ne!(heads[0].1, heads[1].1);
}

#[test]
fn the_oracle_sees_each_deliberate_fault() {
    for (sabotage, promise) in Sabotage::ALL {
        let mut struck = 0;
        for seed in 1..400 {
            let outcome = in_memory(seed, Some(sabotage));
            if outcome.struck > 0 {
                struck += 1;
                let findings = outcome.findings();
                let seen = findings.iter().any(|finding| finding.promise == promise);
                assert!(
                    seen,
                    "seed {seed}: {sabotage:?} struck and {promise} seems kept: {}",
                    told(&findings)
                );
            }
            if struck == STRIKES {
                break;
            }
        }
        assert_eq!(struck, STRIKES, "{sabotage:?} hardly ever strikes");
    }
}

#[test]
fn every_death_at_every_point_is_survived_with_the_files_of_sqlite() {
    for (seed, point) in (1..).zip(CrashPoint::ALL) {
        for fate in Fate::ALL {
            let dying = |seed: u64| {
                let folder = tempfile::tempdir().unwrap();
                let (disk, crash) = (Disk::in_folder(folder.path()), Some((point, fate)));
                run(Settings { seed, sabotage: None, disk, crash, opening: &open }).unwrap()
            };
            // In a run in which no plan is approved nobody has anything to die over.
            let was_met = (seed..seed + 10).map(dying).any(|outcome| {
                let findings = outcome.findings();
                assert!(findings.is_empty(), "{point:?} {fate:?} {}", told(&findings));
                outcome.deaths > 0
            });
            assert!(was_met, "{point:?} {fate:?} was never met");
        }
    }
}

#[test]
fn sqlite_under_the_pretend_disk_keeps_every_promise_and_the_same_journal() {
    for seed in 1..=SEEDS_ON_FILE {
        let folder = tempfile::tempdir().unwrap();
        let outcome = simulate(seed, None, Disk::in_folder(folder.path()));
        let findings = outcome.findings();
        assert!(findings.is_empty(), "{}", told(&findings));
        assert_eq!(outcome.head, in_memory(seed, None).head, "seed {seed}");
    }
}

/// What was refused for what would return or be cut within an interval; floors are S6 too.
fn swung(why: &str) -> Option<String> {
    let promise = ["S5", "S6"].into_iter().find(|promise| why.contains(&format!("promise {promise}:")))?;
    why.contains(" would ").then(|| format!("{promise} refused"))
}

/// Plans with bounds that are approved, and what is refused for them, are both common enough to prove something.
#[test]
fn plans_within_and_beyond_what_zones_bear_are_both_met() {
    let (mut approved, mut refused) = (0, [0, 0]);
    for seed in 1..=SEEDS_LOOKED_THROUGH {
        let evidence = in_memory(seed, None).evidence;
        let events = || evidence.records.iter().map(|record| &record["body"]["event"]);
        let bounded = |event: &&serde_json::Value| event["event"] == "proposed" && !event["bounds"].is_null();
        let plans: BTreeSet<_> =
            events().filter(bounded).map(|event| event["plan_digest"].to_string()).collect();
        let approvals = events().filter(|event| event["event"] == "approved");
        approved += approvals.filter(|event| plans.contains(&event["plan_digest"].to_string())).count();
        for seen in &evidence.seen {
            let Sight::Asked { refused: Some(why), .. } = &seen.sight else { continue };
            for (count, promise) in refused.iter_mut().zip(["S5 refused", "S6 refused"]) {
                *count += usize::from(swung(why).as_deref() == Some(promise));
            }
        }
    }
    println!("{approved} approvals within bounds, refused by S5 and S6: {refused:?}");
    assert!(approved > 100 && refused.iter().all(|count| *count > 20), "{approved} {refused:?}");
}

/// A pretend world in which nothing happens would prove nothing.
#[test]
fn everything_that_can_happen_happens() {
    let mut met = BTreeSet::new();
    for seed in 1..=SEEDS_LOOKED_THROUGH {
        let evidence = in_memory(seed, None).evidence;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        met.extend(evidence.records.iter().map(|record| text(&record["kind"])));
        met.extend(
            evidence
                .orders
                .iter()
                .map(|order| format!("{} {}", text(&order["priority"]), text(&order["kind"]))),
        );
        for seen in &evidence.seen {
            match &seen.sight {
                Sight::Crashed { how } => _ = met.insert(how.clone()),
                Sight::Arrived { status, is_new, .. } => _ = met.insert(format!("status {status} {is_new}")),
                Sight::Asked { forbidden_by: Some(promise), .. } => {
                    _ = met.insert(format!("asked {promise}"))
                }
                Sight::Asked { refused: Some(why), .. } => met.extend(swung(why)),
                Sight::Fault(what) => _ = met.insert(what.clone()),
                _ => {}
            }
        }
    }
    let kinds = "opened enrolled enrolment-confirmed proposed approved returned recalled resend resumed unconfirmed \
        clocks-disagree frozen thawed attempt-intended attempt-ended answered reported read called warned silent \
        expired judged";
    let deaths = CrashPoint::ALL.iter().flat_map(|point| Fate::ALL.map(|fate| format!("{point:?} {fate:?}")));
    let others = [
        "normal limit",
        "emergency limit",
        "drill limit",
        "normal recall",
        "status 200 true",
        "status 200 false",
        "status 401 false",
        "status 409 false",
        "status 425 false",
        "asked S2",
        "asked S11",
        "asked S13",
        "asked S15",
        "S5 refused",
        "S6 refused",
        "the disk is full",
        "the disk will write and say that it has not",
    ];
    let wanted = kinds.split_whitespace().map(str::to_owned).chain(deaths).chain(others.map(str::to_owned));
    let missing: Vec<String> = wanted.filter(|wanted| !met.contains(wanted)).collect();
    assert!(missing.is_empty(), "never met in {SEEDS_LOOKED_THROUGH} seeds: {missing:?}");
}
