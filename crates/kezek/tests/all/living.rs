//! The living fleet of `kezek demo`, and the people who work with it in a browser: a plan, a silence, a recall, a freeze,
//! a miner; then every page in every language.

use crate::chromium::Chromium;
use crate::control::evening_after;
use crate::looks::{Page, axe, judge, looked_at};
use crate::run::{Ran, arg, command, home, planned};
use crate::tab::Tab;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Its name, who looks at it, its path, and the link on it to the page that is meant.
const fn page<'a>(name: &'a str, who: &'a str, path: &'a str, link: &'a str) -> Page<'a> {
    Page { name, who, path, link, is_refused: false }
}

/// The pages. A new one gets a row.
const PAGES: [Page<'static>; 27] = [
    page("sign-in", "", "/sign-in", ""),
    page("day", "serik", "/day", ""),
    page("day-2022", "serik", "/day?date=2022-01-26", ""),
    page("day-2022-facilities", "serik", "/day?date=2022-01-26&by=facility", ""),
    page("plans", "omarova", "/plans", ""),
    page("plan", "serik", "/plans", "tr.waits a"),
    page("plan-to-approve", "tleuov", "/plans", "tr.waits a"),
    page("orders", "serik", "/orders", ""),
    page("orders-2022", "serik", "/orders?day=2022-01-26", ""),
    page("order-silent", "serik", "/orders?facility=N11", "main tr a"),
    page("order-accepted", "serik", "/orders?facility=N03", "main tr a"),
    page("order-recalled", "serik", "/orders?state=recalled", "main tr a"),
    page("restore", "serik", "/restore", ""),
    page("issuing", "serik", "/issuing", ""),
    page("facilities", "serik", "/facilities", ""),
    page("facility", "serik", "/facilities/N01", ""),
    page("registry", "serik", "/registry", ""),
    page("audit", "serik", "/audit", ""),
    page("handover", "serik", "/handover", ""),
    page("feeds", "serik", "/feeds", ""),
    page("verdicts", "serik", "/verdicts", ""),
    page("burden", "serik", "/burden", ""),
    page("studies", "serik", "/studies", ""),
    page("drills", "serik", "/drills", ""),
    page("my", "miner", "/my", ""),
    Page { is_refused: true, ..page("no-such-order", "serik", "/orders/no-such", "") },
    Page { is_refused: true, ..page("not-for-miners", "miner", "/orders", "") },
];

const LANGUAGES: [&str; 3] = ["ru", "kk", "en"];

/// Of the plan that is made in the story; the miner's among them, and one that refuses.
const FACILITIES: [&str; 4] = ["N01", "N02", "N03", "S06"];

/// The fleet of the demo when its week is over, and who may sign in.
struct Fleet {
    home: TempDir,
    child: Child,
    base: String,
    passwords: BTreeMap<String, String>,
    planner: String,
}

impl Fleet {
    /// Plays the week and waits until it serves on.
    fn start() -> Self {
        let home = home();
        let folder = home.path().join("demo");
        let mut command = command();
        command.args(["demo", "--folder", arg(&folder)]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut told: Vec<String> = Vec::new();
        for line in lines {
            let is_ready = line.starts_with("Serving on at ");
            told.push(line);
            if is_ready {
                break;
            }
        }
        let after = |text: &str| {
            let found = told.iter().find_map(|line| line.split_once(text));
            let (_, rest) = found.unwrap_or_else(|| panic!("no {text:?} in\n{}", told.join("\n")));
            rest.split(' ').next().unwrap().to_owned()
        };
        let (base, planner) =
            (after("Serving on at "), after("B. Omarova (planner, dispatcher, approver), token "));
        let logins = told.iter().filter_map(|line| line.trim().split_once(" with the password "));
        let password = |(login, rest): (&str, &str)| (login.into(), rest.split(' ').next().unwrap().into());
        Self { passwords: logins.map(password).collect(), home, child, base, planner }
    }

    fn enter<'a>(&self, chromium: &'a Chromium, login: &str) -> Tab<'a> {
        let tab = chromium.tab(&self.base);
        tab.sign_in(login, &self.passwords[login]);
        tab
    }

    /// The planner works at the command line: a plan for the evening of the day after a moment.
    fn propose(&self, now: DateTime<Utc>) {
        let (case, out) = (self.home.path().join(now.to_rfc3339()), self.home.path().join("plan"));
        evening_after(now, &case, &FACILITIES.map(str::to_owned));
        let plan = planned(arg(&case), &out);
        let mut command = command();
        command.args(["propose", arg(&case), arg(&plan), "--comment", "the evening peak"]);
        Ran::of(command.env("KEZEK_SERVER", &self.base).env("KEZEK_TOKEN", &self.planner)).ends_with(0);
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn people_work_with_a_living_fleet_and_every_page_can_be_read_by_everybody() {
    let axe = axe();
    let (fleet, chromium) = (Fleet::start(), Chromium::start());
    let now = work(&fleet, &chromium);
    fleet.propose(now + TimeDelta::days(1));
    let mut found = Vec::new();
    for who in ["", "serik", "omarova", "tleuov", "miner"] {
        let tab = if who.is_empty() { chromium.tab(&fleet.base) } else { fleet.enter(&chromium, who) };
        for page in PAGES.iter().filter(|page| page.who == who) {
            found.extend(LANGUAGES.iter().flat_map(|language| judge(&tab, page, language, &axe)));
        }
        if who == "omarova" {
            let seen = [("compare", compared(&tab)), ("why", asked(&tab)), ("replay", replayed(&tab))];
            for (name, path) in seen.into_iter().chain(SCENARIOS.map(|(name, path)| (name, path.into()))) {
                let page = page(name, who, &path, "");
                found.extend(LANGUAGES.iter().flat_map(|language| judge(&tab, &page, language, &axe)));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The study of the demo, in each way to see it.
const SCENARIOS: [(&str, &str); 3] = [
    ("scenarios", "/studies/compare"),
    ("scenarios-plots", "/studies/compare?view=plots"),
    ("scenarios-map", "/studies/compare?view=map"),
];

/// The worst draw, lived again; the demo needs a while for it.
fn replayed(tab: &Tab<'_>) -> String {
    let link = "document.querySelector('[href^=\"/studies/replays\"]')?.getAttribute('href') ?? ''";
    let look = || {
        std::thread::sleep(Duration::from_secs(1));
        tab.open("/studies");
        tab.evaluate(link).as_str().unwrap().to_owned()
    };
    let path = (0..300).map(|_| look()).find(|path| !path.is_empty());
    path.expect("no replay within five minutes") + "?by=facility"
}

/// The newest plans of the list, side by side.
fn compared(tab: &Tab<'_>) -> String {
    tab.open("/plans");
    let ticked =
        "[...document.querySelectorAll('[name=p]')].slice(0, 3).map(one => `p=${one.value}`).join('&')";
    format!("/plans/compare?{}", tab.evaluate(ticked).as_str().unwrap())
}

/// Why the plan that waits cuts somebody.
fn asked(tab: &Tab<'_>) -> String {
    tab.open("/plans");
    let plan = tab.evaluate("document.querySelector('tr.waits a').getAttribute('href')");
    format!("{}/why?facility=N02", plan.as_str().unwrap())
}

/// A shift, after the week; gives the time of the fleet.
fn work(fleet: &Fleet, chromium: &Chromium) -> DateTime<Utc> {
    let dispatcher = fleet.enter(chromium, "serik");
    let clock = dispatcher.evaluate("document.getElementById('clock').dateTime");
    let now: DateTime<Utc> = clock.as_str().unwrap().parse().unwrap();
    dispatcher.sees("Вас ничто не ждёт.");
    fleet.propose(now);
    dispatcher.sees("ждёт утверждения");
    let approver = fleet.enter(chromium, "tleuov");
    the_plan_is_approved(fleet, &approver, &fleet.enter(chromium, "omarova"));
    the_orders_are_followed(&dispatcher);
    a_silent_order_is_called(&dispatcher);
    the_board_is_worked_by_keys(&dispatcher);
    what_is_urgent_sounds_once(&dispatcher);
    an_order_is_recalled_while_the_network_is_cut(&dispatcher, &fleet.enter(chromium, "serik"));
    two_people_freeze_and_thaw(fleet, &dispatcher, &approver);
    the_miner_answers(&fleet.enter(chromium, "miner"), &dispatcher);
    for tab in [&approver, &dispatcher] {
        assert_eq!(tab.complaints(), [""; 0]);
    }
    now
}

/// By another person than its author, who is not even asked.
fn the_plan_is_approved(fleet: &Fleet, approver: &Tab<'_>, author: &Tab<'_>) {
    author.open("/plans");
    author.follow("tr.waits a");
    author.sees("Approvals: 0 of 1");
    assert!(!author.shows("#approve"));
    approver.click_on("Жоспарлар");
    approver.follow("tr.waits a");
    approver.sees("the evening peak");
    assert!(!approver.shows("main [lang=en]"), "the reasons are in the language of the page");
    approver.click("#approve summary");
    approver.sees("Бірден 4 өкім кетеді");
    approver.type_in("#password", "wrong");
    approver.follow("#approve button");
    approver.sees("құпиясөз немесе код қате");
    approver.follow("main a.button");
    assert!(approver.complaints()[0].contains("403"));
    approver.click("#approve summary");
    approver.type_in("#password", &fleet.passwords["tleuov"]);
    approver.follow("#approve button");
    approver.sees("Бекіткендер: 1/1");
    author.sees("Approvals: 1 of 1");
}

/// The board shows what left, what was refused, and renews itself.
fn the_orders_are_followed(dispatcher: &Tab<'_>) {
    dispatcher.follow_on("Распоряжения");
    dispatcher.sees("(принято 3 из 4)");
    dispatcher.click("#accepted summary");
    for facility in ["N01", "N02", "N03", "S06"] {
        dispatcher.sees(facility);
    }
    dispatcher.sees("отказ");
    for (date, said) in
        [("2022-02-02", "по плану 36,0, принято 27,0 (75 %)"), ("2022-01-26", "по плану 662,5")]
    {
        dispatcher.open(&format!("/day?date={date}"));
        dispatcher.sees(said);
    }
}

/// N11 is not there.
fn a_silent_order_is_called(dispatcher: &Tab<'_>) {
    dispatcher.open("/orders?facility=N11");
    dispatcher.click("main summary");
    dispatcher.follow("main tr a");
    dispatcher.sees("молчит");
    dispatcher.click_on("Записать звонок");
    dispatcher.type_in("#said", "трубку не берут");
    dispatcher.follow("#call button");
    dispatcher.sees("трубку не берут");
    assert!(dispatcher.shows("#calls"));
}

/// A key leads to a form and never sends it.
fn the_board_is_worked_by_keys(dispatcher: &Tab<'_>) {
    dispatcher.open("/orders?facility=N02");
    dispatcher.click("#accepted summary");
    dispatcher.strike("j");
    dispatcher.strike_away("c");
    assert_eq!(dispatcher.evaluate("document.activeElement.id"), "said");
    assert!(dispatcher.shows("#call button") && !dispatcher.shows("#calls"));
    dispatcher.open("/orders");
    assert!(!dispatcher.shows("#keys dd"));
    dispatcher.strike("?");
    assert!(dispatcher.shows("#keys dd"));
    dispatcher.strike_away("[");
    dispatcher.sees("Распоряжения, действующие");
    dispatcher.strike_away("t");
    assert_eq!(dispatcher.evaluate("location.search"), "");
    let bytes = "fetch('/orders?day=2022-01-26').then(answer => answer.blob()).then(blob => blob.size)";
    let bytes = dispatcher.evaluate(bytes).as_u64().unwrap();
    assert!((20_000..100_000).contains(&bytes), "the board of the whole fleet has {bytes} bytes");
}

/// No browser lets a page sound before somebody has touched it; then each thing sounds once, and nothing while muted.
fn what_is_urgent_sounds_once(dispatcher: &Tab<'_>) {
    dispatcher.open("/orders");
    let rung = dispatcher.evaluate(
        "(() => {
            let rung = 0;
            const still = { setValueAtTime() {}, linearRampToValueAtTime() {}, connect: () => still };
            const part = { ...still, frequency: {}, gain: still, start() { rung += 1; }, stop() {} };
            window.AudioContext = function () {
                return { currentTime: 0, createOscillator: () => part, createGain: () => part };
            };
            const group = document.querySelector('[data-alarm]');
            return ['N11', 'N11', 'N11 N12', '', 'N12!', 'N12'].map(urgent => {
                group.dataset.alarm = urgent.replace('!', '');
                if (urgent.endsWith('!')) group.dataset.muted = ''; else delete group.dataset.muted;
                dispatchEvent(new KeyboardEvent('keydown', { key: 'k' }));
                return rung;
            });
        })()",
    );
    assert_eq!(rung, json!([1, 1, 2, 2, 2, 3]));
}

/// Whoever is cut off is told so, and sees what has happened once the network is there again.
fn an_order_is_recalled_while_the_network_is_cut(dispatcher: &Tab<'_>, colleague: &Tab<'_>) {
    for tab in [dispatcher, colleague] {
        tab.open("/orders?facility=N02");
        tab.click("#accepted summary");
    }
    dispatcher.sees("принято");
    dispatcher.offline(true);
    dispatcher.sees("Нет связи с диспетчерской с");
    colleague.follow("#accepted tr a");
    colleague.click_on("Отозвать");
    colleague.sees("снижение на 9,0 МВт отпадёт");
    colleague.type_in("#reason", "подача восстановлена");
    colleague.follow("#recall button");
    colleague.sees("отозвано");
    assert!(dispatcher.shows("#offline"));
    dispatcher.offline(false);
    dispatcher.sees_no_more("Нет связи с диспетчерской с");
    dispatcher.sees("ОТЗЫВ");
    // A browser that is cut off says so.
    dispatcher.complaints();
}

/// One person freezes, two thaw; everybody sees it on the page that is open.
fn two_people_freeze_and_thaw(fleet: &Fleet, dispatcher: &Tab<'_>, approver: &Tab<'_>) {
    approver.follow_on("Тәулік");
    dispatcher.follow_on("Заморозка");
    dispatcher.click("#freeze summary");
    dispatcher.type_in("#freeze-reason", "старый прогноз");
    dispatcher.follow("#freeze button");
    dispatcher.sees("ЗАМОРОЖЕНО");
    approver.sees("ТОҚТАТЫЛДЫ: екі адам ашпайынша ештеңе жіберілмейді (A. Serik: старый прогноз)");
    dispatcher.click("#thaw summary");
    dispatcher.type_in("#thaw-reason", "прогноз новый");
    dispatcher.type_in("#thaw-login", "tleuov");
    dispatcher.type_in("#thaw-password", &fleet.passwords["tleuov"]);
    assert_eq!(looked_at(dispatcher, "frozen"), [""; 0]);
    dispatcher.follow("#thaw button");
    dispatcher.sees("Распоряжения уходят по мере утверждения.");
    approver.sees_no_more("ТОҚТАТЫЛДЫ");
}

/// On a telephone. Its agent has answered for it, but people know better, and better again.
fn the_miner_answers(miner: &Tab<'_>, dispatcher: &Tab<'_>) {
    miner.size(390, 844);
    miner.open("/my");
    miner.sees("Снизить до 1,0 МВт");
    miner.sees("ПРИНЯТО");
    dispatcher.open("/orders?facility=N01&state=refused");
    miner.click_on("Выполнить не можем");
    miner.type_in("article textarea", "ремонт вентиляции");
    miner.follow("article button.stop");
    miner.sees("ОТКАЗ");
    dispatcher.sees("ремонт вентиляции");
    miner.follow("article button.main");
    miner.sees("ПРИНЯТО");
    dispatcher.sees_no_more("ремонт вентиляции");
    assert_eq!(miner.complaints(), [""; 0]);
}
