//! `kezek config init DIR`, `kezek config show` and `kezek config notices DIR`: the settings of a control room.

mod notices;
mod template;

use crate::commands::token::new_token;
use crate::exit::{Exit, Refusal};
use crate::files;
use crate::output::{Format, Output, json};
use crate::table::Columns;
use kezek_courier::PrivateKey;
use kezek_server::{Config, Role};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
pub(crate) use template::quoted;
use template::{Person, Settings};

/// The name of the file in its folder.
pub(crate) const FILE: &str = "kezek.toml";
const KEY_FILE: &str = "control-room.key";
/// One per duty, for whoever names nobody.
const DUTIES: [(&str, &[Role]); 5] = [
    ("planner", &[Role::Planner]),
    ("dispatcher", &[Role::Dispatcher]),
    ("approver", &[Role::Approver]),
    ("auditor", &[Role::Auditor]),
    ("administrator", &[Role::Administrator]),
];

/// The settings of a control room
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Init(Init),
    Show(Show),
    Notices(notices::Args),
}

/// Set up a control room: its settings, its key, a token for everybody
///
/// Writes kezek.toml, full of comments, and the key that signs the orders, which only you may read. The tokens are
/// printed once: the file holds their SHA-256 only. Nothing that exists is overwritten.
#[derive(clap::Args, Debug)]
#[command(after_help = INIT_EXAMPLES)]
struct Init {
    /// The folder, made where it is missing
    folder: PathBuf,
    /// Name of the environment, which stands in every order and never changes
    #[arg(long, default_value = "training", value_name = "NAME")]
    environment: String,
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
    /// Somebody and what they may do, for instance "A. Duty=planner,dispatcher"; else one person per duty
    #[arg(long = "person", value_name = "NAME=ROLES", value_parser = person)]
    people: Vec<Person>,
    /// Facilities may enrol from this very machine and get their orders there, to try things out
    #[arg(long)]
    allow_loopback: bool,
    /// Form of the tokens on stdout
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const INIT_EXAMPLES: &str = "\
Examples:
  kezek config init control-room
  kezek config init trial --allow-loopback
  kezek config init control-room --environment kz-live --person \"A. Duty=dispatcher\" \\
      --person \"B. Chief=approver,administrator\" --person \"C. Plan=planner\"

Roles: planner, dispatcher, approver, auditor, administrator.";

/// Show the settings that hold, defaults among them; secrets as ***
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek config show --config control-room/kezek.toml")]
struct Show {
    /// The settings
    #[arg(long, default_value = FILE, value_name = "FILE")]
    config: PathBuf,
}

/// Sets up a control room, or shows its settings.
///
/// # Errors
/// When a file exists already, cannot be written, or holds no settings.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Init(init) => set_up(init, output),
        Verb::Notices(args) => notices::run(args, output),
        Verb::Show(show) => {
            output.data(&shown(Config::load(&show.config)?)?)?;
            Ok(Exit::Done)
        }
    }
}

#[derive(Serialize)]
struct Token<'a> {
    name: &'a str,
    roles: &'a BTreeSet<Role>,
    token: String,
}

fn set_up(init: &Init, output: &Output) -> anyhow::Result<Exit> {
    let (file, key_file) = (init.folder.join(FILE), init.folder.join(KEY_FILE));
    for path in [&file, &key_file] {
        files::refuse_existing(path)?;
    }
    let people = if init.people.is_empty() { default_people() } else { init.people.clone() };
    let tokens = people
        .iter()
        .map(|person| Ok(Token { name: &person.name, roles: &person.roles, token: new_token()? }));
    let tokens = tokens.collect::<anyhow::Result<Vec<_>>>()?;
    let digests: Vec<String> = tokens.iter().map(|token| kezek_server::token_sha256(&token.token)).collect();
    let settings = Settings {
        environment: &init.environment,
        listen: &init.listen,
        key_file: KEY_FILE,
        allow_loopback: init.allow_loopback,
        people: people.iter().zip(&digests).collect(),
    };
    let text = template::text(&settings);
    check(&text)?;
    files::write_all(&init.folder, &[(FILE, text.as_bytes())])?;
    PrivateKey::generate()?.save(&key_file)?;
    output.data(&told(&tokens, init.format)?)?;
    output.say(&next_steps(&file));
    Ok(Exit::Done)
}

fn default_people() -> Vec<Person> {
    let person = |(name, roles): &(&str, &[Role])| Person {
        name: (*name).to_owned(),
        roles: roles.iter().copied().collect(),
    };
    DUTIES.iter().map(person).collect()
}

/// What was asked for may not make sense, for instance the same name twice.
fn check(text: &str) -> anyhow::Result<()> {
    let config: Config = toml::from_str(text).map_err(|error| Refusal::rejected(error.to_string()))?;
    Ok(config.check()?)
}

fn told(tokens: &[Token<'_>], format: Format) -> anyhow::Result<String> {
    if format == Format::Json {
        return json(tokens);
    }
    let mut table = Columns::new(3, &["name", "roles", "token"]);
    for token in tokens {
        let roles: Vec<&str> = token.roles.iter().map(|role| role.as_str()).collect();
        table.row([token.name.to_owned(), roles.join(" "), token.token.clone()]);
    }
    Ok(table.text())
}

fn next_steps(file: &Path) -> String {
    let file = file.display();
    format!(
        "the tokens are shown this once: hand each to its owner, who keeps it in a file for --token-file\n\
         next: look through {file} (the texts of the notice above all), then `kezek serve --config {file}`"
    )
}

/// The settings as TOML, with stars for what a reader could try to guess a token from.
fn shown(mut config: Config) -> anyhow::Result<String> {
    let people = config.people.iter_mut().map(|person| &mut person.token_sha256);
    let facilities = config.facilities.iter_mut().map(|facility| &mut facility.token_sha256);
    people.chain(facilities).for_each(|digest| "***".clone_into(digest));
    Ok(toml::to_string_pretty(&config)?)
}

fn person(text: &str) -> Result<Person, String> {
    const EXPECTED: &str = "expected a name and roles, for instance \"A. Duty=planner,dispatcher\"";
    let (name, roles) = text.split_once('=').ok_or(EXPECTED)?;
    let roles = roles.split(',').map(role).collect::<Result<BTreeSet<Role>, String>>()?;
    Ok(Person { name: name.trim().to_owned(), roles })
}

fn role(name: &str) -> Result<Role, String> {
    let known = DUTIES.iter().flat_map(|(_, roles)| *roles).find(|role| role.as_str() == name.trim());
    known.copied().ok_or_else(|| {
        let names: Vec<&str> = DUTIES.iter().map(|(name, _)| *name).collect();
        format!("{name} is no role; expected one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_name_and_roles() {
        let found = person("A. Duty=planner, approver").unwrap();
        assert_eq!((found.name.as_str(), found.roles.len()), ("A. Duty", 2));
        assert!(person("A. Duty").unwrap_err().contains("expected a name and roles"));
        assert!(person("A. Duty=king").unwrap_err().contains("king is no role"));
        assert!(person("A. Duty=facility").is_err(), "facilities have entries of their own");
    }

    #[test]
    fn what_is_written_is_read_and_what_is_shown_holds_no_digest() {
        let (people, digest) = (default_people(), kezek_server::token_sha256("t"));
        let settings = Settings {
            environment: "kz \"live\"",
            listen: "127.0.0.1:0",
            key_file: KEY_FILE,
            allow_loopback: true,
            people: people.iter().take(1).map(|person| (person, &digest)).collect(),
        };
        let text = template::text(&settings);
        let config: Config = toml::from_str(&text).unwrap();
        config.check().unwrap();
        assert_eq!((config.environment.as_str(), config.people[0].name.as_str()), ("kz \"live\"", "planner"));
        assert!(config.addresses.allow_loopback);
        let shown = shown(config.clone()).unwrap();
        assert!(!shown.contains(&digest) && shown.contains("***"), "{shown}");
        let again: Config = toml::from_str(&shown).unwrap();
        assert_eq!(again.notice, config.notice);
    }
}
