//! Kezek's fan-out beside senders of webhooks that others made, in the same rounds on the same machine.
//!
//! `./dev bench webhooks` installs them and prints Markdown for `benches/README.md`. Each has its queue in a PostgreSQL
//! server of its own with `fsync` and `synchronous_commit` on, signs with HMAC-SHA256, and has one event to bring to all
//! receivers, which verify it as the kind of server that ours are. A round ends with the last recorded delivery.

use super::{Day, Done, ROUNDS, median};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, body::Bytes, routing::post};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kezek_courier::{Bounds, Tls};
use sha2::Sha256;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Plain, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// What all receivers share with the sender.
const SECRET: &str = "7c1e9f0a-35c2-4c1b-9d57-4f0b8a6f2d10";
/// The most that Hook0 takes.
const HOOK0_AT_ONCE: &str = "100";

/// Where `./dev` put the programs and the other's schema.
pub(super) struct Peers {
    pub(super) folder: PathBuf,
    pub(super) facilities: usize,
}

/// Orders or deliveries a second.
struct Rates {
    ours: f64,
    bare: f64,
    webhooksmith: f64,
    hook0: f64,
}

impl Peers {
    pub(super) async fn compare(&self, day: &Day) -> Done<()> {
        let cluster = Cluster::start()?;
        println!("| round | bare loop | Kezek | webhooksmith | Kezek over it | Hook0 | Kezek over it |");
        println!("|---|---|---|---|---|---|---|");
        let mut rounds = Vec::new();
        for n in 1..=ROUNDS {
            let rates = self.round(day, &cluster, n).await?;
            rates.print(&n.to_string());
            rounds.push(rates);
        }
        let middle = |of: fn(&Rates) -> f64| median(rounds.iter().map(of).collect());
        let (ours, bare) = (middle(|r| r.ours), middle(|r| r.bare));
        Rates { ours, bare, webhooksmith: middle(|r| r.webhooksmith), hook0: middle(|r| r.hook0) }
            .print("median");
        Ok(())
    }

    async fn round(&self, day: &Day, cluster: &Cluster, n: usize) -> Done<Rates> {
        let ours = super::round(day, false, None).await?;
        let webhooksmith =
            self.webhooksmith(&cluster.fresh(&format!("webhooksmith_{n}"))?, &ours.order).await?;
        let hook0 = self.hook0(&cluster.fresh(&format!("hook0_{n}"))?, &ours.order).await?;
        let rate = |seconds: f64| self.facilities as f64 / seconds;
        Ok(Rates {
            ours: rate(ours.ours),
            bare: rate(ours.bare),
            webhooksmith: rate(webhooksmith),
            hook0: rate(hook0),
        })
    }

    /// Seconds of webhooksmith, which `benches/webhooks` wraps in a program.
    async fn webhooksmith(&self, database: &Database, order: &str) -> Done<f64> {
        let receivers = Receivers::start().await?;
        let count = self.facilities.to_string();
        let mut program = Command::new(self.folder.join("bin/webhooksmith-fan-out"));
        program.args([&database.url(), &receivers.address, &count, SECRET]).kill_on_drop(true);
        let mut running = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(running.stdout.take().ok_or("no stdout")?).lines();
        let mut stdin = running.stdin.take().ok_or("no stdin")?;
        if said.next_line().await?.as_deref() != Some("ready") {
            return Err("webhooksmith did not start".into());
        }
        let began = Instant::now();
        stdin.write_all(format!("{order}\n").as_bytes()).await?;
        if said.next_line().await?.as_deref() != Some("done") {
            return Err("webhooksmith did not deliver all".into());
        }
        let seconds = began.elapsed().as_secs_f64();
        receivers.verified_all(self.facilities)?;
        Ok(seconds)
    }

    /// Seconds of Hook0's worker, with its own schema, from the event's insertion on, which its API would do.
    async fn hook0(&self, database: &Database, order: &str) -> Done<f64> {
        let receivers = Receivers::start().await?;
        for file in schema(&self.folder.join("hook0-schema"))? {
            database.psql(&["-f", &file.to_string_lossy()])?;
        }
        database.psql(&["-c", &subscribed(&receivers.address, self.facilities)])?;
        let _worker = self.hook0_worker(database)?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let began = Instant::now();
        database.psql(&["-c", &given(order)])?;
        while database.psql(&["-c", UNDELIVERED])? != "0" {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let seconds = began.elapsed().as_secs_f64();
        receivers.verified_all(self.facilities)?;
        Ok(seconds)
    }

    fn hook0_worker(&self, database: &Database) -> Done<Child> {
        let mut program = Command::new(self.folder.join("bin/hook0-output-worker"));
        program.args(["--database-url", &database.url(), "--worker-name", "bench"]);
        program.args(["--concurrent", HOOK0_AT_ONCE, "--disable-target-ip-check"]);
        Ok(program.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()?)
    }
}

impl Rates {
    fn print(&self, name: &str) {
        println!(
            "| {name} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} | {:.1} |",
            self.bare,
            self.ours,
            self.webhooksmith,
            self.ours / self.webhooksmith,
            self.hook0,
            self.ours / self.hook0
        );
    }
}

/// How Hook0 is told of an organisation with one kind of event, to which every receiver subscribed.
fn subscribed(receivers: &str, count: usize) -> String {
    format!(
        "INSERT INTO iam.organization (organization__id, name) VALUES ('{SECRET}', 'bench');
        INSERT INTO event.application (application__id, organization__id, name) VALUES ('{SECRET}', '{SECRET}', 'bench');
        INSERT INTO event.service (service__name, application__id) VALUES ('bench', '{SECRET}');
        INSERT INTO event.resource_type (resource_type__name, application__id, service__name)
            VALUES ('order', '{SECRET}', 'bench');
        INSERT INTO event.verb (verb__name, application__id) VALUES ('given', '{SECRET}');
        INSERT INTO event.event_type (application__id, service__name, resource_type__name, verb__name)
            VALUES ('{SECRET}', 'bench', 'order', 'given');
        INSERT INTO webhook.subscription (application__id, description, secret, label_key, label_value, target__id)
            SELECT '{SECRET}', 'F' || lpad(n::text, 5, '0'), '{SECRET}', 'fleet', 'all', gen_random_uuid()
            FROM generate_series(0, {count} - 1) AS n;
        INSERT INTO webhook.target_http (target__id, method, url)
            SELECT target__id, 'POST', '{receivers}/' || description FROM webhook.subscription;
        INSERT INTO webhook.subscription__event_type (subscription__id, application__id, event_type__name)
            SELECT subscription__id, application__id, 'bench.order.given' FROM webhook.subscription;
        ANALYZE;"
    )
}

fn given(order: &str) -> String {
    format!(
        "INSERT INTO event.event
            (application__id, event_type__name, payload, payload_content_type, ip, occurred_at, labels)
        VALUES ('{SECRET}', 'bench.order.given', convert_to($order${order}$order$, 'UTF8'), 'application/json',
            '127.0.0.1', now(), '{{\"fleet\": \"all\"}}')"
    )
}

/// An attempt that failed stays as it is beside its repetition.
const UNDELIVERED: &str = "SELECT count(*) FROM webhook.subscription AS s WHERE NOT EXISTS (SELECT FROM
    webhook.request_attempt AS a WHERE a.subscription__id = s.subscription__id AND a.succeeded_at IS NOT NULL)";

/// The files of a schema in their order.
fn schema(folder: &Path) -> Done<Vec<PathBuf>> {
    let mut files = std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<Done<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// The web servers of all, as ours are, but for the signature.
struct Receivers {
    address: String,
    verified: Arc<AtomicUsize>,
}

impl Receivers {
    async fn start() -> Done<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let verified = Arc::new(AtomicUsize::new(0));
        let router = Router::new().route("/{facility}", post(take)).with_state(Arc::clone(&verified));
        let bounds = Bounds { trusted: vec!["127.0.0.0/8".parse()?], ..Bounds::default() };
        let plain = Tls::default().server()?;
        tokio::spawn(kezek_courier::serve(listener, plain, bounds, router, std::future::pending()));
        Ok(Self { address, verified })
    }

    fn verified_all(&self, count: usize) -> Done<()> {
        match self.verified.load(Ordering::Relaxed) {
            verified if verified >= count => Ok(()),
            verified => Err(format!("{verified} deliveries verified, expected at least {count}").into()),
        }
    }
}

async fn take(State(verified): State<Arc<AtomicUsize>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if proven(&headers, &body) != Some(true) {
        return StatusCode::BAD_REQUEST;
    }
    verified.fetch_add(1, Ordering::Relaxed);
    StatusCode::OK
}

/// Both sign the time, a full stop and the body; they differ in the headers.
fn proven(headers: &HeaderMap, body: &[u8]) -> Option<bool> {
    let text = |name| headers.get(name)?.to_str().ok();
    let (at, signature) = match text("x-hook0-signature") {
        Some(both) => both.strip_prefix("t=")?.split_once(",v0=")?,
        None => (text("x-hooksmith-timestamp")?, text("x-hooksmith-signature")?.strip_prefix("v1,")?),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
    for part in [at.as_bytes(), b".", body] {
        mac.update(part);
    }
    let mut expected = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(expected, "{byte:02x}").ok()?;
    }
    Some(expected == signature)
}

/// A PostgreSQL server with its own settings, which ends with this process.
struct Cluster {
    home: String,
    _shell: std::process::Child,
}

struct Database {
    home: String,
    name: String,
}

impl Cluster {
    fn start() -> Done<Self> {
        let script = include_str!("../crates/journal/tests/all/cluster.sh");
        let mut shell =
            Plain::new("sh").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut home = String::new();
        let said = shell.stdout.take().ok_or("no stdout")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut home)?;
        if home.is_empty() {
            return Err("no PostgreSQL server could be started".into());
        }
        Ok(Self { home: home.trim().to_owned(), _shell: shell })
    }

    fn fresh(&self, name: &str) -> Done<Database> {
        let of = |name: &str| Database { home: self.home.clone(), name: name.to_owned() };
        of("postgres").psql(&["-c", &format!("CREATE DATABASE {name}")])?;
        Ok(of(name))
    }
}

impl Database {
    fn url(&self) -> String {
        format!("postgres://kezek@localhost/{}?host={}", self.name, self.home)
    }

    fn psql(&self, asked: &[&str]) -> Done<String> {
        let mut psql = Plain::new("psql");
        psql.args(["-h", &self.home, "-U", "kezek", "-d", &self.name, "-v", "ON_ERROR_STOP=1", "-qAtX"]);
        let ran = psql.env("PGOPTIONS", "--client-min-messages=warning").args(asked).output()?;
        if !ran.status.success() {
            return Err(String::from_utf8_lossy(&ran.stderr).into());
        }
        Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
    }
}
