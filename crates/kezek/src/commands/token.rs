//! `kezek token new`: what a person shows to the control room.

use crate::exit::Exit;
use crate::output::Output;
use kezek_courier::PrivateKey;
use kezek_model::canonical::sha256_hex;
use kezek_server::token_sha256;

/// Tokens, by which the control room knows who asks
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    New(New),
}

/// Make a token: shown once, kept nowhere
///
/// Prints the token and the line for kezek.toml, which holds its SHA-256 only.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct New {}

const EXAMPLES: &str = "\
Example:
  kezek token new";

/// Prints a new token.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let Verb::New(New {}) = &args.verb;
    let token = new_token()?;
    let digest = token_sha256(&token);
    output.data(&format!("{token}\ntoken_sha256 = \"{digest}\"\n"))?;
    output.say("the first line is for its owner, the second for the owner's entry in kezek.toml");
    Ok(Exit::Done)
}

/// A token that nobody can guess: the digest of a key that is used for nothing else.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn new_token() -> anyhow::Result<String> {
    let unguessable = PrivateKey::generate()?.public().to_string();
    Ok(format!("kzt_{}", sha256_hex(unguessable.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_equal() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!(one.len(), 4 + 64);
        assert_ne!(one, two);
    }
}
