//! Time: the true one, and what the clocks of the control room show of it.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The true time and the error of the control room's wall clock. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct Time(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    true_ms: AtomicI64,
    wall_error_ms: AtomicI64,
}

/// The clocks that a control room is given.
#[derive(Clone)]
pub struct Clock {
    /// Can be set.
    pub wall: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Only runs; none where the room shall believe the wall clock whatever it shows.
    pub steady: Option<Arc<dyn Fn() -> Duration + Send + Sync>>,
}

fn instant(ms: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
}

impl Time {
    pub(super) fn begin(at: DateTime<Utc>) -> Self {
        let time = Self::default();
        time.go_to(at);
        time
    }

    pub(super) fn go_to(&self, at: DateTime<Utc>) {
        self.0.true_ms.store(at.timestamp_millis(), Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        instant(self.0.true_ms.load(Ordering::SeqCst))
    }

    /// Sets the wall clock; says how far it was moved.
    pub(super) fn set_wall_error(&self, ms: i64) -> i64 {
        ms - self.0.wall_error_ms.swap(ms, Ordering::SeqCst)
    }

    /// Whether the wall clock shows what no clock that is put right slowly would.
    pub(super) fn is_wrong(&self) -> bool {
        self.0.wall_error_ms.load(Ordering::SeqCst).abs() > 2_000
    }

    /// The clocks for a room that starts now.
    pub(super) fn clock(&self, is_doubted: bool) -> Clock {
        let (wall, steady, began) = (self.clone(), self.clone(), self.now());
        let shown = move || wall.now() + TimeDelta::milliseconds(wall.0.wall_error_ms.load(Ordering::SeqCst));
        let run = move || (steady.now() - began).to_std().unwrap_or_default();
        let steady: Arc<dyn Fn() -> Duration + Send + Sync> = Arc::new(run);
        Clock { wall: Arc::new(shown), steady: is_doubted.then_some(steady) }
    }
}
