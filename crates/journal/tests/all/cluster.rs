//! A PostgreSQL server of the tests' own: in a folder of its own, on a Unix socket only, begun once per test binary and
//! ended when the binary ends, however it ends.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use kezek_journal::{Location, Server};

/// Runs the server until its stdin ends, which it does with the process that holds the other end. As PostgreSQL does
/// not run as root, root runs it as somebody else.
const SCRIPT: &str = include_str!("cluster.sh");

/// The server.
pub(crate) struct Cluster {
    /// Where its socket is.
    pub(crate) home: PathBuf,
    /// As long as its stdin is open, the server runs.
    _shell: Child,
}

impl Cluster {
    /// Begun when it is asked for the first time.
    pub(crate) fn get() -> &'static Self {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        let started = CLUSTER.get_or_init(Self::start).as_ref();
        started.unwrap_or_else(|| panic!("no PostgreSQL server could be started; `./dev test` installs one"))
    }

    fn start() -> Option<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.spawn().unwrap();
        let mut home = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut home).unwrap();
        (!home.is_empty()).then(|| Self { home: home.trim().into(), _shell: shell })
    }

    /// The address of a new and empty database.
    pub(crate) fn fresh(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("journal_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
        format!("postgres://kezek@/{name}?host={}", self.home.display())
    }

    /// Gives back the space of a database that is no longer needed.
    pub(crate) fn drop(&self, url: &str) {
        let name = url.split(['/', '?']).nth(3).unwrap();
        self.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }

    /// What a database answers, as the owner of everything asks it.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = Command::new("psql");
        psql.arg("-h").arg(&self.home).args(["-U", "kezek", "-d", database, "-v", "ON_ERROR_STOP=1"]);
        let ran = psql.args(["-qAtX", "-c", sql]).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        if ran.status.success() { Ok(text(ran.stdout)) } else { Err(text(ran.stderr)) }
    }

    /// As [`Cluster::sql`], in the database of an address.
    pub(crate) fn sql_at(&self, url: &str, sql: &str) -> Result<String, String> {
        let name = url.split(['/', '?']).nth(3).unwrap();
        self.sql(name, sql)
    }
}

/// An address as the library takes it.
pub(crate) fn server(url: &str) -> Server {
    match url.parse() {
        Ok(Location::Server(server)) => server,
        _ => panic!("{url} is no server"),
    }
}
