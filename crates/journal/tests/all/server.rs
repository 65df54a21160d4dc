//! Tampering with a journal in PostgreSQL: what the triggers stop, and what the auditor finds where they are taken away.

use kezek_journal::{Head, JournalError, PostgresReader, PostgresStore, Store, verify_at};
use proptest::prelude::*;

use crate::cluster::{Cluster, server};
use crate::fixture::{batch, records};

const COLUMNS: [&str; 6] = ["at", "kind", "body", "documents", "prev", "hash"];

/// A closed journal of six records in three batches.
fn journal() -> (String, Vec<Head>) {
    let url = Cluster::get().fresh();
    let mut store = PostgresStore::open(&server(&url), "the test").unwrap();
    let heads = (1..=3).map(|size| store.append(&batch(size, size)).unwrap()).collect();
    (url, heads)
}

/// Does with the rows what no trigger sees.
fn edit(url: &str, sql: &str) {
    Cluster::get().sql_at(url, &format!("SET session_replication_role = replica; {sql}")).unwrap();
}

fn faults(url: &str, heads: &[Head]) -> Vec<String> {
    verify_at(&url.parse().unwrap(), heads).unwrap().faults.iter().map(ToString::to_string).collect()
}

#[test]
fn sql_that_changes_the_past_is_refused() {
    let (url, heads) = journal();
    for sql in [
        "UPDATE kezek.journal SET body = '{}' WHERE seq = 2",
        "UPDATE kezek.journal SET seq = 9 WHERE seq = 6",
        "DELETE FROM kezek.journal WHERE seq = 6",
        "TRUNCATE kezek.journal",
        "INSERT INTO kezek.journal VALUES (8, 'a', 'k', '{}', '[]', 'p', 'h')",
        "INSERT INTO kezek.journal VALUES (0, 'a', 'k', '{}', '[]', 'p', 'h')",
        "INSERT INTO kezek.journal VALUES (7, 'a', 'k', '{}', '[]', 'p', 'h'), (9, 'a', 'k', '{}', '[]', 'p', 'h')",
        "UPDATE kezek.document SET bytes = ''",
        "DELETE FROM kezek.document",
        "TRUNCATE kezek.document",
    ] {
        let refused = Cluster::get().sql_at(&url, sql).expect_err(sql);
        assert!(refused.contains("append-only") || refused.contains("only at its end"), "{sql}: {refused}");
    }
    assert_eq!(faults(&url, &heads), [""; 0]);
}

#[test]
fn a_user_without_more_rights_than_the_owner_cannot_even_try() {
    let (url, _) = journal();
    Cluster::get().sql_at(&url, "CREATE ROLE clerk; GRANT USAGE ON SCHEMA kezek TO clerk; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA kezek TO clerk").unwrap();
    let refused =
        Cluster::get().sql_at(&url, "SET ROLE clerk; DELETE FROM kezek.journal").expect_err("deleted");
    assert!(refused.contains("permission denied"), "{refused}");
    assert_eq!(faults(&url, &[]), [""; 0], "rights do not belong to what is compared");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_changed_letter_of_any_column_is_found(
        seq in 1_i64..=6, column in prop::sample::select(&COLUMNS[..]), place in any::<u16>(), with in "[!-~]",
    ) {
        let (url, _) = journal();
        let quoted = with.replace('\'', "''");
        let other = if with == "x" { "y" } else { "x" };
        edit(&url, &format!(
            "UPDATE kezek.journal SET {column} = overlay({column} PLACING
               CASE substr({column}, 1 + {place} % length({column}), 1) WHEN '{quoted}' THEN '{other}' ELSE '{quoted}' END
               FROM 1 + {place} % length({column}) FOR 1) WHERE seq = {seq}"
        ));
        let found = verify_at(&url.parse().unwrap(), &[]).unwrap();
        prop_assert!(found.faults.iter().any(|fault| fault.seq.is_some()), "{column} of {seq}: {:?}", found.faults);
        let loaded = PostgresStore::open(&server(&url), "the test").and_then(|store| records(&store, 0));
        Cluster::get().drop(&url);
        prop_assert!(matches!(loaded, Err(JournalError::Broken { .. })), "a broken chain was loaded");
    }
}

#[test]
fn gaps_lost_tails_and_changed_documents_are_found() {
    let (url, heads) = journal();
    edit(&url, "DELETE FROM kezek.journal WHERE seq = 6");
    assert_eq!(
        faults(&url, &heads),
        ["record 6: was handed out as a head and is lost: the journal ends at 5"]
    );
    edit(&url, "DELETE FROM kezek.journal WHERE seq IN (2, 3)");
    assert!(faults(&url, &[])[0].starts_with("record 4: seq is 4, expected 2"));
    let (url, heads) = journal();
    edit(&url, "UPDATE kezek.document SET bytes = 'x' WHERE bytes = 'plan of batch 1'");
    edit(&url, "DELETE FROM kezek.document WHERE bytes = 'plan of batch 2'");
    let found = faults(&url, &heads);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("was changed") && found[2].contains("missing or changed"), "{found:?}");
}

#[test]
fn a_guard_that_was_taken_away_is_found_and_the_writer_does_not_go_on() {
    for (sql, said) in [
        ("DROP TRIGGER journal_is_not_changed ON kezek.journal", "trigger journal_is_not_changed is missing"),
        (
            "ALTER TABLE kezek.document DISABLE TRIGGER document_is_not_changed",
            "trigger document_is_not_changed is missing",
        ),
        (
            "CREATE OR REPLACE FUNCTION kezek.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "function never is missing",
        ),
        ("CREATE RULE quiet AS ON INSERT TO kezek.journal DO INSTEAD NOTHING", "rule quiet does not belong"),
        ("ALTER TABLE kezek.journal ADD COLUMN more text", "column journal.more does not belong"),
        ("UPDATE kezek.about SET version = 2", "version 2 does not belong"),
    ] {
        let (url, heads) = journal();
        Cluster::get().sql_at(&url, sql).unwrap();
        let found = faults(&url, &heads);
        assert!(found.iter().any(|fault| fault.contains(said)), "{sql}: {found:?}");
        let refused = PostgresStore::open(&server(&url), "the test").map(|_| ());
        assert!(matches!(refused, Err(JournalError::NotAJournal { .. })), "{sql}: {refused:?}");
    }
}

#[test]
fn an_empty_database_is_no_journal_and_stays_empty_when_it_is_read() {
    let url = Cluster::get().fresh();
    let missing = PostgresReader::open(&server(&url)).map(|_| ());
    assert!(matches!(missing, Err(JournalError::Missing { .. })), "{missing:?}");
    assert!(matches!(verify_at(&url.parse().unwrap(), &[]), Err(JournalError::Missing { .. })));
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'kezek'";
    assert_eq!(Cluster::get().sql_at(&url, schemas).unwrap(), "0");
}

#[test]
fn a_server_that_does_not_flush_is_refused() {
    let url = Cluster::get().fresh();
    let unsafe_url = format!("{url}&options=-c%20synchronous_commit%3Doff");
    // The session sets that right by itself; what only the server can set is refused.
    assert!(PostgresStore::open(&server(&unsafe_url), "the test").is_ok());
    let name = url.split(['/', '?']).nth(3).unwrap();
    let latin = format!("{name}_latin");
    let create = format!("CREATE DATABASE {latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    Cluster::get().sql("postgres", &create).unwrap();
    let refused = PostgresStore::open(&server(&url.replace(name, &latin)), "the test").map(|_| ());
    assert!(
        matches!(&refused, Err(JournalError::Unsafe { what, .. }) if what.contains("server_encoding is LATIN1")),
        "{refused:?}"
    );
}
