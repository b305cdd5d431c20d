//! Providers that are down, slow, busy, wrong, or talk nonsense: the device files, a notice says why, and nothing hangs or leaks.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Peer, Reply, chosen, ledger, peer::filing, settings, suggestions, topic, vault};

#[tokio::test]
async fn whatever_a_provider_does_wrong_the_device_files_and_says_why() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    let troubles = [
        (Reply::Status(401), "wrong_key", "refused"),
        (Reply::Status(403), "wrong_key", "refused"),
        (Reply::Status(404), "model_missing", "refused"),
        (Reply::Status(400), "provider_refused", "refused"),
        (Reply::Busy(3600), "rate_limited", "refused"),
        (Reply::Raw("<html>welcome</html>"), "bad_answer", "failed"),
        (
            Reply::Raw("{\"choices\": [{\"message\": {\"content\": \"{\\\"topics\\\": [\"}}"),
            "bad_answer",
            "failed",
        ),
        (
            Reply::Says("I would file this under Invoices.".to_owned()),
            "bad_answer",
            "failed",
        ),
        (
            Reply::Says("{\"topics\": \"all\"}".to_owned()),
            "bad_answer",
            "failed",
        ),
        (Reply::Says("[".repeat(100_000)), "bad_answer", "failed"),
        (Reply::Endless, "bad_answer", "failed"),
    ];
    for (number, (reply, notice, status)) in troubles.into_iter().enumerate() {
        sqlx::query("UPDATE ai_settings SET failures = 0, paused_until = NULL")
            .execute(&mut app.database.superuser().await)
            .await
            .unwrap();
        peer.next(reply.clone());
        let document = alice
            .upload(
                &format!("{number}.txt"),
                format!("Invoice number {number}, amount due 12.00"),
            )
            .await;
        app.run_jobs().await;
        let why = suggestions(&alice, document).await;
        assert_eq!(
            (&why["filed_by"], &why["notice"]),
            (&json!("device"), &json!(notice)),
            "{reply:?}"
        );
        assert_eq!(alice.document(document).await["status"], "ready");
        let page = ledger(&alice).await;
        let entry = &page["items"][0];
        assert_eq!(
            (&entry["status"], &entry["problem"]),
            (&json!(status), &json!(notice)),
            "{reply:?}"
        );
        assert!(!page.to_string().contains("THE BODY OF THE PROVIDER"));
        assert_eq!(settings(&alice).await["last_problem"], notice);
    }
}

#[tokio::test]
async fn a_busy_provider_is_asked_once_more_and_both_stand_in_the_ledger() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    topic(&alice, "Beehives").await;
    peer.usually(filing("Beehives", 0.95));
    peer.next(Reply::Busy(0));
    let document = alice.upload("a.txt", "a letter").await;
    app.run_jobs().await;
    assert_eq!(
        suggestions(&alice, document).await["filed_by"],
        "openai_compatible"
    );
    let page = ledger(&alice).await;
    let statuses: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["status"].clone())
        .collect();
    assert_eq!(statuses, ["answered", "refused"]);
    assert_eq!(settings(&alice).await["last_problem"], Value::Null);
}

#[tokio::test]
async fn one_that_is_gone_is_left_alone_for_a_while_and_the_user_is_told_once() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    peer.stop();
    for number in 0..5 {
        let document = alice.upload("a.txt", format!("letter {number}")).await;
        app.run_jobs().await;
        let expected = if number < 3 {
            "provider_unreachable"
        } else {
            "paused"
        };
        assert_eq!(
            suggestions(&alice, document).await["notice"],
            expected,
            "{number}"
        );
    }
    assert_eq!(ledger(&alice).await["items"].as_array().unwrap().len(), 3);
    assert!(settings(&alice).await["paused_until"].is_string());
    let told = alice.get("/api/v1/notifications").await.expect(200).json();
    let paused = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|told| told["kind"] == "documents.ai_paused")
        .count();
    assert_eq!(paused, 1);
    // Choosing anew is a new beginning.
    alice
        .put_json("/api/v1/me/ai", super::choice(&peer))
        .await
        .expect(200);
    assert_eq!(settings(&alice).await["paused_until"], Value::Null);
}

#[tokio::test]
async fn the_month_s_budget_is_kept() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = app.user("alice").await;
    peer.usually(filing("Contracts", 0.9));
    let mut choice = super::choice(&peer);
    choice["monthly_token_limit"] = json!(2_000);
    alice.put_json("/api/v1/me/ai", choice).await.expect(200);
    let first = alice.upload("a.txt", "a short letter").await;
    app.run_jobs().await;
    assert_eq!(
        suggestions(&alice, first).await["filed_by"],
        "openai_compatible"
    );
    sqlx::query("UPDATE ai_ledger SET input_tokens = 1900")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let second = alice.upload("b.txt", "another short letter").await;
    app.run_jobs().await;
    assert_eq!(suggestions(&alice, second).await["notice"], "budget_spent");
    assert_eq!(peer.received().len(), 1);
    alice
        .post_nothing(&format!("/api/v1/documents/{second}/summary"))
        .await
        .expect_problem(409, "budget_spent");
}

#[tokio::test]
async fn sec_net_05_one_that_says_nothing_holds_up_nobody_else() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    let bob = app.user("bob").await;
    peer.usually(Reply::Silent(Duration::from_secs(8)));
    alice.upload("a.txt", "a letter").await;
    let bobs = bob.upload("b.txt", "another letter").await;
    let begun = Instant::now();
    let jobs = app.run_jobs();
    let soon = async {
        while bob.document(bobs).await["status"] != "ready" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    };
    let (took, ()) = tokio::join!(soon, jobs);
    assert!(took < Duration::from_secs(7), "{took:?}");
}
