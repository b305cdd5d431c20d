//! Old notifications go: ninety days after they were read, and after a year in any case.

use std::time::Duration;

use docuvault::notifications::{Kind, sweep_notifications};

use super::{tell, two_users};
use crate::support::TestApp;

const DAY: Duration = Duration::from_hours(24);

async fn left(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("SELECT kind FROM notifications ORDER BY kind")
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_read_goes_after_ninety_days_and_all_after_a_year() {
    let app = TestApp::start().await;
    let (alice, bob) = two_users(&app).await;
    tell(&app, &alice, Kind::NewSignIn).await;
    alice
        .post_nothing("/api/v1/notifications/read-all")
        .await
        .expect(204);
    tell(&app, &alice, Kind::RoleChanged).await;
    tell(&app, &bob, Kind::QuotaChanged).await;

    app.clock.advance(89 * DAY);
    sweep_notifications(&app.state).await.unwrap();
    assert_eq!(left(&app).await.len(), 3);
    app.clock.advance(2 * DAY);
    sweep_notifications(&app.state).await.unwrap();
    assert_eq!(
        left(&app).await,
        ["account.quota_changed", "account.role_changed"]
    );
    app.clock.advance(275 * DAY);
    sweep_notifications(&app.state).await.unwrap();
    assert_eq!(left(&app).await, Vec::<String>::new());
}
