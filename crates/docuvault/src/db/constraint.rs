//! Turns the violation of a named constraint into the error that it means.

/// The name of the constraint that `error` violates, if that is what happened.
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(inner) => inner.constraint(),
        _ => None,
    }
}
