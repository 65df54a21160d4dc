//! Everything that the command line does for people of a control room, a page does too; or it is said why not.

use crate::control::ControlRoom;
use crate::run::kezek;
use kezek_courier::{AddressRules, GuardedClient, Timeouts};

/// Where a verb is on the pages.
#[derive(Clone, Copy)]
enum Place {
    /// It is read there.
    Get(&'static str),
    /// A form is sent there.
    Post(&'static str),
    /// Nowhere, and why.
    Nowhere(&'static str),
}
use Place::{Get, Nowhere, Post};

const LOCAL: &str = "it works on files of the machine on which it is called, and asks no control room";
const HOST: &str = "it is for whoever owns the machine of the control room, also while nothing serves pages";
const OUTSIDE: &str = "it must not believe the control room, which a page would be part of";
const AGENT: &str = "it is for the machine of the facility";

/// `x` stands for a number, digest or name.
const WALK: [(&str, Place); 70] = [
    ("plan", Nowhere(LOCAL)),
    ("check", Nowhere(LOCAL)),
    ("diff", Nowhere(LOCAL)),
    ("why", Get("/plans/x/why")),
    ("frontier", Nowhere(LOCAL)),
    ("auction", Nowhere(LOCAL)),
    ("study instead", Nowhere(LOCAL)),
    ("study stress", Nowhere(LOCAL)),
    ("scenarios", Nowhere(LOCAL)),
    ("study run", Nowhere(LOCAL)),
    ("study replay", Nowhere(LOCAL)),
    ("study gather", Nowhere(LOCAL)),
    ("study report", Get("/studies/x/report.html")),
    ("study errors", Nowhere(LOCAL)),
    ("schedule show", Nowhere(LOCAL)),
    ("import", Nowhere(LOCAL)),
    ("leads", Nowhere(LOCAL)),
    ("config init", Nowhere(HOST)),
    ("config show", Nowhere(HOST)),
    ("config notices", Nowhere(HOST)),
    ("serve", Nowhere(HOST)),
    // The case and the plan lie on the planner's machine; what was proposed once can be proposed again as a drill.
    ("propose", Post("/drills")),
    ("proposals", Get("/plans")),
    ("approve", Post("/plans/x/approve")),
    ("send-back", Post("/plans/x/return")),
    ("orders list", Get("/orders")),
    ("orders phone", Get("/orders?state=call")),
    ("orders show", Get("/orders/x")),
    ("orders watch", Get("/live")),
    ("recall", Post("/orders/x/recall")),
    ("resend", Post("/orders/x/resend")),
    ("called", Post("/orders/x/called")),
    ("freeze", Post("/issuing/freeze")),
    ("thaw", Post("/issuing/thaw")),
    ("resume", Post("/issuing/resume")),
    ("voluntary list", Get("/facilities/x")),
    ("voluntary declare", Post("/facilities/x/voluntary")),
    ("licence suspend", Post("/licences/suspend")),
    ("licence reinstate", Post("/licences/reinstate")),
    ("licence list", Get("/facilities")),
    ("readings", Post("/feeds/readings")),
    ("verdicts", Get("/verdicts")),
    ("settlement", Get("/verdicts/settlement.csv")),
    ("facilities", Get("/facilities")),
    ("enrolment-code", Post("/facilities/x/code")),
    ("confirm", Post("/facilities/x/confirm")),
    ("adopt", Post("/facilities/x/adopt")),
    ("status", Get("/feeds")),
    ("evidence export", Get("/orders/x/evidence.json")),
    ("evidence verify", Nowhere(OUTSIDE)),
    ("journal verify", Nowhere(OUTSIDE)),
    ("journal list", Get("/audit")),
    ("journal copy", Nowhere(HOST)),
    ("db backup", Nowhere(HOST)),
    ("db restore", Nowhere(HOST)),
    ("db drill", Nowhere(HOST)),
    ("token new", Nowhere(HOST)),
    ("account add", Nowhere(HOST)),
    ("account reset", Nowhere(HOST)),
    ("account link", Nowhere(HOST)),
    ("account remove", Nowhere(HOST)),
    ("account list", Nowhere(HOST)),
    ("agent init", Nowhere(AGENT)),
    ("agent enrol", Nowhere(AGENT)),
    ("agent orders", Nowhere(AGENT)),
    ("agent answer", Nowhere(AGENT)),
    ("agent voluntary", Nowhere(AGENT)),
    ("agent", Nowhere(AGENT)),
    ("demo", Nowhere(LOCAL)),
    ("completions", Nowhere(LOCAL)),
];

/// The verbs below one, as its help names them.
fn below(verb: &[&str]) -> Vec<String> {
    let help = kezek(&[verb, &["--help"]].concat()).ends_with(0).stdout;
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let lines = list.split("\n\n").next().unwrap().lines();
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = named.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_verb_has_a_page_or_a_reason_why_not() {
    let known = |verb: &str| WALK.iter().any(|(name, _)| *name == verb);
    for verb in below(&[]) {
        let deeper = below(&[&verb]);
        assert!(!deeper.is_empty() || known(&verb), "`kezek {verb}` has no row");
        for name in deeper {
            assert!(known(&format!("{verb} {name}")), "`kezek {verb} {name}` has no row");
        }
    }
    for (verb, _) in WALK {
        let words: Vec<&str> = verb.split(' ').collect();
        kezek(&[&words[..], &["--help"]].concat()).ends_with(0);
    }
}

#[tokio::test]
async fn the_server_knows_every_page_of_the_walk() {
    let control = ControlRoom::new();
    let process = control.start();
    let rules = AddressRules { allow_loopback: true, allow: Vec::new() };
    let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
    let ask = async |place: Place| {
        let url = |path: &str| format!("{}{path}", process.address);
        match place {
            Get(path) => Some(client.get(&url(path), &[]).await.unwrap()),
            Post(path) => Some(client.post(&url(path), &[], Vec::new()).await.unwrap()),
            Nowhere(why) => {
                assert!(why.len() > 20, "{why}");
                None
            }
        }
    };
    for (verb, place) in WALK {
        let Some(answer) = ask(place).await else { continue };
        // Whoever has not signed in is sent to the door, and only from what there is.
        let location = answer.headers.get("location").and_then(|header| header.to_str().ok());
        let is_door = location.is_some_and(|location| location.starts_with("/sign-in?next="));
        assert!(answer.status == 303 && is_door, "`kezek {verb}`: {} {location:?}", answer.status);
    }
    for stranger in [Get("/nowhere"), Post("/orders")] {
        assert_ne!(ask(stranger).await.unwrap().status, 303, "the walk can fail");
    }
}
