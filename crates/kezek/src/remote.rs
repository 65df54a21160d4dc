//! The control room at the other end of a wire: where it is, and who asks.

use crate::exit::Refusal;
use anyhow::Context as _;
use kezek_courier::Tls;
use kezek_server::{Client, ServerError};
use std::path::{Path, PathBuf};

const HEADING: &str = "The control room";
const TOKEN: &str = "KEZEK_TOKEN";
const TOKEN_FILE: &str = "KEZEK_TOKEN_FILE";

/// Where the control room is and with which token it is asked. A token never stands on a command line, where other
/// people of the machine could read it.
#[derive(clap::Args, Debug)]
pub(crate) struct Remote {
    /// Where `kezek serve` listens
    #[arg(long, env = "KEZEK_SERVER", hide_env_values = true, default_value = "http://127.0.0.1:8080",
        value_name = "URL", help_heading = HEADING)]
    server: String,
    /// The file with your token; else the variable KEZEK_TOKEN, else the file named by KEZEK_TOKEN_FILE
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    token_file: Option<PathBuf>,
    /// Certificates (PEM) of authorities to trust beside those of this machine
    #[arg(long, env = "KEZEK_AUTHORITIES_FILE", hide_env_values = true, value_name = "FILE", help_heading = HEADING)]
    authorities_file: Option<PathBuf>,
}

impl Remote {
    /// Asks the control room and waits for what comes of it.
    ///
    /// # Errors
    /// When there is no token, no answer, or a refusal.
    pub(crate) fn ask<T, F>(&self, question: impl FnOnce(Client) -> F) -> anyhow::Result<T>
    where
        F: Future<Output = Result<T, ServerError>>,
    {
        let client = self.client()?;
        runtime()?.block_on(question(client)).map_err(|error| in_words_of_the_shell(error).into())
    }

    /// A way to the control room, with the token.
    ///
    /// # Errors
    /// When there is no token, or the address cannot be used.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let tls = Tls { authorities_file: self.authorities_file.clone(), ..Tls::default() };
        Ok(Client::with_tls(&self.server, Some(self.token()?), &tls)?)
    }

    fn token(&self) -> anyhow::Result<String> {
        if let Some(path) = &self.token_file {
            return token_in(path);
        }
        match std::env::var(TOKEN).ok().filter(|token| !token.trim().is_empty()) {
            Some(token) => Ok(token.trim().to_owned()),
            None => match std::env::var_os(TOKEN_FILE) {
                Some(path) => token_in(Path::new(&path)),
                None => Err(Refusal::not_allowed(format!(
                    "no token: name its file with --token-file, or set {TOKEN} or {TOKEN_FILE}"
                ))),
            },
        }
    }
}

/// What the control room says of a token names a header; a person names a file.
fn in_words_of_the_shell(error: ServerError) -> ServerError {
    match error {
        ServerError::Answered { status: 401, error, hint, faults } if hint.contains("Authorization") => {
            let hint =
                format!("name the file with your token with --token-file, or set {TOKEN} or {TOKEN_FILE}");
            ServerError::Answered { status: 401, error, hint, faults }
        }
        other => other,
    }
}

/// The token in a file.
///
/// # Errors
/// When the file cannot be read or holds anything else.
pub(crate) fn token_in(path: &Path) -> anyhow::Result<String> {
    let text = crate::input::text(path, "a file with the token on its only line")?;
    let token = text.trim();
    match token.is_empty() || token.contains(char::is_whitespace) {
        true => Err(Refusal::rejected(format!("{}: expected one token and nothing else", path.display()))),
        false => Ok(token.to_owned()),
    }
}

/// What carries questions, servers and agents.
///
/// # Errors
/// When the system gives no threads.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    threads.context("cannot start the threads that talk to the network")
}
