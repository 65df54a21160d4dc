//! `kezek config notices DIR`: the words of e-mails and short messages, to be edited, and what they come to.

use crate::exit::Exit;
use crate::figures::count;
use crate::files;
use crate::output::Output;
use kezek_model::registry::Language;
use kezek_server::notice::folder::{Texts, built_in};
use std::path::PathBuf;

/// Write the texts of notices to be edited, and check those that are there
///
/// Writes sms, email and legal text in Kazakh, Russian and English as they are built in; a file that exists stays as it is.
/// Then says all that is wrong, and shows the short message of a made-up order in each language with the number of
/// parts it takes. Name the folder in kezek.toml: `[notices] folder = "notices"`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The folder, made where it is missing
    folder: PathBuf,
}

const EXAMPLES: &str = "\
Example:
  kezek config notices control-room/notices

In a text, {limit_mw} is a place for a value. A line that begins with [cut], [emergency], [drill], [free] or
[recall] stands for such orders alone, one with [step] once for each further limit. A line none of whose
places has a value is left out, and so is one that begins with #.

Exit codes: 0 every text can be used; 3 some cannot: the control room would use the built-in ones instead.";

/// Writes what is missing and judges what is there.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let missing: Vec<(&str, &[u8])> = built_in()
        .filter(|(file, _)| !args.folder.join(file).exists())
        .map(|(file, text)| (file, text.as_bytes()))
        .collect();
    files::write_all(&args.folder, &missing)?;
    output.say(&format!("{} written into {}", count(missing.len(), "text", "texts"), args.folder.display()));
    let (texts, faults) = Texts::of(&args.folder);
    for (name, language) in [("kk", Language::Kk), ("ru", Language::Ru), ("en", Language::En)] {
        let (text, parts) = texts.shown(language);
        output.data(&format!("sms.{name}, {}:\n{}\n\n", count(parts, "part", "parts"), indented(&text)))?;
    }
    faults.iter().for_each(|fault| output.complain(&fault.to_string()));
    Ok(if faults.is_empty() { Exit::Done } else { Exit::Rejected })
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
