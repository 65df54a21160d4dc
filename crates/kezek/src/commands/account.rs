//! `kezek account add|reset|link|remove|list`: who signs in on the pages of a control room.

use crate::exit::Exit;
use crate::output::Output;
use crate::table::Columns;
use anyhow::{Context as _, bail};
use kezek_model::registry::Language;
use kezek_server::accounts::{Account, Accounts, Credentials};
use kezek_server::{Config, Role};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Who signs in on the pages of a control room
///
/// Accounts stand in the file that `accounts` of kezek.toml names, for this user only; a running control room reads it
/// again whenever it changes. Whoever may write that file may make the first administrator: no other way leads in.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Make an account; password and secret of the codes are printed once
    Add(Add),
    /// Give an account a new password and a new secret; sessions of before end
    Reset(Reset),
    /// Let a person sign in with the OpenID provider of the settings too
    Link(Link),
    /// Remove an account; what was done with it stays in the journal
    Remove(Remove),
    /// List the accounts
    List(List),
}

#[derive(clap::Args, Debug)]
struct Room {
    /// The settings of the control room
    #[arg(long, value_name = "FILE", default_value = "kezek.toml")]
    config: PathBuf,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    kezek account add serik --name \"A. Serik\" --role dispatcher --role approver --config control-room/kezek.toml\n  \
    kezek account add s022 --name \"D. Ivanov\" --facility S-022 --language kk --config control-room/kezek.toml")]
struct Add {
    /// What is typed when signing in
    login: String,
    /// The name that stands in the journal; a person with a token has the same
    #[arg(long, value_name = "NAME")]
    name: String,
    /// planner, dispatcher, approver, auditor or administrator; may be repeated
    #[arg(long, value_name = "ROLE", value_parser = role, required_unless_present = "facility")]
    role: Vec<Role>,
    /// A miner's account: sees and answers the orders of this facility only
    #[arg(long, value_name = "FACILITY", conflicts_with = "role")]
    facility: Option<String>,
    /// kk, ru or en, until the person chooses another
    #[arg(long, value_name = "CODE", default_value = "ru", value_parser = crate::language::parse)]
    language: Language,
    #[command(flatten)]
    factor: Factor,
    #[command(flatten)]
    room: Room,
}

#[derive(clap::Args, Debug)]
struct Factor {
    /// Ask for the password only, not for a one-time code: for training rooms
    #[arg(long)]
    without_code: bool,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek account reset serik --config control-room/kezek.toml")]
struct Reset {
    /// Whose
    login: String,
    #[command(flatten)]
    factor: Factor,
    #[command(flatten)]
    room: Room,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek account link serik 248289761001 --config control-room/kezek.toml")]
struct Link {
    /// Whose
    login: String,
    /// As whom the provider knows the person (`sub`), shown to who is turned away at the door; without it the link ends
    subject: Option<String>,
    #[command(flatten)]
    room: Room,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek account remove serik --config control-room/kezek.toml")]
struct Remove {
    /// Whose
    login: String,
    #[command(flatten)]
    room: Room,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek account list --config control-room/kezek.toml")]
struct List {
    #[command(flatten)]
    room: Room,
}

fn role(text: &str) -> Result<Role, String> {
    let known = kezek_server::access::ROLES.into_iter().filter(|role| *role != Role::Facility);
    let found = known.clone().find(|role| role.as_str() == text);
    found.ok_or_else(|| format!("expected one of {}", known.map(Role::as_str).collect::<Vec<_>>().join(", ")))
}

/// Changes or lists the accounts.
///
/// # Errors
/// When the settings name no file of accounts, an entry cannot be used, or the file cannot be read or written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Add(add) => with_accounts(&add.room, |accounts, config| {
            let mut account = add.account();
            let given = account.reset(&config.environment, !add.factor.without_code)?;
            let name = account.name.clone();
            accounts.all.push(account);
            Ok(Some((name, given)))
        })
        .and_then(|given| tell(given, output)),
        Verb::Reset(Reset { login, factor, room }) => with_accounts(room, |accounts, config| {
            let account = known(accounts, login)?;
            let given = account.reset(&config.environment, !factor.without_code)?;
            Ok(Some((account.name.clone(), given)))
        })
        .and_then(|given| tell(given, output)),
        Verb::Link(Link { login, subject, room }) => with_accounts(room, |accounts, _| {
            let account = known(accounts, login)?;
            account.openid.clone_from(subject);
            account.generation += 1;
            Ok(Exit::Done)
        }),
        Verb::Remove(Remove { login, room }) => with_accounts(room, |accounts, _| {
            let before = accounts.all.len();
            accounts.all.retain(|account| !account.login.eq_ignore_ascii_case(login));
            if accounts.all.len() == before {
                bail!("there is no account {login}; `kezek account list` shows all");
            }
            Ok(None)
        })
        .map(|_: Option<(String, Credentials)>| Exit::Done),
        Verb::List(List { room }) => {
            let (config, path) = settings(room)?;
            output.data(&listed(&Accounts::read(&path, &config)?))?;
            Ok(Exit::Done)
        }
    }
}

fn known<'a>(accounts: &'a mut Accounts, login: &str) -> anyhow::Result<&'a mut Account> {
    let mut all = accounts.all.iter_mut();
    let account = all.find(|account| account.login.eq_ignore_ascii_case(login));
    account.with_context(|| format!("there is no account {login}; `kezek account list` shows all"))
}

impl Add {
    fn account(&self) -> Account {
        let miner = self.facility.as_ref().map(|_| Role::Facility);
        Account {
            login: self.login.clone(),
            name: self.name.clone(),
            roles: self.role.iter().copied().chain(miner).collect::<BTreeSet<_>>(),
            facility: self.facility.as_deref().map(Into::into),
            language: self.language,
            password: String::new(),
            code_secret: None,
            openid: None,
            generation: 0,
        }
    }
}

fn settings(room: &Room) -> anyhow::Result<(Config, PathBuf)> {
    let config = Config::load(&room.config)?;
    let Some(path) = config.accounts.clone() else {
        bail!(
            "{} names no file of accounts; add `accounts = \"accounts.toml\"` before its first section",
            room.config.display()
        );
    };
    Ok((config, path))
}

fn with_accounts<T>(
    room: &Room,
    change: impl FnOnce(&mut Accounts, &Config) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (config, path) = settings(room)?;
    let mut accounts = Accounts::read(Path::new(&path), &config)?;
    let done = change(&mut accounts, &config)?;
    accounts.write(&path, &config)?;
    Ok(done)
}

/// Password and secret go to stdout, so that they can be handed over as they are.
fn tell(given: Option<(String, Credentials)>, output: &Output) -> anyhow::Result<Exit> {
    if let Some((name, given)) = given {
        output.data(&format!("password {}\n", given.password))?;
        if let Some(url) = &given.code_url {
            output.data(&format!("codes    {url}\n"))?;
        }
        output.say(&format!("for {name}; printed once: hand it over by another way than the login"));
    }
    Ok(Exit::Done)
}

fn listed(accounts: &Accounts) -> String {
    let mut table = Columns::new(7, &["login", "name", "roles", "facility", "language", "codes", "openid"]);
    for account in &accounts.all {
        let roles: Vec<_> = account.roles.iter().map(|role| role.as_str()).collect();
        table.row([
            account.login.clone(),
            account.name.clone(),
            roles.join(", "),
            account.facility.as_ref().map_or_else(String::new, ToString::to_string),
            format!("{:?}", account.language).to_lowercase(),
            if account.code_secret.is_some() { "yes" } else { "no" }.to_owned(),
            account.openid.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}
