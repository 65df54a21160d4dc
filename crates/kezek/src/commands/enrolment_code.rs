//! `kezek enrolment-code FACILITY`: a facility may make itself known, once.

use crate::clock::utc;
use crate::exit::Exit;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use kezek_model::ids::FacilityId;

/// Make a code with which a facility enrols, once
///
/// Hand it over by telephone or in person: whoever has it can enrol in the facility's name.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek enrolment-code N1")]
pub(crate) struct Args {
    /// The facility, as the plans call it
    facility: String,
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// Prints a code.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let facility = FacilityId::from(args.facility.clone());
    let issued = args.remote.ask(|client| async move { client.enrolment_code(&facility).await })?;
    if args.format == Format::Json {
        output.data(&json(&issued)?)?;
    } else {
        output.data(&format!("{}\n", issued.code))?;
        output.say(&format!(
            "for {}, good once and until {}; it is shown this once",
            args.facility,
            utc(issued.expires)
        ));
    }
    Ok(Exit::Done)
}
