//! A store that is down, slow or overloaded: said quickly, with when to come back, and without a word too much.

use std::time::{Duration, Instant};

use docuvault_storage::{ListScope, PartToUpload, StorageBackend, StorageError};
use docuvault_test_stores::{ACCESS_KEY, SECRET_KEY};

use crate::{
    sample::{chunks, download, in_full, key, object, part, put, read, upload},
    stub::{Step, Stub, answer, error, head, impatient, object_of},
};

fn retry_after<T: std::fmt::Debug>(result: Result<T, StorageError>) -> Option<Duration> {
    match result {
        Err(StorageError::Unavailable { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_store_that_asks_for_time_is_heard_and_then_left_alone() {
    let stub = Stub::start(|_| {
        answer(
            503,
            &[("retry-after", "7")],
            "<Error><Code>SlowDown</Code></Error>",
        )
    })
    .await;
    let driver = stub.driver();
    for _ in 0..5 {
        assert_eq!(
            retry_after(driver.stat(&key()).await),
            Some(Duration::from_secs(7))
        );
    }
    assert_eq!(stub.requests().len(), 5);
    let began = Instant::now();
    for _ in 0..100 {
        assert!(retry_after(driver.stat(&key()).await).unwrap() <= Duration::from_secs(5));
        retry_after(driver.check().await);
        retry_after(read(&driver, &key(), None).await.map(drop));
        retry_after(put(&driver, &key(), b"x").await);
    }
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(stub.requests().len(), 5, "it was not left alone");
}

#[tokio::test]
async fn a_store_that_comes_back_is_used_again() {
    let answers = std::sync::atomic::AtomicU32::new(0);
    let stub = Stub::start(move |_| {
        let nth = answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if nth < 5 {
            error(500, "InternalError")
        } else {
            object_of("3")
        }
    })
    .await;
    let driver = stub.driver();
    for _ in 0..6 {
        retry_after(driver.stat(&key()).await);
    }
    tokio::time::sleep(Duration::from_millis(5100)).await;
    for _ in 0..3 {
        assert!(driver.stat(&key()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let stub = Stub::start(|_| error(403, "AccessDenied")).await;
    let driver = stub.driver();
    for _ in 0..20 {
        let refused = driver.stat(&key()).await;
        assert!(
            matches!(refused, Err(StorageError::CredentialsRefused)),
            "{refused:?}"
        );
    }
    assert_eq!(stub.requests().len(), 20);
}

#[tokio::test]
async fn slowness_has_an_end() {
    let drip = || {
        let mut steps = vec![head(200, &[])];
        for _ in 0..200 {
            steps.extend([
                Step::Say(b" ".to_vec()),
                Step::Wait(Duration::from_millis(50)),
            ]);
        }
        steps
    };
    for steps in [vec![Step::Wait(Duration::from_mins(1))], drip()] {
        let stub = Stub::start(move |_| steps.clone()).await;
        let driver = stub.driver();
        let began = Instant::now();
        retry_after(driver.list(ListScope::All, None, 10).await);
        retry_after(driver.list_parts(&key(), "id").await);
        retry_after(driver.complete_upload(&key(), "id", &[part(1, "a")]).await);
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_once_is_tried_again() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let stub = Stub::start(move |_| {
        let nth = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if nth == 0 { vec![] } else { object_of("3") }
    })
    .await;
    assert!(stub.driver().stat(&key()).await.unwrap().is_some());
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn clocks_that_differ_are_named() {
    let stub = Stub::start(|_| answer(403, &[("date", "Tue, 15 Nov 1994 08:12:31 GMT")], "")).await;
    let error = stub.driver().stat(&key()).await.unwrap_err();
    assert!(error.is_temporary() && in_full(&error).contains("clock"));
}

#[tokio::test]
async fn before_it_is_accepted_a_store_gets_no_clients() {
    let stub = Stub::start(|_| object_of("3")).await;
    let driver = impatient(&stub.endpoint());
    let one = PartToUpload {
        number: 1,
        size_bytes: 1,
    };
    let life = Duration::from_mins(1);
    assert!(retry_after(driver.begin_upload(&upload(&key(), 1)).await).is_some());
    assert!(retry_after(driver.part_url(&key(), "id", one, life).await).is_some());
    assert!(retry_after(driver.begin_download(&key(), &download(), life).await).is_some());
    assert_eq!(stub.requests().len(), 0);
    assert!(
        driver.stat(&key()).await.unwrap().is_some(),
        "our own calls work"
    );
    driver.accept(docuvault_storage::S3Features::default());
    assert!(
        driver
            .begin_download(&key(), &download(), life)
            .await
            .is_ok()
    );
    assert!(!driver.capabilities().if_none_match);
}

/// All calls that reach the store, against one that answers `steps`.
async fn all_errors(driver: &docuvault_storage::S3) -> Vec<StorageError> {
    let key = key();
    let mut errors = Vec::new();
    errors.extend(driver.stat(&key).await.err());
    errors.extend(driver.check().await.err());
    errors.extend(driver.delete(&key).await.err());
    errors.extend(driver.get_stream(&key, None).await.err());
    errors.extend(driver.list(ListScope::All, None, 10).await.err());
    errors.extend(driver.list_parts(&key, "id").await.err());
    errors.extend(driver.abort_upload(&key, "id").await.err());
    errors.extend(
        driver
            .complete_upload(&key, "id", &[part(1, "a")])
            .await
            .err(),
    );
    errors.extend(driver.list_unfinished_uploads().await.err());
    errors.extend(driver.begin_upload(&upload(&key, 100 << 20)).await.err());
    errors.extend(
        driver
            .put_stream(&object(&key, 3), chunks("abc", 1))
            .await
            .err(),
    );
    errors
}

#[tokio::test]
async fn no_error_holds_a_url_a_key_or_a_word_of_the_stores() {
    // It repeats what it was asked, signature and all.
    let gossip = |status: u16, as_code: bool| {
        move |request: &crate::stub::Request| {
            let (code, told) = if as_code {
                (request.target.replace('&', "&amp;"), String::new())
            } else {
                ("Whatever".to_owned(), request.target.replace('&', "&amp;"))
            };
            let body =
                format!("<Error><Code>{code}</Code><Message>{told} Divorce</Message></Error>");
            answer(
                status,
                &[("location", &request.target), ("x-told", &request.target)],
                body,
            )
        }
    };
    let mut texts = Vec::new();
    for (status, as_code) in [
        (400, true),
        (400, false),
        (403, false),
        (500, true),
        (302, false),
        (200, true),
    ] {
        let stub = Stub::start(gossip(status, as_code)).await;
        let driver = stub.driver();
        texts.extend(all_errors(&driver).await.iter().map(|error| in_full(error)));
        texts.push(format!("{driver:?}"));
    }
    let broken = Stub::start(|_| vec![Step::Say(b"not HTTP at all\r\n\r\n".to_vec())]).await;
    texts.extend(
        all_errors(&broken.driver())
            .await
            .iter()
            .map(|error| in_full(error)),
    );
    let nobody = impatient("http://127.0.0.1:1");
    nobody.accept(docuvault_storage::S3Features::default());
    texts.extend(all_errors(&nobody).await.iter().map(|error| in_full(error)));
    assert!(texts.len() > 50, "{}", texts.len());
    for text in texts {
        for secret in [
            SECRET_KEY,
            ACCESS_KEY,
            "X-Amz",
            "Signature",
            "http://",
            "vault/",
            "Divorce",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
