//! Fails at once while the store is known to be away, so that nobody waits for it and it is not run over when it comes back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::StorageError;

/// In a row.
const FAILURES: u32 = 5;
/// Until one call may try again.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    closed_until: Option<Instant>,
}

/// The permission for one call, which says how it went. Dropped without a word it counts for nothing: its caller went away.
pub(super) struct Permit(Arc<Breaker>);

impl Breaker {
    /// Allows a call, or says that there is no use in one.
    pub fn permit(self: &Arc<Self>) -> Result<Permit, StorageError> {
        self.permit_at(Instant::now())
    }

    fn permit_at(self: &Arc<Self>, now: Instant) -> Result<Permit, StorageError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = state.closed_until {
            if now < until {
                return Err(StorageError::Unavailable {
                    retry_after: Some(until - now),
                    source: "the store did not answer the calls before this one".into(),
                });
            }
            // This one tries; the others go on waiting for how it goes.
            state.closed_until = Some(now + PAUSE);
        }
        drop(state);
        Ok(Permit(Arc::clone(self)))
    }
}

impl Permit {
    pub fn went_well(self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    pub fn failed(self) {
        self.failed_at(Instant::now());
    }

    fn failed_at(self, now: Instant) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Arc<Breaker>, now: Instant) {
        breaker.permit_at(now).unwrap().failed_at(now);
    }

    #[test]
    fn opens_after_failures_in_a_row_and_lets_one_try() {
        let (breaker, now) = (Arc::new(Breaker::default()), Instant::now());
        for _ in 0..FAILURES {
            fail(&breaker, now);
        }
        let Err(StorageError::Unavailable { retry_after, .. }) = breaker.permit_at(now) else {
            panic!("a call was let through");
        };
        assert_eq!(retry_after, Some(PAUSE));

        let later = now + PAUSE;
        let trying = breaker.permit_at(later).unwrap();
        assert!(breaker.permit_at(later).is_err(), "two try at once");
        trying.went_well();
        assert!(breaker.permit_at(later).is_ok() && breaker.permit_at(later).is_ok());
    }

    #[test]
    fn a_try_that_fails_means_another_pause() {
        let (breaker, now) = (Arc::new(Breaker::default()), Instant::now());
        for _ in 0..FAILURES {
            fail(&breaker, now);
        }
        fail(&breaker, now + PAUSE);
        assert!(breaker.permit_at(now + PAUSE + PAUSE / 2).is_err());
        assert!(breaker.permit_at(now + PAUSE * 2).is_ok());
    }

    #[test]
    fn a_success_in_between_counts_anew() {
        let (breaker, now) = (Arc::new(Breaker::default()), Instant::now());
        for _ in 0..3 {
            for _ in 0..FAILURES - 1 {
                fail(&breaker, now);
            }
            breaker.permit_at(now).unwrap().went_well();
        }
        assert!(breaker.permit_at(now).is_ok());
    }

    #[test]
    fn a_caller_who_goes_away_while_trying_does_not_keep_it_shut() {
        let (breaker, now) = (Arc::new(Breaker::default()), Instant::now());
        for _ in 0..FAILURES {
            fail(&breaker, now);
        }
        drop(breaker.permit_at(now + PAUSE).unwrap());
        assert!(breaker.permit_at(now + PAUSE * 2).is_ok());
    }
}
