//! The wire to a PostgreSQL server: every call has a bound, so that whoever holds a lease learns in time that nobody
//! answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

use crate::error::JournalError;
use crate::limits::{CALL_WITHIN, CONNECT_WITHIN};
use crate::location::Server;

/// What a session is told before anything else. An idle transaction would hold locks while its process sleeps: none is
/// ever begun here, and the server ends it if one were.
const SESSION: &str = "
SET synchronous_commit = on;
SET idle_in_transaction_session_timeout = '3s';
SET lock_timeout = '3s';
SET statement_timeout = '30s';
SET search_path = pg_catalog, pg_temp;
SET standard_conforming_strings = on;
SET bytea_output = hex;";

/// What a journal relies on, and what it must be.
const SETTINGS: &str = "
SELECT name, setting FROM pg_catalog.pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'server_version_num')
UNION ALL SELECT 'in_recovery', pg_catalog.pg_is_in_recovery()::text ORDER BY 1";

/// First version whose features are all used here as they are today.
const MIN_VERSION: u32 = 120_000;

/// One session with a PostgreSQL server.
pub(crate) struct Connection {
    server: Server,
    client: Client,
    /// Set once a call got no answer: what became of it is not known, and the session is given up.
    is_given_up: AtomicBool,
    /// The wire moves only while a call is waited for. Taken when the connection is dropped.
    runtime: Option<Runtime>,
}

impl Connection {
    /// Connects, sets the session up, and refuses a server that may lose what it says is durable.
    pub(crate) fn open(server: &Server) -> Result<Self, JournalError> {
        let place = server.shown();
        let wrong = |what| JournalError::Address { place: place.clone(), what };
        let mut config = server.config().map_err(wrong)?;
        config.application_name("kezek").connect_timeout(CONNECT_WITHIN).tcp_user_timeout(CALL_WITHIN);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| JournalError::File {
            path: place.clone().into(),
            doing: "preparing to connect",
            source,
        })?;
        let connecting = async { tokio::time::timeout(CALL_WITHIN, config.connect(NoTls)).await };
        let (client, wire) = answered(&place, "connecting", runtime.block_on(connecting))?;
        runtime.spawn(async move {
            if let Err(error) = wire.await {
                // Whoever calls next is told.
                drop(error);
            }
        });
        let is_given_up = AtomicBool::new(false);
        let opened = Self { server: server.clone(), client, is_given_up, runtime: Some(runtime) };
        opened.batch("setting the session up", SESSION)?;
        opened.require_safe()?;
        Ok(opened)
    }

    fn require_safe(&self) -> Result<(), JournalError> {
        let mut what = Vec::new();
        for row in self.query("reading its settings", SETTINGS, &[])? {
            let (name, setting): (String, String) = (row.get(0), row.get(1));
            what.extend(objection(&name, &setting));
        }
        match what.is_empty() {
            true => Ok(()),
            false => Err(JournalError::Unsafe { place: self.place(), what: what.join(", ") }),
        }
    }

    /// The address as it may be shown.
    pub(crate) fn place(&self) -> String {
        self.server.shown()
    }

    /// Whether another session is needed.
    pub(crate) fn is_over(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed) || self.client.is_closed()
    }

    /// A session in place of this one.
    pub(crate) fn renewed(&self) -> Result<Self, JournalError> {
        Self::open(&self.server)
    }

    pub(crate) fn query(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, JournalError> {
        self.wait(doing, self.client.query(sql, values))
    }

    pub(crate) fn batch(&self, doing: &'static str, sql: &str) -> Result<(), JournalError> {
        self.wait(doing, self.client.batch_execute(sql))
    }

    fn wait<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, JournalError> {
        let bounded = async { tokio::time::timeout(CALL_WITHIN, call).await };
        let no_answer = || JournalError::NoAnswer { place: self.place(), doing, within: CALL_WITHIN };
        let outcome = self.runtime.as_ref().ok_or_else(no_answer)?.block_on(bounded);
        if outcome.is_err() {
            self.is_given_up.store(true, Ordering::Relaxed);
        }
        answered(&self.place(), doing, outcome)
    }
}

impl Drop for Connection {
    /// It may be dropped where waiting is not allowed.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn answered<T>(
    place: &str,
    doing: &'static str,
    outcome: Result<Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
) -> Result<T, JournalError> {
    let place = || place.to_owned();
    match outcome {
        Ok(answer) => {
            answer.map_err(|source| JournalError::Server { place: place(), doing, source: Box::new(source) })
        }
        Err(_) => Err(JournalError::NoAnswer { place: place(), doing, within: CALL_WITHIN }),
    }
}

fn objection(name: &str, setting: &str) -> Option<String> {
    let expected = match name {
        "fsync" | "full_page_writes" => "on",
        "in_recovery" => "false (the primary, not a replica)",
        "server_encoding" => "UTF8",
        "synchronous_commit" => "on",
        "server_version_num" => {
            let is_old = setting.parse::<u32>().is_ok_and(|version| version < MIN_VERSION);
            return is_old.then(|| format!("its version is {setting}, expected {MIN_VERSION} or later"));
        }
        _ => return None,
    };
    (!expected.starts_with(setting)).then(|| format!("{name} is {setting}, expected {expected}"))
}

/// A pause as the server reads it, in seconds.
pub(crate) fn seconds(pause: Duration) -> f64 {
    pause.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_may_lose_what_it_keeps_is_refused() {
        let bad = [
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("synchronous_commit", "off"),
            ("server_encoding", "SQL_ASCII"),
            ("in_recovery", "true"),
            ("server_version_num", "110009"),
        ];
        assert!(bad.iter().all(|(name, setting)| objection(name, setting).is_some()));
        let good = [("fsync", "on"), ("server_encoding", "UTF8"), ("server_version_num", "150014")];
        assert!(good.iter().all(|(name, setting)| objection(name, setting).is_none()));
        assert_eq!(objection("in_recovery", "false"), None);
    }
}
