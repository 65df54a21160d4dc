//! Who may sign in on the pages of the demo: one of each kind, with passwords that are made for this run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use kezek_model::case::Case;
use kezek_model::registry::Language;

use super::DemoError;
use super::stage::Cast;
use crate::access::Role;
use crate::accounts::{Account, Accounts};
use crate::config::Config;

/// The facility whose miner may sign in.
const MINE: &str = "N01";

/// Somebody to sign in as.
pub(super) struct Login {
    pub(super) part: &'static str,
    pub(super) login: &'static str,
    pub(super) name: String,
    pub(super) password: String,
}

/// Writes whom to call at each facility, into the folder of the registry. The numbers belong to nobody.
pub(super) fn contacts(folder: &Path, case: &Case) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut text = "facility,role,name,language,phone,email,sms\n".to_owned();
    for (place, facility) in case.facilities.iter().enumerate() {
        let (id, language) = (&facility.id, if place % 2 == 0 { "ru" } else { "kk" });
        // Writing to a text does not fail.
        let _ = writeln!(text, "{id},shift leader,Shift of {id},{language},+7 700 000 {place:04},,");
    }
    std::fs::write(folder.join("contacts.csv"), text)
}

/// Writes the file of the accounts, and says whom to sign in as. None asks for codes: a demo has no phones.
pub(super) fn accounts(config: &Config, cast: &Cast) -> Result<Vec<Login>, DemoError> {
    let people = [
        ("dispatcher", "serik", cast.approver.name, Role::Dispatcher, None, Language::Ru),
        ("approver", "tleuov", "M. Tleuov", Role::Approver, None, Language::Kk),
        ("planner", "omarova", cast.planner.name, Role::Planner, None, Language::En),
        ("miner", "miner", "Shift of N01", Role::Facility, Some(MINE.into()), Language::Ru),
    ];
    let (mut accounts, mut logins) = (Accounts::default(), Vec::new());
    for (part, login, name, role, facility, language) in people {
        let mut account = Account {
            login: login.into(),
            name: name.into(),
            roles: BTreeSet::from([role]),
            facility,
            language,
            password: String::new(),
            code_secret: None,
            openid: None,
            generation: 0,
        };
        let password = account.reset(&config.environment, false)?.password;
        logins.push(Login { part, login, name: name.into(), password });
        accounts.all.push(account);
    }
    if let Some(path) = &config.accounts {
        accounts.write(path, config)?;
    }
    Ok(logins)
}
