//! A tab of the browser, and what a person does in it.

use crate::chromium::Chromium;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Until a page shows what it should.
const PATIENCE: Duration = Duration::from_secs(30);
/// What somebody can see, without the spaces that nobody sees.
const SEEN: &str = "document.body.innerText.replace(/\\s+/g, ' ')";

pub(crate) struct Tab<'a> {
    chromium: &'a Chromium,
    session: String,
    base: String,
}

impl<'a> Tab<'a> {
    pub(crate) fn new(chromium: &'a Chromium, session: String, base: String) -> Self {
        let tab = Self { chromium, session, base };
        for part in ["Page", "Runtime", "Log", "Network"] {
            tab.ask(&format!("{part}.enable"), &json!({}));
        }
        tab.size(1366, 768);
        tab
    }

    fn ask(&self, method: &str, params: &Value) -> Value {
        self.chromium.call(&self.session, method, params).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A screen; a narrow one is touched and not pointed at.
    pub(crate) fn size(&self, width: u32, height: u32) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.ask("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// What the machine of the reader prefers.
    pub(crate) fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = [json!({ "name": "prefers-color-scheme", "value": value })];
        self.ask("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Cuts the network, or mends it.
    pub(crate) fn offline(&self, offline: bool) {
        let way =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.ask("Network.emulateNetworkConditions", &way);
    }

    /// Types an address.
    pub(crate) fn open(&self, path: &str) {
        let url = format!("{}{path}", self.base);
        let answer = self.ask("Page.navigate", &json!({ "url": url }));
        assert!(answer["errorText"].is_null(), "{url}: {answer}");
        self.until(path, "document.readyState === 'complete'");
    }

    /// Runs a script and gives what it comes to.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        self.try_evaluate(script).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    fn try_evaluate(&self, script: &str) -> Result<Value, String> {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let answer = self.chromium.call(&self.session, "Runtime.evaluate", &params)?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            thrown => Err(thrown["exception"]["description"].to_string()),
        }
    }

    /// Waits until a script comes to true, on this page or the next.
    #[track_caller]
    fn until(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.try_evaluate(script) != Ok(Value::Bool(true)) {
            let seen = || self.try_evaluate(SEEN);
            assert!(start.elapsed() < PATIENCE, "{what} did not come about: {script}\n{:?}", seen());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    pub(crate) fn sees(&self, text: &str) {
        self.until(text, &format!("{SEEN}.includes({})", json!(text)));
    }

    #[track_caller]
    pub(crate) fn sees_no_more(&self, text: &str) {
        self.until(text, &format!("!{SEEN}.includes({})", json!(text)));
    }

    /// Whether something can be seen now.
    pub(crate) fn shows(&self, selector: &str) -> bool {
        let selector = json!(selector);
        let script = format!("[...document.querySelectorAll({selector})].some(one => one.checkVisibility())");
        self.evaluate(&script) == true
    }

    /// Presses the first thing that can be seen.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.press(&format!("document.querySelectorAll({})", json!(selector)));
    }

    /// Presses the link, button or heading of something folded that says so.
    #[track_caller]
    pub(crate) fn click_on(&self, text: &str) {
        let all = "document.querySelectorAll('a,button,summary')";
        self.press(&format!("[...{all}].filter(one => one.textContent.includes({}))", json!(text)));
    }

    /// Presses something that leads to another page, and waits for that.
    #[track_caller]
    pub(crate) fn follow(&self, selector: &str) {
        self.leave(|| self.click(selector));
    }

    #[track_caller]
    pub(crate) fn follow_on(&self, text: &str) {
        self.leave(|| self.click_on(text));
    }

    #[track_caller]
    fn leave(&self, press: impl FnOnce()) {
        self.evaluate("window.isLeft = true");
        press();
        self.until("another page", "!window.isLeft && document.readyState === 'complete'");
    }

    #[track_caller]
    fn press(&self, found: &str) {
        let one = format!("[...{found}].find(one => one.checkVisibility())");
        self.until(found, &format!("!!{one}"));
        let script = format!(
            "(() => {{ const one = {one}; one.scrollIntoView({{ block: 'center' }}); \
             const [box] = one.getClientRects(); return [box.x + box.width / 2, box.y + box.height / 2] }})()"
        );
        let place = self.evaluate(&script);
        for kind in ["mousePressed", "mouseReleased"] {
            let (x, y) = (&place[0], &place[1]);
            let press = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &press);
        }
    }

    /// Types into a field.
    #[track_caller]
    pub(crate) fn type_in(&self, selector: &str, text: &str) {
        self.click(selector);
        self.ask("Input.insertText", &json!({ "text": text }));
        let typed = self.evaluate(&format!("document.querySelector({}).value", json!(selector)));
        assert_eq!(typed, text, "{selector}");
    }

    /// Strikes a key that has a letter or a sign.
    pub(crate) fn strike(&self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { key } else { "" };
            self.ask("Input.dispatchKeyEvent", &json!({ "type": kind, "key": key, "text": text }));
        }
    }

    /// Strikes one that leads to another page, and waits for that.
    #[track_caller]
    pub(crate) fn strike_away(&self, key: &str) {
        self.leave(|| self.strike(key));
    }

    pub(crate) fn sign_in(&self, login: &str, password: &str) {
        self.open("/sign-in");
        self.type_in("#login", login);
        self.type_in("#password", password);
        self.follow("main button");
    }

    /// The whole page as a picture.
    pub(crate) fn picture(&self, path: &Path) {
        let params = json!({ "format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true });
        let taken = self.ask("Page.captureScreenshot", &params);
        let bytes = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// What the browser complains about, and what was asked of others than the server, since this was asked last.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let happened = self.chromium.happened(&self.session);
        happened.iter().filter_map(|event| self.complaint(&event["method"], &event["params"])).collect()
    }

    fn complaint(&self, method: &Value, params: &Value) -> Option<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match method.as_str()? {
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                Some(format!("{} {}", text(&params["entry"]["text"]), text(&params["entry"]["url"])))
            }
            "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
                Some(format!("console: {}", params["args"]))
            }
            "Runtime.exceptionThrown" => Some(params["exceptionDetails"]["exception"].to_string()),
            "Network.requestWillBeSent" => {
                let url = text(&params["request"]["url"]);
                let is_own = url.starts_with("data:") || url.starts_with(&format!("{}/", self.base));
                (!is_own).then(|| format!("asked for {url}"))
            }
            _ => None,
        }
    }
}
