//! What is fetched is what was sent, to the byte.

use rand::Rng;

use super::{download_link, download_url};
use crate::{
    support::TestApp,
    uploads::{new_file_of, sha256_hex},
};

const LARGE_BYTES: usize = 20 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_comes_back_byte_by_byte() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut bytes = vec![0; LARGE_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let started = crate::support::Started::of(
        &alice
            .post("/api/v1/documents", new_file_of("large.bin", &bytes))
            .await
            .expect(201)
            .json(),
    );
    alice.put(&started.url, bytes.clone()).await.expect(201);
    assert_eq!(
        alice.complete(started.document).await.expect(200).json()["sha256"],
        sha256_hex(&bytes)
    );
    assert!(
        alice
            .get(&download_url(&alice, started.document).await)
            .await
            .expect(200)
            .bytes
            == bytes
    );
}

#[tokio::test]
async fn files_of_a_few_bytes_and_at_buffer_edges_come_back_too() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for size in [
        1,
        2,
        8191,
        65_536,
        1024 * 1024 - 1,
        1024 * 1024,
        1024 * 1024 + 1,
    ] {
        let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let id = alice.upload("a.bin", &bytes).await;
        let link = download_link(&alice, id, "attachment").await;
        assert_eq!(link["size_bytes"], size);
        assert!(
            alice
                .get(link["url"].as_str().unwrap())
                .await
                .expect(200)
                .bytes
                == bytes
        );
    }
}
