//! Choosing a provider: nothing by itself, no key to another host, no way into the vault's own network.

use serde_json::{Value, json};

use super::{Peer, Reply, choice, chosen, ledger, settings, vault};
use crate::support::TestApp;

#[tokio::test]
async fn nobody_is_chosen_until_the_user_does_and_the_key_is_never_shown() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = app.user("alice").await;
    let before = settings(&alice).await;
    assert_eq!(
        (
            &before["provider"],
            &before["has_api_key"],
            &before["model"]
        ),
        (&json!("device"), &json!(false), &Value::Null)
    );
    alice
        .post_nothing("/api/v1/me/ai/test")
        .await
        .expect_problem(409, "provider_needed");

    let saved = alice
        .put_json("/api/v1/me/ai", choice(&peer))
        .await
        .expect(200);
    assert!(!saved.text().contains("sk-secret"), "{}", saved.text());
    assert_eq!(saved.json()["has_api_key"], true);
    assert_eq!(settings(&alice).await, saved.json());
    let mut connection = app.database.superuser().await;
    let row: String = sqlx::query_scalar("SELECT to_jsonb(a)::text FROM ai_settings a")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(
        !row.contains("sk-secret") && !row.contains(&hex::encode("sk-secret")),
        "{row}"
    );
    // Told like any change of what a thief would hide.
    let told = alice.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!(told["items"][0]["kind"], "security.ai_provider_chosen");

    assert!(peer.received().is_empty(), "choosing sends nothing");
    let test = alice
        .post_nothing("/api/v1/me/ai/test")
        .await
        .expect(200)
        .json();
    assert_eq!((&test["ok"], &test["detail"]), (&json!(true), &json!("ok")));
    assert_eq!(
        peer.received()[0].headers["authorization"],
        "Bearer sk-secret-1234"
    );
    let models = alice
        .post(
            "/api/v1/me/ai/models",
            json!({"provider": "openai_compatible", "base_url": peer.base_url}),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(models, json!({"items": [{"id": "tiny"}, {"id": "large"}]}));
    let entries = ledger(&alice).await;
    let purposes: Vec<_> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["purpose"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(purposes, ["models", "test"]);

    let off = alice
        .put_json("/api/v1/me/ai", json!({"provider": "device"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&off["provider"], &off["has_api_key"]),
        (&json!("device"), &json!(false))
    );
}

#[tokio::test]
async fn sec_net_03_a_key_goes_to_no_other_host_and_redirects_are_not_followed() {
    let (peer, other) = (Peer::start().await, Peer::start().await);
    let app = TestApp::with()
        .setting(
            "DOCUVAULT_AI_ALLOWED_HOSTS",
            format!("{},{}", peer.host, other.host),
        )
        .start()
        .await;
    let alice = chosen(&app, &peer).await;
    peer.next(Reply::RedirectTo(
        other.base_url.clone() + "chat/completions",
    ));
    let test = alice
        .post_nothing("/api/v1/me/ai/test")
        .await
        .expect(200)
        .json();
    assert_eq!(test["detail"], "provider_refused");
    assert!(other.received().is_empty());

    // The key stays while everything else does, and goes with the address.
    let kept =
        json!({"provider": "openai_compatible", "model": "large", "base_url": peer.base_url});
    assert_eq!(
        alice
            .put_json("/api/v1/me/ai", kept)
            .await
            .expect(200)
            .json()["has_api_key"],
        true
    );
    alice
        .post(
            "/api/v1/me/ai/models",
            json!({"provider": "openai_compatible", "base_url": other.base_url}),
        )
        .await
        .expect(200);
    let moved =
        json!({"provider": "openai_compatible", "model": "large", "base_url": other.base_url});
    assert_eq!(
        alice
            .put_json("/api/v1/me/ai", moved)
            .await
            .expect(200)
            .json()["has_api_key"],
        false
    );
    alice.post_nothing("/api/v1/me/ai/test").await.expect(200);
    assert!(
        other
            .received()
            .iter()
            .all(|request| !request.headers.contains_key("authorization"))
    );
    assert_eq!(other.received().len(), 2);
}

#[tokio::test]
async fn sec_net_01_sec_net_04_only_what_the_vault_s_own_list_names_is_asked_inside() {
    let (peer, inside) = (Peer::start().await, Peer::start().await);
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    let port = inside.host.rsplit(':').next().unwrap();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "0.0.0.0",
        "169.254.169.254",
    ] {
        for address in [
            format!("http://{host}:{port}/v1/"),
            format!("https://{host}/v1/"),
        ] {
            let body =
                json!({"provider": "openai_compatible", "model": "tiny", "base_url": address});
            let problem = alice
                .put_json("/api/v1/me/ai", body.clone())
                .await
                .expect_problem(422, "validation_failed");
            assert_eq!(
                problem.json()["errors"][0]["code"],
                "address_not_allowed",
                "{address}"
            );
            let models = json!({"provider": "openai_compatible", "base_url": address});
            let problem = alice
                .post("/api/v1/me/ai/models", models)
                .await
                .expect_problem(422, "validation_failed");
            assert_eq!(
                problem.json()["errors"][0]["code"],
                "address_not_allowed",
                "{address}"
            );
        }
    }
    // What was allowed once and is no more is not asked either: the list is looked at every time.
    sqlx::query("UPDATE ai_settings SET base_url = $1")
        .bind(&inside.base_url)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let test = alice
        .post_nothing("/api/v1/me/ai/test")
        .await
        .expect(200)
        .json();
    assert_eq!(test["detail"], "address_not_allowed");
    assert!(inside.received().is_empty());
}

#[tokio::test]
async fn faults_are_told_field_by_field() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = app.user("alice").await;
    let with = |field: &str, value: Value| {
        let mut body = choice(&peer);
        body[field] = value;
        body
    };
    for (field, value, code) in [
        ("model", json!(""), "required"),
        ("model", json!("a\nb"), "invalid"),
        ("model", json!("x".repeat(201)), "invalid"),
        ("api_key", json!("two words"), "invalid"),
        ("api_key", json!("x".repeat(1001)), "invalid"),
        ("base_url", json!("nowhere"), "malformed"),
        (
            "base_url",
            json!("https://user:pw@example.org/"),
            "malformed",
        ),
        ("monthly_token_limit", json!(0), "out_of_range"),
        ("input_price", json!(-1.0), "out_of_range"),
    ] {
        let problem = alice
            .put_json("/api/v1/me/ai", with(field, value))
            .await
            .expect_problem(422, "validation_failed");
        let error = &problem.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(field), &json!(code))
        );
    }
    let without_key = json!({"provider": "openai", "model": "m"});
    let problem = alice
        .put_json("/api/v1/me/ai", without_key)
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(problem.json()["errors"][0]["field"], "api_key");
    alice
        .put_json("/api/v1/me/ai", json!({"provider": "skynet"}))
        .await
        .expect(422);
    assert_eq!(settings(&alice).await["provider"], "device");
}
