//! What takes two people: one asks, the other stands beside with a token.

use crate::remote::token_in;
use std::path::PathBuf;

/// A reason and a second person.
#[derive(clap::Args, Debug)]
pub(crate) struct TwoPeople {
    /// Why it is safe
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The file with the token of the second person
    #[arg(long, value_name = "FILE")]
    second_token_file: PathBuf,
}

impl TwoPeople {
    /// The token of the second person.
    ///
    /// # Errors
    /// When the file cannot be read or holds none.
    pub(crate) fn second_token(&self) -> anyhow::Result<String> {
        token_in(&self.second_token_file)
    }
}
