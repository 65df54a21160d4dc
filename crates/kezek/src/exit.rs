//! The published exit codes, and which of them an error ends with.

use kezek_agent::AgentError;
use kezek_courier::CourierError;
use kezek_journal::JournalError;
use kezek_model::fault::Faults;
use kezek_model::import::ImportError;
use kezek_planner::solve::PlanError;
use kezek_server::ServerError;
use kezek_study::derived::DerivedError;
use kezek_study::lab::replay::ReplayError;
use kezek_study::stress::BlowError;
use std::fmt;
use std::io;

/// How a verb ends. The codes are part of the interface: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Nothing that was foreseen.
    Unexpected = 1,
    /// The command line itself is wrong; clap ends with this by itself.
    Usage = 2,
    /// An input was refused.
    Rejected = 3,
    /// A plan, but not all of the shortage is covered.
    Uncovered = 4,
    /// A plan, but not as near to the best as was asked for.
    Stopped = 6,
    /// Somebody's consent or right is missing.
    NotAllowed = 7,
    /// The other side did not take it.
    Remote = 8,
    /// A check failed.
    NotVerified = 9,
}

impl Exit {
    /// All codes, ascending. 5 is not used: a plan is always feasible.
    const ALL: [Self; 9] = [
        Self::Done,
        Self::Unexpected,
        Self::Usage,
        Self::Rejected,
        Self::Uncovered,
        Self::Stopped,
        Self::NotAllowed,
        Self::Remote,
        Self::NotVerified,
    ];

    /// The meaning of a published code.
    fn of_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|exit| exit.code() == code).unwrap_or(Self::Unexpected)
    }

    /// The code that the process ends with.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; a plan is optimal or within the gap asked for",
            Self::Unexpected => "unexpected failure",
            Self::Usage => "wrong usage: see --help",
            Self::Rejected => "input refused, nothing written (import: the reject file is)",
            Self::Uncovered => "planned, but some shortage stays uncovered",
            Self::Stopped => {
                "stopped before the gap asked for (time limit, Ctrl-C); best plan written; goes before 4"
            }
            Self::NotAllowed => "not allowed, approval missing, or somebody else was faster",
            Self::Remote => "the other side cannot be reached or refuses",
            Self::NotVerified => "verification failed: a plan, a journal or a backup does not hold",
        }
    }
}

/// The codes with their meaning, for help and man page.
pub(crate) fn listing() -> String {
    let line = |exit: Exit| format!("  {}  {}\n", exit.code(), exit.meaning());
    format!("Exit codes:\n{}", Exit::ALL.map(line).concat())
}

/// Why a verb ends with a certain code, where no other error type says so.
#[derive(Debug)]
pub(crate) struct Refusal {
    exit: Exit,
    message: String,
}

impl Refusal {
    /// An input that is refused.
    pub(crate) fn rejected(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Rejected, message: message.into() }.into()
    }

    /// A consent or a right that is missing.
    pub(crate) fn not_allowed(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::NotAllowed, message: message.into() }.into()
    }

    /// Another side that does not do its part.
    pub(crate) fn remote(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Remote, message: message.into() }.into()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// The code that an error ends with. A reader of stdout that has gone away is no failure.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit;
    }
    if let Some(exit) = of_a_room(error) {
        return exit;
    }
    let rejected = error.is::<Faults>()
        || matches!(error.downcast_ref(), Some(PlanError::Unplannable(_)))
        || error.downcast_ref().is_some_and(is_refused_blow)
        || error.downcast_ref().is_some_and(is_refused_replay)
        || error.downcast_ref().is_some_and(|error| !matches!(error, DerivedError::Otherwise))
        || error.downcast_ref().is_some_and(|error| !matches!(error, ImportError::Write(_)));
    if rejected {
        Exit::Rejected
    } else if is_broken_pipe(error) {
        Exit::Done
    } else {
        Exit::Unexpected
    }
}

fn is_refused_blow(error: &BlowError) -> bool {
    !matches!(error, BlowError::Plan(error) if !matches!(error, PlanError::Unplannable(_)))
}

fn is_refused_replay(error: &ReplayError) -> bool {
    match error {
        ReplayError::Plan(error) => matches!(error, PlanError::Unplannable(_)),
        ReplayError::Day(_, error) => !matches!(error, DerivedError::Otherwise),
        ReplayError::Faults(_) | ReplayError::Form { .. } => true,
        ReplayError::Solver(_) | ReplayError::Disk(_) => false,
    }
}

/// The code of an error of the rooms right of the approval.
fn of_a_room(error: &anyhow::Error) -> Option<Exit> {
    let server = error.downcast_ref::<ServerError>().map(of_server);
    let agent = || error.downcast_ref::<AgentError>().map(of_agent);
    let journal = || error.downcast_ref::<JournalError>().map(of_journal);
    let courier = || error.downcast_ref::<CourierError>().map(of_courier);
    server.or_else(agent).or_else(journal).or_else(courier)
}

fn of_server(error: &ServerError) -> Exit {
    match error {
        ServerError::Journal(error) => of_journal(error),
        ServerError::Courier(error) => of_courier(error),
        other => Exit::of_code(other.exit_code()),
    }
}

fn of_agent(error: &AgentError) -> Exit {
    match error {
        AgentError::Config { .. }
        | AgentError::PinsMalformed { .. }
        | AgentError::Mismatch { .. }
        | AgentError::StoreMissing { .. }
        | AgentError::UnknownOrder { .. }
        | AgentError::EnrolmentRefused { status: 400 | 404, .. }
        | AgentError::VoluntaryRefused { status: 400 | 404, .. } => Exit::Rejected,
        AgentError::NotEnrolled { .. }
        | AgentError::EnrolmentRefused { status: 401 | 403 | 409, .. }
        | AgentError::VoluntaryRefused { status: 401 | 403 | 409, .. } => Exit::NotAllowed,
        AgentError::EnrolmentRefused { .. } | AgentError::VoluntaryRefused { .. } => Exit::Remote,
        AgentError::Courier(error) => of_courier(error),
        AgentError::StoreDamaged { .. } => Exit::NotVerified,
        _ => Exit::Unexpected,
    }
}

fn of_journal(error: &JournalError) -> Exit {
    match error {
        JournalError::Missing { .. }
        | JournalError::Address { .. }
        | JournalError::Unsafe { .. }
        | JournalError::NotEmpty { .. } => Exit::Rejected,
        JournalError::Led { .. } | JournalError::LeaseLost { .. } => Exit::NotAllowed,
        JournalError::Server { .. } | JournalError::NoAnswer { .. } => Exit::Remote,
        JournalError::Broken { .. }
        | JournalError::NotAJournal { .. }
        | JournalError::DocumentChanged { .. }
        | JournalError::HeadMoved { .. } => Exit::NotVerified,
        _ => Exit::Unexpected,
    }
}

fn of_courier(error: &CourierError) -> Exit {
    match error {
        CourierError::KeyFileUnreadable { .. }
        | CourierError::KeyFileUnwritten { .. }
        | CourierError::KeyFileMalformed { .. }
        | CourierError::KeyFileOpen { .. }
        | CourierError::TlsSettings { .. }
        | CourierError::TlsFile { .. } => Exit::Rejected,
        _ => Exit::Remote,
    }
}

/// Whether somebody closed our stdout, as `head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_the_published_ones() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3, 4, 6, 7, 8, 9]);
    }

    #[test]
    fn an_input_that_lies_is_not_an_unexpected_failure() {
        assert_eq!(of(&Faults(vec![]).into()), Exit::Rejected);
        assert_eq!(of(&Refusal::rejected("no")), Exit::Rejected);
        assert_eq!(of(&ServerError::ConfigWrong { what: "no".into() }.into()), Exit::Rejected);
        assert_eq!(of(&JournalError::Missing { path: "no".into() }.into()), Exit::Rejected);
        assert_eq!(of(&anyhow::anyhow!("disk full")), Exit::Unexpected);
        assert_eq!(of(&io::Error::from(io::ErrorKind::BrokenPipe).into()), Exit::Done);
    }

    #[test]
    fn what_the_control_room_refuses_ends_with_its_code() {
        let answered = |status| ServerError::Answered {
            status,
            error: "no".into(),
            hint: String::new(),
            faults: Vec::new(),
        };
        let codes = [400, 401, 403, 409, 404, 503].map(|status| of(&answered(status).into()));
        let (rejected, not_allowed) = (Exit::Rejected, Exit::NotAllowed);
        assert_eq!(codes, [rejected, not_allowed, not_allowed, not_allowed, rejected, Exit::Remote]);
        assert_eq!(of(&Refusal::remote("no")), Exit::Remote);
        let broken = JournalError::Broken { seq: 3, what: "hash".into() };
        assert_eq!(of(&ServerError::Journal(broken).into()), Exit::NotVerified);
    }
}
