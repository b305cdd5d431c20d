//! What must work: our own key, both addresses, uploads in parts, clocks that agree.

use jiff::{Timestamp, fmt::rfc2822};
use rusty_s3::Method;

use super::{
    Finding, Unreachable, Verdict,
    catalog::{CLOCK, DOWNLOAD_HEADERS, MULTIPART, OWN_KEY, PUBLIC_ENDPOINT},
    exchange::Answer,
    ground::{Ground, Sample, URL_LIFE, http_method},
};
use crate::s3::signing::{Sender, ToSign};

const NOTABLE_SKEW_SECONDS: i64 = 60;
const FATAL_SKEW_SECONDS: i64 = 600;
const SHOWN_AS: &str = "attachment; filename=\"test\"";
const SHOWN_TYPE: &str = "application/pdf";

/// Answers whether the vault's own key can do what it must; if not, nothing else can be tried.
pub(super) async fn check(
    ground: &Ground,
    findings: &mut Vec<Finding>,
) -> Result<bool, Unreachable> {
    let sample = ground.sample();
    let put = ToSign::object(Method::Put, &sample.key);
    let written = ground.own(&put, sample.bytes.clone()).await?;
    findings.extend(clock(&written));
    let fault = if written.is_success() {
        fault_of_the_rest(ground, &sample).await?
    } else {
        Some(("write", written))
    };
    findings.push(match &fault {
        None => OWN_KEY.passed(),
        Some((what, answer)) => OWN_KEY.failed_because(format!(
            "The vault's key cannot {what}: the store answered {}.",
            answer.in_words()
        )),
    });
    Ok(fault.is_none())
}

async fn fault_of_the_rest(
    ground: &Ground,
    sample: &Sample,
) -> Result<Option<(&'static str, Answer)>, Unreachable> {
    let object = |method| ToSign::object(method, &sample.key);
    let head = ground.own(&object(Method::Head), Vec::new()).await?;
    if head.header("content-length") != Some(sample.length().as_str()) {
        return Ok(Some(("see what it wrote", head)));
    }
    let read = ground.own(&object(Method::Get), Vec::new()).await?;
    if read.body != sample.bytes {
        return Ok(Some(("read what it wrote", read)));
    }
    let list = ToSign::bucket(Method::Get)
        .query("list-type", "2")
        .query("prefix", sample.key.as_str());
    let listed = ground.own(&list, Vec::new()).await?;
    if !listed.text_of("Key").contains(&sample.key) {
        return Ok(Some(("list", listed)));
    }
    let deleted = ground.own(&object(Method::Delete), Vec::new()).await?;
    if !deleted.is_success() || ground.read(&sample.key).await?.is_some() {
        return Ok(Some(("delete", deleted)));
    }
    Ok(None)
}

fn clock(answer: &Answer) -> Option<Finding> {
    let theirs = rfc2822::parse(answer.header("date")?).ok()?.timestamp();
    let skew = (Timestamp::now().as_second() - theirs.as_second()).abs();
    Some(if skew <= NOTABLE_SKEW_SECONDS {
        CLOCK.passed()
    } else if skew <= FATAL_SKEW_SECONDS {
        CLOCK.as_bad_as(
            Verdict::Lacking,
            format!("The store's clock differs from ours by {skew} seconds."),
        )
    } else {
        CLOCK.failed()
    })
}

/// Answers whether the public address can be reached from here and takes our URLs.
pub(super) async fn check_public_endpoint(
    ground: &Ground,
    findings: &mut Vec<Finding>,
) -> Result<bool, Unreachable> {
    match fault_of_public_endpoint(ground).await? {
        Ok(download) => {
            findings.push(PUBLIC_ENDPOINT.passed());
            findings.push(DOWNLOAD_HEADERS.judge(
                download.header("content-disposition") == Some(SHOWN_AS)
                    && download.header("content-type") == Some(SHOWN_TYPE),
            ));
            Ok(true)
        }
        Err(why) => {
            findings.push(PUBLIC_ENDPOINT.failed_because(why));
            Ok(false)
        }
    }
}

/// Whether the keys for clients can do what they must, wherever that is tried.
pub(super) async fn client_urls_work(ground: &Ground) -> Result<bool, Unreachable> {
    Ok(fault_of_public_endpoint(ground).await?.is_ok())
}

/// The download, or what went wrong.
async fn fault_of_public_endpoint(ground: &Ground) -> Result<Result<Answer, String>, Unreachable> {
    let sample = ground.sample();
    let put = ToSign::object(Method::Put, &sample.key)
        .header("content-length", sample.length())
        .header("content-type", "application/octet-stream");
    let url = ground.signer.by(Sender::Uploader, &put, URL_LIFE);
    let headers = [("content-type", "application/octet-stream")];
    let sent = ground
        .caller
        .send(http_method(put.method), url, &headers, sample.bytes.clone())
        .await;
    let refused = |doing: &str, said: &str| {
        Ok(Err(format!(
            "Signed URLs for {doing} do not work at the public address: {said}."
        )))
    };
    match sent {
        Err(said) => return refused("sending", &said),
        Ok(answer) if !answer.is_success() => return refused("sending", &answer.in_words()),
        Ok(_) if !ground.holds(&sample).await? => {
            return refused("sending", "nothing arrived in the bucket");
        }
        Ok(_) => {}
    }
    let get = ToSign::object(Method::Get, &sample.key)
        .query("response-content-disposition", SHOWN_AS)
        .query("response-content-type", SHOWN_TYPE);
    let url = ground.signer.by(Sender::Downloader, &get, URL_LIFE);
    match ground
        .caller
        .send(http_method(get.method), url, &[], Vec::new())
        .await
    {
        Err(said) => refused("fetching", &said),
        Ok(answer) if answer.body != sample.bytes => refused("fetching", &answer.in_words()),
        Ok(answer) => Ok(Ok(answer)),
    }
}

/// A whole upload of one part, as every store can do it.
pub(super) async fn check_multipart(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    let sample = ground.sample();
    let failed = |doing: &str, answer: Option<&Answer>| {
        let said = answer.map_or_else(|| "the connection was cut".to_owned(), Answer::in_words);
        Ok(vec![MULTIPART.failed_because(format!(
            "An upload in parts failed when {doing}: {said}."
        ))])
    };
    let id = match ground.begin_parts(&sample.key).await? {
        Ok(id) => id,
        Err(answer) => return failed("it was begun", Some(&answer)),
    };
    let part = part_of(&sample, &id);
    let sent = ground
        .client(Sender::Uploader, &part, sample.bytes.clone())
        .await?;
    let Some(etag) = sent.as_ref().and_then(|answer| answer.header("etag")) else {
        return failed("a part was sent", sent.as_ref());
    };
    let listed = ground
        .own(&list_parts(&sample.key, &id), Vec::new())
        .await?;
    if listed.text_of("Size") != [sample.length()] {
        return failed("its parts were listed", Some(&listed));
    }
    let completed = complete(ground, &sample, &id, etag).await?;
    if !ground.holds(&sample).await? {
        return failed("it was completed", Some(&completed));
    }
    Ok(vec![MULTIPART.passed()])
}

/// The first part, holding the whole sample.
pub(super) fn part_of<'a>(sample: &'a Sample, upload_id: &'a str) -> ToSign<'a> {
    ToSign::object(Method::Put, &sample.key)
        .query("partNumber", "1")
        .query("uploadId", upload_id)
        .header("content-length", sample.length())
}

pub(super) fn list_parts<'a>(key: &'a str, upload_id: &'a str) -> ToSign<'a> {
    ToSign::object(Method::Get, key).query("uploadId", upload_id)
}

pub(super) async fn complete(
    ground: &Ground,
    sample: &Sample,
    upload_id: &str,
    etag: &str,
) -> Result<Answer, Unreachable> {
    let etag = etag.trim_matches('"');
    let complete = ToSign::object(Method::Post, &sample.key).query("uploadId", upload_id);
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;{etag}&quot;</ETag></Part></CompleteMultipartUpload>"
    );
    ground.own(&complete, parts.into_bytes()).await
}
