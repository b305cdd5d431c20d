//! The proxy of deploy/nginx before a real store: signed addresses work through it as they are, and what bypasses signatures on some
//! stores ends at the proxy.

#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails is a test that fails"
)]

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use docuvault_test_stores::{ACCESS_KEY, BUCKET, Guard, Kind, SECRET_KEY, TestStore};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use url::{Position, Url};

const LIFE: Duration = Duration::from_mins(5);
const KEY: &str = "5a3c/0b1d/a file with spaces & ümlauts.pdf";

struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    /// Whether the proxy itself has said no, and not the store.
    fn is_refused_by_the_proxy(&self) -> bool {
        self.status == 403 && self.text.contains("<center>nginx</center>")
    }
}

fn ask(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&host).unwrap();
    let mut head = format!(
        "{method} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n",
        &url[Position::BeforePath..],
        body.len()
    );
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    stream
        .write_all(&[head.as_bytes(), b"\r\n", body].concat())
        .unwrap();
    let mut text = Vec::new();
    // A refusal may close the connection while the body is still coming.
    let _ = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, text }
}

#[test]
fn sec_obj_01_the_proxy_lets_signed_addresses_through_and_ends_what_bypasses_signatures() {
    let store = TestStore::start(Kind::Rclone)
        .unwrap()
        .expect("rclone is not on this machine: scripts/setup test");
    let guard = Guard::before(&store.endpoint())
        .unwrap()
        .expect("nginx is not on this machine: scripts/setup test");
    let endpoint = guard.endpoint().parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::Path, BUCKET, store.region()).unwrap();
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let put = bucket.put_object(Some(&credentials), KEY).sign(LIFE);
    let get = bucket.get_object(Some(&credentials), KEY).sign(LIFE);
    let head = bucket.head_object(Some(&credentials), KEY).sign(LIFE);

    // The signature covers host, path and query: all three arrive as they were sent.
    assert_eq!(ask("PUT", &put, &[], b"as it was sent").status, 200);
    let got = ask("GET", &get, &[("range", "bytes=3-4")], b"");
    assert!(got.text.ends_with("\r\n\r\nit"), "{}", got.text);
    assert_eq!(ask("HEAD", &head, &[], b"").status, 200);
    let preflight = [
        ("origin", "https://vault.example.org"),
        ("access-control-request-method", "PUT"),
    ];
    assert_eq!(ask("OPTIONS", &put, &preflight, b"").status, 200);

    let mut unsigned = put.clone();
    unsigned.set_query(None);
    let mut credential_only = put.clone();
    credential_only.set_query(Some(&format!(
        "X-Amz-Credential={ACCESS_KEY}/20260101/us-east-1/s3/aws4_request"
    )));
    let mut by_query = put.clone();
    by_query
        .query_pairs_mut()
        .append_pair("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let list = bucket.list_objects_v2(Some(&credentials)).sign(LIFE);
    let trailer = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let body = b"3\r\nbad\r\n0\r\n\r\n";
    for (what, method, url, headers) in [
        ("CVE-2026-41145", "PUT", &credential_only, &[trailer][..]),
        ("the same with a signed address", "PUT", &put, &[trailer]),
        (
            "in other letters",
            "PUT",
            &put,
            &[("X-AMZ-Content-SHA256", "streaming-unsigned-payload-trailer")],
        ),
        ("in the query", "PUT", &by_query, &[]),
        (
            "CVE-2026-40344",
            "PUT",
            &put,
            &[("x-amz-meta-snowball-auto-extract", "true")],
        ),
        (
            "a copy that was not signed",
            "PUT",
            &put,
            &[("x-amz-copy-source", "/vault/another/document")],
        ),
        (
            "a header beside a signed address",
            "PUT",
            &put,
            &[("authorization", "AWS4-HMAC-SHA256 Credential=x")],
        ),
        ("no signature", "PUT", &unsigned, &[]),
        ("an empty one", "GET", &unsigned, &[]),
        ("another method", "DELETE", &put, &[]),
        ("a form", "POST", &put, &[]),
    ] {
        let answer = ask(method, url, headers, body);
        assert!(
            answer.is_refused_by_the_proxy(),
            "{what}: {} {}",
            answer.status,
            answer.text
        );
    }
    // Signed is signed: what the vault's keys may do is the store's to say.
    assert_eq!(ask("GET", &list, &[], b"").status, 200);
    let got = ask("GET", &get, &[], b"");
    assert!(got.text.ends_with("as it was sent"), "{}", got.text);
}
