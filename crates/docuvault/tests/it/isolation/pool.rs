//! Whom a transaction acts for ends with it: the next one on the same connection begins as nobody.

use std::time::Duration;

use docuvault::db::{Database, SessionError, UserId, UserTx};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

/// A vault with two users who have a document each, and a pool of one connection.
struct OneConnection {
    app: TestApp,
    alice: TestUser,
    bob: TestUser,
    pool: Database,
}

impl OneConnection {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let (alice, bob) = (app.user("alice").await, app.user("bob").await);
        alice.upload("a.txt", b"a").await;
        bob.upload("b.txt", b"b").await;
        let pool = app.database.pool(1);
        Self {
            app,
            alice,
            bob,
            pool,
        }
    }

    async fn assert_nobody(&self, after: &str) {
        let (user, rows): (Option<String>, i64) = sqlx::query_as(
            "SELECT current_setting('docuvault.user_id', true), (SELECT count(*) FROM documents)",
        )
        .fetch_one(self.pool.anonymous())
        .await
        .unwrap();
        assert_eq!(
            (user.unwrap_or_default().as_str(), rows),
            ("", 0),
            "after {after}"
        );
    }
}

/// The owners of all documents that a transaction sees.
async fn owners(tx: &mut UserTx) -> Vec<Uuid> {
    sqlx::query_scalar("SELECT user_id FROM documents")
        .fetch_all(tx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn sec_db_03_the_user_is_forgotten_however_a_transaction_ends() {
    let vault = OneConnection::open().await;
    let alice = vault.alice.id;
    let begin = async || UserTx::on_behalf_of(&vault.pool, alice).await.unwrap();

    let mut tx = begin().await;
    assert_eq!(owners(&mut tx).await, [alice.0]);
    tx.commit().await.unwrap();
    vault.assert_nobody("a commit").await;

    let mut tx = begin().await;
    assert_eq!(owners(&mut tx).await, [alice.0]);
    drop(tx);
    vault.assert_nobody("a roll-back").await;

    let mut tx = begin().await;
    sqlx::query("SELECT 1 / 0")
        .execute(tx.conn())
        .await
        .unwrap_err();
    drop(tx);
    vault.assert_nobody("an error").await;

    let cut = tokio::time::timeout(Duration::from_millis(50), async {
        let mut tx = begin().await;
        sqlx::query("SELECT pg_sleep(0.3)")
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    });
    cut.await
        .expect_err("the future was dropped in the middle of a query");
    vault.assert_nobody("a dropped future").await;

    let working = tokio::spawn({
        let pool = vault.pool.clone();
        async move {
            let mut tx = UserTx::on_behalf_of(&pool, alice).await.unwrap();
            owners(&mut tx).await;
            panic!("in the middle of a transaction");
        }
    });
    assert!(working.await.is_err());
    vault.assert_nobody("a panic").await;
}

#[tokio::test]
async fn sec_db_03_users_who_share_a_connection_in_turn_see_only_their_own() {
    let vault = OneConnection::open().await;
    let mut turns = tokio::task::JoinSet::new();
    for turn in 0..60 {
        let user: UserId = if turn % 2 == 0 {
            vault.alice.id
        } else {
            vault.bob.id
        };
        let pool = vault.pool.clone();
        turns.spawn(async move {
            let mut tx = UserTx::on_behalf_of(&pool, user).await.unwrap();
            assert_eq!(owners(&mut tx).await, [user.0]);
            tokio::task::yield_now().await;
            assert_eq!(owners(&mut tx).await, [user.0]);
            if turn % 3 == 0 {
                tx.commit().await.unwrap();
            }
        });
    }
    while let Some(turn) = turns.join_next().await {
        turn.unwrap();
    }
    vault.assert_nobody("all of it").await;
}

#[tokio::test]
async fn sec_db_03_a_thousand_dropped_transactions_leave_no_user_behind() {
    let vault = OneConnection::open().await;
    for round in 0..1000_u64 {
        let user = if round % 2 == 0 {
            vault.alice.id
        } else {
            vault.bob.id
        };
        // From before the first statement to after the last.
        let patience = Duration::from_micros(round * 13 % 4000);
        let work = async {
            let mut tx = UserTx::on_behalf_of(&vault.pool, user).await.unwrap();
            assert_eq!(owners(&mut tx).await, [user.0], "round {round}");
            tokio::task::yield_now().await;
            assert_eq!(owners(&mut tx).await, [user.0], "round {round}");
            tx.commit().await.unwrap();
        };
        let _ = tokio::time::timeout(patience, work).await;
        if round % 10 == 0 {
            vault.assert_nobody("a transaction dropped somewhere").await;
        }
    }
    vault.assert_nobody("a thousand of them").await;
}

#[tokio::test]
async fn a_session_opens_its_own_user_s_rows_and_only_while_it_stands() {
    let vault = OneConnection::open().await;
    let session_of = |user: &TestUser| {
        vault
            .app
            .state
            .access_tokens()
            .read(user.token(), vault.app.state.now())
            .unwrap()
    };
    let (alice, bob) = (session_of(&vault.alice), session_of(&vault.bob));

    let mut tx = UserTx::begin(&vault.pool, alice).await.unwrap();
    assert_eq!(owners(&mut tx).await, [vault.alice.id.0]);
    drop(tx);

    let mixed = docuvault::db::Session {
        user: alice.user,
        ..bob
    };
    let other_epoch = docuvault::db::Session {
        epoch: alice.epoch + 1,
        ..alice
    };
    vault
        .app
        .anon()
        .logout(&vault.bob.refresh_cookie)
        .await
        .expect(204);
    for (what, session) in [
        ("another's session", mixed),
        ("an old epoch", other_epoch),
        ("an ended session", bob),
    ] {
        assert!(
            matches!(
                UserTx::begin(&vault.pool, session).await,
                Err(SessionError::Ended)
            ),
            "{what}"
        );
        vault.assert_nobody(what).await;
    }
}
