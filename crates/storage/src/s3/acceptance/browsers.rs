//! What a browser asks before and after: whether pages of the vault may send and read, and pages of others not.

use reqwest::Method as HttpMethod;
use rusty_s3::Method;

use super::{
    Finding, Unreachable,
    catalog::{
        BROWSER_DOWNLOAD, BROWSER_RANGES, BROWSER_UPLOAD, ETAG_EXPOSED, FOREIGN_ORIGIN, HTTPS,
    },
    exchange::Answer,
    ground::{Ground, Sample, URL_LIFE, http_method},
};
use crate::s3::{
    S3Features,
    signing::{Sender, ToSign},
};

const FOREIGN: &str = "https://attacker.example";

/// Browsers do not send from a page of https to an address of http.
pub(super) fn check_scheme(ground: &Ground, origin: &str) -> Finding {
    let store = ground.config.public_endpoint.scheme();
    HTTPS.judge(!(origin.starts_with("https://") && store == "http"))
}

pub(super) async fn check(
    ground: &Ground,
    origin: &str,
    features: S3Features,
) -> Result<Vec<Finding>, Unreachable> {
    let sample = ground.stored_sample().await?;
    let put = ToSign::object(Method::Put, &sample.key).header("content-length", sample.length());
    let get = ToSign::object(Method::Get, &sample.key);
    let (upload, download) = (
        Visit::new(ground, Sender::Uploader, &put),
        Visit::new(ground, Sender::Downloader, &get),
    );
    let sends = upload
        .is_let_in(origin, &headers_of_uploads(features))
        .await?;
    // Without a header of its own, a page asks for nothing before it reads.
    let reads = download.shows_answer(origin, &sample).await?;
    let ranges = download.is_let_in(origin, &["range"]).await?;
    let foreign = upload.is_let_in(FOREIGN, &[]).await? || download.is_let_in(FOREIGN, &[]).await?;
    let mut findings = vec![BROWSER_UPLOAD.judge(sends), BROWSER_DOWNLOAD.judge(reads)];
    // Whoever lets nobody in has nothing to show, and is not to be praised for it.
    if reads {
        findings.push(BROWSER_RANGES.judge(ranges));
    }
    if sends {
        findings.push(ETAG_EXPOSED.judge(upload.exposes_etag(origin, &sample).await?));
        findings.push(FOREIGN_ORIGIN.judge(!foreign));
    }
    Ok(findings)
}

/// Files go whole, with these headers, only where the store keeps them from being written twice; parts have none that must be asked for.
fn headers_of_uploads(features: S3Features) -> Vec<&'static str> {
    let mut headers = Vec::new();
    if features.if_none_match {
        headers.extend(["content-type", "if-none-match"]);
        if features.checksum_sha256 {
            headers.push("x-amz-checksum-sha256");
        }
    }
    headers
}

struct Visit<'a> {
    ground: &'a Ground,
    sender: Sender,
    what: &'a ToSign<'a>,
}

impl<'a> Visit<'a> {
    fn new(ground: &'a Ground, sender: Sender, what: &'a ToSign<'a>) -> Self {
        Self {
            ground,
            sender,
            what,
        }
    }

    async fn send(
        &self,
        method: HttpMethod,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Option<Answer>, Unreachable> {
        let url = self.ground.signer.by(self.sender, self.what, URL_LIFE);
        self.ground.forged(method, url, headers, body).await
    }

    /// The browser's question before the request.
    async fn is_let_in(&self, origin: &str, headers: &[&str]) -> Result<bool, Unreachable> {
        let (method, asked) = (self.what.method.to_str(), headers.join(","));
        let mut question = vec![
            ("origin", origin),
            ("access-control-request-method", method),
        ];
        if !headers.is_empty() {
            question.push(("access-control-request-headers", &asked));
        }
        let answer = self
            .send(HttpMethod::OPTIONS, &question, Vec::new())
            .await?;
        Ok(answer.is_some_and(|answer| {
            answer.is_success()
                && allows_origin(&answer, origin)
                && (method == "GET" || lists(&answer, "access-control-allow-methods", method))
                && headers
                    .iter()
                    .all(|name| lists(&answer, "access-control-allow-headers", name))
        }))
    }

    async fn shows_answer(&self, origin: &str, sample: &Sample) -> Result<bool, Unreachable> {
        let answer = self
            .send(
                http_method(self.what.method),
                &[("origin", origin)],
                Vec::new(),
            )
            .await?;
        Ok(answer
            .is_some_and(|answer| answer.body == sample.bytes && allows_origin(&answer, origin)))
    }

    async fn exposes_etag(&self, origin: &str, sample: &Sample) -> Result<bool, Unreachable> {
        let answer = self
            .send(
                http_method(self.what.method),
                &[("origin", origin)],
                sample.bytes.clone(),
            )
            .await?;
        Ok(answer.is_some_and(|answer| {
            allows_origin(&answer, origin)
                && lists(&answer, "access-control-expose-headers", "etag")
        }))
    }
}

fn allows_origin(answer: &Answer, origin: &str) -> bool {
    matches!(answer.header("access-control-allow-origin"), Some(allowed) if allowed == origin || allowed == "*")
}

/// Whether a list in a header names it, or everything.
fn lists(answer: &Answer, header: &str, name: &str) -> bool {
    answer
        .headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim() == "*" || listed.trim().eq_ignore_ascii_case(name))
}
