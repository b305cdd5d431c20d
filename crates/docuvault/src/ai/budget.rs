//! Whether a provider may be asked just now: the user's limit for the month, and the pause after failures in a row.

use time::Duration;

use super::{
    ask::month_begin,
    ledger,
    settings::{self, Choice},
    trouble::Trouble,
};
use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
    notifications::{self, Kind},
};

/// Failures in a row after which a provider is left alone.
const FAILURES_ALLOWED: i32 = 3;
const FIRST_PAUSE: Duration = Duration::minutes(15);
const LONGEST_PAUSE: Duration = Duration::hours(6);
/// Hardly any text has fewer.
const BYTES_PER_TOKEN: i64 = 3;

/// `None`, or why it may not: a code.
pub async fn hindrance(
    state: &AppState,
    tx: &mut UserTx,
    choice: &Choice,
    bytes: usize,
    max_output_tokens: u32,
) -> Result<Option<&'static str>, Problem> {
    if choice.paused_until.is_some_and(|until| until > state.now()) {
        return Ok(Some("paused"));
    }
    let Some(limit) = choice.monthly_token_limit else {
        return Ok(None);
    };
    let month = ledger::totals_since(tx, month_begin(state.now())).await?;
    let wanted =
        i64::try_from(bytes).unwrap_or(i64::MAX) / BYTES_PER_TOKEN + i64::from(max_output_tokens);
    Ok((month.tokens.saturating_add(wanted) > limit).then_some("budget_spent"))
}

/// Remembers how it went. A provider that fails again and again is left alone for a while, and the user is told once.
pub async fn remember(
    state: &AppState,
    user: UserId,
    outcome: Result<(), Trouble>,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    match outcome {
        Ok(()) => settings::note_success(&mut tx).await?,
        Err(trouble) => {
            let failures = settings::note_failure(&mut tx, trouble.code()).await?;
            if let Some(pause) = failures.and_then(pause_after) {
                settings::pause_until(&mut tx, state.now() + pause).await?;
                if failures == Some(FAILURES_ALLOWED) {
                    notifications::notify(state, &mut tx, Kind::AiPaused, serde_json::Map::new())
                        .await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Each failure after a pause doubles it.
fn pause_after(failures: i32) -> Option<Duration> {
    let doublings = u32::try_from(failures - FAILURES_ALLOWED).ok()?;
    Some((FIRST_PAUSE * 2_i32.pow(doublings.min(10))).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_come_after_three_failures_and_grow_to_six_hours() {
        assert_eq!(pause_after(2), None);
        assert_eq!(pause_after(3), Some(Duration::minutes(15)));
        assert_eq!(pause_after(5), Some(Duration::hours(1)));
        assert_eq!(pause_after(i32::MAX), Some(Duration::hours(6)));
    }
}
