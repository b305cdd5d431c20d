//! A user's own profile and quota.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn the_first_account_is_an_admins_and_the_second_is_not() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);

    let profile = alice.get("/api/v1/me").await.expect(200).json();
    assert_eq!(profile["id"], alice.id.to_string());
    assert_eq!(profile["email"], "alice@example.org");
    assert_eq!(profile["display_name"], "alice");
    assert_eq!(profile["role"], "admin");
    assert_eq!(profile["totp_enabled"], false);
    let profile = bob.get("/api/v1/me").await.expect(200).json();
    assert_eq!(
        (profile["id"].clone(), profile["role"].clone()),
        (json!(bob.id.to_string()), json!("user"))
    );
}

#[tokio::test]
async fn the_quota_tells_what_is_used_and_what_is_promised() {
    let app = TestApp::with().quota_bytes(1000).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let quota = async |user: &crate::support::TestUser| {
        user.get("/api/v1/me/quota").await.expect(200).json()
    };
    assert_eq!(
        quota(&alice).await,
        json!({"used_bytes": 0, "reserved_bytes": 0, "limit_bytes": 1000, "documents": 0})
    );

    let started = alice.start_upload("a.txt", 300).await;
    assert_eq!(
        quota(&alice).await,
        json!({"used_bytes": 0, "reserved_bytes": 300, "limit_bytes": 1000, "documents": 0})
    );
    alice.put(&started.url, vec![b'a'; 300]).await.expect(201);
    alice.complete(started.document).await.expect(200);
    assert_eq!(
        quota(&alice).await,
        json!({"used_bytes": 300, "reserved_bytes": 0, "limit_bytes": 1000, "documents": 1})
    );

    alice
        .delete(&format!("/api/v1/documents/{}", started.document))
        .await
        .expect(204);
    assert_eq!(
        quota(&alice).await["used_bytes"],
        300,
        "the trash takes room too"
    );
    alice
        .delete(&format!(
            "/api/v1/documents/{}/permanently",
            started.document
        ))
        .await
        .expect(204);
    assert_eq!(
        quota(&alice).await,
        json!({"used_bytes": 0, "reserved_bytes": 0, "limit_bytes": 1000, "documents": 0})
    );
    assert_eq!(quota(&bob).await["used_bytes"], 0);
}
