//! Who may sign in on the pages: names, roles, hashed passwords, secrets of one-time codes.
//!
//! A file that only its owner may read, written by `kezek account` and read again whenever it changes. A person who has a
//! token too bears the same name here: nobody is two people (S2).

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use kezek_model::ids::FacilityId;
use kezek_model::registry::Language;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use crate::access::Role;
use crate::config::{Config, check_name, folded};
use crate::error::ServerError;

/// Bytes of the secret of one-time codes: the length of an HMAC-SHA-1, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Letters of a password that is made: none is mistaken for another when read aloud. 20 of 32 are 100 bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const PASSWORD_LETTERS: usize = 20;
/// What a password is compared with where there is no such account, so that time does not tell.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$2F+4EUW3fU7nM8t6ZdOqsp7Dsz3vuXMWQ6dYdc3Ygqo";

/// `[[account]]`: somebody who signs in on the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What is typed when signing in.
    pub login: String,
    /// Stands in the journal beside everything the person does.
    pub name: String,
    /// What the person may do.
    pub roles: BTreeSet<Role>,
    /// Whose miner: then the role is `facility` and nothing of others is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<FacilityId>,
    /// The language until another is chosen.
    #[serde(default)]
    pub language: Language,
    /// Argon2id of the password, in the PHC form.
    pub password: String,
    /// The secret of one-time codes (RFC 6238: SHA-1, 6 digits, 30 s) in base 32; without it the password is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_secret: Option<String>,
    /// As whom the OpenID provider of the settings knows the person: then that is a way in too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid: Option<String>,
    /// One more after every reset: ends all sessions of before.
    #[serde(default)]
    pub generation: u64,
}

/// What a person is given once, on paper or by word: neither is kept in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The password.
    pub password: String,
    /// `otpauth://...` for the authenticator app, where there are codes.
    pub code_url: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Account {
    /// Gives the account a new password, and a new secret of codes where `with_code`; sessions of before end.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn reset(&mut self, environment: &str, with_code: bool) -> Result<Credentials, ServerError> {
        let password = new_password()?;
        let hash = Argon2::default().hash_password(password.as_bytes());
        self.password = hash.map_err(|_| ServerError::BrokeOff { what: "hashing the password" })?.to_string();
        let secret = if with_code { Some(random::<SECRET_BYTES>()?) } else { None };
        let totp = secret.map(|secret| self.totp(environment, Secret::from(secret))).transpose()?;
        self.code_secret = totp.as_ref().map(|totp| totp.secret().to_base32());
        self.generation += 1;
        let code_url = totp.map(|totp| totp.to_url()).transpose();
        let code_url = code_url.map_err(|_| ServerError::BrokeOff { what: "the address of the codes" })?;
        Ok(Credentials { password, code_url })
    }

    fn totp(&self, environment: &str, secret: Secret) -> Result<Totp, ServerError> {
        // A colon would part the name from the issuer.
        let plain = |text: &str| text.replace(':', "-");
        let built = Builder::new()
            .with_secret(secret)
            .with_account_name(plain(&self.login))
            .with_issuer(Some(format!("Kezek {}", plain(environment))))
            .build();
        built.map_err(|_| ServerError::BrokeOff { what: "the secret of the codes" })
    }

    /// The step of time to which a code belongs; none where it is wrong.
    fn step_of(&self, code: &str, unix_s: u64) -> Option<u64> {
        let secret = Secret::try_from_base32(self.code_secret.as_deref()?).ok()?;
        self.totp("", secret).ok()?.check(code.trim(), unix_s)
    }

    fn check(&self) -> Result<(), String> {
        let login = &self.login;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '@');
        if login.is_empty() || login.len() > 64 || !login.chars().all(plain) {
            return Err(format!(
                "login is {login:?}, expected 1 to 64 ASCII letters, digits, `-`, `_`, `.` or `@`"
            ));
        }
        check_name("name", &self.name).map_err(|error| format!("{login}: {error}"))?;
        if PasswordHash::new(&self.password).is_err() {
            return Err(format!("{login}: password is no hash; run `kezek account reset {login}`"));
        }
        let is_miner = self.roles == BTreeSet::from([Role::Facility]);
        match self.facility {
            Some(_) if !is_miner => Err(format!("{login} has a facility, so the one role must be facility")),
            None if self.roles.contains(&Role::Facility) => {
                Err(format!("{login} has the role facility, but no facility is named"))
            }
            None if self.roles.is_empty() => Err(format!("{login} has no role")),
            _ => Ok(()),
        }
    }
}

fn random<const N: usize>() -> Result<[u8; N], ServerError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| ServerError::BrokeOff { what: "the randomness of this machine" })?;
    Ok(bytes)
}

fn new_password() -> Result<String, ServerError> {
    let bytes = random::<PASSWORD_LETTERS>()?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// All accounts, as the file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// One for each person.
    #[serde(default, rename = "account")]
    pub all: Vec<Account>,
}

impl Accounts {
    /// Reads the file; one that is not there has no accounts.
    ///
    /// # Errors
    /// When it cannot be read, others may read it, or an entry cannot be used: all that is wrong.
    pub fn read(path: &Path, config: &Config) -> Result<Self, ServerError> {
        let unusable = |why: String| ServerError::Accounts { path: path.to_owned(), why };
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            found => found.map_err(|error| unusable(format!("cannot be read: {error}")))?,
        };
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(unusable("may be read by others; run `chmod 600` on the file".into()));
        }
        let text = fs::read_to_string(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
        let accounts: Self = toml::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        let faults = accounts.faults(config);
        if faults.is_empty() { Ok(accounts) } else { Err(unusable(faults.join("; "))) }
    }

    /// What is wrong with them.
    fn faults(&self, config: &Config) -> Vec<String> {
        let mut faults: Vec<String> = self.all.iter().filter_map(|account| account.check().err()).collect();
        let (mut logins, mut names, mut subjects) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for Account { login, name, openid, .. } in &self.all {
            if openid.as_ref().is_some_and(|subject| subject.is_empty() || !subjects.insert(subject)) {
                faults.push(format!("{login} is linked to nobody, or to the same as another account"));
            }
            if !logins.insert(login.to_lowercase()) {
                faults.push(format!("{login} stands there twice"));
            }
            if !names.insert(folded(name)) {
                faults.push(format!("{name} has two accounts; a name means one person"));
            }
            let is_other = |known: &&str| *known != name && folded(known) == folded(name);
            if let Some(known) = config.people.iter().map(|person| person.name.as_str()).find(is_other) {
                faults.push(format!(
                    "{name} is spelt {known} among the people of the configuration; spell it so"
                ));
            }
        }
        faults
    }

    /// Writes the file in one go, for its owner only.
    ///
    /// # Errors
    /// When an entry cannot be used, or the file cannot be written.
    pub fn write(&self, path: &Path, config: &Config) -> Result<(), ServerError> {
        let unusable = |why: String| ServerError::Accounts { path: path.to_owned(), why };
        let faults = self.faults(config);
        if !faults.is_empty() {
            return Err(unusable(faults.join("; ")));
        }
        let text = toml::to_string(self).map_err(|error| unusable(error.to_string()))?;
        write_private(path, &text).map_err(|error| unusable(format!("cannot be written: {error}")))
    }

    /// The account of a login.
    #[must_use]
    pub fn find(&self, login: &str) -> Option<&Account> {
        self.all.iter().find(|account| account.login.eq_ignore_ascii_case(login))
    }

    /// The account that login, password and code prove, with the step of time of the code. Takes as long for nobody.
    pub(crate) fn prove(&self, shown: &Shown<'_>, unix_s: u64) -> Option<(&Account, Option<u64>)> {
        let account = self.find(shown.login.trim());
        let hash = PasswordHash::new(account.map_or(NOBODY, |account| &account.password)).ok()?;
        let is_known = Argon2::default().verify_password(shown.password.as_bytes(), &hash).is_ok();
        let account = account.filter(|_| is_known)?;
        match account.code_secret {
            None => Some((account, None)),
            Some(_) => account.step_of(shown.code, unix_s).map(|step| (account, Some(step))),
        }
    }
}

/// What somebody shows who signs in.
pub(crate) struct Shown<'a> {
    pub(crate) login: &'a str,
    pub(crate) password: &'a str,
    pub(crate) code: &'a str,
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let beside = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// The file of the accounts as a server holds it: read again when it changes; the last good one stays.
pub(crate) struct AccountBook {
    path: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    stamp: Option<(SystemTime, u64)>,
    accounts: Arc<Accounts>,
    trouble: Option<String>,
}

impl AccountBook {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path, held: Mutex::default() }
    }

    /// The accounts of now, and what is wrong with the file where the last good one had to be kept.
    pub(crate) fn current(&self, config: &Config) -> (Arc<Accounts>, Option<String>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.path else { return (Arc::clone(&held.accounts), None) };
        let stamp = fs::metadata(path).ok().and_then(|data| Some((data.modified().ok()?, data.len())));
        if stamp != held.stamp {
            held.stamp = stamp;
            held.trouble = match Accounts::read(path, config) {
                Ok(accounts) => {
                    held.accounts = Arc::new(accounts);
                    None
                }
                Err(error) => {
                    tracing::error!(%error, "the accounts of before stay in force");
                    Some(error.to_string())
                }
            };
        }
        (Arc::clone(&held.accounts), held.trouble.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(login: &str, name: &str) -> Account {
        Account {
            login: login.into(),
            name: name.into(),
            roles: BTreeSet::from([Role::Dispatcher]),
            facility: None,
            language: Language::Kk,
            password: String::new(),
            code_secret: None,
            openid: None,
            generation: 0,
        }
    }

    fn config() -> Config {
        Config::new("test", PathBuf::from("kezek.db"), "key".into())
    }

    fn code(account: &Account, unix_s: u64) -> String {
        let secret = Secret::try_from_base32(account.code_secret.as_deref().unwrap()).unwrap();
        account.totp("test", secret).unwrap().generate(unix_s).to_string()
    }

    #[test]
    fn login_password_and_code_prove_an_account_and_nothing_less_does() {
        let mut serik = account("serik", "A. Serik");
        let given = serik.reset("test", true).unwrap();
        let now = 1_700_000_000;
        let (right, old) = (code(&serik, now), code(&serik, now - 300));
        let accounts = Accounts { all: vec![serik] };
        let prove = |login: &str, password: &str, code: &str| {
            accounts.prove(&Shown { login, password, code }, now).is_some()
        };
        assert!(prove("Serik", &given.password, &right));
        assert!(!prove("serik", &given.password, &old) && !prove("serik", &given.password, ""));
        assert!(!prove("serik", "", &right) && !prove("nobody", &given.password, &right));
    }

    #[test]
    fn a_reset_makes_everything_new() {
        let mut serik = account("serik", "A. Serik");
        let (first, before) = (serik.reset("test", true).unwrap(), serik.clone());
        let second = serik.reset("test", true).unwrap();
        assert!(first.password != second.password && serik.code_secret != before.code_secret);
        assert_eq!(serik.generation, before.generation + 1);
        let url = second.code_url.unwrap();
        assert!(url.starts_with("otpauth://totp/Kezek%20test:serik?secret="), "{url}");
        assert!(!format!("{:?}", Credentials { code_url: Some(url), ..second }).contains("otpauth"));
    }

    #[test]
    fn the_file_is_private_and_says_all_that_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        let config = config();
        assert_eq!(Accounts::read(&path, &config).unwrap(), Accounts::default());
        let mut accounts =
            Accounts { all: vec![account("serik", "A. Serik"), account("SERIK", "a.  serik")] };
        accounts.all.iter_mut().for_each(|account| _ = account.reset("test", false).unwrap());
        accounts.all[1].roles = BTreeSet::from([Role::Facility]);
        let error = accounts.write(&path, &config).unwrap_err().to_string();
        for fault in ["SERIK stands there twice", "a name means one person", "no facility is named"] {
            assert!(error.contains(fault), "{error}");
        }
        accounts.all.truncate(1);
        accounts.write(&path, &config).unwrap();
        assert_eq!(Accounts::read(&path, &config).unwrap(), accounts);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Accounts::read(&path, &config).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_bad_file_keeps_the_accounts_of_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        let config = config();
        let mut one = account("serik", "A. Serik");
        one.reset("test", false).unwrap();
        Accounts { all: vec![one] }.write(&path, &config).unwrap();
        let book = AccountBook::new(Some(path.clone()));
        assert_eq!(book.current(&config).0.all.len(), 1);
        fs::write(&path, "[[account]]\nlogin = 1").unwrap();
        let (accounts, trouble) = book.current(&config);
        assert!(accounts.all.len() == 1 && trouble.is_some());
    }
}
