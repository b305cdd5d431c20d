//! Passwords and second factors: an administrator can start them over and never set or see them, and the user is told.

use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{actions, notified, path_of, vault};

#[tokio::test]
async fn sec_adm_02_no_administrator_sets_a_password() {
    let (app, admin, victim) = vault().await;
    for body in [
        json!({"password": "mine now, thanks"}),
        json!({"password_hash": "x"}),
        json!({"email": "x@example.org"}),
        json!({"totp_enabled": false}),
    ] {
        admin
            .patch(&path_of(&victim), body)
            .await
            .expect_problem(400, "unknown_field");
    }
    let with_password =
        json!({"email": "e@example.org", "display_name": "E", "password": "mine now, thanks"});
    admin
        .post("/api/v1/admin/users", with_password)
        .await
        .expect_problem(400, "unknown_field");
    // Nor does any function of the schema: the role they belong to may not write these.
    let writable: Vec<String> = sqlx::query_scalar(
        "SELECT c FROM unnest(ARRAY['password_hash', 'email', 'email_key', 'display_name', 'kdf_salt']) c WHERE has_column_privilege('docuvault_system', 'users', c, 'UPDATE')",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert!(writable.is_empty(), "{writable:?}");
}

#[tokio::test]
async fn sec_adm_02_the_second_factor_is_never_taken_away_silently() {
    let (app, admin, victim) = vault().await;
    let mut superuser = app.database.superuser().await;
    for statement in [
        "INSERT INTO totp_secrets (user_id, seed_sealed, confirmed_at) VALUES ($1, '\\x01010001', now())",
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, sha256('x'))",
        "INSERT INTO pending_logins (id, user_id, token_hash, expires_at) VALUES (gen_random_uuid(), $1, sha256('x'), now() + interval '1 hour')",
        "UPDATE users SET totp_enabled = true WHERE id = $1",
    ] {
        sqlx::query(statement)
            .bind(victim.id.0)
            .execute(&mut superuser)
            .await
            .unwrap();
    }
    admin
        .post_nothing(&format!("{}/reset-totp", path_of(&victim)))
        .await
        .expect(204);
    let shown = admin.get(&path_of(&victim)).await.expect(200).json();
    assert_eq!(shown["totp_enabled"], false);
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM totp_secrets) + (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM pending_logins)",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(left, 0);
    victim
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    assert_eq!(
        notified(&app, &victim).await,
        [(
            "security.totp_reset_by_admin".to_owned(),
            json!({"by_admin": admin.id.to_string()})
        )]
    );
    let victim = app.user("victim").await;
    let told = actions(&victim, "/api/v1/me/audit").await;
    assert!(told.contains(&"totp.reset".to_owned()), "{told:?}");
    let told = actions(&admin, "/api/v1/me/audit").await;
    assert!(told.contains(&"admin.totp_reset".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_reset_link_is_kept_as_a_hash_lasts_an_hour_and_is_told() {
    let (app, admin, victim) = vault().await;
    let path = format!("{}/password-reset-link", path_of(&victim));
    admin.post_nothing(&path).await.expect(201);
    let link = admin.post_nothing(&path).await.expect(201).json();
    let token = link["token"].as_str().unwrap();
    assert_eq!(
        link["url"],
        format!(
            "{}/reset-password#token={token}",
            app.state.config().public_url()
        )
    );
    let kept: Vec<(Vec<u8>, String, OffsetDateTime)> = sqlx::query_as(
        "SELECT token_hash, purpose, expires_at FROM account_links WHERE user_id = $1",
    )
    .bind(victim.id.0)
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert_eq!(kept.len(), 1, "an earlier link ends with the next");
    assert_eq!(kept[0].0, Sha256::digest(token).to_vec());
    assert_eq!(kept[0].1, "reset_password");
    let ttl = kept[0].2 - app.state.now();
    assert!(
        ttl > Duration::from_mins(59) && ttl <= Duration::from_hours(1),
        "{ttl}"
    );
    let notices = notified(&app, &victim).await;
    assert_eq!(notices.len(), 2);
    assert_eq!(notices[1].0, "security.reset_link_made");
    assert!(!notices[1].1.to_string().contains(token));
    // The user stays signed in: nothing has happened to their password yet.
    victim.get("/api/v1/me").await.expect(200);
    let told = actions(&victim, "/api/v1/me/audit").await;
    assert!(
        told.contains(&"account.reset_link_made".to_owned()),
        "{told:?}"
    );

    let made = admin
        .post(
            "/api/v1/admin/users",
            json!({"email": "e@example.org", "display_name": "E"}),
        )
        .await
        .expect(201)
        .id();
    let link = admin
        .post_nothing(&format!("/api/v1/admin/users/{made}/password-reset-link"))
        .await
        .expect(201)
        .json();
    assert!(
        link["url"].as_str().unwrap().contains("/choose-password#"),
        "who has no password yet chooses the first: {link}"
    );
}

/// Else whoever holds an administrator's session could change what the session alone must not.
#[tokio::test]
async fn administrators_do_not_start_over_their_own_password_or_second_factor() {
    let (app, admin, _) = vault().await;
    super::second_admin(&app, &admin).await;
    admin
        .delete(&path_of(&admin))
        .await
        .expect_problem(409, "own_account");
    for path in ["reset-totp", "password-reset-link"] {
        admin
            .post_nothing(&format!("{}/{path}", path_of(&admin)))
            .await
            .expect_problem(409, "own_account");
    }
    admin.get("/api/v1/me").await.expect(200);
}
