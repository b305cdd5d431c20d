//! A vault without a mail server writes its letters to a folder.

use std::os::unix::fs::PermissionsExt;

use docuvault::{
    db::UserTx,
    mail::{Letter, queue_letter},
};

use super::{LINK, queue, reset_letter, waiting};
use crate::support::TestApp;

#[tokio::test]
async fn letters_become_whole_files_that_only_their_owner_reads() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    queue(&app, &alice, &reset_letter()).await;
    queue(&app, &alice, &Letter::AccountErased).await;
    app.run_jobs().await;
    let letters = app.mails_to("alice@example.org").await;
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].link(), LINK, "the oldest first");

    let dir = &app.state.config().mail.dir;
    assert!(dir.ends_with("mail"));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700);
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(
            path.extension().unwrap(),
            "eml",
            "nothing half written stays"
        );
        assert_eq!(mode(&path), 0o600);
    }
}

#[tokio::test]
async fn the_folder_can_be_elsewhere_and_its_loss_is_waited_out() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("out");
    let app = TestApp::with()
        .setting("DOCUVAULT_MAIL_DIR", dir.display())
        .setting("DOCUVAULT_MAIL_FROM", "Our Vault <papers@example.org>")
        .start()
        .await;
    let alice = app.user("alice").await;
    std::fs::write(&dir, "not a folder").unwrap();
    queue(&app, &alice, &reset_letter()).await;
    app.start_worker();
    let mut admin = app.database.superuser().await;
    let failed =
        "SELECT count(*) FROM jobs WHERE kind = 'send_mail' AND last_error = 'mail_not_written'";
    while sqlx::query_scalar::<_, i64>(failed)
        .fetch_one(&mut admin)
        .await
        .unwrap()
        == 0
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    std::fs::remove_file(&dir).unwrap();
    while waiting(&app).await.0 > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(
        app.mails().await[0]
            .raw
            .contains("From: \"Our Vault\" <papers@example.org>")
    );
}

#[tokio::test]
async fn a_letter_speaks_its_readers_language_and_names_are_only_text() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let letter = Letter::ChoosePassword {
        url: LINK.to_owned(),
        vault_admin_name: "Jörg\r\nBcc: eve@example.org\r\n\r\nhttps://evil.example/".to_owned(),
    };
    let mut tx = UserTx::on_behalf_of(app.state.db(), alice.id)
        .await
        .unwrap();
    for locale in ["de", "de-AT", "en", "fr"] {
        queue_letter(&app.state, &mut tx, "new@example.org", locale, &letter)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    app.run_jobs().await;
    let letters = app.mails_to("new@example.org").await;
    let mut subjects: Vec<_> = letters.iter().map(|letter| &letter.subject[..]).collect();
    subjects.sort_unstable();
    assert_eq!(
        subjects,
        [
            "Dein Konto ist bereit",
            "Dein Konto ist bereit",
            "Your account is ready",
            "Your account is ready"
        ]
    );
    for letter in letters {
        assert!(
            letter
                .text
                .contains("Jörg Bcc eve example. org https evil. example "),
            "{}",
            letter.text
        );
        assert_eq!(letter.link(), LINK);
        assert!(
            !letter.raw.to_lowercase().contains("\nbcc"),
            "{}",
            letter.raw
        );
    }
}
