//! Roles, disabling, quotas: they bite at once, and the vault is never without an administrator.

use reqwest::Method;
use serde_json::json;

use super::{actions, notified, path_of, second_admin, vault};
use crate::support::SendIt;

#[tokio::test]
async fn sec_adm_03_a_new_role_takes_effect_on_the_next_request() {
    let (app, admin, victim) = vault().await;
    admin
        .patch(&path_of(&victim), json!({"role": "admin"}))
        .await
        .expect(200);
    // The token of before is worth nothing any more, in either direction.
    victim
        .get("/api/v1/admin/users")
        .await
        .expect_problem(401, "unauthenticated");
    let promoted = app.user("victim").await;
    promoted.get("/api/v1/admin/users").await.expect(200);
    admin
        .patch(&path_of(&victim), json!({"role": "user"}))
        .await
        .expect(200);
    promoted
        .get("/api/v1/admin/users")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon()
        .refresh(&promoted.refresh_cookie)
        .await
        .expect_problem(401, "refresh_invalid");
    let demoted = app.user("victim").await;
    demoted
        .get("/api/v1/admin/users")
        .await
        .expect_problem(403, "admin_only");
    let told = actions(&demoted, "/api/v1/me/audit").await;
    assert_eq!(
        told.iter()
            .filter(|action| *action == "account.role_changed")
            .count(),
        2
    );
    let notices = notified(&app, &victim).await;
    for role in ["admin", "user"] {
        let data = json!({"role": role, "by_admin": admin.id.to_string()});
        assert!(
            notices.contains(&("account.role_changed".to_owned(), data)),
            "{notices:?}"
        );
    }
}

#[tokio::test]
async fn sec_adm_03_disabling_takes_effect_on_the_next_request() {
    let (app, admin, victim) = vault().await;
    let disabled = admin
        .patch(&path_of(&victim), json!({"disabled": true}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&disabled["disabled"], &disabled["sessions"]),
        (&json!(true), &json!(0))
    );
    victim
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon()
        .refresh(&victim.refresh_cookie)
        .await
        .expect_problem(401, "refresh_invalid");
    app.anon()
        .login(&victim.email, &victim.password)
        .await
        .expect_problem(403, "account_disabled");
    let by_token: Option<i32> =
        sqlx::query_scalar("SELECT 1 FROM begin_api_token(sha256('x'), now())")
            .fetch_optional(&mut api_token_of(&app, &victim).await)
            .await
            .unwrap();
    assert_eq!(by_token, None, "API tokens of disabled users do not work");
    admin
        .patch(&path_of(&victim), json!({"disabled": false}))
        .await
        .expect(200);
    let back = app.user("victim").await;
    let told = actions(&back, "/api/v1/me/audit").await;
    for action in ["account.disabled", "account.enabled"] {
        assert!(told.iter().any(|known| known == action), "{told:?}");
    }
}

/// Gives the user an API token whose hash is that of "x"; answers a connection to try it with.
async fn api_token_of(
    app: &crate::support::TestApp,
    user: &crate::support::TestUser,
) -> sqlx::PgConnection {
    sqlx::query("INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, can_write) VALUES (gen_random_uuid(), $1, 'x', 'x', sha256('x'), false)")
        .bind(user.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    app.database.app_role().await
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let (app, admin, _) = vault().await;
    // One who cannot sign in yet does not count.
    let body = json!({"email": "eve@example.org", "display_name": "Eve", "role": "admin"});
    admin.post("/api/v1/admin/users", body).await.expect(201);
    let path = path_of(&admin);
    for change in [json!({"role": "user"}), json!({"disabled": true})] {
        admin
            .patch(&path, change)
            .await
            .expect_problem(409, "last_admin");
    }
    admin.delete(&path).await.expect_problem(409, "last_admin");

    let second = second_admin(&app, &admin).await;
    let stepped_down = admin
        .patch(&path, json!({"role": "user"}))
        .await
        .expect(200)
        .json();
    assert_eq!(stepped_down["role"], "user");
    second
        .delete(&path_of(&second))
        .await
        .expect_problem(409, "last_admin");
    second.get("/api/v1/admin/users").await.expect(200);
}

#[tokio::test]
async fn two_administrators_cannot_demote_each_other() {
    for _ in 0..5 {
        let (app, admin, _) = vault().await;
        let second = second_admin(&app, &admin).await;
        let demote = json!({"role": "user"});
        let (at_first, at_second) = (path_of(&admin), path_of(&second));
        let (one, other) = tokio::join!(
            admin.patch(&at_second, &demote),
            second.patch(&at_first, &demote)
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!([401, 403, 409].contains(&statuses[1]), "{statuses:?}");
        let admins: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE role = 'admin'")
            .fetch_one(&mut app.database.superuser().await)
            .await
            .unwrap();
        assert_eq!(admins, 1);
    }
}

#[tokio::test]
async fn a_quota_is_changed_under_a_version_and_its_owner_is_told() {
    let (app, admin, victim) = vault().await;
    let shown = admin.get(&path_of(&victim)).await.expect(200);
    let version = shown.header("etag").unwrap().to_owned();
    let change = |limit: i64, version: &str| {
        admin
            .request(Method::PATCH, &path_of(&victim))
            .header("if-match", version)
            .json(&json!({"limit_bytes": limit}))
            .send_it()
    };
    let changed = change(4, &version).await.expect(200);
    assert_ne!(changed.header("etag"), Some(version.as_str()));
    change(5, &version)
        .await
        .expect_problem(412, "precondition_failed");
    change(-1, "*")
        .await
        .expect_problem(422, "validation_failed");
    let quota = victim.get("/api/v1/me/quota").await.expect(200).json();
    assert_eq!(quota["limit_bytes"], 4);
    let too_large = json!({"filename": "a.txt", "size_bytes": 5, "content_type": "text/plain"});
    assert_ne!(
        victim.post("/api/v1/documents", too_large).await.status,
        201
    );
    assert_eq!(
        notified(&app, &victim).await,
        [(
            "account.quota_changed".to_owned(),
            json!({"limit_bytes": 4, "by_admin": admin.id.to_string()})
        )]
    );
    // What changes nothing tells nothing.
    change(4, "*").await.expect(200);
    assert_eq!(notified(&app, &victim).await.len(), 1);
}

#[tokio::test]
async fn all_sessions_of_a_user_can_be_ended() {
    let (app, admin, victim) = vault().await;
    let other = app.user("victim").await;
    admin
        .delete(&format!("{}/sessions", path_of(&victim)))
        .await
        .expect(204);
    for client in [&victim, &other] {
        client
            .get("/api/v1/me")
            .await
            .expect_problem(401, "unauthenticated");
    }
    assert_eq!(
        notified(&app, &victim).await,
        [(
            "security.sessions_ended_by_admin".to_owned(),
            json!({"sessions": 2, "by_admin": admin.id.to_string()})
        )]
    );
    admin.get("/api/v1/me").await.expect(200);
}
