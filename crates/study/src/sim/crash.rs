//! Where a control room dies, and what becomes of what it was writing.

use crate::draw::Draw;

/// A named place at which the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// The batch is made up and nothing of it is written.
    BeforeAppend,
    /// In the middle of writing a batch.
    InAppend,
    /// The batch is durable; nobody has been told and nothing was sent.
    AfterAppend,
    /// Some of what follows was sent, the rest was not.
    BetweenSends,
    /// Everything was sent; no outcome is written down.
    AfterSends,
    /// An outcome has come back and is being written.
    InOutcome,
    /// While the journal is read again at the next start.
    InReplay,
    /// While the new epoch is being written at the next start.
    InOpening,
}

impl CrashPoint {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::BeforeAppend,
        Self::InAppend,
        Self::AfterAppend,
        Self::BetweenSends,
        Self::AfterSends,
        Self::InOutcome,
        Self::InReplay,
        Self::InOpening,
    ];
}

/// What is found on the disk of a batch that was being written; of what was durable nothing is ever lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All of it, though nobody was told.
    Kept,
    /// Nothing of it.
    LostTail,
    /// A part of it.
    Torn,
}

impl Fate {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kept, Self::LostTail, Self::Torn];
}

/// A death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crash {
    pub(super) point: CrashPoint,
    pub(super) fate: Fate,
}

impl Crash {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        let point = draw.pick(&CrashPoint::ALL).copied().unwrap_or(CrashPoint::InAppend);
        Self { point, fate: draw.pick(&Fate::ALL).copied().unwrap_or(Fate::Kept) }
    }
}
