//! A large fleet on one machine: approval, fan-out beside a bare loop, readings meanwhile, start with a long journal.
//!
//! `./dev bench --bench orders` prints Markdown for `benches/README.md`. The bare loop signs, posts and verifies the same
//! orders over the same client to the same receivers and keeps nothing: what the machine can do at best.
//! `KEZEK_BENCH_FACILITIES` and `KEZEK_BENCH_RECORDS` make it smaller; with `KEZEK_BENCH_WEBHOOKS`, which `./dev bench
//! webhooks` sets, the fan-out is measured beside those of others instead.

#[path = "webhooks.rs"]
mod webhooks;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Router, body::Bytes};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{
    AddressRules, Bounds, Courier as _, Dispatch, GuardedClient, HttpCourier, Outcome, PrivateKey, PublicKey,
    Purpose, Signed, Timeouts, Tls, receive,
};
use kezek_engine::Event;
use kezek_journal::{Entry, SqliteStore, Store as _};
use kezek_model::canonical::canonical_json;
use kezek_model::case::{Case, CaseFiles};
use kezek_model::order::Order;
use kezek_model::plan::Plan;
use kezek_model::receipt::{Quality, Reading};
use kezek_model::units::Kw;
use kezek_planner::solve::{Settings, Watch, solve};
use kezek_server::access::{Person, Role};
use kezek_server::api::ProposeBody;
use kezek_server::post::ORDER_SIGNATURE_HEADER;
use kezek_server::{Client, Config, ControlRoom, Now, serve, token_sha256};
use std::error::Error;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What `kezek` itself allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ROUNDS: usize = 3;
/// As many as the server has under way.
const AT_ONCE: usize = 256;
const DATABASE: &str = "kezek.db";
/// Readings a second while orders go out.
const READINGS_A_SECOND: usize = 500;

fn main() -> Done<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let facilities = asked("KEZEK_BENCH_FACILITIES", 10_000);
    let day = Day::new(facilities)?;
    if let Some(folder) = std::env::var_os("KEZEK_BENCH_WEBHOOKS") {
        return runtime.block_on(webhooks::Peers { folder: folder.into(), facilities }.compare(&day));
    }
    runtime.block_on(fan_out(&day))?;
    runtime.block_on(long_journal(facilities, asked("KEZEK_BENCH_RECORDS", 1_000_000)))
}

fn asked(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A case that leaves nobody more than the floor, and its plan: one order a facility.
struct Day {
    files: CaseFiles,
    plan: Plan,
    facilities: usize,
}

impl Day {
    fn new(facilities: usize) -> Done<Self> {
        let files = files(facilities)?;
        let case = Case::parse(&files)?;
        let stop = AtomicBool::new(false);
        let began = Instant::now();
        let watch = &mut Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        let plan = solve(&case, Settings::of(&case, 1), watch)?;
        Ok(Self { files, plan, facilities })
    }
}

fn name(n: usize) -> String {
    format!("F{n:05}")
}

fn start() -> DateTime<Utc> {
    "2026-01-23T19:00:00Z".parse().unwrap_or_default()
}

fn files(facilities: usize) -> Done<CaseFiles> {
    // What returns is bounded, so that the approval has to judge it (S5).
    let restore_limit_mw = 3 * facilities;
    let mut case = String::from(
        "name = \"fleet\"\nissued_at = 2026-01-23T07:00:00Z\n\n[horizon]\nstart = \"2026-01-24T00:00\"\n\
        end = \"2026-01-24T04:00\"\ntime_zone = \"Asia/Almaty\"\nstep_minutes = 60\n\n[objective]\npolicy = \"least-cost\"\n\
        uncovered_cost_per_mwh = 1000.0\ncurrency = \"USD\"\n\n[solver]\ngap = 0.001\ntime_limit_s = 60\n\n[[zone]]\nid = \"north\"\n",
    );
    writeln!(case, "restore_limit_mw = {restore_limit_mw}.0")?;
    let mut table = String::from(
        "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,nominated_mw,quota_mw,\
         floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,max_cut_min,min_gap_min,\
         max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n",
    );
    for n in 0..facilities {
        let name = name(n);
        writeln!(
            table,
            "{name},{name},Example LLP,EX-{n},2025-01-01,2027-12-31,north,Asia/Almaty,1,false,10.0,10.0,1.0,1.0,,40.0,0.0,60,60,,0,,,"
        )?;
    }
    let mut forecast = String::from("interval_start,zone,headroom_mw\n");
    for hour in 0..4 {
        writeln!(forecast, "2026-01-24T0{hour}:00:00+05:00,north,{facilities}.0")?;
    }
    let files = [("case.toml", case), ("facilities.csv", table), ("forecast.csv", forecast)];
    Ok(CaseFiles { files: files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into() })
}

/// A clock that begins twelve hours before the plan and runs like any other.
fn clock() -> Now {
    let (base, began) = (start() - TimeDelta::hours(10), Instant::now());
    Arc::new(move || base + TimeDelta::from_std(began.elapsed()).unwrap_or_default())
}

/// The web servers of all facilities: each request is verified as an agent does, and nothing is kept.
struct Receivers {
    address: String,
    verified: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Verifying {
    key: PublicKey,
    now: Now,
    verified: Arc<AtomicUsize>,
}

impl Receivers {
    async fn start(key: PublicKey, now: Now, tls: &Tls) -> Done<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let scheme = if tls.is_served() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr()?);
        let verified = Arc::new(AtomicUsize::new(0));
        let state = Verifying { key, now, verified: Arc::clone(&verified) };
        let router = Router::new().route("/{facility}", post(take)).with_state(state);
        let bounds = Bounds { trusted: vec!["127.0.0.0/8".parse()?], ..Bounds::default() };
        tokio::spawn(kezek_courier::serve(listener, tls.server()?, bounds, router, std::future::pending()));
        Ok(Self { address, verified })
    }

    fn url(&self, facility: &str) -> String {
        format!("{}/{facility}", self.address)
    }
}

async fn take(State(at): State<Verifying>, headers: HeaderMap, body: Bytes) -> StatusCode {
    match proven(&at, &headers, &body) {
        Some(()) => {
            at.verified.fetch_add(1, Ordering::Relaxed);
            StatusCode::OK
        }
        None => StatusCode::BAD_REQUEST,
    }
}

/// Both signatures: that of the attempt and that of the order.
fn proven(at: &Verifying, headers: &HeaderMap, body: &[u8]) -> Option<()> {
    receive(headers, body, &[at.key], (at.now)()).ok()?;
    let order: Order = serde_json::from_slice(body).ok()?;
    let (key_id, signature) = headers.get(ORDER_SIGNATURE_HEADER)?.to_str().ok()?.split_once(':')?;
    let bundle = Signed { body: order, key_id: key_id.into(), signature: signature.parse().ok()? };
    bundle.verify(Purpose::Order, &[at.key]).ok().map(|_| ())
}

/// A control room with its fleet enrolled.
struct Stage {
    folder: TempDir,
    room: Arc<ControlRoom>,
    base: String,
    now: Now,
    receivers: Receivers,
    stop: Option<oneshot::Sender<()>>,
}

/// Settings with which both sides speak TLS: a certificate of this machine that is its own authority.
fn own_certificate(folder: &Path) -> Done<Tls> {
    let (certificate_file, key_file) = (folder.join("tls.pem"), folder.join("tls.key"));
    let key = rcgen::KeyPair::generate()?;
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    std::fs::write(&certificate_file, certificate.pem())?;
    std::fs::write(&key_file, key.serialize_pem())?;
    std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600))?;
    let authorities_file = Some(certificate_file.clone());
    Ok(Tls {
        certificate_file: Some(certificate_file),
        key_file: Some(key_file),
        authorities_file,
        ..Tls::default()
    })
}

fn settings(folder: &Path) -> Config {
    let mut config = Config::new("bench", folder.join(DATABASE), folder.join("control-room.key"));
    config.addresses = loopback();
    config.max_body_bytes = 64 << 20;
    let person = |name: &str, role| Person {
        name: name.into(),
        roles: [role].into(),
        token_sha256: token_sha256(name),
    };
    config.people = vec![
        person("planner", Role::Planner),
        person("approver", Role::Approver),
        person("dispatcher", Role::Dispatcher),
    ];
    config
}

fn loopback() -> AddressRules {
    AddressRules { allow_loopback: true, allow: Vec::new() }
}

fn entry(event: &Event, at: DateTime<Utc>) -> Done<Entry> {
    let event = serde_json::to_value(event)?;
    let kind = event["event"].as_str().unwrap_or("event").to_owned();
    Ok(Entry::new(at, &kind, serde_json::json!({ "event": event })))
}

/// A journal in which the room was opened once and every facility enrolled.
fn enrolled(
    path: &Path,
    facilities: usize,
    at: DateTime<Utc>,
    url: impl Fn(&str) -> String,
) -> Done<SqliteStore> {
    let mut store = SqliteStore::open(path)?;
    let opened =
        Event::Opened { environment: "bench".into(), epoch: 1, config: kezek_engine::Config::default() };
    store.append(&[entry(&opened, at)?])?;
    let enrol = |n: usize| {
        let facility = name(n);
        let (address, public_key) = (url(&facility), PrivateKey::generate()?.public().to_string());
        entry(
            &Event::Enrolled {
                facility: facility.into(),
                address,
                public_key,
                by: "bench".into(),
                approved_by: None,
                relay: None,
            },
            at,
        )
    };
    let entries: Vec<Entry> = (0..facilities).map(enrol).collect::<Done<_>>()?;
    entries.chunks(5_000).try_for_each(|entries| store.append(entries).map(|_| ()))?;
    Ok(store)
}

impl Stage {
    async fn open(facilities: usize, encrypted: bool) -> Done<Self> {
        let folder = tempfile::tempdir()?;
        let (mut config, now) = (settings(folder.path()), clock());
        let tls = if encrypted { own_certificate(folder.path())? } else { Tls::default() };
        config.tls = Tls { authorities_file: tls.authorities_file.clone(), ..Tls::default() };
        let key = PrivateKey::generate()?;
        key.save(&config.key_file)?;
        let receivers = Receivers::start(key.public(), Arc::clone(&now), &tls).await?;
        drop(enrolled(&folder.path().join(DATABASE), facilities, now(), |facility| receivers.url(facility))?);
        let room = ControlRoom::open(config, Arc::clone(&now)).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(serve(Arc::clone(&room), listener, async { _ = stopped.await }));
        Ok(Self { folder, room, base, now, receivers, stop: Some(stop) })
    }

    fn as_(&self, name: &str) -> Done<Client> {
        Ok(Client::new(&self.base, Some(name.into()))?)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    async fn propose(&self, day: &Day) -> Done<String> {
        let (case, plan) = (day.files.clone(), day.plan.clone());
        let body = ProposeBody { case, plan, comment: "bench".into(), asked_gap: None, priority: None };
        Ok(self.as_("planner")?.propose(&body).await?.plan_digest)
    }

    fn received(&self) -> usize {
        self.room.look(|book| book.state.records().filter(|record| record.received_at.is_some()).count())
    }

    fn orders(&self) -> Vec<Order> {
        self.room.look(|book| book.state.records().map(|record| record.order.clone()).collect())
    }

    async fn all_received(&self, orders: usize) {
        while self.received() < orders {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

/// One round: seconds, and memory of the whole process, receivers included.
struct Round {
    approval: f64,
    transaction: f64,
    ours: f64,
    bare: f64,
    resident_mib: f64,
    /// One of them, as it was posted.
    order: String,
}

async fn fan_out(day: &Day) -> Done<()> {
    println!(
        "| round | approval, request | of it permit, step and commit | orders/s to the last durable receipt | bare loop, orders/s | ratio | memory |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut rounds = Vec::new();
    for n in 1..=ROUNDS {
        let round = round(day, false, None).await?;
        print_round(&n.to_string(), day, &round);
        rounds.push(round);
    }
    for n in 1..=ROUNDS {
        print_round(&format!("{n}, TLS"), day, &round(day, true, None).await?);
    }
    let median = |of: fn(&Round) -> f64| median(rounds.iter().map(of).collect());
    println!(
        "\nMedian ratio {:.2}, median commit {:.0} ms.\n",
        median(|r| r.bare / r.ours),
        median(|r| r.transaction * 1000.0)
    );
    let (taken, offered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let beside = round(day, false, Some((&taken, &offered))).await?;
    print_round("with readings", day, &beside);
    let rate = |count: &AtomicUsize| count.load(Ordering::Relaxed) as f64 / beside.ours;
    println!(
        "\nReadings meanwhile: {:.0} a second offered, {:.0} a second durable.\n",
        rate(&offered),
        rate(&taken)
    );
    Ok(())
}

fn print_round(name: &str, day: &Day, round: &Round) {
    let orders = day.facilities as f64;
    println!(
        "| {name} | {:.0} ms | {:.0} ms | {:.0} | {:.0} | {:.2} | {:.0} MiB |",
        round.approval * 1000.0,
        round.transaction * 1000.0,
        orders / round.ours,
        orders / round.bare,
        round.bare / round.ours,
        round.resident_mib
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

type Counts<'a> = (&'a Arc<AtomicUsize>, &'a Arc<AtomicUsize>);

async fn round(day: &Day, encrypted: bool, readings: Option<Counts<'_>>) -> Done<Round> {
    let mut stage = Stage::open(day.facilities, encrypted).await?;
    let digest = stage.propose(day).await?;
    let transaction = transaction(&stage, &digest)?;
    let meters = readings.map(|(taken, offered)| {
        let client = stage.as_("dispatcher");
        tokio::spawn(meters(client, stage.now(), Arc::clone(taken), Arc::clone(offered)))
    });
    let began = Instant::now();
    let approved = stage.as_("approver")?.approve(&digest, "bench").await?;
    let approval = began.elapsed().as_secs_f64();
    assert_eq!(approved.orders.len(), day.facilities, "one order a facility");
    let began = Instant::now();
    stage.all_received(day.facilities).await;
    let ours = began.elapsed().as_secs_f64();
    if let Some(meters) = meters {
        meters.abort();
    }
    let resident_mib = resident_mib();
    let verified = stage.receivers.verified.load(Ordering::Relaxed);
    assert_eq!(verified, day.facilities, "each order was verified once");
    let bare = bare(&stage).await?;
    let order = String::from_utf8(canonical_json(stage.orders().first().ok_or("no order")?)?)?;
    if let Some(stop) = stage.stop.take() {
        _ = stop.send(());
    }
    Ok(Round { approval, transaction, ours, bare, resident_mib, order })
}

/// What the approval costs the one writer: asked, remembered, made durable; on a copy.
fn transaction(stage: &Stage, digest: &str) -> Done<f64> {
    let mut state = stage.room.look(|book| book.state.clone());
    let mut scratch = SqliteStore::open(&stage.folder.path().join("scratch.db"))?;
    let check = state.proposal(digest).ok_or("no proposal")?.proposed.check.clone();
    let (plan_digest, person, journal_head) = (digest.to_owned(), "approver".to_owned(), stage.room.head());
    let event = Event::Approved { plan_digest, person, check, journal_head };
    let now = stage.now();
    let began = Instant::now();
    kezek_engine::permit(&state, &event, now)?;
    scratch.append(&[entry(&event, now)?])?;
    drop(kezek_engine::step(&mut state, event, now));
    Ok(began.elapsed().as_secs_f64())
}

/// Signs, posts and verifies the same orders, as many at once, and keeps nothing.
async fn bare(stage: &Stage) -> Done<f64> {
    let key = PrivateKey::load(&stage.folder.path().join("control-room.key"))?;
    let courier = Arc::new(HttpCourier::new(
        GuardedClient::with_tls(loopback(), Timeouts::default(), &stage.room.config().tls)?,
        vec![key.clone()],
    )?);
    let (orders, lanes) = (stage.orders(), Arc::new(Semaphore::new(AT_ONCE)));
    let began = Instant::now();
    let mut under_way = tokio::task::JoinSet::new();
    for order in orders {
        let (courier, key, lanes) = (Arc::clone(&courier), key.clone(), Arc::clone(&lanes));
        let (url, now) = (stage.receivers.url(order.facility.as_str()), stage.now());
        under_way.spawn(async move {
            let _lane = lanes.acquire().await;
            let (id, body) = (order.order_no.to_string(), canonical_json(&order)?);
            let bundle = Signed::new(Purpose::Order, order, &key)?;
            let headers = vec![(ORDER_SIGNATURE_HEADER, format!("{}:{}", bundle.key_id, bundle.signature))];
            match courier.deliver(Dispatch { url, id, body, headers, now }).await {
                Outcome::Received { .. } => Ok(()),
                other => Err(format!("{other:?}").into()),
            }
        });
    }
    while let Some(done) = under_way.join_next().await {
        let done: Done<()> = done?;
        done?;
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Offers readings, fifty times a second, until it is stopped.
async fn meters(
    client: Done<Client>,
    now: DateTime<Utc>,
    taken: Arc<AtomicUsize>,
    offered: Arc<AtomicUsize>,
) {
    let Ok(client) = client.map(Arc::new) else { return };
    let mut every = tokio::time::interval(Duration::from_millis(20));
    for turn in 0_usize.. {
        every.tick().await;
        let count = READINGS_A_SECOND / 50;
        let readings = (0..count).map(|n| reading(turn * count + n, now)).collect();
        offered.fetch_add(count, Ordering::Relaxed);
        let (client, taken) = (Arc::clone(&client), Arc::clone(&taken));
        tokio::spawn(async move {
            if client.readings(readings).await.is_ok() {
                taken.fetch_add(count, Ordering::Relaxed);
            }
        });
    }
}

/// A quarter hour of a facility, long before the plan.
fn reading(n: usize, now: DateTime<Utc>) -> Reading {
    let interval_start = now - TimeDelta::minutes(15 * (1 + (n / 10_000) as i64));
    Reading {
        facility: name(n % 10_000).into(),
        interval_start,
        interval_end: interval_start + TimeDelta::minutes(15),
        mean: Kw(9_000),
        quality: Quality::Ok,
        source: "meter".into(),
    }
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// How long a room with a long journal takes from its start to watching.
async fn long_journal(facilities: usize, records: usize) -> Done<()> {
    let folder = tempfile::tempdir()?;
    let (config, now) = (settings(folder.path()), clock());
    PrivateKey::generate()?.save(&config.key_file)?;
    let mut store = enrolled(&folder.path().join(DATABASE), facilities, now(), |facility| {
        format!("http://127.0.0.1/{facility}")
    })?;
    let mut written = facilities + 1;
    while written < records {
        let more = (records - written).min(10_000);
        let read = |n: usize| {
            let value = Reading { facility: name(n % facilities).into(), ..reading(written + n, now()) };
            entry(&Event::Read { readings: vec![value] }, now())
        };
        store.append(&(0..more).map(read).collect::<Done<Vec<_>>>()?)?;
        written += more;
    }
    drop(store);
    let before = resident_mib();
    let began = Instant::now();
    let room = ControlRoom::open(config, now).await?;
    room.advance().await?;
    println!(
        "A journal of {written} records: {:.1} s from start to watching, {:.0} MiB more.",
        began.elapsed().as_secs_f64(),
        resident_mib() - before
    );
    Ok(())
}
