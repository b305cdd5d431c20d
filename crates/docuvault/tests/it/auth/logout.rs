//! Signing out.

use crate::support::TestApp;

#[tokio::test]
async fn it_ends_this_session_at_once_and_no_other() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let (here, elsewhere) = (app.user("alice").await, app.user("alice").await);
    let older = here.refresh_cookie.clone();
    let renewed = anon.refresh(&older).await.expect(200);
    let cookie = renewed.refresh_cookie().unwrap();

    let out = anon.logout(&cookie).await.expect(204);
    assert_eq!(out.refresh_cookie().as_deref(), Some(""));
    here.get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    for cookie in [&cookie, &older] {
        anon.refresh(cookie)
            .await
            .expect_problem(401, "refresh_invalid");
    }
    elsewhere.get("/api/v1/me").await.expect(200);
    anon.refresh(&elsewhere.refresh_cookie).await.expect(200);
}

#[tokio::test]
async fn what_is_no_session_is_no_error() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    for cookie in ["", "garbage", &alice.refresh_cookie[..30]] {
        anon.logout(cookie).await.expect(204);
    }
    alice.get("/api/v1/me").await.expect(200);
    anon.logout(&alice.refresh_cookie).await.expect(204);
    anon.logout(&alice.refresh_cookie).await.expect(204);
}
