//! A control room and agents as processes of their own, on loopback, by the machine's clock.

use crate::run::{Ran, arg, command, home, kezek};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Asia::Almaty;
use kezek_server::Client;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Who is there: the author may approve, but never what she wrote.
const PEOPLE: [&str; 5] = [
    "A. Author=planner,approver",
    "B. Chief=approver",
    "C. Dispatcher=dispatcher",
    "D. Administrator=administrator",
    "E. Auditor=auditor",
];

/// A folder with everything of a control room.
pub(crate) struct ControlRoom {
    pub(crate) home: TempDir,
    pub(crate) port: u16,
    tokens: BTreeMap<String, String>,
}

impl ControlRoom {
    /// Set up by the binary itself.
    pub(crate) fn new() -> Self {
        let (home, port) = (home(), free_port());
        let (folder, listen) = (home.path().join("control-room"), format!("127.0.0.1:{port}"));
        let mut args = vec!["config", "init", arg(&folder), "--environment", "test", "--listen", &listen];
        args.extend(PEOPLE.iter().flat_map(|person| ["--person", person]));
        let ran = kezek(&[&args[..], &["--allow-loopback", "--format", "json", "-q"]].concat()).ends_with(0);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = ran.json();
        let token = |row: &Value| (text(&row["name"]), text(&row["token"]));
        let tokens = rows.as_array().unwrap().iter().map(token).collect();
        Self { home, port, tokens }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("control-room")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder().join("kezek.toml")
    }

    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A file with the token of a person.
    pub(crate) fn token_file(&self, person: &str) -> PathBuf {
        let path = self.home.path().join(format!("{person}.token"));
        std::fs::write(&path, self.token(person)).unwrap();
        path
    }

    /// The token of a person, as it was printed once.
    pub(crate) fn token(&self, person: &str) -> &str {
        let found = self.tokens.iter().find(|(name, _)| name.contains(person));
        found.unwrap_or_else(|| panic!("nobody is called {person}")).1
    }

    /// Runs the binary as somebody.
    pub(crate) fn as_(&self, person: &str, args: &[&str]) -> Ran {
        Ran::of(&mut self.command_as(person, args))
    }

    /// The binary as somebody runs it.
    pub(crate) fn command_as(&self, person: &str, args: &[&str]) -> Command {
        let mut command = command();
        command.args(args).env("KEZEK_SERVER", self.base()).env("KEZEK_TOKEN", self.token(person));
        command
    }

    /// The control room as a program reaches it.
    pub(crate) fn client(&self, person: &str) -> Client {
        Client::new(&self.base(), Some(self.token(person).to_owned())).unwrap()
    }

    /// A server of it as a program reaches it.
    pub(crate) fn client_at(&self, address: &str, person: &str) -> Client {
        Client::new(address, Some(self.token(person).to_owned())).unwrap()
    }

    /// Starts `kezek serve` on its port.
    pub(crate) fn start(&self) -> Process {
        let config = self.config();
        let process = Process::start(&["serve", "--config", arg(&config), "-q"], self.home.path());
        assert_eq!(process.address, self.base());
        process
    }

    /// Starts it so that it tells everything it does.
    pub(crate) fn start_talking(&self) -> Process {
        let config = self.config();
        Process::start(&["serve", "--config", arg(&config), "-vv", "--log-format", "json"], self.home.path())
    }
}

/// A process that listens. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// What it printed once it listened.
    pub(crate) address: String,
}

impl Process {
    /// Starts the binary and waits until it says where it listens. What it says on stderr goes to a file.
    pub(crate) fn start(args: &[&str], logs: &Path) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(logs.join("stderr.log")).unwrap();
        let mut command = command();
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let said = || std::fs::read_to_string(logs.join("stderr.log")).unwrap();
        assert!(address.starts_with("http://"), "{args:?} does not listen:\n{}", said());
        Self { child, address: address.trim().to_owned() }
    }

    /// SIGKILL: nothing can be put in order.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// SIGTERM, and what it ends with.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        terminate(&mut self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// SIGTERM, and what a process ends with.
pub(crate) fn terminate(child: &mut Child) -> Option<i32> {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    child.wait().unwrap().code()
}

/// A port that is free and stays so: below those that the system takes for connections.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 6_000).unwrap() * 2;
    for _ in 0..12_000 {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// A case for tomorrow evening: facilities of 10 MW each, two of its four hours so short that all are cut.
pub(crate) fn tomorrow(folder: &Path, facilities: &[String]) {
    evening_after(Utc::now(), folder, facilities);
}

/// The same for the evening of the day after a moment.
pub(crate) fn evening_after(now: DateTime<Utc>, folder: &Path, facilities: &[String]) {
    let today = now.with_timezone(&Almaty).date_naive();
    let (day, issued_at) = (today.succ_opt().unwrap(), now.to_rfc3339_opts(SecondsFormat::Secs, true));
    let case = format!(
        "name = \"tomorrow\"\nissued_at = {issued_at}\n\
         [horizon]\nstart = \"{day}T17:00\"\nend = \"{day}T21:00\"\ntime_zone = \"Asia/Almaty\"\nstep_minutes = 60\n\
         [objective]\npolicy = \"least-cost\"\nuncovered_cost_per_mwh = 1000.0\ncurrency = \"USD\"\n\
         [[zone]]\nid = \"north\"\n"
    );
    let mut rows = String::from(
        "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,nominated_mw,quota_mw,\
         floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,max_cut_min,min_gap_min,\
         max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n",
    );
    for (place, id) in facilities.iter().enumerate() {
        let cost = 40 + place;
        writeln!(
            rows,
            "{id},Yard {id},Example LLP,EX-{place},2020-01-01,2099-12-31,north,Asia/Almaty,1,false,10.0,10.0,\
             1.0,1.0,,{cost}.0,0.0,60,60,,0,,,"
        )
        .unwrap();
    }
    let nominated = 10.0 * f64::from(u32::try_from(facilities.len()).unwrap());
    let mut forecast = String::from("interval_start,zone,headroom_mw\n");
    for (hour, share) in [(17, 1.0), (18, 0.5), (19, 0.1), (20, 1.0)] {
        let from = day.and_hms_opt(hour, 0, 0).and_then(|local| local.and_local_timezone(Almaty).single());
        writeln!(forecast, "{},north,{:.1}", from.unwrap().to_rfc3339(), nominated * share).unwrap();
    }
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in [("case.toml", case), ("facilities.csv", rows), ("forecast.csv", forecast)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

/// An hour of today that is over.
pub(crate) fn hour_ago() -> (DateTime<Utc>, DateTime<Utc>) {
    let end = Utc::now() - TimeDelta::hours(1);
    (end - TimeDelta::hours(1), end)
}

/// Looks again and again.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(100));
    }
}
