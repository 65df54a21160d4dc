//! Every bound of the corridor in one place.

use std::net::IpAddr;
use std::time::Duration;

use kezek_courier::network::Network;
use kezek_courier::{Bounds, limits};
use serde::{Deserialize, Serialize};

/// Largest body of a request unless configured, in bytes: a case of 5 000 facilities and its plan.
pub const MAX_REQUEST_BYTES: usize = 16 << 20;

/// Largest body of a request that shows no token, in bytes: a signed answer has less than one thousand.
pub const MAX_UNKNOWN_BYTES: usize = 64 << 10;

/// Largest form of a page, in bytes: a comment in Kazakh has two bytes a letter, percent-encoded six.
pub(crate) const MAX_FORM_BYTES: usize = 32 << 10;

/// Largest form with a table of readings: as many as one request may bring, each written twice as long as need be.
pub(crate) const MAX_TABLE_BYTES: usize = 4 << 20;

/// Largest file of results of a study of which a report is made on demand.
pub(crate) const MAX_STUDY_BYTES: u64 = 64 << 20;

/// How long somebody stays signed in, in hours: a shift with its handover.
pub(crate) const SESSION_HOURS: u64 = 13;

/// Attempts to sign in as one person: so many at once, then one in so many seconds.
pub(crate) const SIGN_IN: Rate = Rate { per_second: 1.0 / 180.0, burst: 5 };

/// Messages of a facility that try out its contacts.
pub(crate) const TRIALS: Rate = Rate { per_second: 1.0 / 60.0, burst: 3 };

/// Passwords that are hashed at the same time, 19 MiB each.
pub(crate) const MAX_HASHING: usize = 2;

/// Papers that are typeset at the same time.
pub(crate) const MAX_PRESSES: usize = 1;

/// Pages that are told of every change at the same time.
pub(crate) const MAX_LOOKERS: usize = 1_024;

/// Most readings of one request.
pub const MAX_READINGS: usize = 10_000;

/// Longest comment, reason or address, in characters.
pub const MAX_TEXT: usize = 4_000;

/// Longest name of a facility, in characters.
pub const MAX_NAME: usize = 64;

/// Most rows of one list; the newest are given.
pub const MAX_ROWS: usize = 10_000;

/// Records in a row that an evidence file holds as stubs; where more lie between two that it needs, none of them is there.
pub const MAX_STUBS: usize = 20_000;

/// Largest sum of records and documents in an evidence file, in bytes.
pub const MAX_EVIDENCE_BYTES: usize = 40 << 20;

/// Inputs that may wait for the journal.
pub const MAX_WAITING: usize = 4_096;

/// Requests that become one transaction.
pub(crate) const MAX_BATCH: usize = 512;

/// Bytes of documents after which no more requests are taken into a transaction.
pub(crate) const MAX_BATCH_BYTES: usize = 24 << 20;

/// Events that time brings in one transaction.
pub(crate) const MAX_DUE: usize = 2_000;

/// Bytes of an event above which it is kept as a document beside its record.
pub(crate) const MAX_EVENT_BYTES: usize = 256 << 10;

/// Deliveries under way at the same time.
pub(crate) const MAX_DELIVERIES: usize = 256;

/// How long a delivery waits for the request of a facility that fetches its orders, and then for its word on it.
pub(crate) const HAND_OVER_WITHIN: Duration = Duration::from_secs(10);

/// Messages over the second channel under way at the same time.
pub(crate) const MAX_MESSAGES: usize = 16;

/// How often the server looks whether the registry was changed.
pub(crate) const LOOK_AT_REGISTRY_EVERY: Duration = Duration::from_secs(5);

/// Plans that are parsed and checked at the same time; a further one waits.
pub(crate) const MAX_CHECKS: usize = 2;

/// How long a plan waits for its turn to be checked, before whoever sent it is asked to come again.
pub(crate) const CHECK_WITHIN: Duration = Duration::from_secs(30);

/// Warnings that the status shows.
pub(crate) const MAX_WARNINGS: usize = 100;

/// What happened and nobody has looked at yet, kept for those who follow.
pub(crate) const MAX_UNSEEN: usize = 16_384;

/// Enrolment codes that wait to be used.
pub(crate) const MAX_CODES: usize = 10_000;

/// How long an enrolment code is good, in hours.
pub(crate) const CODE_HOURS: i64 = 72;

/// Time between two looks at what is due, in times of what a look takes.
pub(crate) const BREATHS: u32 = 9;

/// How often the server looks whether something is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How often a control room that stands by looks whether anybody leads.
pub(crate) const LOOK_AFTER_LEADER: Duration = Duration::from_secs(1);

/// How long requests and deliveries under way may take to end at shutdown.
pub(crate) const CLOSE_WITHIN: Duration = Duration::from_secs(12);

/// Requests of one address without a bound of its own, per second and at once. Addresses that are trusted have none.
pub const PER_ADDRESS: Rate = Rate { per_second: 20.0, burst: 200 };

/// Requests of one person or program, and words of one facility, per second and at once.
pub const PER_CALLER: Rate = Rate { per_second: 50.0, burst: 500 };

/// Tokens, codes and signatures of one address that prove nothing, per second and at once; then it has to wait.
pub const FAILURES: Rate = Rate { per_second: 0.2, burst: 20 };

/// Refusals written down, per second and at once; the rest is counted.
pub(crate) const REFUSALS: Rate = Rate { per_second: 5.0, burst: 100 };

/// How long a caller may take to send a body, in seconds.
pub const BODY_SECONDS: u64 = 60;

/// Callers that are counted one by one.
pub(crate) const MAX_COUNTED: usize = 16_384;

/// How long a refusal that repeats itself is one burst.
pub(crate) const BURST: Duration = Duration::from_secs(60);

/// Bursts that are followed at the same time.
pub(crate) const MAX_BURSTS: usize = 1_024;

/// Size at which the file of refusals is set aside; two of them are kept.
pub(crate) const MAX_REFUSED_BYTES: u64 = 4 << 20;

/// Longest part of a path or error in a refusal, in characters.
pub(crate) const MAX_REFUSED_TEXT: usize = 300;

/// Longest reason in a facility's word, and the name of whoever speaks, in characters.
pub(crate) const MAX_WORD: usize = 1_000;

/// So many now and then, so many on end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// On end.
    pub per_second: f64,
    /// At once, after a pause.
    pub burst: u32,
}

/// `[limits]` of the configuration: what callers may ask of the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Addresses whose callers are not counted together: this machine, and a proxy that counts them itself.
    pub trusted: Vec<Network>,
    /// Requests of one address.
    pub per_address: Rate,
    /// Requests of one caller.
    pub per_caller: Rate,
    /// What one address may get wrong.
    pub failures: Rate,
    /// Connections at the same time.
    pub connections: usize,
    /// Connections of one address at the same time.
    pub connections_per_address: usize,
    /// Until the head of a request has come, in seconds.
    pub head_seconds: u64,
    /// Until its body has come, in seconds.
    pub body_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let this_machine = ["127.0.0.0/8", "::1"];
        Self {
            trusted: this_machine.iter().filter_map(|network| network.parse().ok()).collect(),
            per_address: PER_ADDRESS,
            per_caller: PER_CALLER,
            failures: FAILURES,
            connections: limits::MAX_CONNECTIONS,
            connections_per_address: limits::MAX_CONNECTIONS_PER_ADDRESS,
            head_seconds: limits::HEAD_WITHIN.as_secs(),
            body_seconds: BODY_SECONDS,
        }
    }
}

impl Limits {
    /// What the listener keeps to.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            trusted: self.trusted.clone(),
            head_within: Duration::from_secs(self.head_seconds),
            ..Bounds::default()
        }
    }

    /// Requests for orders that may wait at the same time: the other connections are left to everybody else.
    #[must_use]
    pub(crate) fn waiting_for_orders(&self) -> usize {
        (self.connections - self.connections / 4).max(1)
    }

    /// Whether callers from there are not counted together.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// Whether something is left to callers.
    ///
    /// # Errors
    /// Names what is not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rates = [self.per_address, self.per_caller, self.failures];
        let rates_fit =
            rates.iter().all(|rate| rate.burst > 0 && rate.per_second > 0.0 && rate.per_second < 1e6);
        let counts = [self.connections, self.connections_per_address];
        let seconds = [self.head_seconds, self.body_seconds];
        match rates_fit && counts.iter().all(|count| *count > 0) && seconds.iter().all(|seconds| *seconds > 0)
        {
            true => Ok(()),
            false => Err("[limits]: every figure must be above zero".into()),
        }
    }
}
