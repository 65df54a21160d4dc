//! How much one caller may ask: a bucket for each, as a single instant (the generic cell rate algorithm).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::{MAX_COUNTED, Rate};

/// A bucket for each of many.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    /// How long one request counts.
    each: Duration,
    /// How far ahead of time a caller may be.
    ahead: Duration,
    /// When each bucket is full again.
    full_at: Mutex<BTreeMap<K, Instant>>,
}

impl<K: Ord + Clone> Buckets<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        let each = Duration::from_secs_f64(1.0 / rate.per_second);
        Self { each, ahead: each * (rate.burst - 1), full_at: Mutex::default() }
    }

    /// Takes one out, or says how long to wait for it.
    pub(crate) fn take(&self, key: &K, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = full_at.get(key).copied().unwrap_or(now).max(now);
        match due.duration_since(now).checked_sub(self.ahead) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                make_room(&mut full_at, now);
                full_at.insert(key.clone(), due + self.each);
                Ok(())
            }
        }
    }

    /// How long to wait until there is one; nothing is taken.
    pub(crate) fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = full_at.get(key)?.checked_duration_since(now)?.checked_sub(self.ahead)?;
        (!wait.is_zero()).then_some(wait)
    }
}

/// Full buckets need not be remembered. Where that is not enough, those go that have the least to wait for.
fn make_room<K: Ord + Clone>(full_at: &mut BTreeMap<K, Instant>, now: Instant) {
    if full_at.len() < MAX_COUNTED {
        return;
    }
    full_at.retain(|_, at| *at > now);
    while full_at.len() >= MAX_COUNTED {
        let soonest = full_at.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone());
        if let Some(key) = soonest {
            full_at.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn buckets() -> Buckets<&'static str> {
        Buckets::new(Rate { per_second: 2.0, burst: 3 })
    }

    #[test]
    fn a_burst_is_taken_and_then_so_many_a_second() {
        let (buckets, start) = (buckets(), Instant::now());
        assert_eq!([1, 2, 3].map(|_| buckets.take(&"a", start).is_ok()), [true; 3]);
        assert_eq!(buckets.take(&"a", start), Err(Duration::from_millis(500)));
        assert_eq!(buckets.wait(&"a", start), Some(Duration::from_millis(500)));
        assert!(buckets.take(&"b", start).is_ok(), "each has its own");
        let later = start + Duration::from_millis(500);
        assert_eq!((buckets.wait(&"a", later), buckets.take(&"a", later)), (None, Ok(())));
        assert!(buckets.take(&"a", later).is_err());
        let rested = start + Duration::from_secs(60);
        assert_eq!([1, 2, 3, 4].map(|_| buckets.take(&"a", rested).is_ok()), [true, true, true, false]);
    }

    #[test]
    fn no_more_are_counted_than_there_is_room_for() {
        let (buckets, start) = (Buckets::new(Rate { per_second: 1.0, burst: 2 }), Instant::now());
        for number in 0..MAX_COUNTED + 10 {
            assert!(buckets.take(&number, start).is_ok());
        }
        assert_eq!(buckets.full_at.lock().unwrap().len(), MAX_COUNTED);
    }

    proptest! {
        /// However requests are spread, no span of time sees more than the burst and what flows in meanwhile.
        #[test]
        fn no_span_of_time_sees_more_than_it_may(pauses_ms in prop::collection::vec(0..900_u64, 1..200)) {
            let (buckets, mut now) = (buckets(), Instant::now());
            let mut taken = Vec::new();
            for pause_ms in pauses_ms {
                now += Duration::from_millis(pause_ms);
                taken.extend(buckets.take(&"a", now).is_ok().then_some(now));
            }
            for (place, first) in taken.iter().enumerate() {
                for (more, last) in taken[place..].iter().enumerate() {
                    let may = 3.0 + 2.0 * last.duration_since(*first).as_secs_f64();
                    prop_assert!((more + 1) as f64 <= may + 1e-6, "{} in {:?}", more + 1, last.duration_since(*first));
                }
            }
        }
    }
}
