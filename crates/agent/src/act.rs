//! Bringing the load to what the orders say, and nothing else.

use crate::agent::Agent;
use crate::driver::DriverError;
use crate::holdings::{self, Holding, Target};
use crate::ledger::{Ledger, Pending};
use crate::record::Record;
use crate::reports::{self, Change};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{CourierError, Purpose, Signed};
use kezek_model::receipt::Report;

/// How long a failed driver is left alone.
const DRIVER_RETRY: TimeDelta = TimeDelta::seconds(30);
/// Two clocks further apart than this do not say the same.
pub(crate) const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(2);
/// Orders that come while the driver is at work are carried out at once, but not for ever.
const CHANGES_PER_TICK: usize = 4;

impl Agent {
    /// Applies what is due. `steady` is a second clock that no one can set: where the two disagree, the stricter
    /// limit of both instants holds, so that setting a clock releases nothing.
    pub(crate) async fn act(&self, steady: Option<DateTime<Utc>>) {
        let _turn = self.0.acting.lock().await;
        for _ in 0..CHANGES_PER_TICK {
            let now = self.now();
            let Some(change) = self.ledger().begin(now, steady) else { return };
            let outcome = self.0.driver.set_limit(change.target.limit, now).await;
            let failed = outcome.is_err();
            let at = self.now();
            let recorded = self.with_ledger(move |agent, ledger| match outcome {
                Ok(()) => agent.applied(ledger, &change, at),
                Err(error) => agent.failed(ledger, &change, &error, at),
            });
            if let Err(error) = recorded.await {
                tracing::error!(%error, "what the driver did was not recorded");
            }
            if failed {
                return;
            }
        }
    }

    fn applied(&self, ledger: &mut Ledger, change: &Pending, at: DateTime<Utc>) {
        let before = ledger.memory.applied.clone();
        let (after, due_at) = (&change.target, change.due_at);
        ledger.pending = None;
        ledger.is_confirmed = true;
        if !after.differs(&before) && !ledger.memory.is_uncertain {
            return;
        }
        // Told the same again, the driver changed nothing that is worth a word.
        let reports = match after.differs(&before) {
            true => reports::reports_on(&ledger.memory, &Change { before: &before, after, due_at, at }),
            false => Vec::new(),
        };
        let reports = reports.into_iter().filter_map(|report| self.signed(report)).collect();
        let (order_no, limit) = (after.order_no.clone(), after.limit);
        ledger.record_fact(Record::Applied { order_no, limit, reports });
    }

    fn failed(&self, ledger: &mut Ledger, change: &Pending, error: &DriverError, at: DateTime<Utc>) {
        let said = kezek_courier::error::describe(error);
        tracing::error!(error = %said, "the driver failed; what held before holds");
        if change.retry_at.is_none()
            && let Some(report) = reports::failure(&ledger.memory, &change.target, change.due_at, at)
            && let Some(report) = self.signed(report)
        {
            ledger.record_fact(Record::Failed { report });
        }
        ledger.pending = Some(Pending { retry_at: Some(at + DRIVER_RETRY), ..change.clone() });
    }

    fn signed(&self, report: Report) -> Option<Signed<Report>> {
        let signed: Result<_, CourierError> = Signed::new(Purpose::Report, report, &self.0.key);
        signed.inspect_err(|error| tracing::error!(%error, "a report could not be signed")).ok()
    }

    /// Whether nothing is limited by either clock, so that a new agreement of the two releases nothing.
    pub(crate) fn is_free(&self, now: DateTime<Utc>, steady: DateTime<Utc>) -> bool {
        let ledger = self.ledger();
        let holdings = &ledger.memory.holdings;
        let free = |at| holdings::target(holdings, at).limit.is_none();
        free(now) && free(steady) && ledger.memory.applied.limit.is_none()
    }
}

impl Ledger {
    /// The change that shall be made now, if one shall.
    fn begin(&mut self, now: DateTime<Utc>, steady: Option<DateTime<Utc>>) -> Option<Pending> {
        let target = wanted(&self.memory.holdings, now, steady);
        let Some(target) = self.open_change(target) else {
            self.pending = None;
            return None;
        };
        if self.driver_retry(&target, now).is_some() {
            return None;
        }
        let known = self.pending.take().filter(|pending| pending.target == target);
        let due_at = holdings::due_since(&self.memory.holdings, now);
        let pending = known.unwrap_or(Pending { target, due_at, retry_at: None });
        self.pending = Some(pending.clone());
        Some(pending)
    }

    /// The target, where the driver is not known to stand there.
    pub(crate) fn open_change(&self, target: Target) -> Option<Target> {
        let forgotten = !self.is_confirmed && target.limit.is_some();
        let unknown = forgotten || self.memory.is_uncertain;
        (unknown || target.differs(&self.memory.applied)).then_some(target)
    }

    /// When a driver that failed at this target is tried again.
    pub(crate) fn driver_retry(&self, target: &Target, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let pending = self.pending.as_ref().filter(|pending| pending.target == *target)?;
        // A longer wait than agreed means that the clock was set back meanwhile.
        pending.retry_at.filter(|retry_at| now < *retry_at && *retry_at - now <= DRIVER_RETRY)
    }
}

fn wanted(holdings: &[Holding], now: DateTime<Utc>, steady: Option<DateTime<Utc>>) -> Target {
    let by_clock = holdings::target(holdings, now);
    match steady.filter(|steady| (*steady - now).abs() > CLOCK_TOLERANCE) {
        Some(steady) => by_clock.stricter(holdings::target(holdings, steady)),
        None => by_clock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::order::{Head, Notice, Order, OrderKind, Priority, Segment};
    use kezek_model::units::Kw;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_642_960_800 + hour * 3600, 0).unwrap()
    }

    /// Limited to 5 kW from hour 0 to hour 10.
    fn holding() -> Holding {
        let order = Order {
            order_no: "O1".into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "test".into(),
            facility: "F1".into(),
            sequence: 1,
            epoch: 1,
            supersedes: None,
            plan_digest: String::new(),
            notice: Notice::default(),
            issued_at: at(-1),
            not_before: at(-1),
            expires: at(10),
            ack_by: at(0),
            deliver_by: at(0),
            window_from: at(0),
            window_to: at(10),
            segments: vec![Segment { from: at(0), to: at(10), limit: Kw(5), cut: Kw(5) }],
            depth_base: "nominated".into(),
            floor: Kw::ZERO,
            ramp_up: None,
            restore: None,
            journal_head: Head::empty(),
        };
        Holding { order, received_at: at(-1), answer: None }
    }

    #[test]
    fn setting_a_clock_on_or_back_releases_nothing() {
        let holdings = [holding()];
        let limit = |now, steady| wanted(&holdings, at(now), Some(at(steady))).limit;
        assert_eq!(limit(5, 5), Some(Kw(5)));
        assert_eq!(limit(500, 5), Some(Kw(5)), "set on");
        assert_eq!(limit(-500, 5), Some(Kw(5)), "set back");
        assert_eq!(limit(500, 10), None, "over by both clocks");
    }

    #[test]
    fn a_small_difference_of_the_clocks_is_none() {
        let steady = Some(at(10) - CLOCK_TOLERANCE);
        assert_eq!(wanted(&[holding()], at(10), steady).limit, None);
        assert_eq!(wanted(&[holding()], at(10), None).limit, None);
    }
}
