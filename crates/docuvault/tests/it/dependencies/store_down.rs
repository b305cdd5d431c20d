//! The store is away.

use serde_json::json;

use crate::{
    support::{ScriptedStore, Started, TestApp},
    uploads::{
        in_parts::{FILE, on, vault},
        new_file,
    },
};

const TEXT: &[u8] = b"an umbrella for rainy days";

#[tokio::test]
async fn rel_dep_02_without_its_store_the_vault_signs_in_lists_and_searches() {
    let (app, store) = on(TestApp::with(), ScriptedStore::writing_once(1 << 20)).await;
    let alice = app.user("alice").await;
    let start = async |name: &str, text: &[u8]| {
        let answer = alice
            .post("/api/v1/documents", new_file(name, text.len()))
            .await;
        let started = Started::of(&answer.expect(201).json());
        store.put_object(&started.url, text).unwrap();
        started.document
    };
    let read = start("umbrella.txt", TEXT).await;
    alice.complete(read).await.expect(200);
    app.run_jobs().await;
    let (waiting, arrived) = (
        start("later.txt", b"a parasol").await,
        start("never.txt", b"a hat").await,
    );
    alice.complete(waiting).await.expect(200);

    store.set_down(true);
    app.start_worker();
    let again = app.user("alice").await;
    let list = again.get("/api/v1/documents").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let found = again.get("/api/v1/search?q=umbrella").await.expect(200);
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(again.document(read).await["status"], "ready");
    again
        .patch(
            &format!("/api/v1/documents/{read}"),
            json!({"title": "Rain"}),
        )
        .await
        .expect(200);

    for refused in [
        again.post("/api/v1/documents", new_file("x.txt", 3)).await,
        again.complete(arrived).await,
        again
            .get(&format!("/api/v1/documents/{arrived}/upload"))
            .await,
        again
            .get(&format!("/api/v1/documents/{read}/download"))
            .await,
    ] {
        let refused = refused.expect_problem(503, "storage_unavailable");
        assert!(refused.header("retry-after").is_some());
    }
    wait_for_back_off(&app).await;

    store.set_down(false);
    again.complete(arrived).await.expect(200);
    app.run_jobs().await;
    for id in [waiting, arrived] {
        assert_eq!(again.document(id).await["status"], "ready");
    }
}

/// The reading was tried, and is not tried again at once.
async fn wait_for_back_off(app: &TestApp) {
    let mut connection = app.database.superuser().await;
    for _ in 0..200 {
        let backs_off: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM jobs WHERE kind = 'read_document' AND state = 'ready' AND attempts > 0 AND run_at > now()
                                               AND last_error = 'storage_unavailable')",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        if backs_off {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no job backs off");
}

#[tokio::test]
async fn what_is_erased_while_the_store_is_away_goes_when_it_is_back() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    store.set_down(true);
    alice.delete(&upload.path("/permanently")).await.expect(204);
    alice
        .get(&upload.path(""))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(store.objects().len(), 1);
    store.set_down(false);
    app.run_jobs().await;
    assert_eq!(store.objects(), []);
    assert_eq!(crate::uploads::room(&alice).await, crate::uploads::EMPTY);
}

#[tokio::test]
async fn a_file_that_the_store_lost_is_said_to_be_missing_before_its_address_is_given() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    alice.get(&upload.path("/download")).await.expect(200);
    store.lose_object(&store.objects()[0]);
    alice
        .get(&upload.path("/download"))
        .await
        .expect_problem(409, "file_missing");
}
