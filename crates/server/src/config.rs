//! `kezek.toml` of a control room.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use kezek_courier::{AddressRules, Tls};
use kezek_engine::{Terms, Tolerance};
use kezek_journal::Location;
use kezek_model::ids::ZoneId;
use kezek_model::order::{Notice, Priority};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};

use crate::access::{FacilityToken, Person, Role};
use crate::error::ServerError;
use crate::limits::{Limits, MAX_REQUEST_BYTES};
use crate::notice::folder::NoticeSettings;
use crate::openid::OpenIdSettings;
use crate::second::{SecondChannelSettings, Teller};

/// The settings of a control room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the environment, for instance `kz-live` or `training`; stands in every order and never changes.
    pub environment: String,
    /// Address and port to listen on.
    #[serde(default = "listen")]
    pub listen: String,
    /// The journal: a file, or `postgres://USER@HOST:PORT/DATABASE` where several control rooms share it.
    pub database: Location,
    /// The file with the password for the database, which only this user may read.
    #[serde(default)]
    pub database_password_file: Option<PathBuf>,
    /// The private key that signs the orders.
    pub key_file: PathBuf,
    /// Minutes from issue to the time by which an answer is due.
    #[serde(default = "ack_minutes")]
    pub ack_minutes: u32,
    /// Plans whose highest total cut is above this take two people; without it one is enough.
    #[serde(rename = "two_people_above_mw", default)]
    pub two_people_above: Option<Kw>,
    /// Restore limit per plan interval of zones whose case names none; without it all return at once.
    #[serde(rename = "restore_limit_mw", default)]
    pub restore_limit: Option<Kw>,
    /// How orders are meant.
    #[serde(default = "priority")]
    pub priority: Priority,
    /// Largest body of a request, in bytes.
    #[serde(default = "max_body_bytes")]
    pub max_body_bytes: usize,
    /// Where orders may go.
    #[serde(default)]
    pub addresses: AddressRules,
    /// Encryption, and certificates of facilities.
    #[serde(default)]
    pub tls: Tls,
    /// What callers may ask.
    #[serde(default)]
    pub limits: Limits,
    /// How meters are judged.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// Minutes after the end of an order in which its readings may still come.
    #[serde(default = "reading_late_minutes")]
    pub reading_late_minutes: u32,
    /// Most orders issued in any minute; without it twice the facilities.
    #[serde(default)]
    pub orders_per_minute: Option<u32>,
    /// Most that may be cut of a zone within any plan interval; a zone not named: any.
    #[serde(default, rename = "shed_limit_mw")]
    pub shed_limits: BTreeMap<ZoneId, Kw>,
    /// The folder with `contacts.csv`, `endpoints.csv` and `tenants.csv`; without it nobody is named.
    #[serde(default)]
    pub registry: Option<PathBuf>,
    /// The file with the accounts of those who sign in on the pages, which only this user may read; without it nobody can.
    #[serde(default)]
    pub accounts: Option<PathBuf>,
    /// Where else people may sign in: an OpenID Connect provider.
    #[serde(default)]
    pub openid: Option<OpenIdSettings>,
    /// How people are told of an order that has not arrived.
    #[serde(default)]
    pub second_channel: SecondChannelSettings,
    /// Where the words of e-mails and short messages are.
    #[serde(default)]
    pub notices: NoticeSettings,
    /// Where planners lay the results of their studies.
    #[serde(default)]
    pub studies: StudySettings,
    /// What every order says.
    pub notice: Notice,
    /// People and programs of the control room.
    #[serde(default, rename = "person")]
    pub people: Vec<Person>,
    /// Tokens of facilities, where an agent asks for its orders.
    #[serde(default, rename = "facility")]
    pub facilities: Vec<FacilityToken>,
}

/// `[studies]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySettings {
    /// The folder with the files that `kezek study run` and `kezek study gather` write; without it there are none to show.
    #[serde(default)]
    pub folder: Option<PathBuf>,
}

fn listen() -> String {
    "127.0.0.1:8080".into()
}

fn ack_minutes() -> u32 {
    Terms::default().ack_minutes
}

fn priority() -> Priority {
    Priority::Normal
}

fn max_body_bytes() -> usize {
    MAX_REQUEST_BYTES
}

fn reading_late_minutes() -> u32 {
    kezek_engine::Config::default().reading_late_minutes
}

impl Config {
    /// Settings for an environment with everything else at its default and nobody to call.
    #[must_use]
    pub fn new(environment: &str, database: impl Into<Location>, key_file: PathBuf) -> Self {
        Self {
            environment: environment.into(),
            listen: listen(),
            database: database.into(),
            database_password_file: None,
            key_file,
            ack_minutes: ack_minutes(),
            two_people_above: None,
            restore_limit: None,
            priority: priority(),
            max_body_bytes: max_body_bytes(),
            addresses: AddressRules::default(),
            tls: Tls::default(),
            limits: Limits::default(),
            tolerance: Tolerance::default(),
            reading_late_minutes: reading_late_minutes(),
            orders_per_minute: None,
            shed_limits: BTreeMap::new(),
            registry: None,
            accounts: None,
            openid: None,
            second_channel: SecondChannelSettings::default(),
            notices: NoticeSettings::default(),
            studies: StudySettings::default(),
            notice: Notice::default(),
            people: Vec::new(),
            facilities: Vec::new(),
        }
    }

    /// Reads and checks a file. Relative paths in it are meant from its folder.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown, missing or malformed key, or fails [`Config::check`].
    pub fn load(path: &Path) -> Result<Self, ServerError> {
        let unreadable = |source| ServerError::ConfigUnreadable { path: path.to_owned(), source };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let malformed =
            |source| ServerError::ConfigMalformed { path: path.to_owned(), source: Box::new(source) };
        let mut config: Self = toml::from_str(&text).map_err(malformed)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.database = config.database.from_folder(folder);
        config.key_file = folder.join(&config.key_file);
        config.tls.resolve(folder);
        config.registry = config.registry.map(|registry| folder.join(registry));
        config.notices.folder = config.notices.folder.map(|notices| folder.join(notices));
        config.studies.folder = config.studies.folder.map(|studies| folder.join(studies));
        config.accounts = config.accounts.map(|accounts| folder.join(accounts));
        let (sms, email) = (&mut config.second_channel.sms, &mut config.second_channel.email);
        let openid = config.openid.as_mut();
        let secrets = [
            openid.map(|openid| &mut openid.client_secret_file),
            sms.as_mut().and_then(|sms| sms.headers_file.as_mut()),
            email.as_mut().and_then(|email| email.password_file.as_mut()),
        ];
        secrets.into_iter().flatten().for_each(|file| *file = folder.join(&*file));
        config.database_password_file = config.database_password_file.map(|file| folder.join(file));
        config.check()?;
        Ok(config)
    }

    /// Whether names and tokens are usable and none stands for two callers.
    ///
    /// # Errors
    /// Names the entry.
    pub fn check(&self) -> Result<(), ServerError> {
        check_name("environment", &self.environment)?;
        self.limits.check().map_err(wrong)?;
        self.openid.as_ref().map_or(Ok(()), OpenIdSettings::check).map_err(wrong)?;
        let people = self.people.iter().map(|person| (person.name.as_str(), &person.token_sha256));
        let facilities = self.facilities.iter().map(|token| (token.id.as_str(), &token.token_sha256));
        let (mut names, mut tokens) = (BTreeSet::new(), BTreeSet::new());
        for (name, token) in people.chain(facilities) {
            check_name("name", name)?;
            check_digest(name, token)?;
            if !names.insert(name) {
                return Err(wrong(format!("{name} stands there twice; a name means one caller")));
            }
            if !tokens.insert(token) {
                return Err(wrong(format!("{name} has the token of somebody else; every caller needs one")));
            }
        }
        self.check_people()
    }

    /// Two spellings of one name are no two people: nobody approves an own plan under another one (S2).
    fn check_people(&self) -> Result<(), ServerError> {
        if let Some(person) = self.people.iter().find(|person| person.roles.contains(&Role::Facility)) {
            let name = &person.name;
            return Err(wrong(format!(
                "{name} has the role facility, which only [[facility]] gives: for one"
            )));
        }
        let mut known = BTreeSet::new();
        for name in self.people.iter().map(|person| &person.name) {
            if !known.insert(folded(name)) {
                let what = format!("{name} stands there in another spelling too; a name means one caller");
                return Err(wrong(what));
            }
        }
        Ok(())
    }

    /// Whether gateway and mail relay can be used as they are set, secrets read; nobody is contacted.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn check_second_channel(&self) -> Result<(), ServerError> {
        Teller::new(self)?;
        Ok(())
    }

    /// The database with the password for it, from `password` or else from the file that the settings name.
    ///
    /// # Errors
    /// As [`read_password`].
    pub fn with_password(mut self, password: Option<String>) -> Result<Self, ServerError> {
        let from_file = || self.database_password_file.as_deref().map(read_password).transpose();
        let password = if password.is_some() { password } else { from_file()? };
        self.database = self.database.with_password(password);
        Ok(self)
    }

    /// What the orders of a plan say beyond the plan.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            notice: self.notice.clone(),
            priority: self.priority,
            ack_minutes: self.ack_minutes,
            restore_limit: self.restore_limit,
            ..Terms::default()
        }
    }

    /// What travels to the engine.
    pub(crate) fn engine(&self) -> kezek_engine::Config {
        kezek_engine::Config {
            two_people_above: self.two_people_above,
            tolerance: self.tolerance.clone(),
            reading_late_minutes: self.reading_late_minutes,
            orders_per_minute: self.orders_per_minute,
            shed_limits: self.shed_limits.clone(),
            second_channels: self.second_channel.engine(),
            word_shows_arrival: true,
        }
    }
}

/// The first line of a file that nobody but its owner may read.
///
/// # Errors
/// When it cannot be read, is empty, or others may read it.
pub fn read_password(path: &Path) -> Result<String, ServerError> {
    let unusable = |why: String| ServerError::PasswordFile { path: path.to_owned(), why };
    let metadata = fs::metadata(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(unusable("may be read by others; run `chmod 600` on it".into()));
    }
    let text = fs::read_to_string(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    match text.lines().next().map(str::trim_end).filter(|line| !line.is_empty()) {
        Some(password) => Ok(password.to_owned()),
        None => Err(unusable("is empty".into())),
    }
}

/// A name whatever its spelling.
pub(crate) fn folded(name: &str) -> Vec<String> {
    name.split_whitespace().map(str::to_lowercase).collect()
}

fn wrong(what: String) -> ServerError {
    ServerError::ConfigWrong { what }
}

pub(crate) fn check_name(key: &str, name: &str) -> Result<(), ServerError> {
    let plain = !name.trim().is_empty() && name.trim() == name && name.chars().count() <= 100;
    match plain && !name.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(wrong(format!("{key} is {name:?}, expected 1 to 100 visible characters"))),
    }
}

fn check_digest(name: &str, digest: &str) -> Result<(), ServerError> {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    match digest.len() == 64 && digest.bytes().all(hexadecimal) {
        true => Ok(()),
        false => Err(wrong(format!(
            "token_sha256 of {name} is not the SHA-256 of a token, expected 64 lower-case hexadecimal digits"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::token_sha256;

    const TEXT: &str = r#"
environment = "training"
database = "kezek.db"
key_file = "/keys/control-room.key"
two_people_above_mw = 500

[addresses]
allow_loopback = true
allow = ["10.1.0.0/16"]

[notice]
issuer = "System operator"
signatory = "Chief dispatcher"
legal_basis = "Grid rules, 14"
condition = "while the shortage lasts"
scope = "digital mining"
reason = { kk = "k", ru = "r", en = "shortage" }
contact = { name = "Duty dispatcher", phone = "+7 000" }

[[person]]
name = "Aigul"
roles = ["planner", "dispatcher"]
token_sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
"#;

    fn load(text: &str) -> Result<Config, ServerError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kezek.toml");
        fs::write(&path, text).unwrap();
        let mut config = Config::load(&path)?;
        assert_eq!(config.database.path(), Some(&*folder.path().join("kezek.db")));
        config.database = Path::new("kezek.db").into();
        Ok(config)
    }

    #[test]
    fn a_file_with_defaults_is_read() {
        let config = load(TEXT).unwrap();
        assert_eq!(config.key_file, Path::new("/keys/control-room.key"));
        assert_eq!((config.two_people_above, config.ack_minutes), (Some(Kw(500_000)), 30));
        assert_eq!(config.people[0].token_sha256, token_sha256("a"));
        assert!(config.addresses.allow_loopback);
    }

    #[test]
    fn faults_are_named() {
        let doubled = format!("{TEXT}\n[[facility]]\nid = \"F1\"\ntoken_sha256 = \"{}\"", token_sha256("a"));
        let respelled = |name: &str| {
            let token = token_sha256("b");
            format!(
                "{TEXT}\n[[person]]\nname = \"{name}\"\nroles = [\"approver\"]\ntoken_sha256 = \"{token}\""
            )
        };
        let cases = [
            (respelled("Aigul"), "Aigul stands there twice"),
            (TEXT.replace("\"planner\"", "\"facility\""), "Aigul has the role facility"),
            (respelled("AIGUL"), "AIGUL stands there in another spelling"),
            (TEXT.replace("two_people_above_mw", "two_peopel_above_mw"), "two_peopel"),
            (TEXT.replace("\"training\"", "\" \""), "environment"),
            (TEXT.replace("ca978112", "CA978112"), "token_sha256 of Aigul"),
            (TEXT.replace("\"planner\"", "\"king\""), "king"),
            (TEXT.replace("\"10.1.0.0/16\"", "\"10.1.0.1/16\""), "10.1.0.1/16"),
            (doubled, "F1 has the token"),
        ];
        for (text, named) in cases {
            let error = load(&text).unwrap_err();
            let chain = kezek_courier::error::describe(&error);
            assert!(chain.contains(named), "{named}: {chain}");
            assert_eq!(error.exit_code(), 3);
        }
    }
}
