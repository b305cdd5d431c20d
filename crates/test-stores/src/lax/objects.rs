//! What the store that believes everything holds, and how it goes along with each request.

use std::collections::BTreeMap;

use super::{
    Manners,
    requests::{Reply, Request},
};

const TAR_BLOCK: usize = 512;

#[derive(Default)]
pub struct Objects {
    stored: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, Upload>,
    made: usize,
    has_lost_one: bool,
}

struct Upload {
    key: String,
    parts: BTreeMap<u32, Vec<u8>>,
    is_complete: bool,
}

impl Objects {
    pub fn keys(&self) -> Vec<String> {
        self.stored.keys().cloned().collect()
    }

    pub fn serve(&mut self, request: &Request, manners: Manners) -> Reply {
        let upload = request.query.get("uploadId").map(String::as_str);
        match (request.method.as_str(), upload) {
            ("PUT", Some(id)) => self.put_part(request, id),
            ("PUT", None) => self.put(request, manners),
            ("POST", Some(id)) => self.complete(id),
            ("POST", None) => self.begin(request),
            ("DELETE", Some(id)) => {
                self.uploads.remove(id);
                Reply::status(204)
            }
            ("DELETE", None) => {
                let is_anyone = !request.query.contains_key("X-Amz-Signature");
                if is_anyone && manners.loses_one && self.has_lost_one {
                    return Reply::status(403);
                }
                self.has_lost_one |= is_anyone;
                self.stored.remove(&request.key);
                Reply::status(204)
            }
            ("GET", Some(id)) => self.list_parts(id),
            _ if request.key.is_empty() => self.list(request),
            _ => self.get(request),
        }
    }

    fn put(&mut self, request: &Request, manners: Manners) -> Reply {
        let is_condition_signed = request
            .query
            .get("X-Amz-SignedHeaders")
            .is_some_and(|names| names.split(';').any(|name| name == "if-none-match"));
        if manners.writes_once && is_condition_signed {
            if !request.headers.contains_key("if-none-match") {
                return Reply::status(403);
            }
            if self.stored.contains_key(&request.key) {
                return Reply::status(412);
            }
        }
        let mut bytes = request.content();
        if let Some(source) = copy_source(request) {
            bytes = self.stored.get(source).cloned().unwrap_or_default();
        }
        if request
            .headers
            .contains_key("x-amz-meta-snowball-auto-extract")
        {
            self.unpack(&bytes);
            return Reply::status(200);
        }
        // It has no notion of digests: it calls every body wrong that comes with one, after having stored it.
        let status = if manners.stores_before_checking
            && request.headers.contains_key("x-amz-checksum-sha256")
        {
            400
        } else {
            200
        };
        self.stored.insert(request.key.clone(), bytes);
        Reply::status(status).with("etag", "\"whatever\"")
    }

    fn unpack(&mut self, archive: &[u8]) {
        let text = |block: &[u8], from: usize, to: usize| {
            let field = block.get(from..to).unwrap_or_default();
            let end = field
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).into_owned()
        };
        let mut rest = archive;
        while rest.len() >= TAR_BLOCK && rest[0] != 0 {
            let (header, after) = rest.split_at(TAR_BLOCK);
            let length =
                usize::from_str_radix(text(header, 124, 136).trim(), 8).unwrap_or_default();
            let Some(bytes) = after.get(..length) else {
                return;
            };
            let (folder, name) = (text(header, 345, 500), text(header, 0, 100));
            self.stored
                .insert(format!("{folder}/{name}"), bytes.to_vec());
            rest = after
                .get(length.next_multiple_of(TAR_BLOCK)..)
                .unwrap_or_default();
        }
    }

    fn begin(&mut self, request: &Request) -> Reply {
        self.made += 1;
        let id = format!("upload-{}", self.made);
        let reply = format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        );
        let upload = Upload {
            key: request.key.clone(),
            parts: BTreeMap::new(),
            is_complete: false,
        };
        self.uploads.insert(id, upload);
        Reply::body(reply)
    }

    /// After the upload is complete, too: then the object changes.
    fn put_part(&mut self, request: &Request, id: &str) -> Reply {
        let number = request.query.get("partNumber").map(|number| number.parse());
        let (Some(upload), Some(Ok(number))) = (self.uploads.get_mut(id), number) else {
            return Reply::status(404);
        };
        let copied = copy_source(request).and_then(|key| self.stored.get(key));
        let bytes = copied.cloned().unwrap_or_else(|| request.content());
        upload.parts.insert(number, bytes);
        if upload.is_complete {
            self.complete(id);
        }
        Reply::status(200).with("etag", "\"whatever\"")
    }

    fn complete(&mut self, id: &str) -> Reply {
        let Some(upload) = self.uploads.get_mut(id) else {
            return Reply::status(404);
        };
        upload.is_complete = true;
        let whole = upload.parts.values().flatten().copied().collect();
        self.stored.insert(upload.key.clone(), whole);
        Reply::body(
            "<CompleteMultipartUploadResult><ETag>\"whatever\"</ETag></CompleteMultipartUploadResult>",
        )
    }

    fn list_parts(&self, id: &str) -> Reply {
        let Some(upload) = self.uploads.get(id) else {
            return Reply::status(404);
        };
        let parts: Vec<String> = upload
            .parts
            .iter()
            .map(|(number, bytes)| {
                format!("<Part><PartNumber>{number}</PartNumber><ETag>\"whatever\"</ETag><Size>{}</Size></Part>", bytes.len())
            })
            .collect();
        let parts = parts.concat();
        Reply::body(format!("<ListPartsResult>{parts}</ListPartsResult>"))
    }

    fn list(&self, request: &Request) -> Reply {
        let prefix = request.query.get("prefix").map_or("", String::as_str);
        let found: Vec<String> = self
            .stored
            .iter()
            .filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, bytes)| {
                format!(
                    "<Contents><Key>{key}</Key><Size>{}</Size></Contents>",
                    bytes.len()
                )
            })
            .collect();
        let found = found.concat();
        Reply::body(format!("<ListBucketResult>{found}</ListBucketResult>"))
    }

    fn get(&self, request: &Request) -> Reply {
        let Some(bytes) = self.stored.get(&request.key) else {
            return Reply::status(404);
        };
        let shown = |parameter: &str| request.query.get(parameter).cloned();
        let mut reply = Reply::body(bytes.clone()).with("etag", "\"whatever\"");
        if let Some(disposition) = shown("response-content-disposition") {
            reply = reply.with("content-disposition", &disposition);
        }
        let kind = shown("response-content-type");
        reply.with(
            "content-type",
            kind.as_deref().unwrap_or("application/octet-stream"),
        )
    }
}

/// The key of the object that is to be copied.
fn copy_source(request: &Request) -> Option<&str> {
    let source = request.headers.get("x-amz-copy-source")?;
    let (_bucket, key) = source.trim_start_matches('/').split_once('/')?;
    Some(key)
}
