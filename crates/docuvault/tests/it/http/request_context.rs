//! Whom the vault takes a request to come from, and that what it leads to says so.

use serde_json::json;

use crate::support::{SendIt, TestApp};

/// Address and request id of the newest trace of an action.
async fn traced(app: &TestApp, action: &str) -> (Option<String>, Option<String>) {
    sqlx::query_as(
        "SELECT ip, request_id FROM audit_log WHERE action = $1 ORDER BY id DESC LIMIT 1",
    )
    .bind(action)
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn sec_log_03_the_trail_names_request_and_address_of_what_a_user_did() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let made = alice
        .post("/api/v1/topics", json!({"name": "x"}))
        .await
        .expect(201);
    let request_id = made.header("x-request-id").unwrap().to_owned();
    assert_eq!(
        traced(&app, "topic.created").await,
        (Some("127.0.0.1".to_owned()), Some(request_id))
    );
    let refused = app.anon().login(&alice.email, "wrong").await.expect(401);
    let request_id = refused.header("x-request-id").unwrap().to_owned();
    assert_eq!(
        traced(&app, "auth.sign_in_refused").await,
        (Some("127.0.0.1".to_owned()), Some(request_id))
    );
    alice.upload("a.txt", b"a").await;
    app.run_jobs().await;
    assert_eq!(
        traced(&app, "document.read").await,
        (None, None),
        "no request did this, but a job"
    );
}

#[tokio::test]
async fn sec_aut_03_only_a_trusted_proxy_says_who_the_client_is() {
    for (trusted, wanted) in [("", "127.0.0.1"), ("127.0.0.0/8", "198.51.100.7")] {
        let app = TestApp::with()
            .setting("DOCUVAULT_TRUSTED_PROXIES", trusted)
            .start()
            .await;
        let alice = app.user("alice").await;
        let login = json!({"email": alice.email, "password": alice.password});
        let request = app
            .anon()
            .request(reqwest::Method::POST, "/api/v1/auth/login")
            .header("x-forwarded-for", "6.6.6.6, 198.51.100.7")
            .header("forwarded", "for=6.6.6.6")
            .header("x-real-ip", "6.6.6.6")
            .json(&login);
        request.send_it().await.expect(200);
        let (ip, _) = traced(&app, "auth.signed_in").await;
        assert_eq!(ip.as_deref(), Some(wanted), "behind {trusted:?}");
        let of_session: String =
            sqlx::query_scalar("SELECT ip FROM sessions ORDER BY created_at DESC, id DESC LIMIT 1")
                .fetch_one(&mut app.database.superuser().await)
                .await
                .unwrap();
        assert_eq!(of_session, wanted, "behind {trusted:?}");
    }
}
