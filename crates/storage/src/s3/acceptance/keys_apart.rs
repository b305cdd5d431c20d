//! Keys of their own for the URLs of clients: each can do the one thing it is there for.

use rusty_s3::Method;

use super::{
    Finding, Unreachable,
    catalog::{DOWNLOAD_KEY, KEYS_APART, UPLOAD_KEY},
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
        let mut can = Vec::new();
        if reads(ground, Sender::Uploader).await? {
            can.push("read");
        }
        can.extend(lists_or_deletes(ground, Sender::Uploader).await?);
        findings.push(judge(&UPLOAD_KEY, "uploads", &can));
    }
    if downloads {
        let mut can = Vec::new();
        if writes(ground, Sender::Downloader).await? {
            can.push("write");
        }
        can.extend(lists_or_deletes(ground, Sender::Downloader).await?);
        findings.push(judge(&DOWNLOAD_KEY, "downloads", &can));
    }
    findings.push(KEYS_APART.judge(uploads && downloads));
    Ok(findings)
}

fn judge(check: &super::catalog::Check, of: &str, can: &[&str]) -> Finding {
    if can.is_empty() {
        check.passed()
    } else {
        check.failed_because(format!("The key for {of} can also {}.", can.join(", ")))
    }
}

async fn reads(ground: &Ground, sender: Sender) -> Result<bool, Unreachable> {
    let there = ground.stored_sample().await?;
    let get = ToSign::object(Method::Get, &there.key);
    read_by(ground, ground.signer.by(sender, &get, URL_LIFE)).await
}

async fn writes(ground: &Ground, sender: Sender) -> Result<bool, Unreachable> {
    let there = ground.stored_sample().await?;
    let put = ToSign::object(Method::Put, &there.key).header("content-length", there.length());
    changed_by(ground, &there, ground.signer.by(sender, &put, URL_LIFE)).await
}

async fn lists_or_deletes(
    ground: &Ground,
    sender: Sender,
) -> Result<Vec<&'static str>, Unreachable> {
    let there = ground.stored_sample().await?;
    let list = ToSign::bucket(Method::Get)
        .query("list-type", "2")
        .query("prefix", there.key.as_str());
    let delete = ToSign::object(Method::Delete, &there.key);
    let mut can = Vec::new();
    if read_by(ground, ground.signer.by(sender, &list, URL_LIFE)).await? {
        can.push("list");
    }
    if deleted_by(ground, &there, ground.signer.by(sender, &delete, URL_LIFE)).await? {
        can.push("delete");
    }
    Ok(can)
}
