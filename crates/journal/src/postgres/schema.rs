//! Tables and triggers of the journal in PostgreSQL, and whether a database has them.

use std::collections::BTreeSet;

use super::connection::Connection;
use crate::error::JournalError;

/// Version of the tables below.
const SCHEMA_VERSION: i32 = 1;

/// Held while the tables are made, so that two control rooms that start at once make them once.
const MAKING: &str = "BEGIN; SELECT pg_advisory_xact_lock(1265260362);";

/// Text is compared by bytes, so that no change of a locale moves an index. The statement trigger sees a whole insert.
const TABLES: &str = r#"
CREATE TABLE kezek.about(version integer PRIMARY KEY);
CREATE TABLE kezek.journal(seq bigint PRIMARY KEY, at text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL, documents text COLLATE "C" NOT NULL, prev text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL);
CREATE TABLE kezek.document(digest text COLLATE "C" PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE kezek.lease(place integer PRIMARY KEY, term bigint NOT NULL, holder text NOT NULL,
  expires timestamptz NOT NULL);
CREATE TRIGGER journal_grows_at_its_end AFTER INSERT ON kezek.journal REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION kezek.at_the_end();
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE OR DELETE ON kezek.journal
  FOR EACH ROW EXECUTE FUNCTION kezek.never();
CREATE TRIGGER journal_is_not_emptied BEFORE TRUNCATE ON kezek.journal
  FOR EACH STATEMENT EXECUTE FUNCTION kezek.never();
CREATE TRIGGER document_is_not_changed BEFORE UPDATE OR DELETE ON kezek.document
  FOR EACH ROW EXECUTE FUNCTION kezek.never();
CREATE TRIGGER document_is_not_emptied BEFORE TRUNCATE ON kezek.document
  FOR EACH STATEMENT EXECUTE FUNCTION kezek.never();
REVOKE UPDATE, DELETE, TRUNCATE ON kezek.journal, kezek.document FROM CURRENT_USER;
INSERT INTO kezek.lease VALUES (1, 0, '', to_timestamp(0));
"#;

/// Name and text of the functions that the triggers call.
const FUNCTIONS: [(&str, &str); 2] = [
    ("never", "BEGIN RAISE EXCEPTION 'the journal is append-only'; END"),
    (
        "at_the_end",
        "DECLARE first bigint; last bigint; many bigint;
BEGIN
  SELECT min(seq), max(seq), count(*) INTO first, last, many FROM added;
  IF many > 0 AND (last - first + 1 <> many
      OR EXISTS (SELECT 1 FROM kezek.journal WHERE seq > last)
      OR first <> coalesce((SELECT max(seq) FROM kezek.journal WHERE seq < first), 0) + 1) THEN
    RAISE EXCEPTION 'the journal grows only at its end';
  END IF;
  RETURN NULL;
END",
    ),
];

/// Everything of the schema that matters, a line each.
const FOUND: &str = "
WITH own AS (SELECT oid, relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
             AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'kezek'))
SELECT 'version ' || version FROM kezek.about
UNION ALL SELECT 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
    || CASE WHEN attnotnull THEN ' not null' ELSE '' END
  FROM own JOIN pg_attribute ON attrelid = own.oid WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'constraint ' || relname || ' ' || pg_get_constraintdef(c.oid)
  FROM own JOIN pg_constraint c ON conrelid = own.oid WHERE contype <> 'n'
UNION ALL SELECT 'trigger ' || tgname || ' on ' || relname || ' ' || tgtype::text || ' ' || tgenabled::text || ' ' || proname
  FROM own JOIN pg_trigger ON tgrelid = own.oid JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || proname || ' ' || prosrc FROM pg_proc
  WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'kezek')
UNION ALL SELECT 'rule ' || rulename || ' on ' || relname FROM own JOIN pg_rewrite ON ev_class = own.oid
UNION ALL SELECT 'row security on ' || relname FROM own WHERE relrowsecurity";

/// The lines of a new journal, but for its functions and its version. Of a trigger the digits say when it fires and
/// the letter that it is enabled.
const EXPECTED: [&str; 23] = [
    "column about.version integer not null",
    "column journal.seq bigint not null",
    "column journal.at text not null",
    "column journal.kind text not null",
    "column journal.body text not null",
    "column journal.documents text not null",
    "column journal.prev text not null",
    "column journal.hash text not null",
    "column document.digest text not null",
    "column document.bytes bytea not null",
    "column lease.place integer not null",
    "column lease.term bigint not null",
    "column lease.holder text not null",
    "column lease.expires timestamp with time zone not null",
    "constraint about PRIMARY KEY (version)",
    "constraint journal PRIMARY KEY (seq)",
    "constraint document PRIMARY KEY (digest)",
    "constraint lease PRIMARY KEY (place)",
    "trigger journal_grows_at_its_end on journal 4 O at_the_end",
    "trigger journal_is_not_changed on journal 27 O never",
    "trigger journal_is_not_emptied on journal 34 O never",
    "trigger document_is_not_changed on document 27 O never",
    "trigger document_is_not_emptied on document 34 O never",
];

/// Whether the database has tables of a journal, whatever their version.
pub(crate) fn exists(connection: &Connection) -> Result<bool, JournalError> {
    // A scan sees what was committed while the lock was waited for; a look-up by name may answer from before.
    let sql = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'kezek' AND c.relname = 'about'";
    Ok(!connection.query("looking for a journal", sql, &[])?.is_empty())
}

/// Makes the tables in a database that has none yet.
pub(crate) fn create_if_missing(connection: &Connection) -> Result<(), JournalError> {
    if exists(connection)? {
        return Ok(());
    }
    connection.batch("making its tables", MAKING)?;
    let made = match exists(connection) {
        Ok(false) => connection.batch("making its tables", &statements()),
        other => other.map(|_| ()),
    };
    let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
    made.and(connection.batch("making its tables", end))
}

fn statements() -> String {
    let functions = FUNCTIONS.map(|(name, text)| {
        format!("CREATE FUNCTION kezek.{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $kezek${text}$kezek$;\n")
    });
    let version = format!("INSERT INTO kezek.about VALUES ({SCHEMA_VERSION});");
    format!("CREATE SCHEMA kezek;\n{}{TABLES}{version}", functions.concat())
}

/// How the tables of a database differ from those of a journal, in words; nothing where they do not.
pub(crate) fn difference(connection: &Connection) -> Result<Vec<String>, JournalError> {
    if !exists(connection)? {
        return Ok(vec!["it holds no journal".into()]);
    }
    let rows = connection.query("reading its schema", FOUND, &[])?;
    let found: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let expected = expected();
    let missing = expected.difference(&found).map(|line| format!("{} is missing or changed", name_of(line)));
    let foreign = found.difference(&expected).map(|line| format!("{} does not belong there", name_of(line)));
    Ok(missing.chain(foreign).collect())
}

fn expected() -> BTreeSet<String> {
    let functions = FUNCTIONS.iter().map(|(name, text)| format!("function {name} {text}"));
    let lines = EXPECTED.iter().map(ToString::to_string);
    lines.chain(functions).chain([format!("version {SCHEMA_VERSION}")]).collect()
}

/// The first words of a line: what kind it is, and its name.
fn name_of(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
