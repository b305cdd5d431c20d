//! A job queue in PostgreSQL: claim, lease, retry, schedule, dead letters.
