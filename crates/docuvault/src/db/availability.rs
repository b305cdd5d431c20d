//! Is it the database that is away for now, or is something wrong?

/// Whether the same statement may well work a moment later: the database cannot be reached, or has no room for it.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => true,
        // Starting up, shutting down, too many connections, read-only after a failover, lock or statement time-out.
        sqlx::Error::Database(inner) => matches!(
            inner.code().as_deref(),
            Some(
                "57P01"
                    | "57P02"
                    | "57P03"
                    | "53300"
                    | "25006"
                    | "55P03"
                    | "57014"
                    | "40001"
                    | "40P01"
            )
        ),
        _ => false,
    }
}
