//! A handler that panics costs its own request an answer, and nothing else.

use axum::{Router, extract::State, routing::get};
use docuvault::{
    app::{AppState, router::with_what_all_routes_share},
    auth::Caller,
    http::listener,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::TestApp;

/// In the middle of a transaction of the caller's.
async fn panicking(State(state): State<AppState>, caller: Caller) {
    let Ok(_tx) = caller.begin(&state).await else {
        return;
    };
    panic!("canary of a panic");
}

#[tokio::test]
async fn rel_ops_03_a_panic_is_one_answer_and_leaves_no_user_behind() {
    let app = TestApp::with()
        .setting("DOCUVAULT_DATABASE_CONNECTIONS", 2)
        .start()
        .await;
    let alice = app.user("alice").await;
    let routes = Router::new()
        .route("/panic", get(panicking))
        .route("/well", get(|| async { "well" }));
    let listener_of_its_own = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener_of_its_own.local_addr().unwrap());
    tokio::spawn(listener::serve(
        listener_of_its_own,
        with_what_all_routes_share(routes, app.state.clone()),
        app.state.config().http.clone(),
        CancellationToken::new(),
    ));
    let http = crate::support::http_client().build().unwrap();
    for _ in 0..5 {
        let request = http.get(format!("{base}/panic")).bearer_auth(alice.token());
        let answer = crate::support::Response::read(request.send().await.unwrap()).await;
        let answer = answer.expect_problem(500, "internal");
        assert!(!answer.text().contains("canary"), "{}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        // The only connection that events leave to requests has forgotten her, and can be had.
        let user: Option<String> =
            sqlx::query_scalar("SELECT current_setting('docuvault.user_id', true)")
                .fetch_one(app.state.db().anonymous())
                .await
                .unwrap();
        assert_eq!(user.unwrap_or_default(), "");
    }
    let well = http.get(format!("{base}/well")).send().await.unwrap();
    assert_eq!(well.status(), 200);
    alice.get("/api/v1/me").await.expect(200);
}
