//! No query that the application sends reads a whole table: PostgreSQL itself reports the plan of every statement of a walk through
//! the vault, the worker's and those inside functions included.

mod plans;
mod vault;

use std::{fs, path::Path, time::Duration};

use docuvault::{
    documents::erase_overdue_trash,
    mail::sweep_mails,
    notifications::{Kind, sweep_notifications},
    reconcile::{VerifyBudget, reconcile_now, verify_documents},
    uploads::sweep_uploads,
};
use reqwest::Method;
use serde_json::json;

use self::{plans::Plan, vault::LargeVault};
use crate::{
    notifications::tell,
    reconcile::{file_of, key_of, put_orphan},
    support::SendIt,
};

const DAY: Duration = Duration::from_hours(24);

/// Statements that need no condition, with the reason.
const LOOKS_AT_ONE_ROW: [(&str, &str); 1] = [("SELECT vault_has_users()", "any one user will do")];

/// Indexes that are short however large the vault is, with the reason.
const SHORT: [(&str, &str); 2] = [
    ("jobs_running", "as many rows as jobs run at once"),
    ("storage_runs_open", "one run at a time"),
];

fn assert_indexed(plans: &[Plan]) {
    let mut faults: Vec<String> = plans.iter().flat_map(Plan::unbounded_scans).collect();
    faults.sort_unstable();
    faults.dedup();
    assert!(
        faults.is_empty(),
        "{} of {} statements read whole tables:\n{}",
        faults.len(),
        plans.len(),
        faults.join("\n")
    );
}

#[tokio::test]
async fn reading_goes_by_index() {
    let (vault, plans) = LargeVault::fill().await;
    let alice = &vault.alice;
    let (document, topic) = (vault.document, vault.topic);
    let filters = [
        String::new(),
        "trashed=true".to_owned(),
        format!("topic_id={topic}"),
        "folder_id=root".to_owned(),
        format!("folder_id={}", vault.folder),
        "content_type=application/pdf".to_owned(),
        "content_type=image/*".to_owned(),
        "status=ready".to_owned(),
        "status=uploading".to_owned(),
        "created_after=2026-01-01T00:00:00Z&created_before=2026-02-01T00:00:00Z".to_owned(),
        "document_date_after=2025-01-01&document_date_before=2025-02-01".to_owned(),
    ];
    for filter in &filters {
        for sort in vault::SORTS {
            let path = format!("/api/v1/documents?sort={sort}&limit=2&{filter}");
            let cursor = alice.get(&path).await.expect(200).json()["next_cursor"]
                .as_str()
                .map(str::to_owned);
            if let Some(cursor) = cursor {
                alice
                    .get(&format!("{path}&cursor={cursor}"))
                    .await
                    .expect(200);
            }
        }
        for words in [
            "umbrella",
            "umbrella%20-missing",
            "%22of%20everyone%22",
            "umb*",
            "paper%20",
            "paper%20umb",
            "umbrella%20topic:umbrellas%20from:acme%20year:2021",
            "has:no-date%20type:pdf",
            "umbrelal%20umbrellas%20",
        ] {
            alice
                .get(&format!("/api/v1/search?q={words}&{filter}"))
                .await
                .expect(200);
        }
    }
    for path in ["", "/text", "/download", "/similar"] {
        alice
            .get(&format!("/api/v1/documents/{document}{path}"))
            .await
            .expect(200);
    }
    for path in [
        "/api/v1/topics",
        "/api/v1/me",
        "/api/v1/me/quota",
        "/api/v1/notifications",
        "/api/v1/me/notification-preferences",
    ] {
        alice.get(path).await.expect(200);
    }
    let of_alice = format!("/api/v1/admin/audit?limit=1&user_id={}", alice.id);
    for path in [
        "/api/v1/me/audit?limit=1",
        "/api/v1/admin/audit?limit=1",
        "/api/v1/admin/audit?limit=1&action=auth.signed_in",
        &of_alice,
        "/api/v1/admin/users?limit=1",
        "/api/v1/admin/invites?limit=1",
        "/api/v1/admin/storage/findings?limit=1",
        "/api/v1/admin/storage/findings?limit=1&kind=orphan",
    ] {
        alice.get(path).await.expect(200);
    }
    let plans = plans.taken();
    assert!(
        plans.len() > 300,
        "only {} plans were reported",
        plans.len()
    );
    assert!(
        plans.iter().any(|plan| plan.reads("document_search")),
        "those inside functions are reported too"
    );
    assert_indexed(&plans);
}

#[tokio::test]
async fn writing_goes_by_index() {
    let (vault, plans) = LargeVault::fill().await;
    let alice = &vault.alice;
    let path = format!("/api/v1/documents/{}", vault.document);
    alice.patch(&path, json!({"title": "New", "topic_ids": [vault.topic], "correspondent": "ACME", "folder_id": vault.folder})).await.expect(200);
    alice
        .patch(&path, json!({"topic_ids": []}))
        .await
        .expect(200);
    alice.delete(&path).await.expect(204);
    alice
        .post_nothing(&format!("{path}/restore"))
        .await
        .expect(200);
    let topic = alice
        .request(Method::POST, "/api/v1/topics")
        .header("idempotency-key", "k")
        .json(&json!({"name": "Sailing"}))
        .send_it()
        .await
        .expect(201)
        .id();
    alice
        .patch(
            &format!("/api/v1/topics/{topic}"),
            json!({"name": "Rowing"}),
        )
        .await
        .expect(200);
    alice
        .delete(&format!("/api/v1/topics/{topic}"))
        .await
        .expect(204);

    tell(&vault.app, alice, Kind::NewSignIn).await;
    alice
        .post_nothing("/api/v1/notifications/read-all")
        .await
        .expect(204);
    alice
        .request(Method::PUT, "/api/v1/me/notification-preferences")
        .json(&json!({"items": []}))
        .send_it()
        .await
        .expect(200);

    let uploaded = alice.upload("b.txt", b"another umbrella").await;
    let aborted = alice.start_upload("b.txt", 1).await.document;
    alice
        .delete(&format!("/api/v1/documents/{aborted}/upload"))
        .await
        .expect(204);
    alice.start_upload("c.txt", 1).await;
    vault.app.run_jobs().await;
    alice
        .delete(&format!("/api/v1/documents/{uploaded}/permanently"))
        .await
        .expect(204);

    let anon = vault.app.anon();
    anon.login(&alice.email, "wrong").await.expect(401);
    let cookie = anon
        .refresh(&alice.refresh_cookie)
        .await
        .expect(200)
        .refresh_cookie()
        .unwrap();
    anon.logout(&cookie).await.expect(204);
    vault.app.clock.advance(2 * DAY);
    assert_eq!(sweep_uploads(&vault.app.state).await.unwrap(), 1);
    erase_overdue_trash(&vault.app.state).await.unwrap();
    sweep_notifications(&vault.app.state).await.unwrap();
    sweep_mails(&vault.app.state).await.unwrap();
    vault.app.run_jobs().await;
    assert_indexed(&plans.taken());
}

#[tokio::test]
async fn comparing_and_verifying_go_by_index() {
    let (vault, plans) = LargeVault::fill().await;
    let app = &vault.app;
    let mut admin = app.database.superuser().await;
    // They have no objects, and telling of each would take minutes.
    let erasing = "UPDATE documents SET state = 'purging' WHERE id <> $1";
    sqlx::query(erasing)
        .bind(vault.document)
        .execute(&mut admin)
        .await
        .unwrap();
    let lost = vault.alice.upload("lost.txt", b"lost").await;
    put_orphan(app, b"orphan");
    app.clock.advance(2 * DAY);
    verify_documents(&app.state, app.state.now(), VerifyBudget::HOURLY)
        .await
        .unwrap();
    reconcile_now(&app.state).await.unwrap();
    let file = file_of(app, &key_of(app, lost).await);
    std::fs::write(&file, b"tsol").unwrap();
    sqlx::query("UPDATE documents SET verified_at = NULL")
        .execute(&mut admin)
        .await
        .unwrap();
    for change in [|_: &Path| {}, |file: &Path| fs::remove_file(file).unwrap()] {
        change(&file);
        app.clock.advance(8 * DAY);
        verify_documents(&app.state, app.state.now(), VerifyBudget::ALL)
            .await
            .unwrap();
        reconcile_now(&app.state).await.unwrap();
    }
    let plans = plans.taken();
    for table in ["storage_runs", "storage_findings", "documents", "uploads"] {
        assert!(plans.iter().any(|plan| plan.reads(table)), "{table}");
    }
    assert_indexed(&plans);
}

#[tokio::test]
async fn a_list_is_read_in_its_order_and_not_sorted() {
    let (vault, plans) = LargeVault::fill().await;
    for sort in vault::SORTS {
        vault
            .alice
            .get(&format!("/api/v1/documents?sort={sort}"))
            .await
            .expect(200);
        let sorted: Vec<Plan> = plans
            .taken()
            .into_iter()
            .filter(Plan::sorts_documents)
            .collect();
        assert!(
            sorted.is_empty(),
            "sort={sort} sorts all documents of the user:\n{}",
            sorted[0]
        );
    }
}
