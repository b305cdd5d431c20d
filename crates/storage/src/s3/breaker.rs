//! Leaves a store that is down alone for a while, so that nobody waits for a timeout that is certain.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row after which the store is taken to be down.
const FAILURES: u32 = 5;
/// Until the next call is let through to see whether it is back.
const REST: Duration = Duration::from_secs(5);

/// Counts failures. One per store and process; replicas find out for themselves.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    resting_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may go out at `now`; else how long to wait.
    pub fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state();
        if let Some(until) = state.resting_until {
            if now < until {
                return Err(until - now);
            }
            // This call finds out; the others wait another while for what it finds, but not for it to end.
            state.resting_until = Some(now + REST);
        }
        Ok(())
    }

    /// The store has answered, if only to refuse.
    pub fn answered(&self) {
        *self.state() = State::default();
    }

    /// The store was not there, or said that it cannot.
    pub fn failed(&self, now: Instant) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.resting_until = Some(now + REST);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken_at(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.failed(now);
        }
        breaker
    }

    #[test]
    fn few_failures_or_an_answer_between_them_stop_nothing() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..3 {
            (1..FAILURES).for_each(|_| breaker.failed(now));
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.answered();
        }
    }

    #[test]
    fn after_five_failures_calls_fail_at_once_until_one_is_let_through() {
        let now = Instant::now();
        let breaker = broken_at(now);
        assert_eq!(breaker.admit(now), Err(REST));
        let later = now + REST.mul_f32(0.5);
        assert_eq!(breaker.admit(later), Err(REST.mul_f32(0.5)));
        let over = now + REST;
        assert_eq!(breaker.admit(over), Ok(()), "one is let through");
        assert_eq!(breaker.admit(over), Err(REST), "and only one");
    }

    #[test]
    fn the_one_that_was_let_through_decides() {
        let now = Instant::now();
        let over = now + REST;
        let breaker = broken_at(now);
        assert_eq!(breaker.admit(over), Ok(()));
        breaker.failed(over);
        assert!(breaker.admit(over).is_err(), "still down");
        assert_eq!(breaker.admit(over + REST), Ok(()));
        breaker.answered();
        assert_eq!(breaker.admit(over + REST), Ok(()), "back");
    }

    #[test]
    fn a_trial_that_never_ends_does_not_shut_the_store_for_ever() {
        let now = Instant::now();
        let breaker = broken_at(now);
        assert_eq!(breaker.admit(now + REST), Ok(()));
        assert_eq!(breaker.admit(now + 2 * REST), Ok(()));
    }
}
