//! The question before something that cannot be taken back.

use crate::exit::Refusal;
use crate::output::Output;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Goes on when a person says yes, or has said so beforehand with `--yes`. Where nobody can be asked, nothing is done.
///
/// # Errors
/// When nobody says yes.
pub(crate) fn confirm(yes: bool, question: &str, output: &Output) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let why =
            "nothing was done: nobody can be asked here, since this is no terminal; repeat it with --yes";
        return Err(Refusal::not_allowed(why));
    }
    output.complain(question);
    write!(io::stderr(), "yes or no? ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "yes" | "y" => Ok(()),
        _ => Err(Refusal::not_allowed("nothing was done")),
    }
}
