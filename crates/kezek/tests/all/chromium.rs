//! A real browser without a window. It is spoken to over a pipe in its DevTools protocol and reaches loopback only.

use crate::tab::Tab;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Under which names it goes.
const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// No window, nothing asked of other machines, the same picture everywhere.
const FLAGS: [&str; 17] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// It answers within this time, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program. It ends when it is dropped.
pub(crate) struct Chromium {
    child: Child,
    wire: Mutex<Wire>,
    _profile: TempDir,
}

/// What goes to it and comes from it: JSON, each message ended by a zero byte.
struct Wire {
    to: ChildStdin,
    from: Receiver<Value>,
    last: u64,
    /// What happened, by the session it happened in.
    happened: BTreeMap<String, Vec<Value>>,
}

impl Chromium {
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // It reads from descriptor 3 and writes to 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(program());
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display()));
        let log = File::create(profile.path().join("stderr.log")).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let (to, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let wire = Wire { to, from: messages(out), last: 0, happened: BTreeMap::new() };
        Self { child, wire: Mutex::new(wire), _profile: profile }
    }

    /// A tab with cookies of its own, as of another person at another machine, that knows one server.
    pub(crate) fn tab(&self, base: &str) -> Tab<'_> {
        let ask = |method, params: Value| self.call("", method, &params).unwrap();
        let context = ask("Target.createBrowserContext", json!({}))["browserContextId"].clone();
        let blank = json!({ "url": "about:blank", "browserContextId": context });
        let target = ask("Target.createTarget", blank)["targetId"].clone();
        let attached = ask("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        Tab::new(self, attached["sessionId"].as_str().unwrap().to_owned(), base.to_owned())
    }

    /// Asks for something and waits for the answer; what happens meanwhile is kept.
    pub(crate) fn call(&self, session: &str, method: &str, params: &Value) -> Result<Value, String> {
        let mut wire = self.wire.lock().unwrap();
        wire.last += 1;
        let id = wire.last;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        wire.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = wire.from.recv_timeout(left).unwrap_or_else(|error| panic!("{method}: {error}"));
            if message["id"] != id {
                wire.keep(message);
            } else if message["error"].is_null() {
                return Ok(message["result"].clone());
            } else {
                return Err(format!("{method}: {}", message["error"]["message"]));
            }
        }
    }

    /// What happened in a session since this was asked last.
    pub(crate) fn happened(&self, session: &str) -> Vec<Value> {
        // What is on its way comes before the answer to a question.
        self.call(session, "Runtime.evaluate", &json!({ "expression": "0" })).unwrap();
        self.wire.lock().unwrap().happened.remove(session).unwrap_or_default()
    }
}

impl Wire {
    fn keep(&mut self, event: Value) {
        let session = event["sessionId"].as_str().unwrap_or_default().to_owned();
        self.happened.entry(session).or_default().push(event);
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It is asked first, so that nothing of it writes into its folder any more.
        if let Ok(mut wire) = self.wire.lock() {
            let _ = wire.to.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        }
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn messages(out: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(out).split(0) {
            let Ok(bytes) = message else { return };
            let message = serde_json::from_slice(&bytes).unwrap();
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/Applications")]);
    let mut all = folders.flat_map(|folder| NAMES.map(|name| folder.join(name)));
    all.find(|path| path.is_file())
        .expect("the pages are tested in Chromium, and there is none; `./dev test` installs it")
}
