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
const SCRIPT: &str = r#"
set -eu
home=$(mktemp -d /tmp/kezek-pg-XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$home"
    as="runuser -u $user --"
fi
found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)
bin=$(dirname "$(readlink -f "$(command -v initdb || echo "$found")")")
cd "$home"
export LC_ALL=C
$as "$bin/initdb" -D "$home/data" -U kezek -A trust -E UTF8 --locale=C --no-sync >"$home/initdb.log" 2>&1 || {
    cat "$home/initdb.log" >&2
    exit 1
}
$as "$bin/postgres" -D "$home/data" -k "$home" -c listen_addresses= -c shared_buffers=32MB -c max_connections=60 \
    </dev/null >"$home/log" 2>&1 &
server=$!
ended() { kill -INT "$(head -1 "$home/data/postmaster.pid")" 2>/dev/null || true; wait "$server" || true; rm -rf "$home"; }
trap ended EXIT
trap '' INT TERM
for _ in $(seq 300); do
    if "$bin/pg_isready" -q -h "$home"; then
        echo "$home"
        cat >/dev/null
        exit 0
    fi
    sleep 0.1
done
cat "$home/log" >&2
exit 1
"#;

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
