//! Known secrets, everything that is written or said with the log wide open, and none of them in it. And what people
//! did and were refused stands in the list of deeds.

use crate::control::{ControlRoom, Process, free_port, until};
use crate::run::{Ran, arg, kezek, replace};
use std::fs;
use std::path::Path;

const PEOPLE: [&str; 5] = ["Author", "Chief", "Dispatcher", "Administrator", "Auditor"];

/// Everything that was said, beside the few places in which a secret is shown once to its owner.
#[derive(Default)]
struct Heard(Vec<(String, String)>);

impl Heard {
    fn keep(&mut self, what: &str, ran: Ran) -> Ran {
        self.0.push((what.to_owned(), format!("{}{}", ran.stdout, ran.stderr)));
        ran
    }

    /// Files that others may read one day: journal, refusals, logs, settings, stores; not the keys themselves.
    fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                self.files(&path);
            } else if !name.ends_with(".key") && !name.ends_with(".token") {
                self.0.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
            }
        }
    }
}

fn agent(room: &ControlRoom, heard: &mut Heard) -> (Process, String) {
    let folder = room.home.path().join("N1");
    let [listen, admin] = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    let server = room.base();
    let init =
        ["agent", "init", arg(&folder), "--facility", "N1", "--environment", "test", "--server", &server];
    let more = ["--listen", &listen, "--admin-listen", &admin];
    heard.keep("agent init", kezek(&[&init[..], &more[..]].concat())).ends_with(0);
    let config = folder.join("agent.toml");
    replace(&config, "answer = \"manual\"", "answer = \"accept\"");
    // Shown once, to the administrator.
    let code =
        room.as_("Administrator", &["enrolment-code", "N1", "-q"]).ends_with(0).stdout.trim().to_owned();
    let enrol = ["-vv", "agent", "enrol", "--config", arg(&config), "--code", &code];
    heard.keep("agent enrol", kezek(&enrol)).ends_with(0);
    (Process::start(&["agent", "--config", arg(&config), "-vv"], room.home.path()), code)
}

#[test]
fn no_secret_is_written_or_said_and_deeds_are_listed() {
    let room = ControlRoom::new();
    let server = room.start_talking();
    let mut heard = Heard::default();
    let (door, code) = agent(&room, &mut heard);

    let mut all: Vec<String> = PEOPLE.iter().map(|person| room.token(person).to_owned()).collect();
    let config = room.config();
    heard.keep("config show", kezek(&["-vv", "config", "show", "--config", arg(&config)])).ends_with(0);
    heard.keep("serve --check", kezek(&["-vv", "serve", "--check", "--config", arg(&config)])).ends_with(0);
    for args in [&["status"][..], &["orders", "list"], &["facilities", "--format", "json"], &["proposals"]] {
        heard.keep("a list", room.as_("Auditor", &[&["-vv"], args].concat())).ends_with(0);
    }
    heard.keep("freeze", room.as_("Author", &["freeze", "--reason", "to try"])).ends_with(0);
    let refused = ["-vv", "freeze", "--reason", "to try"];
    heard.keep("a refusal", room.as_("Auditor", &refused)).ends_with(7);
    let second = room.token_file("Chief");
    let thaw = ["-vv", "thaw", "--reason", "tried", "--second-token-file", arg(&second)];
    heard.keep("thaw", room.as_("Dispatcher", &thaw)).ends_with(0);
    let again = ["thaw", "--reason", "tried", "--second-token-file", arg(&second)];
    heard.keep("a clash", room.as_("Dispatcher", &again)).ends_with(7);
    let database = room.folder().join("kezek.db");
    let list =
        |more: &[&str]| kezek(&[&["journal", "list", arg(&database)], more].concat()).ends_with(0).stdout;
    until("both refusals", || list(&[]).matches("refused ").count() >= 2);

    let (table, csv) = (list(&[]), list(&["--format", "csv", "--done"]));
    assert!(
        table.contains("A. Author") && table.contains("to try") && table.contains("refused 403: POST"),
        "{table}"
    );
    assert!(csv.starts_with(
        "at,seq,outcome,person,second_person,action,facility,order_no,plan_digest,reason,from,licence\n"
    ));
    assert!(csv.contains(",done,C. Dispatcher,B. Chief,thawed,,,,tried,,\n"), "{csv}");
    assert!(
        csv.contains(",done,D. Administrator,,code-issued,N1,,,,,\n") && !csv.contains("refused"),
        "{csv}"
    );
    let by_auditor = list(&["--person", "E. Auditor", "--format", "json"]);
    let by_auditor: serde_json::Value = serde_json::from_str(&by_auditor).unwrap();
    assert_eq!(
        (by_auditor.as_array().unwrap().len(), by_auditor[0]["outcome"].as_str()),
        (1, Some("refused 403"))
    );
    assert_eq!(list(&["--facility", "N9"]), "nobody did such a thing\n");
    let of_n1 = list(&["--facility", "N1", "--since", "2020-01-01T00:00:00Z"]);
    assert!(of_n1.contains("enrolled") && !of_n1.contains("frozen"), "{of_n1}");

    assert_eq!((server.terminate(), door.terminate()), (Some(0), Some(0)));
    heard.0.push(("journal list".into(), table + &csv));
    heard.files(room.home.path());
    all.push(code);
    for key in [room.folder().join("control-room.key"), room.home.path().join("N1/agent.key")] {
        let text = fs::read_to_string(&key).unwrap();
        all.push(text.trim().strip_prefix("whsk_").unwrap().to_owned());
    }
    assert_eq!(all.len(), PEOPLE.len() + 3);
    let log = fs::read_to_string(room.home.path().join("stderr.log")).unwrap();
    assert!(log.matches("\"refused\"").count() >= 2, "the log does not tell: {log}");
    for (what, said) in &heard.0 {
        for (place, secret) in all.iter().enumerate() {
            assert!(secret.len() > 20 && !said.contains(secret), "secret {place} is in {what}");
        }
    }
}
