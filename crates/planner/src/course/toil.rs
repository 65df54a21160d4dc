//! How much was asked, counted and not timed: where a search has to end at the same place on every machine, this is its
//! clock.

use std::cell::Cell;

thread_local! {
    static TOIL: Cell<u64> = const { Cell::new(0) };
}

/// Facility-intervals for which courses were asked on this thread so far; ten for each where energy is limited.
#[must_use]
pub fn toil() -> u64 {
    TOIL.get()
}

/// What something asks on this thread.
pub(crate) fn toil_of<R>(act: impl FnOnce() -> R) -> (R, u64) {
    let before = toil();
    let done = act();
    (done, toil().wrapping_sub(before))
}

pub(super) fn count(intervals: usize) {
    TOIL.set(TOIL.get().wrapping_add(intervals as u64));
}
