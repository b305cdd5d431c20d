//! The store does not answer. Whoever waits for it holds nothing that others need.

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::{
    support::TestApp,
    uploads::in_parts::{FILE, vault_with},
};

const CLIENTS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_dep_04_who_waits_for_the_store_holds_no_database_connection() {
    let two = TestApp::with().setting("DOCUVAULT_DATABASE_CONNECTIONS", 2);
    let (app, store) = vault_with(two).await;
    let alice = app.user("alice").await;
    let mut uploads = Vec::new();
    for _ in 0..CLIENTS {
        let upload = alice.start_in_parts("a.txt", FILE.len()).await;
        upload.send(&store, FILE, &[1, 2, 3]);
        uploads.push(upload);
    }
    let settled = uploads.pop().unwrap();
    alice.complete(settled.document).await.expect(200);

    let before = store.calls();
    store.hang();
    // Every kind of request that asks the store.
    let waiting: Vec<_> = uploads
        .iter()
        .enumerate()
        .map(|(number, upload)| {
            let (alice, path) = (alice.clone(), upload.path(""));
            let download = settled.path("/download");
            tokio::spawn(async move {
                match number % 5 {
                    0 => alice.delete(&format!("{path}/upload")).await,
                    1 => alice.get(&format!("{path}/upload")).await,
                    2 => alice.get(&download).await,
                    3 => {
                        let body = serde_json::json!({"part_numbers": [1]});
                        alice.post(&format!("{path}/upload/parts"), body).await
                    }
                    _ => alice.post_nothing(&format!("{path}/complete")).await,
                }
            })
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(15);
    while store.calls() < before + waiting.len() {
        assert!(Instant::now() < deadline, "not all of them asked the store");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    for _ in 0..20 {
        let asked = Instant::now();
        alice.get("/api/v1/documents").await.expect(200);
        alice.get("/api/v1/me/quota").await.expect(200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{asked:?}");
    }
    store.release();
    for answer in join_all(waiting).await {
        let answer = answer.unwrap();
        assert!(answer.status.is_success(), "{}", answer.text());
    }
}
