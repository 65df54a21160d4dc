//! `kezek evidence`: the proof of one order, in one file.

use crate::exit::{Exit, Refusal};
use crate::files;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use kezek_courier::PublicKey;
use kezek_model::ids::OrderNo;
use kezek_model::order::Head;
use kezek_server::evidence::verify::{Finding, verify};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Larger files are no evidence files, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// The evidence of one order, in one file that needs no server
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Export(Export),
    Verify(Verify),
}

/// Write the evidence of an order into one file
///
/// It holds the forecast's vintage, case and plan, the check's report, the approvals, the signed order, every attempt at
/// delivery, what the facility signed, the readings, the verdict with its settings, and the hash chain of the journal
/// from the first of these records to its end. It holds the whole plan, other facilities' cuts too: any role of the
/// control room may ask for it, a facility may not.
#[derive(clap::Args, Debug)]
#[command(after_help = EXPORT_EXAMPLES)]
struct Export {
    /// Number of the order
    order: String,
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  kezek evidence export 2026-0115-N1-v1 --out 2026-0115-N1-v1.evidence.json
  kezek evidence verify 2026-0115-N1-v1.evidence.json";

/// Check an evidence file: without a server, without the journal
///
/// Recomputed: the form and every digest, the hash chain, the signatures of control room and facility, that the plan
/// passes its check and the order cuts what the plan cuts, that enough different people approved and none was the
/// author, that attempts have no gap, and the verdict from the readings.
///
/// It proves that nothing in it was changed, and that its records stand in a journal with the heads that it tells:
/// compare these with `kezek journal verify`, or give heads that you hold with --head. It does not prove that no record was left
/// out (the control room signs for that), nor whose the keys are: give the control room's with --key.
#[derive(clap::Args, Debug)]
#[command(after_help = VERIFY_EXAMPLES)]
struct Verify {
    /// The file
    file: PathBuf,
    /// The control room's public key, whpk_..., as `kezek serve --check` prints it; without it the one in the file is believed, and that is said
    #[arg(long, value_name = "PUBLIC_KEY")]
    key: Option<PublicKey>,
    /// A head of the journal that was handed out: number of the record and its hash
    #[arg(long = "head", value_name = "SEQ:HASH", value_parser = super::journal::head)]
    heads: Vec<Head>,
    /// Form of the finding
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  kezek evidence verify 2026-0115-N1-v1.evidence.json
  kezek evidence verify order.json --key whpk_jSNiV2kHVRBrLd4ilqh1CU7Xw+t75Wq9q0gvUzG1H8o=

Exit codes: 0 everything holds; 3 there is no such file; 9 something does not hold, every fault is told with its part.";

/// Writes or checks evidence.
///
/// # Errors
/// When the control room refuses or does not answer, or the file cannot be read or written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Export(export) => write(export, output),
        Verb::Verify(asked) => check(asked, output),
    }
}

fn write(export: &Export, output: &Output) -> anyhow::Result<Exit> {
    files::refuse_existing(&export.out)?;
    let number = OrderNo::from(export.order.as_str());
    let bytes =
        export.remote.ask(|client: kezek_server::Client| async move { client.evidence(&number).await })?;
    let finding = verify(&bytes, None, &[]);
    files::write(&export.out, &bytes)?;
    output.data(&format!("{} bytes in {}\n", bytes.len(), export.out.display()))?;
    if finding.is_sound() {
        return Ok(Exit::Done);
    }
    output.complain("it was written, but does not hold:");
    finding.faults.iter().for_each(|(part, words)| output.complain(&format!("{part}: {words}")));
    Ok(Exit::NotVerified)
}

fn check(asked: &Verify, output: &Output) -> anyhow::Result<Exit> {
    let finding = verify(&read(&asked.file)?, asked.key.as_ref(), &asked.heads);
    output.data(&match asked.format {
        Format::Json => json(&finding)?,
        _ => words(&finding),
    })?;
    if finding.is_sound() {
        return Ok(Exit::Done);
    }
    output.complain("the evidence does not hold: ask for it again, and keep this file");
    Ok(Exit::NotVerified)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let missing =
        |error: std::io::Error| Refusal::rejected(format!("{} cannot be read: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(missing)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(missing)?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(Refusal::rejected(format!("{} has more than {MOST_BYTES} bytes", path.display()))),
        false => Ok(bytes),
    }
}

fn words(finding: &Finding) -> String {
    let line = |mark: &str, (part, words): &(&'static str, String)| format!("{mark}  {part:<10} {words}\n");
    let number = finding.order_no.as_ref().map_or("an unknown order".to_owned(), ToString::to_string);
    let is_faulty = |part: &str| finding.faults.iter().any(|(faulty, _)| *faulty == part);
    let sound = finding.holds.iter().filter(|(part, _)| !is_faulty(part));
    let holds: String = sound.map(|said| line("ok   ", said)).collect();
    let faults: String = finding.faults.iter().map(|said| line("FAULT", said)).collect();
    let verdict = if finding.is_sound() { "the evidence holds" } else { "the evidence does not hold" };
    format!("evidence of {number}\n{holds}{faults}{verdict}\n")
}
