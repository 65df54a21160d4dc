//! Deliberate faults, one for each promise, to show that the oracle sees them. Each stands where the engine's word leaves
//! the room, where a facility takes it, or where what was written is read again.

/// A deliberate fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// S1: a protected facility is sent the order of another, with its own name on it.
    CutsTheProtected,
    /// S2: an order names a plan that was proposed and never approved.
    SendsUnapproved,
    /// S2: whoever made a plan is let approve it, under a name that differs in nothing but the case.
    LetsAuthorApprove,
    /// S3: after a newer order the one before it leaves once more, with other words.
    SendsOlderAgain,
    /// S4: after a failed attempt the order says that load may return half an hour earlier.
    RestoresEarlier,
    /// S5: everybody's orders say that load may return with the end of the window, and no slot keeps them apart.
    ReturnsAtOnce,
    /// S6: everybody's orders cut down to the floor from the beginning of the window.
    CutsAtOnce,
    /// S6: an order limits below the floor.
    CutsBelowFloor,
    /// S7: an order leaves 240 times, under as many numbers.
    FloodsOrders,
    /// S8: what is due leaves before it is written down.
    SendsBeforeWriting,
    /// S9: a word in the journal is changed after the fact.
    RewritesRecord,
    /// S10: an answer is written down a second time.
    TakesAnswerTwice,
    /// S11: the wall clock is believed whatever it shows.
    TrustsTheWall,
    /// S12: facilities take what is no longer, or not yet, valid.
    TakesWhatIsOver,
    /// S13: what was sent before a freeze is sent again while it lasts.
    SendsWhileFrozen,
    /// S14: facilities carry out drills.
    ObeysDrills,
    /// S15: the check says of every plan that it has passed.
    PassesEveryPlan,
    /// S16: the phone list leaves out what has not arrived.
    HidesCalls,
}

impl Sabotage {
    /// All of them, with the promise that each breaks.
    pub const ALL: [(Self, &'static str); 18] = [
        (Self::CutsTheProtected, "S1"),
        (Self::SendsUnapproved, "S2"),
        (Self::LetsAuthorApprove, "S2"),
        (Self::SendsOlderAgain, "S3"),
        (Self::RestoresEarlier, "S4"),
        (Self::ReturnsAtOnce, "S5"),
        (Self::CutsAtOnce, "S6"),
        (Self::CutsBelowFloor, "S6"),
        (Self::FloodsOrders, "S7"),
        (Self::SendsBeforeWriting, "S8"),
        (Self::RewritesRecord, "S9"),
        (Self::TakesAnswerTwice, "S10"),
        (Self::TrustsTheWall, "S11"),
        (Self::TakesWhatIsOver, "S12"),
        (Self::SendsWhileFrozen, "S13"),
        (Self::ObeysDrills, "S14"),
        (Self::PassesEveryPlan, "S15"),
        (Self::HidesCalls, "S16"),
    ];
}
