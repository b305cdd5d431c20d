//! The refresh cookie is as narrow as the vault's address allows.

use reqwest::Method;
use serde_json::json;

use crate::support::{Response, SETUP_TOKEN, SendIt, TestApp};

async fn set_up(app: &TestApp) -> Response {
    let body = json!({"setup_token": SETUP_TOKEN, "email": "ann@example.org", "password": "a good password", "display_name": "Ann"});
    app.anon().post("/api/v1/setup", body).await.expect(201)
}

#[tokio::test]
async fn sec_ses_09_over_http_it_reaches_the_two_routes_that_read_it() {
    let app = TestApp::start().await;
    let answer = set_up(&app).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("docuvault_refresh=dvr1_"), "{cookie}");
    assert!(
        cookie.ends_with("; Max-Age=1209600; Path=/api/v1/auth; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let out = app
        .anon()
        .logout(&answer.refresh_cookie().unwrap())
        .await
        .expect(204);
    assert_eq!(
        out.header("set-cookie"),
        Some("docuvault_refresh=; Max-Age=0; Path=/api/v1/auth; HttpOnly; SameSite=Strict")
    );
}

#[tokio::test]
async fn sec_ses_09_over_https_it_is_bound_to_the_host() {
    let app = TestApp::with()
        .setting("DOCUVAULT_PUBLIC_URL", "https://vault.example")
        .start()
        .await;
    let answer = set_up(&app).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-docuvault_refresh=dvr1_"),
        "{cookie}"
    );
    assert!(
        cookie.ends_with("; Max-Age=1209600; Path=/; Secure; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );

    let token = answer.refresh_cookie().unwrap();
    let refresh = |name: &str, origin: &str| {
        let request = app.anon().request(Method::POST, "/api/v1/auth/refresh");
        request
            .header("cookie", format!("{name}={token}"))
            .header("origin", origin)
            .send_it()
    };
    refresh("docuvault_refresh", "https://vault.example")
        .await
        .expect_problem(401, "refresh_invalid");
    refresh("__Host-docuvault_refresh", &app.base_url)
        .await
        .expect_problem(403, "wrong_origin");
    refresh("__Host-docuvault_refresh", "https://vault.example")
        .await
        .expect(200);
}
