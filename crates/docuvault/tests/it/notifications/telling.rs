//! How a user is told: in the app, on open pages, by mail; together with what it tells of, or not at all.

use docuvault::{
    audit,
    db::UserTx,
    notifications::{Kind, notify},
};
use serde_json::{Map, json};

use super::{kinds, tell};
use crate::support::TestApp;

#[tokio::test]
async fn sec_ses_03_notification_mail_and_audit_stand_or_fall_together() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for happens in [false, true] {
        let mut tx = UserTx::on_behalf_of(app.state.db(), alice.id)
            .await
            .unwrap();
        audit::record(&mut tx, audit::Event::new("auth.refresh_reuse"))
            .await
            .unwrap();
        notify(&app.state, &mut tx, Kind::RefreshReused, Map::new())
            .await
            .unwrap();
        if happens {
            tx.commit().await.unwrap();
        } else {
            drop(tx);
        }
        app.run_jobs().await;
        let expected = usize::from(happens);
        assert_eq!(kinds(&alice).await.len(), expected);
        assert_eq!(app.mails_to(&alice.email).await.len(), expected);
        let audited: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM audit_log WHERE action = 'auth.refresh_reuse'",
        )
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
        assert_eq!(audited, expected as i64);
    }
}

#[tokio::test]
async fn a_letter_tells_where_it_came_from_in_the_users_language() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    sqlx::query("UPDATE users SET locale = 'de'")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    tell(&app, &alice, Kind::NewSignIn).await;
    app.run_jobs().await;
    let letter = &app.mails_to(&alice.email).await[0];
    assert_eq!(letter.subject, "Eine neue Anmeldung");
    let settings = format!("{}/settings/security", app.state.config().public_url());
    for part in ["Netzadresse: 203.0.113.7", "Gerät: Firefox", &settings] {
        assert!(letter.text.contains(part), "{}", letter.text);
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_told_by_its_id_only() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("secret-name.pdf", b"%PDF-1.7 torn").await;
    app.run_jobs().await;
    assert_eq!(alice.document(id).await["status"], "failed");
    let list = alice.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!(list["items"][0]["kind"], "documents.reading_failed");
    assert_eq!(list["items"][0]["data"], json!({"document_id": id}));
    assert_eq!(list["unread"], 1, "once");
    assert!(app.mails().await.is_empty(), "not mailed unless asked for");
}
