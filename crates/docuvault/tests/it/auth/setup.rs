//! The first account: made once, by whoever has the setup token.

use serde_json::{Value, json};

use crate::support::{SETUP_TOKEN, TestApp};

fn first_account() -> Value {
    json!({"setup_token": SETUP_TOKEN, "email": "Ann@Example.org", "password": "a good password", "display_name": "Ann"})
}

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut account = first_account();
    account[field] = value.into();
    account
}

#[tokio::test]
async fn sec_aut_11_it_works_once_and_signs_in() {
    let app = TestApp::start().await;
    let anon = app.anon();
    assert_eq!(
        anon.get("/api/v1/setup").await.expect(200).json(),
        json!({"needs_setup": true})
    );

    let answer = anon
        .post("/api/v1/setup", first_account())
        .await
        .expect(201);
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&json!("Bearer"), &json!(600))
    );
    assert_eq!(
        (&body["user"]["email"], &body["user"]["role"]),
        (&json!("Ann@Example.org"), &json!("admin"))
    );
    let ann = anon.with_token(body["access_token"].as_str().unwrap());
    ann.get("/api/v1/me").await.expect(200);
    anon.refresh(&answer.refresh_cookie().unwrap())
        .await
        .expect(200);

    assert_eq!(
        anon.get("/api/v1/setup").await.expect(200).json(),
        json!({"needs_setup": false})
    );
    anon.post("/api/v1/setup", with("email", "eve@example.org"))
        .await
        .expect_problem(409, "already_set_up");
    anon.post("/api/v1/setup", with("setup_token", "wrong"))
        .await
        .expect_problem(409, "already_set_up");
}

#[tokio::test]
async fn a_wrong_token_makes_nothing() {
    let app = TestApp::start().await;
    for token in ["", "wrong", &SETUP_TOKEN[1..], &format!("{SETUP_TOKEN} ")] {
        app.anon()
            .post("/api/v1/setup", with("setup_token", token))
            .await
            .expect_problem(403, "invalid_setup_token");
    }
    assert_eq!(
        app.anon().get("/api/v1/setup").await.json(),
        json!({"needs_setup": true})
    );
}

#[tokio::test]
async fn sec_aut_11_of_ten_at_once_one_wins() {
    let app = TestApp::start().await;
    let mut racing = tokio::task::JoinSet::new();
    for racer in 0..10 {
        let anon = app.anon();
        racing.spawn(async move {
            anon.post(
                "/api/v1/setup",
                with("email", format!("racer{racer}@example.org")),
            )
            .await
        });
    }
    let mut statuses = Vec::new();
    while let Some(answer) = racing.join_next().await {
        statuses.push(answer.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 9]].concat());
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(users, 1);
}

#[tokio::test]
async fn all_faults_are_told_and_nothing_is_made() {
    let app = TestApp::start().await;
    let bad = json!({"setup_token": SETUP_TOKEN, "email": "nobody", "password": "short", "display_name": " "});
    let problem = app
        .anon()
        .post("/api/v1/setup", bad)
        .await
        .expect_problem(422, "validation_failed")
        .json();
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["email", "display_name", "password"]);
    app.anon()
        .post("/api/v1/setup", with("role", "admin"))
        .await
        .expect_problem(400, "unknown_field");
    assert_eq!(
        app.anon().get("/api/v1/setup").await.json(),
        json!({"needs_setup": true})
    );
}
