//! What was attempted, and what came of it.

use std::collections::BTreeSet;

use kezek_engine::{Event, Outcome};

use super::File;
use super::enrolment::Enrolment;

/// Attempts are numbered without a gap, and each outcome is of an attempt that was intended before. An attempt ends once;
/// only a receipt may still come after another outcome, as long as nothing else has shown that the order arrived: the
/// outcome may have been lost on the way, or taken as failed because it came late.
pub(super) fn delivery(file: &File<'_>) -> Result<String, String> {
    let mut course = Course::default();
    file.told.iter().try_for_each(|told| course.hear(&told.event))?;
    let arrival = match () {
        () if course.is_received => "received",
        () if course.is_relayed => "relayed, never received",
        () => "never received",
    };
    Ok(format!("{} attempts intended, {} with an outcome, {arrival}", course.intended, course.ended.len()))
}

/// What is known of the delivery of an order, record by record.
#[derive(Default)]
struct Course<'a> {
    enrolment: Enrolment<'a>,
    /// What the facility says counts as arrival, though every 2xx was lost.
    word_shows_arrival: bool,
    /// How many attempts.
    intended: u32,
    /// Those that went to a relay.
    to_relay: BTreeSet<u32>,
    /// The one that has no outcome yet.
    open: Option<u32>,
    /// Those with an outcome.
    ended: BTreeSet<u32>,
    is_received: bool,
    is_relayed: bool,
}

impl<'a> Course<'a> {
    fn hear(&mut self, event: &'a Event) -> Result<(), String> {
        self.enrolment.hear(event);
        match event {
            // A start takes what is under way as failed, without a record of its own.
            Event::Opened { config, .. } => {
                (self.open, self.word_shows_arrival) = (None, config.word_shows_arrival);
            }
            Event::AttemptIntended { attempt, .. } => self.intend(*attempt)?,
            Event::AttemptEnded { attempt, outcome, .. } => self.end(*attempt, outcome)?,
            Event::Answered { entered_by: None, .. } | Event::Reported { .. } => {
                self.is_received |= self.word_shows_arrival || self.is_relayed;
            }
            // In the judgement of a person the relay has lost it.
            Event::Resend { .. } => self.is_relayed = false,
            _ => {}
        }
        Ok(())
    }

    fn intend(&mut self, attempt: u32) -> Result<(), String> {
        if attempt != self.intended + 1 {
            return Err(format!("attempt {} is missing", self.intended + 1));
        }
        (self.intended, self.open) = (attempt, Some(attempt));
        if self.enrolment.relay().is_some() {
            self.to_relay.insert(attempt);
        }
        Ok(())
    }

    fn end(&mut self, attempt: u32, outcome: &Outcome) -> Result<(), String> {
        if !(1..=self.intended).contains(&attempt) {
            return Err(format!("attempt {attempt} ended but was not intended"));
        }
        let is_receipt = match outcome {
            Outcome::Received { status } if !(200..300).contains(status) => {
                return Err(format!(
                    "attempt {attempt} was received with status {status}, which says no such thing"
                ));
            }
            Outcome::Received { .. } => true,
            Outcome::Failed { .. } | Outcome::Alarm { .. } => false,
        };
        let has_arrived = self.is_received || self.is_relayed;
        let is_open = self.open.take_if(|open| *open == attempt).is_some();
        if !is_open && (!is_receipt || has_arrived) {
            return Err(format!("attempt {attempt} ended twice"));
        }
        self.ended.insert(attempt);
        match self.to_relay.contains(&attempt) {
            true => self.is_relayed |= is_receipt,
            false => self.is_received |= is_receipt,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_engine::config::Config;
    use kezek_model::receipt::{Answer, Response};

    const ORDER: &str = "2022-0124-F1-v1";

    fn opened(epoch: u64, word_shows_arrival: bool) -> Event {
        let config = Config { word_shows_arrival, ..Config::default() };
        Event::Opened { environment: "test".into(), epoch, config }
    }

    fn enrolled(relay: Option<&str>) -> Event {
        Event::Enrolled {
            facility: "F1".into(),
            address: "https://example.org/orders".into(),
            public_key: "key".into(),
            by: "admin".into(),
            approved_by: None,
            relay: relay.map(str::to_owned),
        }
    }

    fn intended(attempt: u32) -> Event {
        Event::AttemptIntended { order_no: ORDER.into(), attempt, at: chrono::DateTime::UNIX_EPOCH }
    }

    fn ended(attempt: u32, outcome: Outcome) -> Event {
        Event::AttemptEnded { order_no: ORDER.into(), attempt, outcome }
    }

    fn failed(attempt: u32) -> Event {
        ended(attempt, Outcome::Failed { reason: "no answer".into(), retry_after_s: None })
    }

    fn received(attempt: u32) -> Event {
        ended(attempt, Outcome::Received { status: 202 })
    }

    fn answered() -> Event {
        Event::Answered {
            answer: Answer {
                order_no: ORDER.into(),
                facility: "F1".into(),
                environment: "test".into(),
                sequence: 1,
                answer: Response::Accepted,
                by: "shift".into(),
                at: chrono::DateTime::UNIX_EPOCH,
            },
            entered_by: None,
        }
    }

    fn resent() -> Event {
        Event::Resend { order_no: ORDER.into(), person: "dana".into() }
    }

    /// How it is judged after a start, an enrolment and these.
    fn judged(relay: Option<&str>, word_shows_arrival: bool, then: &[Event]) -> Result<(bool, bool), String> {
        let before = [opened(1, word_shows_arrival), enrolled(relay)];
        let mut course = Course::default();
        before.iter().chain(then).try_for_each(|event| course.hear(event))?;
        Ok((course.is_received, course.is_relayed))
    }

    fn direct(then: &[Event]) -> Result<(bool, bool), String> {
        judged(None, true, then)
    }

    #[test]
    fn a_receipt_that_comes_late_is_no_second_end() {
        let late = [intended(1), failed(1), intended(2), received(1), failed(2)];
        assert_eq!(direct(&late), Ok((true, false)), "a 2xx that came after its time");
        let alarm = ended(1, Outcome::Alarm { reason: "410".into() });
        assert_eq!(direct(&[intended(1), alarm, received(1)]), Ok((true, false)));
        let word = [intended(1), failed(1), intended(2), answered(), received(2)];
        assert_eq!(direct(&word), Ok((true, false)), "its signed word came before its 2xx");
        let quiet = [intended(1), failed(1), answered(), received(1)];
        assert_eq!(judged(None, false, &quiet), Ok((true, false)), "where its word alone shows no arrival");
        let anew = [intended(1), opened(2, true), received(1)];
        assert_eq!(direct(&anew), Ok((true, false)), "a start took it as failed");
    }

    #[test]
    fn what_really_ends_twice_is_refused() {
        for then in [
            vec![intended(1), failed(1), failed(1)],
            vec![intended(1), received(1), failed(1)],
            vec![intended(1), received(1), received(1)],
            vec![intended(1), failed(1), intended(2), received(2), received(1)],
            vec![intended(1), failed(1), answered(), received(1)],
            vec![intended(1), opened(2, true), failed(1)],
        ] {
            assert_eq!(direct(&then), Err("attempt 1 ended twice".into()), "{then:?}");
        }
    }

    #[test]
    fn what_was_not_intended_does_not_end() {
        assert!(direct(&[received(1)]).is_err_and(|why| why.contains("not intended")));
        assert!(direct(&[intended(1), received(2)]).is_err_and(|why| why.contains("not intended")));
        assert!(direct(&[intended(2)]).is_err_and(|why| why.contains("attempt 1 is missing")));
        let moved = ended(1, Outcome::Received { status: 301 });
        assert!(direct(&[intended(1), moved]).is_err_and(|why| why.contains("301")));
    }

    #[test]
    fn what_a_relay_takes_is_not_received_and_may_be_lost_by_it() {
        let relayed = |then: &[Event]| judged(Some("grid company"), false, then);
        assert_eq!(relayed(&[intended(1), received(1)]), Ok((false, true)));
        assert_eq!(relayed(&[intended(1), received(1), answered()]), Ok((true, true)), "its own word");
        assert!(relayed(&[intended(1), failed(1), intended(2), received(2), received(1)]).is_err());
        let lost = [intended(1), failed(1), intended(2), received(2), resent(), received(1)];
        assert_eq!(relayed(&lost), Ok((false, true)));
    }
}
