//! The trail of accounts, as administrators read it, and one's own.

use serde_json::{Value, json};

use super::{actions, path_of, vault};
use crate::support::TestUser;

const TRAIL: &str = "/api/v1/admin/audit";

async fn pages(reader: &TestUser, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = reader
            .get(&format!("{path}limit=3{cursor}"))
            .await
            .expect(200)
            .json();
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[tokio::test]
async fn administrators_read_of_accounts_and_never_of_documents() {
    let (app, admin, victim) = vault().await;
    let document = victim.upload("a.txt", b"umbrella").await;
    victim
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    app.run_jobs().await;
    let own = actions(&victim, "/api/v1/me/audit").await;
    for action in [
        "document.stored",
        "document.read",
        "topic.created",
        "auth.signed_in",
    ] {
        assert!(own.iter().any(|known| known == action), "{own:?}");
    }
    let rows = pages(&admin, &format!("{TRAIL}?")).await;
    assert!(rows.len() > 3, "it has pages");
    let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first: {ids:?}");
    for row in &rows {
        let feature = row["action"].as_str().unwrap().split('.').next().unwrap();
        assert!(
            [
                "auth",
                "account",
                "totp",
                "api_token",
                "invite",
                "admin",
                "keys",
                "storage"
            ]
            .contains(&feature),
            "{row}"
        );
        assert!(!row.to_string().contains(&document.to_string()), "{row}");
    }
    let of_victim = pages(&admin, &format!("{TRAIL}?user_id={}&", victim.id)).await;
    assert!(!of_victim.is_empty());
    for row in &of_victim {
        assert_eq!(row["user_email"], "victim@example.org");
    }
    for action in ["document.stored", "topic.created", "nothing.such"] {
        assert_eq!(
            actions(&admin, &format!("{TRAIL}?action={action}")).await,
            Vec::<String>::new()
        );
    }
    let signed_in = actions(&admin, &format!("{TRAIL}?action=auth.signed_in")).await;
    assert_eq!(signed_in, ["auth.signed_in", "auth.signed_in"]);
}

#[tokio::test]
async fn ones_own_trail_has_pages_and_nothing_of_others() {
    let (_app, admin, victim) = vault().await;
    for name in ["A", "B", "C", "D"] {
        victim
            .post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201);
    }
    let rows = pages(&victim, "/api/v1/me/audit?").await;
    let told: Vec<&str> = rows
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "topic.created",
            "topic.created",
            "topic.created",
            "topic.created",
            "auth.signed_in",
            "account.created"
        ]
    );
    let others = admin.get("/api/v1/me/audit").await.expect(200).text();
    assert!(!others.contains("topic.created"));
    victim
        .get("/api/v1/me/audit?limit=3&cursor=AAAA")
        .await
        .expect_problem(400, "invalid_cursor");
}

#[tokio::test]
async fn sec_log_03_what_administrators_do_stands_in_both_trails() {
    let (_app, admin, victim) = vault().await;
    let path = path_of(&victim);
    let mut done = Vec::new();
    for (change, own, theirs) in [
        (
            json!({"limit_bytes": 7}),
            "admin.quota_changed",
            "account.quota_changed",
        ),
        (
            json!({"role": "admin"}),
            "admin.role_changed",
            "account.role_changed",
        ),
        (
            json!({"disabled": true}),
            "admin.user_disabled",
            "account.disabled",
        ),
        (
            json!({"disabled": false}),
            "admin.user_enabled",
            "account.enabled",
        ),
    ] {
        let answer = admin.patch(&path, change).await.expect(200);
        done.push((answer, own, theirs));
    }
    let answer = admin.delete(&format!("{path}/sessions")).await.expect(204);
    done.push((answer, "admin.sessions_ended", "account.sessions_ended"));
    for (end, own, theirs, status) in [
        ("reset-totp", "admin.totp_reset", "totp.reset", 204),
        (
            "password-reset-link",
            "admin.reset_link_made",
            "account.reset_link_made",
            201,
        ),
    ] {
        let answer = admin
            .post_nothing(&format!("{path}/{end}"))
            .await
            .expect(status);
        done.push((answer, own, theirs));
    }
    let answer = admin.delete(&path).await.expect(202);
    done.push((answer, "admin.user_erasing", "account.erasing"));

    for (answer, own, theirs) in done {
        let find = async |who: &TestUser, action: &str| {
            let asked = format!("{TRAIL}?user_id={}&action={action}", who.id);
            let page = admin.get(&asked).await.expect(200).json();
            assert_eq!(
                page["items"].as_array().unwrap().len(),
                1,
                "{action}: {page}"
            );
            page["items"][0].clone()
        };
        let row = find(&admin, own).await;
        assert_eq!(row["metadata"]["user_id"], victim.id.to_string());
        let row = find(&victim, theirs).await;
        assert_eq!(
            row["metadata"]["by_admin"],
            admin.id.to_string(),
            "{theirs}"
        );
        assert_eq!(
            row["request_id"].as_str(),
            answer.header("x-request-id"),
            "{theirs} can be found by the request"
        );
    }
}

#[tokio::test]
async fn sec_log_03_what_is_about_nobody_yet_stands_in_the_administrator_s_trail() {
    let (app, admin, victim) = vault().await;
    let user = json!({"email": "eve@example.org", "display_name": "Eve"});
    let made = admin.post("/api/v1/admin/users", user).await.expect(201);
    let invite = admin
        .post("/api/v1/admin/invites", json!({"email": "zoe@example.org"}))
        .await
        .expect(201);
    let path = format!("/api/v1/admin/invites/{}", invite.id());
    admin.delete(&path).await.expect(204);
    let job: i64 = sqlx::query_scalar(
        "INSERT INTO jobs (kind, payload, user_id, max_attempts, state, died_at) VALUES ('learn_filing', '{}', $1, 1, 'dead', now()) RETURNING id",
    )
    .bind(victim.id.0)
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap();
    admin
        .post_nothing(&format!("/api/v1/admin/jobs/{job}/retry"))
        .await
        .expect(204);

    let own = actions(&admin, &format!("{TRAIL}?user_id={}", admin.id)).await;
    assert_eq!(
        own[..4],
        [
            "admin.job_retried",
            "invite.revoked",
            "invite.created",
            "admin.user_created"
        ]
    );
    let born = actions(&admin, &format!("{TRAIL}?user_id={}", made.id())).await;
    assert_eq!(born, ["account.made_by_admin", "account.created"]);
    // Nobody's address stands in a row.
    let rows: Vec<String> = sqlx::query_scalar("SELECT metadata::text FROM audit_log")
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(rows.iter().all(|row| !row.contains('@')), "{rows:?}");
}
