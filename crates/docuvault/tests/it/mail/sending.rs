//! A letter reaches the mail server once, whatever the server does meanwhile, or is given up for a reason.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use docuvault::{
    db::UserTx,
    mail::{Letter, RESET_PASSWORD_LASTS, queue_letter, send_now, sweep_mails},
};
use time::OffsetDateTime;
use tracing_subscriber::fmt::MakeWriter;

use super::{
    LINK, queue, reset_letter,
    server::{Manner, Server},
    waiting,
};
use crate::support::TestApp;

async fn vault(server: &Server) -> TestApp {
    TestApp::with()
        .setting("DOCUVAULT_SMTP_URL", &server.url)
        .setting("DOCUVAULT_PUBLIC_URL", "http://vault.example.org")
        .start()
        .await
}

#[tokio::test]
async fn a_letter_reaches_the_mail_server_and_leaves_nothing_behind() {
    let server = Server::start(&[Manner::Takes]).await;
    let app = vault(&server).await;
    let alice = app.user("alice").await;
    queue(&app, &alice, &reset_letter()).await;
    assert_eq!(waiting(&app).await, (1, vec!["ready".to_owned()]));
    app.run_jobs().await;

    let [letter] = &server.letters()[..] else {
        panic!("{:?}", server.letters())
    };
    assert_eq!(server.recipients(), ["<alice@example.org>"]);
    assert_eq!(letter.to, "alice@example.org");
    assert_eq!(letter.subject, "Choose a new password");
    assert_eq!(letter.link(), LINK);
    assert_eq!(letter.token(), "very-secret");
    for header in [
        "From: DocuVault <docuvault@vault.example.org>",
        "Auto-Submitted: auto-generated",
        "@vault.example.org>",
    ] {
        assert!(letter.raw.contains(header), "{}", letter.raw);
    }
    assert_eq!(waiting(&app).await, (0, vec![]));
    assert!(
        app.mails().await.is_empty(),
        "nothing is written to files too"
    );
}

#[tokio::test]
async fn a_letter_goes_out_only_if_what_it_tells_of_happened() {
    let server = Server::start(&[Manner::Takes]).await;
    let app = vault(&server).await;
    let alice = app.user("alice").await;
    let mut tx = UserTx::on_behalf_of(app.state.db(), alice.id)
        .await
        .unwrap();
    queue_letter(&app.state, &mut tx, &alice.email, "en", &reset_letter())
        .await
        .unwrap();
    drop(tx);
    app.run_jobs().await;
    assert_eq!(waiting(&app).await, (0, vec![]));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_letter_is_tried_again_until_it_is_taken_and_arrives_once() {
    for hindrance in [
        Manner::PutsOff,
        Manner::HangsUp,
        Manner::SaysNothing,
        Manner::WantsCredentials,
    ] {
        let server = Server::start(&[hindrance, hindrance, Manner::Takes]).await;
        let app = vault(&server).await;
        let alice = app.user("alice").await;
        queue(&app, &alice, &reset_letter()).await;
        app.run_jobs().await;
        assert_eq!(server.letters().len(), 1, "{hindrance:?}");
        assert_eq!(server.connections(), 3, "{hindrance:?}");
        assert_eq!(waiting(&app).await, (0, vec![]), "{hindrance:?}");
    }
}

#[tokio::test]
async fn a_refused_letter_is_given_up_at_once_and_can_be_seen_among_dead_jobs() {
    let server = Server::start(&[Manner::Refuses]).await;
    let app = vault(&server).await;
    let alice = app.user("alice").await;
    queue(&app, &alice, &reset_letter()).await;
    app.run_jobs().await;
    assert_eq!(server.connections(), 1);
    assert_eq!(
        waiting(&app).await,
        (1, vec!["dead mail_refused".to_owned()])
    );

    app.clock.advance(Duration::from_hours(31 * 24));
    sweep_mails(&app.state).await.unwrap();
    assert_eq!(waiting(&app).await.0, 0, "not kept for ever");
}

#[tokio::test]
async fn a_letter_whose_link_has_expired_is_not_sent_any_more() {
    let server = Server::start(&[Manner::Takes]).await;
    let app = vault(&server).await;
    let alice = app.user("alice").await;
    queue(&app, &alice, &reset_letter()).await;
    let invite = Letter::Invite {
        url: "http://vault.example.org/sign-up#invite=x".to_owned(),
        inviter_name: "Ann".to_owned(),
        expires_at: app.state.now() + Duration::from_mins(1),
    };
    queue(&app, &alice, &invite).await;
    queue(&app, &alice, &notice()).await;
    app.clock.advance(RESET_PASSWORD_LASTS);
    app.run_jobs().await;
    let subjects: Vec<_> = server
        .letters()
        .into_iter()
        .map(|letter| letter.subject)
        .collect();
    assert_eq!(subjects, ["Your password was changed"]);
    assert_eq!(waiting(&app).await, (0, vec![]));
}

fn notice() -> Letter {
    Letter::Notice {
        kind: "security.password_changed".to_owned(),
        at: OffsetDateTime::UNIX_EPOCH,
        ip: None,
        user_agent: None,
    }
}

#[tokio::test]
async fn a_letter_is_not_sent_in_the_clear_where_encryption_is_asked_for() {
    let server = Server::start(&[Manner::Takes]).await;
    let app = TestApp::with()
        .setting("DOCUVAULT_SMTP_URL", server.url.replace("smtp:", "smtps:"))
        .start()
        .await;
    let refused = send_now(&app.state, "ann@example.org", "en", &reset_letter()).await;
    assert!(refused.is_err());
    assert_eq!((server.connections(), server.letters().len()), (1, 0));
}

#[tokio::test]
async fn the_last_letter_needs_no_account() {
    let server = Server::start(&[Manner::Takes, Manner::Refuses]).await;
    let app = vault(&server).await;
    send_now(&app.state, "gone@example.org", "de", &Letter::AccountErased)
        .await
        .unwrap();
    assert_eq!(server.letters()[0].subject, "Dein Konto ist gelöscht");
    assert_eq!(server.letters()[0].to, "gone@example.org");
    let refused = send_now(&app.state, "gone@example.org", "de", &Letter::AccountErased).await;
    assert!(!refused.unwrap_err().to_string().contains("gone"));
}

#[tokio::test]
async fn a_waiting_letter_shows_nothing_of_its_link_in_the_database() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    queue(&app, &alice, &reset_letter()).await;
    let mut admin = app.database.superuser().await;
    let everything: String = sqlx::query_scalar(
        "SELECT concat((SELECT jsonb_agg(convert_from(decode(encode(letter_sealed, 'hex'), 'escape'), 'LATIN1')) FROM mails), (SELECT jsonb_agg(jobs) FROM jobs))",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(everything.len() > 100);
    for secret in ["secret", "token", "vault.example.org"] {
        assert!(!everything.contains(secret), "{everything}");
    }
    // Moved to another row, it does not open.
    sqlx::query("UPDATE mails SET id = gen_random_uuid()")
        .execute(&mut admin)
        .await
        .unwrap();
    sqlx::query("UPDATE jobs SET payload = jsonb_build_object('mail_id', (SELECT id FROM mails)) WHERE kind = 'send_mail'")
        .execute(&mut admin)
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(waiting(&app).await.1, ["dead letter_unreadable".to_owned()]);
    assert!(app.mails().await.is_empty());
}

/// All that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_holds_no_address_no_subject_and_no_link() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let server = Server::start(&[Manner::Takes, Manner::HangsUp, Manner::Refuses]).await;
    let app = vault(&server).await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        queue(&app, &alice, &reset_letter()).await;
    }
    app.run_jobs().await;
    queue(&app, &alice, &reset_letter()).await;
    app.clock.advance(RESET_PASSWORD_LASTS);
    app.run_jobs().await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("docuvault::mail"))
        .collect();
    assert!(ours.len() >= 3, "{log}");
    for secret in [
        "alice@",
        "very-secret",
        "Choose a new password",
        "no such user",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
