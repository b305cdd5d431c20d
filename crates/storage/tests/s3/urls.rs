//! What a signed URL allows, and what nobody can make of it: against stores that check signatures.

use std::{fmt, time::Duration};

use docuvault_storage::{
    CompletedPart, DownloadPlan, PartToUpload, S3, SignedUpload, StorageBackend, UploadPlan,
};
use docuvault_test_stores::Kind;
use reqwest::{Client, Method, StatusCode};

use crate::{
    peers::{config_for, peer},
    sample::{download, key, put, read, upload},
};

const LIFE: Duration = Duration::from_mins(15);
const BYTES: &[u8] = b"exactly these bytes";

/// What can be changed about a request that was signed.
#[derive(Clone, Copy)]
enum Tamper {
    Longer,
    Shorter,
    Method(&'static str),
    Key,
    Meta,
    Expiry,
    Signature,
    UploadId,
    PartNumber,
    Header(&'static str),
}

impl fmt::Debug for Tamper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longer => out.write_str("a longer body"),
            Self::Shorter => out.write_str("a shorter body"),
            Self::Method(method) => write!(out, "method {method}"),
            Self::Key => out.write_str("another key"),
            Self::Meta => out.write_str("unsigned x-amz-meta-*"),
            Self::Expiry => out.write_str("a later end"),
            Self::Signature => out.write_str("a changed signature"),
            Self::UploadId => out.write_str("another upload id"),
            Self::PartNumber => out.write_str("another part number"),
            Self::Header(name) => write!(out, "signed header {name} left out"),
        }
    }
}

/// Sends what `to` was signed for, changed in one way.
async fn send(to: &SignedUpload, tamper: Option<Tamper>) -> StatusCode {
    let (mut url, mut body, mut method) = (to.url.expose().to_owned(), BYTES.to_vec(), Method::PUT);
    let mut headers = to.headers.clone();
    match tamper {
        None => {}
        Some(Tamper::Longer) => body.push(b'!'),
        Some(Tamper::Shorter) => body.truncate(BYTES.len() - 1),
        Some(Tamper::Method(name)) => method = name.parse().unwrap(),
        Some(Tamper::Key) => url = url.replacen(".pdf?", ".exe?", 1),
        Some(Tamper::Meta) => headers.push(("x-amz-meta-owner".to_owned(), "me".to_owned())),
        Some(Tamper::Expiry) => url = url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"),
        Some(Tamper::Signature) => {
            let last = url.pop().unwrap();
            url.push(if last == '0' { '1' } else { '0' });
        }
        Some(Tamper::UploadId) => url = url.replace("uploadId=", "uploadId=x"),
        Some(Tamper::PartNumber) => url = url.replace("partNumber=1", "partNumber=2"),
        Some(Tamper::Header(name)) => headers.retain(|(header, _)| header != name),
    }
    if tamper.is_some() {
        let same = (url.as_str(), &headers, body.as_slice(), &method)
            == (to.url.expose(), &to.headers, BYTES, &Method::PUT);
        assert!(!same, "{tamper:?} changes nothing");
    }
    let mut request = Client::new().request(method, url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(body).send().await.unwrap().status()
}

/// A store that takes signatures seriously in every way, but for what is named here.
fn cannot_refuse(kind: Kind, tamper: Tamper) -> bool {
    kind == Kind::S3sFs && matches!(tamper, Tamper::Meta)
}

const OF_ALL: [Tamper; 9] = [
    Tamper::Longer,
    Tamper::Shorter,
    Tamper::Method("GET"),
    Tamper::Method("DELETE"),
    Tamper::Method("POST"),
    Tamper::Key,
    Tamper::Meta,
    Tamper::Expiry,
    Tamper::Signature,
];

async fn a_part_url_allows_nothing_else(kind: Kind, driver: &S3) {
    let key = key();
    let UploadPlan::DirectParts(opened) =
        driver.begin_upload(&upload(&key, 100 << 20)).await.unwrap()
    else {
        panic!("100 MiB are sent in parts")
    };
    let id = opened.store_upload_id;
    let one = PartToUpload {
        number: 1,
        size_bytes: BYTES.len() as u64,
    };
    let to = driver.part_url(&key, &id, one, LIFE).await.unwrap();
    for tamper in OF_ALL
        .into_iter()
        .chain([Tamper::UploadId, Tamper::PartNumber])
    {
        if cannot_refuse(kind, tamper) {
            continue;
        }
        let status = send(&to, Some(tamper)).await;
        assert!(status.is_client_error(), "{kind:?}, {tamper:?}: {status}");
        let parts = driver.list_parts(&key, &id).await.unwrap();
        assert_eq!(parts, [], "{kind:?}, {tamper:?} has arrived");
    }
    assert_eq!(send(&to, None).await, StatusCode::OK, "{kind:?}: as signed");
    driver.abort_upload(&key, &id).await.unwrap();
}

async fn a_put_url_allows_nothing_else(kind: Kind, driver: &S3) {
    let key = key();
    let planned = driver
        .begin_upload(&upload(&key, BYTES.len() as u64))
        .await
        .unwrap();
    let UploadPlan::Direct(to) = planned else {
        assert!(
            !driver.capabilities().if_none_match,
            "{kind:?}: {planned:?}"
        );
        return;
    };
    let headers = [
        Tamper::Header("if-none-match"),
        Tamper::Header("content-type"),
    ];
    for tamper in OF_ALL.into_iter().chain(headers) {
        if cannot_refuse(kind, tamper) {
            continue;
        }
        let status = send(&to, Some(tamper)).await;
        assert!(status.is_client_error(), "{kind:?}, {tamper:?}: {status}");
        assert_eq!(
            driver.stat(&key).await.unwrap(),
            None,
            "{kind:?}, {tamper:?} has arrived"
        );
    }
    assert_eq!(send(&to, None).await, StatusCode::OK, "{kind:?}: as signed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_obj_02_a_signed_upload_allows_exactly_what_was_signed() {
    for kind in [Kind::Rclone, Kind::S3sFs, Kind::Garage, Kind::Minio] {
        let Some((_store, driver)) = peer(kind) else {
            continue;
        };
        a_part_url_allows_nothing_else(kind, &driver).await;
        a_put_url_allows_nothing_else(kind, &driver).await;
    }
}

/// As the application does it: a small file, in whatever way the store is to be sent to.
async fn uploaded(driver: &S3) -> (docuvault_storage::ObjectKey, SignedUpload) {
    let key = key();
    let size_bytes = BYTES.len() as u64;
    match driver
        .begin_upload(&upload(&key, size_bytes))
        .await
        .unwrap()
    {
        UploadPlan::Direct(to) => {
            assert_eq!(send(&to, None).await, StatusCode::OK);
            (key, to)
        }
        UploadPlan::DirectParts(opened) => {
            let id = opened.store_upload_id;
            let one = PartToUpload {
                number: 1,
                size_bytes,
            };
            let to = driver.part_url(&key, &id, one, LIFE).await.unwrap();
            assert_eq!(send(&to, None).await, StatusCode::OK);
            let parts: Vec<_> = driver.list_parts(&key, &id).await.unwrap();
            let parts: Vec<_> = parts
                .into_iter()
                .map(|part| CompletedPart {
                    number: part.number,
                    etag: part.etag,
                })
                .collect();
            driver.complete_upload(&key, &id, &parts).await.unwrap();
            (key, to)
        }
        UploadPlan::Gateway => panic!("no gateway is needed"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_obj_03_an_upload_url_used_again_changes_nothing() {
    for kind in [Kind::Rclone, Kind::S3sFs, Kind::Garage, Kind::Minio] {
        let Some((_store, driver)) = peer(kind) else {
            continue;
        };
        let (key, to) = uploaded(&driver).await;
        let before = driver.stat(&key).await.unwrap().unwrap();
        let mut again = Client::new().put(to.url.expose());
        for (name, value) in &to.headers {
            again = again.header(name, value);
        }
        let other = b"OTHER bytes, as many".split_at(BYTES.len()).0;
        let status = again.body(other).send().await.unwrap().status();
        assert!(status.is_client_error(), "{kind:?}: {status}");
        assert_eq!(
            driver.stat(&key).await.unwrap().unwrap(),
            before,
            "{kind:?}"
        );
        assert_eq!(
            read(&driver, &key, None).await.unwrap().0,
            BYTES,
            "{kind:?}"
        );
    }
}

fn query_of(url: &str, name: &str) -> String {
    let url: url::Url = url.parse().unwrap();
    let value = url.query_pairs().find(|(key, _)| key == name);
    value
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn urls_are_for_the_public_address_and_by_the_key_for_their_purpose() {
    let stub = crate::stub::Stub::start(|_| {
        crate::stub::answer(200, &[], "<R><UploadId>id</UploadId></R>")
    })
    .await;
    let mut config = config_for(&stub.endpoint(), "eu-central-1");
    config.public_endpoint = "https://files.example.org".parse().unwrap();
    let keys = |name: &str| docuvault_storage::S3Keys {
        access_key: name.to_owned(),
        secret_key: "secret".to_owned().into(),
    };
    config.upload_keys = Some(keys("UPLOADER"));
    config.download_keys = Some(keys("DOWNLOADER"));
    let driver = S3::open(config).unwrap();
    driver.accept(docuvault_storage::S3Features {
        if_none_match: true,
        checksum_sha256: true,
    });
    let mut announced = upload(&key(), 7);
    announced.sha256 = Some([7; 32]);
    let UploadPlan::Direct(put) = driver.begin_upload(&announced).await.unwrap() else {
        panic!("a small file goes at once")
    };
    let signed = query_of(put.url.expose(), "X-Amz-SignedHeaders");
    assert_eq!(
        signed,
        "content-length;content-type;host;if-none-match;x-amz-checksum-sha256"
    );
    assert_eq!(query_of(put.url.expose(), "X-Amz-Expires"), "900");
    let one = PartToUpload {
        number: 1,
        size_bytes: 7,
    };
    let part = driver.part_url(&key(), "id", one, LIFE).await.unwrap();
    let get = driver
        .begin_download(&key(), &download(), Duration::from_mins(1))
        .await
        .unwrap();
    let DownloadPlan::Direct { url: get, .. } = get else {
        panic!("downloads are direct")
    };
    assert_eq!(query_of(get.expose(), "X-Amz-Expires"), "60");
    for (url, key) in [
        (&put.url, "UPLOADER"),
        (&part.url, "UPLOADER"),
        (&get, "DOWNLOADER"),
    ] {
        assert!(url.expose().starts_with("https://files.example.org/vault/"));
        assert!(query_of(url.expose(), "X-Amz-Credential").starts_with(key));
    }
    driver
        .begin_upload(&upload(&key(), 100 << 20))
        .await
        .unwrap();
    let own = stub.requests().pop().unwrap().target;
    assert!(
        !own.contains("UPLOADER") && !own.contains("DOWNLOADER"),
        "{own}"
    );
}

#[tokio::test]
async fn no_url_is_said_to_live_longer_than_it_does() {
    let Some((_store, driver)) = peer(Kind::Rclone) else {
        return;
    };
    let key = key();
    put(&driver, &key, b"x").await.unwrap();
    let week = Duration::from_hours(24 * 7);
    let plan = driver
        .begin_download(&key, &download(), week * 10)
        .await
        .unwrap();
    let DownloadPlan::Direct { url, expires_at } = plan else {
        panic!("downloads are direct")
    };
    assert_eq!(
        query_of(url.expose(), "X-Amz-Expires"),
        week.as_secs().to_string()
    );
    assert!(expires_at <= time::OffsetDateTime::now_utc() + week);
}
