//! Says what happens as it happens: one line a kind and moment, warnings in full.

use crate::record::Happening;
use crate::writer::Happened;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_engine::{Effect, Event, Outcome};
use kezek_model::receipt::{Act, Compliance, Response};
use std::collections::{BTreeMap, BTreeSet};

/// Whoever listens to the demo.
pub type Listener<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Says what happens.
pub(super) struct Voice<'a> {
    listener: Listener<'a>,
    time_zone: Tz,
    /// What was counted in the present moment, by what it is.
    counted: BTreeMap<&'static str, u64>,
    /// Orders of which it was said that they do not arrive.
    complained: BTreeSet<String>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(listener: Listener<'a>, time_zone: Tz) -> Self {
        Self { listener, time_zone, counted: BTreeMap::new(), complained: BTreeSet::new() }
    }

    /// Says a line with the time before it.
    pub(super) fn say(&mut self, at: DateTime<Utc>, text: &str) {
        let local = at.with_timezone(&self.time_zone);
        (self.listener)(&format!("{}  {text}", local.format("%a %d %b %H:%M:%S %:z")));
    }

    /// Says a line without a time.
    pub(super) fn say_plain(&mut self, text: &str) {
        (self.listener)(text);
    }

    pub(super) fn hear(&mut self, happened: &Happened) {
        if let Happening::Engine(event) = &happened.happening {
            self.hear_event(happened.at, event);
        }
        for effect in &happened.effects {
            if let Effect::Notify(warning) = effect {
                self.say(happened.at, &format!("! {}", warning.text));
            }
        }
    }

    fn hear_event(&mut self, at: DateTime<Utc>, event: &Event) {
        match event {
            Event::AttemptEnded { order_no, outcome, .. } => match outcome {
                Outcome::Received { .. } => self.count("orders received (a web server took them)"),
                Outcome::Failed { reason, .. } if self.complained.insert(order_no.to_string()) => {
                    self.say(at, &format!("{order_no} does not arrive ({reason}); trying on"));
                }
                Outcome::Failed { .. } | Outcome::Alarm { .. } => {}
            },
            Event::Answered { answer, entered_by: None } if answer.answer == Response::Accepted => {
                self.count("orders accepted (signed by the facility)");
            }
            Event::Reported { report } => match report.act {
                Act::Limited => self.count("facilities say that they are at their limit"),
                Act::Restored => self.count("facilities say that they return, in their slot"),
                Act::Failed => {}
            },
            Event::Judged { tally, .. } => match tally.verdict {
                Some(Compliance::Complying) => self.count("orders complied with, by the meter"),
                Some(Compliance::Unknown) => self.count("orders of which no meter tells"),
                Some(Compliance::Breach) | None => {}
            },
            _ => {}
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counted.entry(what).or_default() += 1;
    }

    /// Says what was counted in a moment that is over.
    pub(super) fn flush(&mut self, at: DateTime<Utc>) {
        for (what, count) in std::mem::take(&mut self.counted) {
            self.say(at, &format!("{count:>3} {what}"));
        }
    }
}
