//! Noise at every place where bytes become words: what the journal holds, what facilities send, what a control room sends.
//! The corpus is a run of the pretend world; each case changes some of its bytes. An error or a value, never a panic;
//! and an event that can still be read is asked for, stepped and looked at.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use kezek_courier::{Purpose, open_signed};
use kezek_engine::{State, step};
use kezek_journal::{Head, Link, Record, Stretch};
use kezek_study::noise;
use kezek_study::oracle::{Evidence, Sight};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::api::ReadingsBody;
use crate::record::{Happening, replay};
use crate::simulated::in_memory;

/// What takes the place of a number, a text or an instant.
const STRANGE: [&str; 14] = [
    "null",
    "-1",
    "0",
    "1e308",
    "9007199254740993",
    "18446744073709551615",
    "-9223372036854775808",
    "0.0000001",
    "\"\"",
    "\"+262142-12-31T23:59:59Z\"",
    "\"-262143-01-01T00:00:00Z\"",
    "\"1970-01-01T00:00:00.000000001Z\"",
    "[[[[[[[[]]]]]]]]",
    "{\"event\":\"opened\"}",
];

/// Events of a run with their times, the orders that left, and what held in the middle of it.
struct Corpus {
    events: Vec<(Value, DateTime<Utc>)>,
    orders: Vec<Vec<u8>>,
    state: State,
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    // A run in which much was said: that of some seeds has its plans refused.
    let is_lively = |evidence: &Evidence| {
        evidence.seen.iter().filter(|seen| matches!(seen.sight, Sight::Left { .. })).count() > 20
    };
    let evidence = (40..).map(|seed| in_memory(seed, None).evidence).find(is_lively).unwrap();
    let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let events = evidence.records.iter().map(|record| (record["body"]["event"].clone(), time(&record["at"])));
    let events: Vec<_> = events.collect();
    let left = evidence.seen.iter().filter_map(|seen| match &seen.sight {
        Sight::Left { bytes, .. } => Some(bytes.clone()),
        _ => None,
    });
    let mut state = State::new();
    for (event, at) in events.iter().take(events.len() / 2) {
        step(&mut state, serde_json::from_value(event.clone()).unwrap(), *at);
    }
    Corpus { orders: left.collect(), events, state }
});

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index, Index),
    Double(Index, Index),
    Value(Index, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = any::<Index>;
    let change = prop_oneof![
        2 => (place(), any::<u8>()).prop_map(|(at, with)| Change::Flip(at, with)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Cut(from, to)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Double(from, to)),
        6 => (place(), 0..STRANGE.len()).prop_map(|(at, with)| Change::Value(at, with)),
    ];
    vec(change, 1..4)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes.iter() {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Flip(at, with) => {
                let place = at.index(bytes.len());
                bytes[place] ^= with;
            }
            Change::Cut(from, to) => drop(bytes.drain(span(from, to, bytes.len()))),
            Change::Double(from, to) => {
                let part = bytes[span(from, to, bytes.len())].to_vec();
                bytes.extend(part);
            }
            Change::Value(at, with) => bytes = with_value(bytes, at, STRANGE[*with]),
        }
    }
    bytes
}

fn span(from: &Index, to: &Index, length: usize) -> std::ops::Range<usize> {
    let (from, to) = (from.index(length), to.index(length));
    from.min(to)..from.max(to)
}

/// Another value after one of the colons, so that most of what comes out is JSON still.
fn with_value(bytes: Vec<u8>, at: &Index, value: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let colons: Vec<usize> = text.match_indices("\":").map(|(place, _)| place + 2).collect();
    if colons.is_empty() {
        return bytes;
    }
    let from = colons[at.index(colons.len())];
    let mut values = serde_json::Deserializer::from_str(&text[from..]).into_iter::<Value>();
    let is_whole = values.next().is_some_and(|value| value.is_ok());
    let to = if is_whole { from + values.byte_offset() } else { text.len() };
    format!("{}{value}{}", &text[..from], &text[to..]).into_bytes()
}

fn record(event: Value, at: DateTime<Utc>) -> Record {
    let kind = event["event"].as_str().unwrap_or("event").to_owned();
    let (documents, prev, hash) = (Vec::new(), "0".repeat(64), "0".repeat(64));
    Record { seq: 1, at, kind, body: json!({ "event": event }), documents, prev, hash }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_journal_holds(which in any::<Index>(), changes in changes()) {
        let (event, at) = which.get(&CORPUS.events);
        let bytes = changed(serde_json::to_vec(event).unwrap(), &changes);
        if let Ok(event) = serde_json::from_slice::<Value>(&bytes)
            && let Ok(read) = replay(record(event, *at), |_| Err("no document".into()))
            && let Happening::Engine(event) = read.happening
        {
            noise::event(&CORPUS.state, event, *at);
        }
    }

    #[test]
    fn what_a_facility_sends(which in any::<Index>(), changes in changes(), signed in any::<bool>()) {
        let (event, _) = which.get(&CORPUS.events);
        let body = ["answer", "report"].iter().find_map(|name| event.get(name)).unwrap_or(event);
        let word = json!({"body": body, "key_id": noise::key().key_id(), "signature": "A".repeat(86) + "=="});
        let bytes = changed(serde_json::to_vec(&word).unwrap(), if signed { &[] } else { &changes });
        noise::word_of_a_facility(&bytes);
        prop_assert!(open_signed::<ReadingsBody>(Purpose::Report, &bytes, &[noise::key().public()]).is_err());
        let _ = serde_json::from_slice::<crate::api::EnrolBody>(&bytes);
    }

    #[test]
    fn what_a_control_room_sends(which in any::<Index>(), changes in changes()) {
        let bytes = changed(which.get(&CORPUS.orders).clone(), &changes);
        noise::order(&bytes, CORPUS.events[0].1);
    }

    #[test]
    fn what_a_file_of_evidence_says_of_the_chain(from in any::<Index>(), wholes in any::<u8>(), changes in changes()) {
        let from = from.index(CORPUS.events.len() - 3);
        let link = |(place, (event, at)): (usize, &(Value, DateTime<Utc>))| match wholes >> place & 1 {
            0 => Link::stub(&record(event.clone(), *at)),
            _ => Link::whole(&record(event.clone(), *at)),
        };
        let links = CORPUS.events[from..from + 3].iter().enumerate().filter_map(link).collect();
        let stretch = Stretch { after: Head::empty(), links };
        noise::stretch(&changed(serde_json::to_vec(&stretch).unwrap(), &changes));
    }

    #[test]
    fn what_stands_in_settings_and_headers(which in 0..noise::TEXTS.len(), changes in changes()) {
        noise::text(&String::from_utf8_lossy(&changed(noise::TEXTS[which].into(), &changes)));
    }
}
