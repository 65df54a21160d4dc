//! Where a journal is kept: a file, or a database server that several control rooms share.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a journal is kept. Written as a path or as `postgres://...`; a password is never part of it as it is shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// A database on a PostgreSQL server.
    Server(Server),
}

/// A database on a PostgreSQL server and how to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// As it was written; [`Server::config`] refuses one with a password.
    pub(crate) url: String,
    password: Option<String>,
}

impl Location {
    /// The file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }

    /// The same place with the password of its user, which a file has no need of.
    #[must_use]
    pub fn with_password(self, password: Option<String>) -> Self {
        match self {
            Self::Server(server) => Self::Server(Server { password, ..server }),
            file @ Self::File(_) => file,
        }
    }

    /// A relative path is meant from `folder`.
    #[must_use]
    pub fn from_folder(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            server @ Self::Server(_) => server,
        }
    }
}

impl Server {
    /// What the driver needs, or what is wrong with the address.
    pub(crate) fn config(&self) -> Result<tokio_postgres::Config, String> {
        // The text of the error could repeat what stands in the address.
        let mut config: tokio_postgres::Config =
            self.url.parse().map_err(|_| "it is no address of a PostgreSQL database".to_owned())?;
        if config.get_password().is_some() {
            return Err("it holds a password, which could be read in settings and lists of processes".into());
        }
        if !is_near(&config) && !self.url.contains("sslmode=disable") {
            return Err(
                "it is on another machine and the connection would not be encrypted; reach it by a tunnel, \
                        or write sslmode=disable where the network itself is safe"
                    .into(),
            );
        }
        if let Some(password) = &self.password {
            config.password(password);
        }
        Ok(config)
    }

    /// As much of the address as may be shown.
    pub(crate) fn shown(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return "***".into() };
        let rest = match rest.rsplit_once('@') {
            Some((user, place)) if user.contains(':') => format!("***@{place}"),
            _ => rest.to_owned(),
        };
        match rest.split_once('?') {
            Some((place, options)) if options.contains("password") => format!("{scheme}://{place}?***"),
            _ => format!("{scheme}://{rest}"),
        }
    }
}

/// Whether nothing leaves this machine on the way.
fn is_near(config: &tokio_postgres::Config) -> bool {
    use tokio_postgres::config::Host;
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

impl FromStr for Location {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let is_server = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        Ok(match is_server {
            true => Self::Server(Server { url: text.to_owned(), password: None }),
            false => Self::File(text.into()),
        })
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(server) => f.write_str(&server.shown()),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().unwrap_or_else(|never: Infallible| match never {}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        let Ok(Location::Server(server)) = url.parse() else { panic!("{url} is a file") };
        server
    }

    #[test]
    fn a_password_is_refused_and_shown_nowhere() {
        for url in [
            "postgres://kezek:geheim@localhost/kezek",
            "postgres://localhost/kezek?user=kezek&password=geheim",
            "postgresql://kezek:geh/eim@localhost/kezek",
            "postgres://kezek:geheim@",
        ] {
            let refused = server(url).config().unwrap_err();
            let shown = format!("{refused} {} {:?}", Location::Server(server(url)), server(url));
            assert!(!shown.contains("geh") && !shown.contains("eim"), "{shown}");
        }
        let given = Location::Server(server("postgres://kezek@localhost/kezek"));
        let given = given.with_password(Some("geheim".into()));
        assert_eq!(format!("{given} {given:?}").matches("geheim").count(), 0);
        let Location::Server(given) = given else { panic!() };
        assert_eq!(given.config().unwrap().get_password(), Some(&b"geheim"[..]));
    }

    #[test]
    fn what_would_travel_in_the_clear_is_refused_unless_that_is_said() {
        for near in ["postgres://localhost/k", "postgres://[::1]/k", "postgres:///k?host=/run/postgresql"] {
            assert!(server(near).config().is_ok(), "{near}");
        }
        let far = "postgres://kezek@db.example/kezek";
        assert!(server(far).config().unwrap_err().contains("not be encrypted"));
        assert!(server(&format!("{far}?sslmode=disable")).config().is_ok());
    }

    #[test]
    fn anything_else_is_a_path() {
        let path: Location = "control-room/kezek.db".parse().unwrap();
        assert_eq!(path.from_folder(Path::new("/etc")).path(), Some(Path::new("/etc/control-room/kezek.db")));
        let kept = Location::Server(server("postgres:///k")).from_folder(Path::new("/etc"));
        assert_eq!((kept.to_string(), kept.path()), ("postgres:///k".into(), None));
    }
}
