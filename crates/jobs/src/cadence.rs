//! When a scheduled job falls due.

use std::time::Duration;

use time::{OffsetDateTime, Weekday};

const DAY_SECONDS: i64 = 24 * 60 * 60;
const WEEK_SECONDS: i64 = 7 * DAY_SECONDS;

/// A regular point in time (UTC), counted from the epoch, so that every process agrees on it.
///
/// A point that passed while no worker ran is made up for once, at the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    pub(crate) period_seconds: i64,
    pub(crate) offset_seconds: i64,
}

impl Cadence {
    /// Every so often, in whole seconds, at least one.
    pub fn every(period: Duration) -> Self {
        Self {
            period_seconds: i64::try_from(period.as_secs()).unwrap_or(i64::MAX).max(1),
            offset_seconds: 0,
        }
    }

    /// Once a day. Hours and minutes beyond a day wrap around.
    pub fn daily_at(hour: u8, minute: u8) -> Self {
        let offset_seconds = (i64::from(hour) * 3600 + i64::from(minute) * 60) % DAY_SECONDS;
        Self {
            period_seconds: DAY_SECONDS,
            offset_seconds,
        }
    }

    /// Once a week.
    pub fn weekly_at(weekday: Weekday, hour: u8, minute: u8) -> Self {
        // The epoch was a Thursday, the fourth day from Monday.
        let days = (i64::from(weekday.number_days_from_monday()) - 3).rem_euclid(7);
        let of_day = Self::daily_at(hour, minute).offset_seconds;
        Self {
            period_seconds: WEEK_SECONDS,
            offset_seconds: days * DAY_SECONDS + of_day,
        }
    }

    /// How long until the next point.
    pub(crate) fn until_next(self, now: OffsetDateTime) -> Duration {
        let period_nanos = i128::from(self.period_seconds) * 1_000_000_000;
        let since_offset =
            now.unix_timestamp_nanos() - i128::from(self.offset_seconds) * 1_000_000_000;
        let left_nanos = period_nanos - since_offset.rem_euclid(period_nanos);
        Duration::from_nanos(u64::try_from(left_nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_next_point_is_where_the_calendar_says() {
        let now = datetime!(2026-11-23 20:30:15 UTC); // a Monday
        let hours = |hours: u64, minutes: u64, seconds: u64| {
            Duration::from_secs(hours * 3600 + minutes * 60 + seconds)
        };
        for (cadence, left) in [
            (Cadence::every(Duration::from_mins(1)), hours(0, 0, 45)),
            (Cadence::every(Duration::from_hours(1)), hours(0, 29, 45)),
            (Cadence::daily_at(20, 31), hours(0, 0, 45)),
            (Cadence::daily_at(20, 30), hours(23, 59, 45)),
            (Cadence::weekly_at(Weekday::Monday, 21, 0), hours(0, 29, 45)),
            (Cadence::weekly_at(Weekday::Tuesday, 3, 0), hours(6, 29, 45)),
            (
                Cadence::weekly_at(Weekday::Sunday, 20, 30),
                hours(6 * 24 - 1, 59, 45),
            ),
        ] {
            assert_eq!(cadence.until_next(now), left, "{cadence:?}");
        }
    }

    #[test]
    fn a_point_that_is_now_has_passed() {
        let now = datetime!(2026-11-23 03:00 UTC);
        assert_eq!(
            Cadence::daily_at(3, 0).until_next(now),
            Duration::from_hours(24)
        );
    }

    #[test]
    fn no_period_is_too_short() {
        assert_eq!(
            Cadence::every(Duration::ZERO),
            Cadence::every(Duration::from_secs(1))
        );
    }
}
