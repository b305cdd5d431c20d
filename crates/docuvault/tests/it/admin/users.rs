//! Listing, making and erasing accounts.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{actions, path_of, vault};
use crate::support::{SendIt, TestApp};

const USERS: &str = "/api/v1/admin/users";

#[tokio::test]
async fn accounts_are_listed_newest_first_and_found_by_part_of_name_or_address() {
    let (app, admin, victim) = vault().await;
    for name in ["carol", "dave"] {
        app.user(name).await;
    }
    victim.upload("a.txt", b"12345").await;
    let listed = admin.get(USERS).await.expect(200).json();
    let emails = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|user| user["email"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = ["dave", "carol", "victim", "admin"].map(|name| format!("{name}@example.org"));
    assert_eq!(emails(&listed), all);
    assert_eq!(listed["items"][2]["quota"]["used_bytes"], 5);
    assert_eq!(listed["items"][2]["sessions"], 1);
    assert_eq!(listed["items"][2]["has_password"], true);
    assert!(listed["items"][2]["last_seen_at"].is_string());

    let mut cursor = String::new();
    let mut paged = Vec::new();
    loop {
        let page = admin
            .get(&format!("{USERS}?limit=1{cursor}"))
            .await
            .expect(200)
            .json();
        paged.extend(emails(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, all);

    for (words, found) in [("CAR", 1), ("victim@", 1), ("example.org", 4), ("%25", 0)] {
        let page = admin
            .get(&format!("{USERS}?q={words}"))
            .await
            .expect(200)
            .json();
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{words}");
    }
    admin
        .get(&format!("{USERS}/{}", Uuid::now_v7()))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn an_account_is_made_without_a_password_and_with_a_link_to_choose_one() {
    let (app, admin, _) = vault().await;
    let body = json!({"email": "Eve@Example.org", "display_name": "Eve", "limit_bytes": 77, "locale": "de"});
    let request = || {
        admin
            .request(Method::POST, USERS)
            .header("idempotency-key", "eve")
            .json(&body)
            .send_it()
    };
    let made = request().await.expect(201);
    let user = made.json();
    assert_eq!(user["has_password"], false);
    assert_eq!(user["role"], "user");
    assert_eq!(user["quota"]["limit_bytes"], 77);
    let link = &user["password_link"];
    let token = link["token"].as_str().unwrap();
    assert!(token.starts_with("dvl1_"), "{link}");
    assert!(
        link["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/choose-password#token={token}"))
    );

    let again = request().await.expect(201).json();
    assert_eq!(again["id"], user["id"]);
    assert_eq!(again["password_link"], Value::Null);
    let taken = json!({"email": "eve@example.org", "display_name": "Another"});
    admin
        .post(USERS, taken)
        .await
        .expect_problem(409, "email_taken");
    app.anon()
        .login("eve@example.org", "")
        .await
        .expect_problem(401, "invalid_credentials");

    let id: Uuid = user["id"].as_str().unwrap().parse().unwrap();
    let (topics, links): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM topics WHERE user_id = $1), (SELECT count(*) FROM account_links WHERE user_id = $1 AND purpose = 'choose_password')",
    )
    .bind(id)
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert!(topics > 0, "they have the starter topics");
    assert_eq!(links, 1, "only the hash of one link is kept");
    let refused = admin
        .post(
            USERS,
            json!({"email": "x", "display_name": " ", "limit_bytes": -1}),
        )
        .await
        .expect_problem(422, "validation_failed")
        .json();
    assert_eq!(refused["errors"].as_array().unwrap().len(), 3);
    // What was refused left nothing behind.
    assert_eq!(
        admin.get(USERS).await.expect(200).json()["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn erasing_closes_the_account_at_once_and_queues_the_rest() {
    let (app, admin, victim) = vault().await;
    admin.delete(&path_of(&victim)).await.expect(202);
    victim
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon()
        .refresh(&victim.refresh_cookie)
        .await
        .expect_problem(401, "refresh_invalid");
    admin.delete(&path_of(&victim)).await.expect(202);
    let shown = admin.get(&path_of(&victim)).await.expect(200).json();
    assert_eq!(
        (&shown["erasing"], &shown["disabled"]),
        (&json!(true), &json!(true))
    );
    // No user's job: it outlives the user.
    let jobs: Vec<(Value, Option<Uuid>)> =
        sqlx::query_as("SELECT payload, user_id FROM jobs WHERE kind = 'erase_account'")
            .fetch_all(&mut app.database.superuser().await)
            .await
            .unwrap();
    assert_eq!(jobs, [(json!({"user_id": victim.id.to_string()}), None)]);
    // It is too late for anything else.
    for change in [json!({"disabled": false}), json!({"limit_bytes": 1})] {
        admin
            .patch(&path_of(&victim), change)
            .await
            .expect_problem(409, "account_erasing");
    }
    for path in ["/reset-totp", "/password-reset-link"] {
        admin
            .post_nothing(&format!("{}{path}", path_of(&victim)))
            .await
            .expect_problem(409, "account_erasing");
    }
    let told = actions(
        &admin,
        &format!("/api/v1/admin/audit?user_id={}", victim.id),
    )
    .await;
    assert!(told.contains(&"account.erasing".to_owned()), "{told:?}");
}

#[tokio::test]
async fn totals_are_counts_and_sums() {
    let (app, admin, victim) = vault().await;
    victim.upload("a.txt", b"12345").await;
    victim.start_upload("b.txt", 3).await;
    let stats = admin.get("/api/v1/admin/stats").await.expect(200).json();
    assert_eq!(
        stats["users"],
        json!({"total": 2, "admins": 1, "disabled": 0, "active_30_days": 2})
    );
    assert_eq!(
        (&stats["sessions"], &stats["documents"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(stats["storage"]["used_bytes"], 5);
    assert_eq!(stats["storage"]["reserved_bytes"], 3);
    assert_eq!(stats["jobs"], json!({"ready": 1, "running": 0, "dead": 0}));
    app.run_jobs().await;
    let stats = admin.get("/api/v1/admin/stats").await.expect(200).json();
    assert_eq!(stats["jobs"]["ready"], 0);
}

#[tokio::test]
async fn changes_want_a_password_given_lately() {
    let app = TestApp::start().await;
    let admin = app.user("admin").await;
    let victim = app.user("victim").await;
    app.clock.advance(std::time::Duration::from_mins(11));
    let renewed = app.anon().refresh(&admin.refresh_cookie).await.expect(200);
    let token = renewed.json()["access_token"].as_str().unwrap().to_owned();
    let late = app.anon().with_token(&token);
    late.get(USERS).await.expect(200);
    for (method, path, body) in [
        (
            Method::POST,
            USERS.to_owned(),
            json!({"email": "e@example.org", "display_name": "E"}),
        ),
        (Method::PATCH, path_of(&victim), json!({"role": "admin"})),
        (Method::DELETE, path_of(&victim), json!(null)),
        (
            Method::DELETE,
            format!("{}/sessions", path_of(&victim)),
            json!(null),
        ),
        (
            Method::POST,
            format!("{}/reset-totp", path_of(&victim)),
            json!(null),
        ),
        (
            Method::POST,
            format!("{}/password-reset-link", path_of(&victim)),
            json!(null),
        ),
        (Method::POST, "/api/v1/admin/invites".to_owned(), json!({})),
        (
            Method::POST,
            "/api/v1/admin/jobs/1/retry".to_owned(),
            json!(null),
        ),
    ] {
        let request = late.request(method, &path);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        request
            .send_it()
            .await
            .expect_problem(403, "reauth_required");
    }
}
