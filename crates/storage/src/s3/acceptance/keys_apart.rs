//! Keys of their own for the URLs of clients: each can do the one thing it is there for.

use rusty_s3::Method;

use super::{
    Finding, Unreachable, Verdict,
    catalog::{Check, DOWNLOAD_KEY, KEYS_APART, UPLOAD_KEY},
    ground::{Ground, URL_LIFE},
    signatures::{changed_by, deleted_by, read_by},
};
use crate::s3::{
    S3Keys,
    signing::{Sender, ToSign},
};

pub(super) async fn check(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    let config = &ground.config;
    let is_own = |keys: &Option<S3Keys>| {
        keys.as_ref()
            .is_some_and(|keys| keys.access_key != config.keys.access_key)
    };
    let (uploads, downloads) = (is_own(&config.upload_keys), is_own(&config.download_keys));
    let mut findings = Vec::new();
    if uploads {
        let can = Powers::of(ground, Sender::Uploader).await?;
        findings.push(judge(
            &UPLOAD_KEY,
            "uploads",
            &[can.read, can.list],
            &[can.delete],
        ));
    }
    if downloads {
        let can = Powers::of(ground, Sender::Downloader).await?;
        findings.push(judge(
            &DOWNLOAD_KEY,
            "downloads",
            &[can.write, can.delete],
            &[can.list],
        ));
    }
    findings.push(KEYS_APART.judge(uploads && downloads));
    Ok(findings)
}

/// What defeats the purpose, and what some stores cannot give apart: a key that can do more than it must is still better than the one
/// that can do everything.
fn judge(
    check: &Check,
    of: &str,
    grave: &[Option<&'static str>],
    slight: &[Option<&'static str>],
) -> Finding {
    let words: Vec<&str> = grave.iter().chain(slight).flatten().copied().collect();
    let what = format!("The key for {of} can also {}.", words.join(" and "));
    if words.is_empty() {
        check.passed()
    } else if grave.iter().any(Option::is_some) {
        check.failed_because(what)
    } else {
        check.as_bad_as(Verdict::Lacking, what)
    }
}

/// The word for each thing that a key can do.
struct Powers {
    read: Option<&'static str>,
    write: Option<&'static str>,
    list: Option<&'static str>,
    delete: Option<&'static str>,
}

impl Powers {
    async fn of(ground: &Ground, sender: Sender) -> Result<Self, Unreachable> {
        let there = ground.stored_sample().await?;
        let url = |what: &ToSign<'_>| ground.signer.by(sender, what, URL_LIFE);
        let get = url(&ToSign::object(Method::Get, &there.key));
        let list = url(&ToSign::bucket(Method::Get)
            .query("list-type", "2")
            .query("prefix", there.key.as_str()));
        let put =
            url(&ToSign::object(Method::Put, &there.key).header("content-length", there.length()));
        let delete = url(&ToSign::object(Method::Delete, &there.key));
        Ok(Self {
            read: read_by(ground, get).await?.then_some("read"),
            list: read_by(ground, list).await?.then_some("list"),
            write: changed_by(ground, &there, put).await?.then_some("write"),
            delete: deleted_by(ground, &there, delete)
                .await?
                .then_some("delete"),
        })
    }
}
