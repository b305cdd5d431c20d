//! The vault's clock in tests: the real time, moved on at will.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use docuvault::app::Clock;
use time::OffsetDateTime;

#[derive(Default)]
pub struct TestClock {
    ahead_milliseconds: AtomicI64,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.ahead_milliseconds
            .fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
            + time::Duration::milliseconds(self.ahead_milliseconds.load(Ordering::SeqCst))
    }
}
