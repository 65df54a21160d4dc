//! The whole way of an order, every step by a process of the binary: set up, enrol, plan, approve, deliver, answer,
//! recall, meter, verify.

use crate::control::{ControlRoom, Process, free_port, hour_ago, terminate, tomorrow, until};
use crate::run::{Ran, arg, command, kezek, planned, replace};
use chrono::{SecondsFormat, TimeDelta, Utc};
use kezek_courier::{PublicKey, Purpose, Signed};
use kezek_model::order::Order;
use serde_json::Value;
use std::path::PathBuf;

const FACILITIES: [&str; 2] = ["N1", "N2"];

struct Scene {
    room: ControlRoom,
    server: Process,
}

impl Scene {
    fn open() -> Self {
        let room = ControlRoom::new();
        let config = room.config();
        let checked = kezek(&["serve", "--check", "--config", arg(&config)]).ends_with(0);
        assert!(checked.stdout.contains("can be used; the fingerprint"), "{}", checked.stdout);
        let server = room.start();
        Self { room, server }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.room.home.path().join(name)
    }

    /// Sets up the agent of a facility, enrols it and runs it.
    fn agent(&self, facility: &str, answer: &str) -> (PathBuf, Process) {
        let folder = self.file(facility);
        let [listen, admin] = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
        let server = self.room.base();
        let args = ["agent", "init", arg(&folder), "--facility", facility, "--environment", "test", "-q"];
        let more = ["--server", &server, "--listen", &listen, "--admin-listen", &admin];
        kezek(&[&args[..], &more[..], &["--config", "mine/agent.toml"]].concat()).ends_with(3);
        kezek(&[&args[..], &more[..]].concat()).ends_with(0);
        kezek(&[&args[..], &more[..]].concat()).ends_with(3);
        let config = folder.join("agent.toml");
        replace(&config, "answer = \"manual\"", &format!("answer = \"{answer}\""));
        assert!(kezek(&["agent", "--config", arg(&config)]).ends_with(7).stderr.contains("not enrolled"));
        let issued = self.room.as_("Administrator", &["enrolment-code", facility, "-q"]).ends_with(0);
        let code = issued.stdout.trim().to_owned();
        let enrol = ["agent", "enrol", "--config", arg(&config), "--code"];
        kezek(&[&enrol[..], &["ABCD-EFGH-JKLM"]].concat()).ends_with(7);
        let enrolled = kezek(&[&enrol[..], &[&code]].concat()).ends_with(0);
        assert!(enrolled.stdout.contains(&format!("{facility} is enrolled in test")), "{}", enrolled.stdout);
        let process = Process::start(&["agent", "--config", arg(&config), "-q"], self.room.home.path());
        assert_eq!(process.address, format!("http://{listen}"));
        (config, process)
    }

    /// Plans, proposes, and has everybody try to approve who may not.
    fn approve(&self) -> Vec<String> {
        let case = self.file("case");
        tomorrow(&case, &FACILITIES.map(str::to_owned));
        let plan = planned(arg(&case), &self.file("plan"));
        let propose = ["propose", arg(&case), arg(&plan), "--comment", "the evening"];
        assert!(self.room.as_("Chief", &propose).ends_with(7).stderr.contains("403"));
        let digest = self.room.as_("Author", &propose).ends_with(0).stdout.trim().to_owned();
        let own = self.room.as_("Author", &["approve", &digest, "--yes"]).ends_with(7);
        assert!(own.stderr.contains("A. Author"), "{}", own.stderr);
        let unasked = self.room.as_("Chief", &["approve", "latest"]).ends_with(7);
        assert!(unasked.stderr.contains("2 facilities will be told to cut"), "{}", unasked.stderr);
        assert!(unasked.stderr.contains("repeat it with --yes"), "{}", unasked.stderr);
        assert!(self.orders().is_empty(), "nobody with the right to it has said yes");
        self.room.as_("Chief", &["approve", &digest[..7], "--yes"]).ends_with(3);
        let approved = self
            .room
            .as_("Chief", &["approve", &digest[..8], "--yes", "--format", "json"])
            .ends_with(0)
            .json();
        assert_eq!(approved["approved"], true);
        let numbers = approved["orders"].as_array().unwrap().iter();
        self.room.as_("Chief", &["approve", &digest, "--yes"]).ends_with(7);
        numbers.map(|number| number.as_str().unwrap().to_owned()).collect()
    }

    fn orders(&self) -> Vec<Value> {
        let ran = self.room.as_("Dispatcher", &["orders", "list", "--format", "json"]).ends_with(0);
        ran.json().as_array().unwrap().clone()
    }

    fn order(&self, number: &str) -> Value {
        self.orders().into_iter().find(|order| order["order_no"] == number).unwrap()
    }

    /// Readings of an hour that is over, and a table full of faults.
    fn meter(&self) {
        let (from, to) = hour_ago();
        let [from, to] = [from, to].map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let header = "facility,interval_start,interval_end,mean_mw,quality,source";
        let (good, bad) = (self.file("meters.csv"), self.file("broken.csv"));
        std::fs::write(&good, format!("{header}\nN1,{from},{to},9.5,ok,grid-company\n")).unwrap();
        std::fs::write(&bad, format!("{header}\nN1,{to},{from},9.5,ok,x\n,{from},{to},-1,fine,x\n")).unwrap();
        let enter = |file: &PathBuf| self.room.as_("Dispatcher", &["readings", arg(file)]);
        assert_eq!(enter(&good).ends_with(0).stdout, "1 reading entered\n");
        assert_eq!(enter(&good).ends_with(0).stdout, "1 reading, all of them known before\n");
        let faults = enter(&bad).ends_with(3).stderr;
        assert!(faults.contains("row 2, interval_end") && faults.contains("row 3, mean_mw"), "{faults}");
        assert!(faults.contains("4 faults; nothing was done"), "{faults}");
        self.room.as_("Author", &["readings", arg(&good)]).ends_with(7);
    }
}

/// A line for how each order stands, until it is told to end.
fn watch(scene: &Scene, number: &str) {
    let (seen, args) = (scene.file("watch.jsonl"), ["orders", "watch", "--every", "1", "--format", "jsonl"]);
    let mut command = scene.room.command_as("Auditor", &args);
    let mut child = command.stdout(std::fs::File::create(&seen).unwrap()).spawn().unwrap();
    let line = format!("\"order_no\":\"{number}\",\"delivery\":\"received\"");
    until("the line", || std::fs::read_to_string(&seen).unwrap().contains(&line));
    assert_eq!(terminate(&mut child), Some(0));
}

/// The signed order proves itself with the key that an agent pinned.
fn proves_itself(bundle: &std::path::Path, agent: &std::path::Path) -> Order {
    let signed: Signed<Order> = serde_json::from_str(&std::fs::read_to_string(bundle).unwrap()).unwrap();
    let pins = std::fs::read_to_string(agent.with_file_name("agent.json")).unwrap();
    let pins: Value = serde_json::from_str(&pins).unwrap();
    let key: PublicKey = pins["control_room_keys"][0].as_str().unwrap().parse().unwrap();
    signed.verify(Purpose::Order, &[key]).unwrap();
    signed.body
}

/// A facility declares a voluntary cut with its own signature, once, and not after it began.
fn volunteers(scene: &Scene, config: &std::path::Path) {
    let declare = |hours: i64| {
        let [from, to] = [hours, hours + 2]
            .map(|hours| (Utc::now() + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:00Z").to_string());
        let powers = ["--limit-mw", "5", "--cut-mw", "15", "--by", "A. Duty", "--config", arg(config)];
        kezek(&[&["agent", "voluntary", "--from", &from, "--to", &to][..], &powers].concat())
    };
    assert!(declare(30).ends_with(0).stdout.contains("the voluntary cut of N1 is kept"));
    assert!(declare(30).ends_with(0).stdout.contains("known already"));
    let late = declare(-3).ends_with(7).stderr;
    assert!(late.contains("409") && late.contains("declaring this voluntary cut"), "{late}");
    let list = scene.room.as_("Auditor", &["voluntary", "list", "--format", "json"]).ends_with(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let row = &list[0];
    assert_eq!((&row["facility"], &row["entered_by"]), (&Value::from("N1"), &Value::Null), "its own word");
    assert_eq!((row["limit_mw"].as_f64(), row["cut_mw"].as_f64()), (Some(5.0), Some(15.0)));
}

#[test]
fn from_an_empty_folder_to_a_verified_journal() {
    let scene = Scene::open();
    let (by_person, first) = scene.agent("N1", "manual");
    let (by_agent, second) = scene.agent("N2", "accept");
    let known = scene.room.as_("Auditor", &["facilities", "--format", "json"]).ends_with(0).json();
    assert_eq!(known.as_array().unwrap().len(), 2);
    let numbers = scene.approve();
    assert_eq!(numbers.len(), 2);
    let [n1, n2] = ["N1", "N2"].map(|id| numbers.iter().find(|number| number.contains(id)).unwrap().as_str());
    watch(&scene, n1);
    until("receipt", || scene.orders().iter().all(|order| order["delivery"] == "received"));
    until("the agent's answer", || scene.order(n2)["answer"] == "accepted");
    assert_eq!(scene.order(n1)["answer"], "none", "a receipt is no answer");

    let held = kezek(&["agent", "orders", "--config", arg(&by_person)]).ends_with(0);
    assert!(held.stdout.contains(n1) && held.stdout.contains("none yet"), "{}", held.stdout);
    let answer = |rest: &[&str]| {
        kezek(&[&["agent", "answer", "--by", "A. Duty", "--config", arg(&by_person)], rest].concat())
    };
    answer(&[n1, "refuse"]).ends_with(2);
    answer(&["2020-0101-N1-v1", "accept"]).ends_with(3);
    answer(&[n1, "accept"]).ends_with(0);
    until("the person's answer", || scene.order(n1)["answer"] == "accepted");

    volunteers(&scene, &by_person);

    let bundle = scene.file("n1.json");
    let show = ["orders", "show", n1, "--zone", "Asia/Almaty", "--bundle", arg(&bundle)];
    let shown = scene.room.as_("Auditor", &show).ends_with(0).stdout;
    assert!(shown.contains("accepted, by A. Duty") && shown.contains("18:00-20:00"), "{shown}");
    let order = proves_itself(&bundle, &by_agent);
    assert_eq!(order.order_no.as_str(), n1);

    scene.room.as_("Auditor", &["recall", n2, "--reason", "unit 3 is back", "--yes"]).ends_with(7);
    let recall = ["recall", n2, "--reason", "unit 3 is back"];
    assert!(scene.room.as_("Dispatcher", &recall).ends_with(7).stderr.contains("reduce to"));
    let recalled =
        scene.room.as_("Dispatcher", &[&recall[..], &["--yes", "--format", "json"]].concat()).ends_with(0);
    let by = recalled.json()["recall_order_no"].as_str().unwrap().to_owned();
    until("the answer to the recall", || scene.order(&by)["answer"] == "accepted");
    assert_eq!(scene.order(n2)["life"], "recalled");
    scene.room.as_("Dispatcher", &["resend", n1]).ends_with(7);
    scene.room.as_("Dispatcher", &["resend", "2020-0101-N1-v1"]).ends_with(3);

    scene.meter();
    let verdicts =
        scene.room.as_("Auditor", &["verdicts", "--order", n1, "--format", "json"]).ends_with(0).json();
    let totals = &verdicts["totals"][0];
    assert_eq!(
        (&totals["order_no"], &totals["verdict"]),
        (&Value::from(n1), &Value::from("unknown")),
        "{totals}"
    );
    let status = scene.room.as_("Auditor", &["status", "--format", "json"]).ends_with(0).json();
    let counts =
        ["orders", "received", "accepted", "refused"].map(|name| status["counts"][name].as_u64().unwrap());
    assert_eq!(counts, [3, 3, 3, 0]);

    assert_eq!([first.terminate(), second.terminate()], [Some(0), Some(0)]);
    verify(scene, &order);
}

/// The journal holds while the server runs and after it has ended; then it is tampered with.
fn verify(scene: Scene, order: &Order) {
    let database = scene.room.folder().join("kezek.db");
    let head = order.journal_head.to_string();
    let looked = |heads: &[&str]| kezek(&[&["journal", "verify", arg(&database)], heads].concat());
    looked(&[]).ends_with(0);
    assert_eq!(scene.server.terminate(), Some(0));
    let away = Ran::ends_with(scene.room.as_("Auditor", &["status"]), 8);
    assert!(away.stderr.contains("gave no answer"), "{}", away.stderr);
    let sound = looked(&["--head", &head]).ends_with(0).stdout;
    assert!(sound.contains("the journal is sound"), "{sound}");
    let other = head.replace(&order.journal_head.hash[..8], "00000000");
    let forged = looked(&["--head", &other]).ends_with(9);
    assert!(forged.stdout.contains("was handed out"), "{}", forged.stdout);
    let late = format!("999999:{}", order.journal_head.hash);
    assert!(looked(&["--head", &late]).ends_with(9).stdout.contains("is lost"));

    let mut bytes = std::fs::read(&database).unwrap();
    let word = b"the evening";
    let at = bytes.windows(word.len()).position(|found| found == word).unwrap();
    bytes[at] = b'T';
    std::fs::write(&database, bytes).unwrap();
    let broken = looked(&[]).ends_with(9);
    assert!(
        broken.stdout.contains("record ") && broken.stderr.contains("does not hold"),
        "{}",
        broken.stdout
    );
    let config = scene.room.config();
    kezek(&["serve", "--config", arg(&config), "-q"]).ends_with(9);
    looked(&["--head", "12"]).ends_with(2);
    kezek(&["journal", "verify", "nowhere.db"]).ends_with(3);
}

#[test]
fn a_token_is_needed_and_stands_in_a_file_or_a_variable() {
    let scene = Scene::open();
    let server = ["--server", &scene.room.base()];
    let none = kezek(&[&["status"], &server[..]].concat()).ends_with(7);
    assert!(none.stderr.contains("--token-file"), "{}", none.stderr);
    let file = scene.file("token");
    std::fs::write(&file, "kzt_nobody\n").unwrap();
    let with_file = [&["status", "--token-file", arg(&file)], &server[..]].concat();
    let unknown = kezek(&with_file).ends_with(7).stderr;
    assert!(unknown.contains("401") && unknown.contains("--token-file"), "{unknown}");
    assert!(!unknown.contains("Authorization"), "{unknown}");
    let mut by_variable = command();
    by_variable.args([&["status"], &server[..]].concat()).env("KEZEK_TOKEN_FILE", &file);
    assert!(Ran::of(&mut by_variable).ends_with(7).stderr.contains("401"));
    let mine = scene.room.command_as("Auditor", &[]);
    let token = mine.get_envs().find(|(name, _)| *name == "KEZEK_TOKEN").unwrap().1.unwrap();
    std::fs::write(&file, token.as_encoded_bytes()).unwrap();
    let known = Ran::of(by_variable.env("KEZEK_TOKEN", "")).ends_with(0).stdout;
    assert!(known.starts_with("test: ") && known.contains("0 enrolled"), "{known}");
    std::fs::write(&file, "two words\n").unwrap();
    kezek(&with_file).ends_with(3);
    kezek(&["status", "--server", "http://control.example", "--token-file", arg(&file)]).ends_with(3);
}

#[test]
fn what_exists_is_not_overwritten_and_what_makes_no_sense_not_written() {
    let room = ControlRoom::new();
    let folder = room.folder();
    let before = std::fs::read(room.config()).unwrap();
    let again = kezek(&["config", "init", arg(&folder)]).ends_with(3);
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    assert_eq!(std::fs::read(room.config()).unwrap(), before);
    let other = room.home.path().join("other");
    let twice = ["--person", "A=planner", "--person", "A=approver"];
    kezek(&[&["config", "init", arg(&other)], &twice[..]].concat()).ends_with(3);
    assert!(!other.exists());
    replace(&room.config(), "environment = \"test\"", "environmint = \"test\"");
    let config = room.config();
    assert!(
        kezek(&["serve", "--check", "--config", arg(&config)]).ends_with(3).stderr.contains("environmint")
    );
    kezek(&["serve", "--config", "nowhere.toml"]).ends_with(3);
}

#[test]
fn a_new_address_holds_when_a_second_person_has_confirmed_it() {
    let scene = Scene::open();
    let (config, agent) = scene.agent("N1", "accept");
    assert_eq!(agent.terminate(), Some(0));
    replace(&config, "/orders\"", "/moved/orders\"");
    let code = scene.room.as_("Administrator", &["enrolment-code", "N1", "-q"]).ends_with(0).stdout;
    kezek(&["agent", "enrol", "--config", arg(&config), "--code", code.trim()]).ends_with(0);
    let shown = scene.room.as_("Auditor", &["facilities"]).ends_with(0).stdout;
    let key = shown.split("/moved/orders, key ").nth(1).unwrap().split(',').next().unwrap();
    assert!(shown.contains("N1 waits for a second person"), "{shown}");
    let confirm = |who: &str, key: &str| scene.room.as_(who, &["confirm", "N1", "--key", key]);
    assert!(confirm("Chief", "0123456789abcdef").ends_with(7).stderr.contains(key));
    confirm("Dispatcher", key).ends_with(7);
    assert!(confirm("Chief", key).ends_with(0).stdout.contains("/moved/orders from now on"));
    confirm("Chief", key).ends_with(3);
}

#[test]
fn there_is_nothing_to_resume_where_nothing_has_stopped() {
    let scene = Scene::open();
    let token = scene.room.token_file("Administrator");
    let resume = ["resume", "--reason", "all is well", "--second-token-file", arg(&token)];
    scene.room.as_("Chief", &resume).ends_with(7);
}

#[test]
fn a_freeze_takes_one_person_and_a_thaw_two() {
    let scene = Scene::open();
    let token = scene.room.token_file("Chief");
    let thaw = ["thaw", "--reason", "looked", "--second-token-file", arg(&token)];
    scene.room.as_("Dispatcher", &thaw).ends_with(7);
    let freeze = ["freeze", "--reason", "look first"];
    assert!(scene.room.as_("Dispatcher", &freeze).ends_with(0).stdout.contains("nothing leaves"));
    let status = scene.room.as_("Auditor", &["status"]).ends_with(0).stdout;
    assert!(status.contains("nothing leaves: look first"), "{status}");
    scene.room.as_("Chief", &thaw).ends_with(7);
    assert!(scene.room.as_("Dispatcher", &thaw).ends_with(0).stdout.contains("orders leave again"));
    let status = scene.room.as_("Auditor", &["status"]).ends_with(0).stdout;
    assert!(!status.contains("frozen"), "{status}");
}

#[test]
fn in_an_emergency_the_author_acts_and_another_person_confirms() {
    let scene = Scene::open();
    let case = scene.file("case");
    tomorrow(&case, &FACILITIES.map(str::to_owned));
    let plan = planned(arg(&case), &scene.file("plan"));
    let propose = ["propose", arg(&case), arg(&plan), "--emergency"];
    scene.room.as_("Author", &[&propose[..], &["--drill"]].concat()).ends_with(2);
    let digest = scene.room.as_("Author", &propose).ends_with(0).stdout.trim().to_owned();
    let alone = scene.room.as_("Author", &["approve", &digest, "--yes"]).ends_with(0).stdout;
    assert!(alone.contains("another person must approve this emergency by"), "{alone}");
    let listed = scene.room.as_("Auditor", &["proposals"]).ends_with(0).stdout;
    assert!(listed.contains("unconfirmed"), "{listed}");
    let both = scene.room.as_("Chief", &["approve", "latest", "--yes"]).ends_with(0).stdout;
    assert!(!both.contains("another person"), "{both}");
}

#[test]
fn a_plan_that_names_the_one_it_replaces_supersedes_its_orders() {
    let scene = Scene::open();
    let (_, agent) = scene.agent("N1", "accept");
    let (_, other) = scene.agent("N2", "accept");
    let first = scene.approve();
    let (case, before) = (scene.file("case"), scene.file("plan").join("plan.json"));
    let propose = |plan: &PathBuf| scene.room.as_("Author", &["propose", arg(&case), arg(plan)]);
    let planned = |folder: &PathBuf, more: &[&str]| {
        kezek(&[&["plan", arg(&case), "--seed", "7", "--out", arg(folder), "-q"], more].concat());
        folder.join("plan.json")
    };
    let clash = propose(&planned(&scene.file("orphan"), &[])).ends_with(0);
    scene.room.as_("Chief", &["approve", clash.stdout.trim(), "--yes"]).ends_with(7);
    let heir = propose(&planned(&scene.file("heir"), &["--replaces", arg(&before)])).ends_with(0);
    scene.room.as_("Chief", &["approve", heir.stdout.trim(), "--yes"]).ends_with(0);
    let newer: Vec<Value> = scene.orders().into_iter().filter(|order| order["life"] == "live").collect();
    assert_eq!(newer.len(), first.len());
    for number in &first {
        let old = scene.order(number);
        assert_eq!(old["life"], "superseded", "{old}");
    }
    until("the newer orders", || {
        scene
            .orders()
            .iter()
            .filter(|order| order["life"] == "live")
            .all(|order| order["answer"] == "accepted")
    });
    assert_eq!([agent.terminate(), other.terminate()], [Some(0), Some(0)]);
}
