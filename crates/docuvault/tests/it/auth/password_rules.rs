//! Which passwords a vault takes, asked for from outside.

use serde_json::json;

use crate::support::{SETUP_TOKEN, TestApp};

#[tokio::test]
async fn sec_aut_09_a_password_is_never_cut_off() {
    let app = TestApp::start().await;
    let anon = app.anon();
    // bcrypt would end at byte 72; 128 characters may be 512 bytes.
    let long = format!("{}{}", "🦀".repeat(17), "abcdefgh".repeat(13));
    assert_eq!((long.chars().count(), long.len()), (121, 172));
    let setup = json!({"setup_token": SETUP_TOKEN, "email": "ann@example.org", "password": long, "display_name": "Ann"});
    anon.post("/api/v1/setup", setup).await.expect(201);
    anon.login("ann@example.org", &long).await.expect(200);
    for place in [72, 73, 171] {
        let mut other = long.clone().into_bytes();
        other[place] ^= 1;
        let other = String::from_utf8(other).unwrap();
        anon.login("ann@example.org", &other)
            .await
            .expect_problem(401, "invalid_credentials");
    }
    for other in [
        &long[..72],
        &long[..170],
        &format!("{long} "),
        &long.to_uppercase(),
    ] {
        anon.login("ann@example.org", other)
            .await
            .expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn sec_aut_09_common_and_known_passwords_are_refused_with_a_reason() {
    let app = TestApp::start().await;
    for (password, code) in [
        ("short", "invalid_length"),
        ("Password1234", "breached_password"),
        ("ann.gardener!", "contains_known_word"),
        ("DocuVault1", "contains_known_word"),
    ] {
        let setup = json!({"setup_token": SETUP_TOKEN, "email": "ann.gardener@example.org", "password": password, "display_name": "Ann"});
        let refused = app
            .anon()
            .post("/api/v1/setup", setup)
            .await
            .expect_problem(422, "validation_failed");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("password"), &json!(code)),
            "{password}"
        );
    }
}
