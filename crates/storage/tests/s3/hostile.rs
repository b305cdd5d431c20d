//! A store that lies about an upload, breaks off, sends too much or too little, or sends us elsewhere.

use std::time::{Duration, Instant};

use docuvault_storage::{ByteRange, ListScope, StorageBackend, StorageError};
use futures::{StreamExt, stream};

use crate::{
    sample::{chunks, in_full, key, object, part, put, read},
    stub::{Step, Stub, answer, error, head, object_of},
};

const JOINED: &str =
    "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";

fn is_unavailable<T: std::fmt::Debug>(result: Result<T, StorageError>) {
    assert!(
        matches!(result, Err(StorageError::Unavailable { .. })),
        "{result:?}"
    );
}

/// Completing is answered by `joining`, and a look at the object afterwards by `looking`.
async fn completed(joining: Vec<Step>, looking: Vec<Step>) -> Result<u64, StorageError> {
    let stub = Stub::start(move |request| {
        if request.is("POST") {
            joining.clone()
        } else {
            looking.clone()
        }
    })
    .await;
    let stat = stub
        .driver()
        .complete_upload(&key(), "id", &[part(1, "a")])
        .await?;
    Ok(stat.size_bytes)
}

#[tokio::test]
async fn a_success_that_holds_an_error_is_none() {
    let lie = || answer(200, &[], "\n <Error><Code>InternalError</Code></Error>");
    is_unavailable(completed(lie(), answer(404, &[], "")).await);
    let wrong = answer(200, &[], "<Error><Code>InvalidPart</Code></Error>");
    let refused = completed(wrong, object_of("7")).await;
    assert!(
        matches!(refused, Err(StorageError::InvalidParts)),
        "{refused:?}"
    );
    // The store was wrong about itself: what is there counts.
    assert_eq!(completed(lie(), object_of("7")).await.unwrap(), 7);
}

#[tokio::test]
async fn a_success_with_nothing_behind_it_is_none() {
    is_unavailable(completed(answer(200, &[], JOINED), answer(404, &[], "")).await);
    for odd in ["", "done", "<html></html", "<a><b></a>"] {
        is_unavailable(completed(answer(200, &[], odd), answer(404, &[], "")).await);
    }
}

#[tokio::test]
async fn an_answer_that_got_lost_is_looked_up() {
    let lost = vec![Step::TakeBody];
    assert_eq!(completed(lost.clone(), object_of("9")).await.unwrap(), 9);
    is_unavailable(completed(lost, answer(404, &[], "")).await);
    let cut = vec![
        Step::TakeBody,
        head(200, &[("content-length", "500")]),
        Step::Say(JOINED.as_bytes().to_vec()),
    ];
    assert_eq!(completed(cut.clone(), object_of("9")).await.unwrap(), 9);
    is_unavailable(completed(cut, answer(404, &[], "")).await);
    let forgotten = error(404, "NoSuchUpload");
    assert_eq!(
        completed(forgotten.clone(), object_of("9")).await.unwrap(),
        9
    );
    let gone = completed(forgotten, answer(404, &[], "")).await;
    assert!(matches!(gone, Err(StorageError::NotFound)), "{gone:?}");
}

/// A PUT is answered by `putting`, and looks at the object before and after it by `before` and `after`.
async fn stored(putting: Vec<Step>, after: Vec<Step>) -> Result<(), StorageError> {
    let put_seen = std::sync::atomic::AtomicBool::new(false);
    let stub = Stub::start(move |request| {
        use std::sync::atomic::Ordering::SeqCst;
        if request.is("PUT") {
            put_seen.store(true, SeqCst);
            putting.clone()
        } else if put_seen.load(SeqCst) {
            after.clone()
        } else {
            answer(404, &[], "")
        }
    })
    .await;
    put(&stub.driver(), &key(), b"seven b").await
}

#[tokio::test]
async fn a_stored_object_is_looked_at_before_it_is_believed() {
    let good = || answer(200, &[("etag", "\"e\"")], "");
    stored(good(), object_of("7")).await.unwrap();
    is_unavailable(stored(good(), answer(404, &[], "")).await);
    is_unavailable(stored(good(), object_of("6")).await);
    is_unavailable(stored(answer(200, &[], ""), object_of("7")).await);
    // Before it can have read anything.
    let early = vec![head(200, &[("content-length", "0"), ("etag", "\"e\"")])];
    let result = stored(early, answer(404, &[], "")).await;
    is_unavailable(result);
}

#[tokio::test]
async fn refusals_of_a_put_mean_what_they_say() {
    let taken = stored(error(412, "PreconditionFailed"), object_of("7")).await;
    assert!(
        matches!(taken, Err(StorageError::AlreadyExists)),
        "{taken:?}"
    );
    let full = stored(error(507, "XMinioStorageFull"), object_of("7")).await;
    assert!(matches!(full, Err(StorageError::NoSpace)), "{full:?}");
    let refused = stored(error(403, "AccessDenied"), object_of("7")).await;
    assert!(
        matches!(refused, Err(StorageError::CredentialsRefused)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_store_that_stops_taking_bytes_is_given_up_and_a_slow_source_is_not() {
    let stub = Stub::start(|request| match request.method.as_str() {
        "PUT" => vec![Step::Wait(Duration::from_mins(1))],
        _ => answer(404, &[], ""),
    })
    .await;
    let (began, size) = (Instant::now(), 64 * 1024 * 1024);
    let put = stub
        .driver()
        .put_stream(&object(&key(), size), chunks(vec![0; 1024 * 1024], 64))
        .await;
    is_unavailable(put);
    assert!(began.elapsed() < Duration::from_secs(10));

    let looks = std::sync::atomic::AtomicU32::new(0);
    let stub = Stub::start(move |request| match request.method.as_str() {
        "PUT" => answer(200, &[("etag", "\"e\"")], ""),
        _ if looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => answer(404, &[], ""),
        _ => object_of("2"),
    })
    .await;
    let slow = stream::iter([b"a", b"b"]).then(|byte| async move {
        tokio::time::sleep(crate::stub::PATIENCE * 2).await;
        Ok(bytes::Bytes::from_static(byte))
    });
    let (driver, object) = (stub.driver(), object(&key(), 2));
    driver.put_stream(&object, slow.boxed()).await.unwrap();
}

#[tokio::test]
async fn a_download_cut_short_ends_with_an_error_after_the_right_bytes() {
    for (announced, range) in [("10", None), ("5", ByteRange::new(3, 7))] {
        let stub = Stub::start(move |_| {
            let mut headers = vec![("content-length", announced), ("etag", "\"e\"")];
            if range.is_some() {
                headers.push(("content-range", "bytes 3-7/10"));
            }
            vec![
                head(206 - 6 * u16::from(range.is_none()), &headers),
                Step::Say(b"0123".to_vec()),
            ]
        })
        .await;
        let (bytes, end) = read(&stub.driver(), &key(), range).await.unwrap();
        assert_eq!(bytes, b"0123");
        assert!(end.is_err(), "{announced}");
    }
}

#[tokio::test]
async fn a_download_without_a_length_is_held_to_its_range() {
    for (body, whole) in [
        (b"3456".as_slice(), false),
        (b"34567", true),
        (b"3456789", true),
    ] {
        let stub = Stub::start(move |_| {
            let headers = [("content-range", "bytes 3-7/10"), ("etag", "\"e\"")];
            vec![head(206, &headers), Step::Say(body.to_vec())]
        })
        .await;
        let range = ByteRange::new(3, 7);
        let (bytes, end) = read(&stub.driver(), &key(), range).await.unwrap();
        assert_eq!(bytes, &body[..body.len().min(5)]);
        assert_eq!(end.is_ok(), whole);
    }
}

#[tokio::test]
async fn a_download_that_stops_ends_with_an_error() {
    let stub = Stub::start(|_| {
        vec![
            head(200, &[("content-length", "10"), ("etag", "\"e\"")]),
            Step::Say(b"01".to_vec()),
            Step::Wait(Duration::from_mins(1)),
        ]
    })
    .await;
    let (bytes, end) = read(&stub.driver(), &key(), None).await.unwrap();
    assert_eq!(
        (bytes.as_slice(), end.unwrap_err().kind()),
        (b"01".as_slice(), std::io::ErrorKind::TimedOut)
    );
}

#[tokio::test]
async fn a_store_that_ignores_a_range_is_cut_to_it() {
    let whole = || answer(200, &[("etag", "\"e\"")], "0123456789");
    let stub = Stub::start(move |_| whole()).await;
    let driver = stub.driver();
    for (first, last, wanted) in [(3, 5, "345"), (0, 9, "0123456789"), (8, u64::MAX, "89")] {
        let (bytes, end) = read(&driver, &key(), ByteRange::new(first, last))
            .await
            .unwrap();
        assert_eq!(bytes, wanted.as_bytes());
        end.unwrap();
    }
    let behind = read(&driver, &key(), ByteRange::new(10, 11)).await;
    assert!(matches!(
        behind,
        Err(StorageError::RangeNotSatisfiable { size_bytes: 10 })
    ));
}

#[tokio::test]
async fn another_range_than_asked_for_is_not_delivered() {
    for (status, range, body) in [
        (206, "bytes 0-2/10", "012"),
        (206, "bytes 3-6/10", "3456"),
        (206, "nonsense", "345"),
        (206, "bytes 3-5/10", "34567"),
    ] {
        let stub = Stub::start(move |_| {
            answer(status, &[("etag", "\"e\""), ("content-range", range)], body)
        })
        .await;
        is_unavailable(
            read(&stub.driver(), &key(), ByteRange::new(3, 5))
                .await
                .map(drop),
        );
    }
}

#[tokio::test]
async fn endless_and_explosive_answers_are_cut_off() {
    const LAUGHS: &str = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>\
        <ListBucketResult><Contents><Key>&c;</Key></Contents></ListBucketResult>";
    let endless = |status| {
        vec![
            head(status, &[]),
            Step::Say(b"<ListBucketResult>".to_vec()),
            Step::Forever(b"<Contents><Key>x</Key></Contents>".repeat(1000)),
        ]
    };
    for steps in [
        endless(200),
        endless(500),
        answer(200, &[], LAUGHS),
        answer(200, &[], b"\xff\xfe<a/>"),
    ] {
        let stub = Stub::start(move |_| steps.clone()).await;
        let began = Instant::now();
        is_unavailable(stub.driver().list(ListScope::All, None, 10).await);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn listings_that_lie_are_refused() {
    let contents = |count: usize| {
        let one = format!(
            "<Contents><Key>{}</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>",
            key()
        );
        one.repeat(count)
    };
    let truncated = "<IsTruncated>true</IsTruncated>";
    let user = key().user_id();
    for (scope, body) in [
        (ListScope::User(user), contents(1)),
        (ListScope::All, contents(11)),
        (ListScope::All, truncated.to_owned()),
        (
            ListScope::All,
            "<Contents><Key>x</Key></Contents>".to_owned(),
        ),
    ] {
        let body = format!("<R>{body}</R>");
        let stub = Stub::start(move |_| answer(200, &[], &body)).await;
        is_unavailable(stub.driver().list(scope, None, 10).await);
    }
    let same = format!("<R>{truncated}<NextContinuationToken>t</NextContinuationToken></R>");
    let stub = Stub::start(move |_| answer(200, &[], &same)).await;
    let driver = stub.driver();
    let first = driver.list(ListScope::All, None, 10).await.unwrap();
    let cursor = first.next_cursor;
    is_unavailable(driver.list(ListScope::All, cursor.as_deref(), 10).await);
}

#[tokio::test]
async fn pages_of_parts_and_uploads_that_never_end_are_given_up() {
    let body = "<R><IsTruncated>true</IsTruncated><NextPartNumberMarker>3</NextPartNumberMarker>\
        <NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker></R>";
    let stub = Stub::start(move |_| answer(200, &[], body)).await;
    let driver = stub.driver();
    is_unavailable(driver.list_parts(&key(), "id").await);
    is_unavailable(driver.list_unfinished_uploads().await);
    assert_eq!(stub.requests().len(), 4);
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let elsewhere = Stub::start(|_| object_of("7")).await;
    let to = format!("{}/vault/stolen", elsewhere.endpoint());
    let stub = Stub::start(move |_| answer(307, &[("location", &to)], "")).await;
    let driver = stub.driver();
    is_unavailable(driver.stat(&key()).await);
    is_unavailable(driver.get_stream(&key(), None).await.map(drop));
    is_unavailable(driver.list(ListScope::All, None, 10).await);
    assert_eq!(elsewhere.requests().len(), 0);
    assert!(stub.requests().len() >= 3);
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_object() {
    let stub = Stub::start(|_| answer(404, &[], "")).await;
    let error = stub.driver().stat(&key()).await.unwrap_err();
    assert!(in_full(&error).contains("bucket"), "{error:?}");
    let stub =
        Stub::start(|request| answer(if request.is_of_bucket() { 200 } else { 404 }, &[], ""))
            .await;
    assert_eq!(stub.driver().stat(&key()).await.unwrap(), None);
}
