//! Who hears what: data goes to stdout, everything else to stderr.

use crate::cli::Verb;
use crate::exit::{self, Exit};
use crate::figures;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use kezek_model::fault::Faults;
use kezek_server::ServerError;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

const EVERYWHERE: &str = "Options of every verb";

/// The flags that every verb takes.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Colour in tables: when stdout is a terminal and NO_COLOR is not set, or as you say
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    quiet: bool,
    /// Form of the log on stderr
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = LogFormat::Text, value_name = "FORM")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// The form of the data on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON document per line.
    Jsonl,
    /// Comma, decimal point, header row.
    Csv,
}

impl Format {
    const ALL: [Self; 4] = [Self::Table, Self::Json, Self::Jsonl, Self::Csv];

    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// A parser of `--format` for a verb that knows these.
    pub(crate) fn one_of(known: &[Self]) -> impl TypedValueParser<Value = Self> + use<> {
        let names: Vec<&'static str> = known.iter().map(|format| format.name()).collect();
        PossibleValuesParser::new(names).map(|name| {
            let named = Self::ALL.into_iter().find(|format| format.name() == name);
            named.unwrap_or(Self::Table)
        })
    }
}

/// Where a verb puts what it has to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    paint: Paint,
    quiet: bool,
}

impl Output {
    /// As the flags and the terminal say.
    pub(crate) fn new(global: &Global) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let on = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !plain && io::stdout().is_terminal(),
        };
        Self { paint: Paint { on }, quiet: global.quiet }
    }

    /// Colours for the data.
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// Whether only errors are wanted on stderr.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Data, to stdout.
    ///
    /// # Errors
    /// When stdout does not take it.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// A remark, to stderr, unless that is to be quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Something that is wrong, to stderr. Where stderr is gone, nobody is left to be told.
    pub(crate) fn complain(&self, text: &str) {
        _ = writeln!(io::stderr(), "{text}");
    }

    /// Tells an error and says which code it ends with.
    pub(crate) fn fail(&self, error: &anyhow::Error) -> Exit {
        if let Some(faults) = error.downcast_ref::<Faults>() {
            self.faults(faults);
        } else if !exit::is_broken_pipe(error) {
            if let Some(ServerError::Answered { faults, .. }) = error.downcast_ref() {
                faults.iter().for_each(|fault| self.complain(fault));
            }
            self.complain(&format!("error: {error:#}"));
        }
        exit::of(error)
    }

    /// All faults of an input, one per line, their number at the end.
    pub(crate) fn faults(&self, faults: &Faults) {
        self.complain(&faults.to_string());
        self.complain(&format!("{}; nothing was done", figures::count(faults.0.len(), "fault", "faults")));
    }
}

/// One JSON document per line.
///
/// # Errors
/// When a value has no JSON.
pub(crate) fn json_lines<T: Serialize>(rows: &[T]) -> anyhow::Result<String> {
    let line = |row| Ok(serde_json::to_string(row)? + "\n");
    rows.iter().map(line).collect()
}

/// A table for machines: a header and rows as wide.
///
/// # Errors
/// When the table cannot be put together.
pub(crate) fn csv_text<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// One JSON document, for people's eyes too.
///
/// # Errors
/// When the value has no JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Colours, or none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    /// What must not be overlooked.
    pub(crate) fn alarm(self, text: &str) -> String {
        self.wrapped("1;31", text)
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Sends the log to stderr: warnings, more with `-v`, or what the variable `RUST_LOG` asks for.
pub(crate) fn log_to_stderr(global: &Global, verb: &Verb) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    // What the solver grumbles about is judged by the check, not by the reader of a log.
    let default = || EnvFilter::new(format!("{level},highs=error{}", verb.tells_itself()));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default());
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_env_filter(filter);
    match global.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
}
