//! A new master key while the vault is in use.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use docuvault::keys::{Progress, drop_old_keys, rotate_master_key};

use super::sealed::{
    ids_in_file, keys_in_use, letter_with, letters, other_process, read_letters, seed,
};
use crate::support::{TestApp, TestUser};

/// Someone who renews a session again and again, until told to stop; answers how often.
fn keep_refreshing(
    app: &TestApp,
    user: &TestUser,
    stop: &Arc<AtomicBool>,
) -> tokio::task::JoinHandle<u32> {
    let (anon, stop) = (app.anon(), Arc::clone(stop));
    let mut cookie = user.refresh_cookie.clone();
    tokio::spawn(async move {
        let mut times = 0;
        while !stop.load(Ordering::Relaxed) {
            let before = cookie.clone();
            let answer = anon.refresh(&cookie).await.expect(200);
            cookie = answer.refresh_cookie().unwrap();
            // A lost answer: the repeat opens what was just sealed, by this key or the one before.
            let again = anon.refresh(&before).await.expect(200);
            assert_eq!(again.refresh_cookie().unwrap(), cookie);
            times += 1;
            // More would be refused as too many.
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        times
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_cry_03_a_rotation_under_load_may_be_killed_and_ends_at_zero() {
    let app = TestApp::start().await;
    let users = [
        app.user("alice").await,
        app.user("bob").await,
        app.user("carol").await,
        app.user("dave").await,
        app.user("erin").await,
    ];
    let mut ids = Vec::new();
    for user in &users {
        seed(&app, user).await;
        ids.push(letters(&app, user, 40).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let refreshing: Vec<_> = users
        .iter()
        .map(|user| keep_refreshing(&app, user, &stop))
        .collect();

    // Killed in the midst of it.
    let (database, keys) = (app.state.db().clone(), other_process(&app));
    let told = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&told);
    let rotating = tokio::spawn(async move {
        rotate_master_key(&database, &keys, |progress| {
            if let Progress::Resealed(1..) = progress {
                counting.fetch_add(1, Ordering::Relaxed);
            }
        })
        .await
    });
    let deadline = Instant::now() + Duration::from_secs(30);
    while told.load(Ordering::Relaxed) < 2 {
        assert!(Instant::now() < deadline && !rotating.is_finished());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    rotating.abort();
    assert!(rotating.await.unwrap_err().is_cancelled());
    assert_eq!(keys_in_use(&app).await, [1, 2]);
    let refused = drop_old_keys(app.state.db(), &other_process(&app)).await;
    assert!(refused.unwrap_err().to_string().contains("still sealed"));
    assert_eq!(ids_in_file(&app), [1, 2]);

    // Two at once go on with it.
    let (one, two) = (other_process(&app), other_process(&app));
    let mut resumed = None;
    let (first, second) = tokio::join!(
        rotate_master_key(app.state.db(), &one, |progress| {
            resumed.get_or_insert(progress);
        }),
        rotate_master_key(app.state.db(), &two, |_| {}),
    );
    assert_eq!((first.unwrap().key, second.unwrap().key), (2, 2));
    assert_eq!(resumed, Some(Progress::Resumed(2)));
    assert_eq!(keys_in_use(&app).await, [2]);

    let dropped = drop_old_keys(app.state.db(), &other_process(&app)).await;
    assert_eq!(dropped.unwrap(), [1]);
    app.state.keys().look_again();
    assert_eq!(
        (ids_in_file(&app), app.state.keys().master().ids()),
        (vec![2], vec![2])
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.store(true, Ordering::Relaxed);
    for user in refreshing {
        assert!(user.await.unwrap() > 5);
    }
    let texts: Vec<String> = (0..40).map(|number: usize| number.to_string()).collect();
    for (user, ids) in users.iter().zip(&ids) {
        assert_eq!(read_letters(&app, user, ids).await, texts);
    }
}

#[tokio::test]
async fn sec_cry_03_the_next_rotation_begins_when_the_old_key_was_dropped() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    letters(&app, &alice, 3).await;
    let keys = other_process(&app);
    for (key, first) in [
        (2, Progress::Added(2)),
        // The old one is still there: nothing new.
        (2, Progress::Resumed(2)),
    ] {
        let mut told = None;
        let rotated = rotate_master_key(app.state.db(), &keys, |progress| {
            told.get_or_insert(progress);
        });
        assert_eq!(rotated.await.unwrap().key, key);
        assert_eq!(told, Some(first));
    }
    assert_eq!(drop_old_keys(app.state.db(), &keys).await.unwrap(), [1]);
    assert!(
        drop_old_keys(app.state.db(), &keys)
            .await
            .unwrap()
            .is_empty()
    );
    let rotated = rotate_master_key(app.state.db(), &keys, |_| {}).await;
    assert_eq!(rotated.unwrap().key, 3);
    assert_eq!(keys_in_use(&app).await, [3]);

    let trail: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM audit_log WHERE user_id = '00000000-0000-0000-0000-000000000000' ORDER BY id",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert_eq!(
        trail,
        [
            "keys.rotated",
            "keys.rotated",
            "keys.dropped",
            "keys.rotated"
        ]
    );
}

#[tokio::test]
async fn sec_cry_03_a_process_that_missed_the_change_cannot_seal_with_a_key_that_is_gone() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // It has its own copy of the file, which nobody renews.
    let behind = docuvault::crypto::Keys::from_bytes([1; 32], [2; 32]);
    letter_with(&app, &behind, &alice, 0).await.unwrap();
    let keys = other_process(&app);
    rotate_master_key(app.state.db(), &keys, |_| {})
        .await
        .unwrap();

    letter_with(&app, &behind, &alice, 1).await.unwrap();
    let refused = drop_old_keys(app.state.db(), &keys).await;
    assert!(refused.is_err(), "it has sealed something since");
    rotate_master_key(app.state.db(), &keys, |_| {})
        .await
        .unwrap();
    drop_old_keys(app.state.db(), &keys).await.unwrap();
    let error = letter_with(&app, &behind, &alice, 2).await.unwrap_err();
    let error = error.into_database_error().unwrap();
    assert_eq!(error.constraint(), Some("mails_letter_key"));
}
