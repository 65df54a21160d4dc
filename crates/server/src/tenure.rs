//! Whether this control room still leads. Where the journal is held by a lease, leading ends by itself when nobody
//! renews it; a process that slept must find that out by its own clock before it asks anybody.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

/// How long this control room leads.
#[derive(Default)]
pub(crate) struct Tenure {
    /// Until then nobody else can write; none where the journal is held as long as the process lives.
    until: Mutex<Option<Instant>>,
    /// Why it no longer leads.
    lost: watch::Sender<Option<String>>,
}

impl Tenure {
    /// Whether nobody else can have written so far.
    pub(crate) fn lasts(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        self.lost.borrow().is_none() && until.is_none_or(|until| Instant::now() < until)
    }

    /// Whether it can end while the process lives.
    pub(crate) fn is_lease(&self) -> bool {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(crate) fn extend(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Ends it, and with it every delivery under way.
    pub(crate) fn lose(&self, why: &str) {
        self.lost.send_if_modified(|lost| {
            let is_new = lost.is_none();
            lost.get_or_insert_with(|| why.to_owned());
            is_new
        });
    }

    /// Waits until it has ended, and says why.
    pub(crate) async fn lost(&self) -> String {
        let mut lost = self.lost.subscribe();
        // The sender is part of what is borrowed, so the wait cannot fail.
        let why = lost.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_lease_that_nobody_renews_ends_by_itself() {
        let tenure = Tenure::default();
        assert!(tenure.lasts(), "a file is held as long as the process lives");
        tenure.extend(Instant::now() + Duration::from_secs(60));
        assert!(tenure.lasts());
        tenure.extend(Instant::now());
        assert!(!tenure.lasts());
        tenure.extend(Instant::now() + Duration::from_secs(60));
        assert!(tenure.lasts(), "renewed in time by nobody's leave but the database's");
    }

    #[tokio::test]
    async fn what_is_lost_stays_lost() {
        let tenure = Tenure::default();
        tenure.lose("the other leads");
        tenure.extend(Instant::now() + Duration::from_secs(60));
        assert!(!tenure.lasts());
        assert_eq!(tenure.lost().await, "the other leads");
    }
}
