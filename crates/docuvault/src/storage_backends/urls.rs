//! Plans made into URLs.

use std::{collections::BTreeMap, time::Duration};

use docuvault_storage::{
    DirectParts, Disposition, DownloadAs, DownloadPlan, NewUpload, ObjectKey, UploadPlan,
    gateway::{GatewayTicket, GetTicket, PutTicket, served_as},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{BaseUrl, OWN_STORE};
use crate::{app::AppState, http::Problem};

/// Where and how one object is to be PUT.
pub struct UploadUrl {
    pub url: String,
    /// Headers that must be sent as they are.
    pub headers: BTreeMap<String, String>,
    pub expires_at: OffsetDateTime,
}

/// How the bytes of an upload get to the store.
pub enum UploadWay {
    /// In one request.
    Single(UploadUrl),
    /// In parts; the store has opened an upload for them.
    Parts(DirectParts),
}

/// Where an object can be fetched, for a short time, as often and in as many ranges as wanted.
pub struct DownloadUrl {
    pub url: String,
    pub expires_at: OffsetDateTime,
}

/// The way for the bytes of `upload_id`. Call it after the reservation is committed, never before, and with no transaction open.
pub async fn begin_upload(
    state: &AppState,
    base: &BaseUrl,
    upload_id: Uuid,
    upload: &NewUpload,
) -> Result<UploadWay, Problem> {
    match state.storage().begin_upload(upload).await? {
        UploadPlan::Direct(signed) => Ok(UploadWay::Single(UploadUrl {
            url: signed.url.expose().to_owned(),
            // The length is signed too, but every client says it by itself, and browsers let nobody else.
            headers: signed
                .headers
                .into_iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                .collect(),
            expires_at: signed.expires_at,
        })),
        UploadPlan::DirectParts(parts) => Ok(UploadWay::Parts(parts)),
        UploadPlan::Gateway => {
            let expires_at = state.now() + upload.expires_in;
            let ticket = GatewayTicket::Put(PutTicket {
                upload_id,
                backend: OWN_STORE.to_owned(),
                key: upload.key.clone(),
                size_bytes: upload.size_bytes,
                sha256: upload.sha256,
                expires_at,
                nonce: Uuid::new_v4(),
            });
            Ok(UploadWay::Single(UploadUrl {
                url: gateway_url(state, base, &ticket),
                headers: BTreeMap::new(),
                expires_at,
            }))
        }
    }
}

/// The URL of an object, good for `ttl`.
pub async fn download_url(
    state: &AppState,
    base: &BaseUrl,
    key: &str,
    download: DownloadAs,
    expires_at: OffsetDateTime,
) -> Result<DownloadUrl, Problem> {
    let key = ObjectKey::parse(key).map_err(Problem::internal)?;
    // The type a browser is told comes from our record, through the list of types that are safe to show.
    let served = served_as(&download.content_type, download.disposition);
    let shown = DownloadAs {
        disposition: served.disposition,
        content_type: served.content_type.to_owned(),
        ..download.clone()
    };
    let ttl = Duration::try_from(expires_at - state.now()).unwrap_or(Duration::from_secs(1));
    match state.storage().begin_download(&key, &shown, ttl).await? {
        DownloadPlan::Direct { url, expires_at } => Ok(DownloadUrl {
            url: url.expose().to_owned(),
            expires_at,
        }),
        DownloadPlan::Gateway => {
            let ticket = GatewayTicket::Get(GetTicket {
                backend: OWN_STORE.to_owned(),
                key,
                size_bytes: None,
                content_type: download.content_type,
                file_name: download.file_name,
                disposition: download.disposition,
                expires_at,
            });
            Ok(DownloadUrl {
                url: gateway_url(state, base, &ticket),
                expires_at,
            })
        }
    }
}

fn gateway_url(state: &AppState, base: &BaseUrl, ticket: &GatewayTicket) -> String {
    format!("{}/gateway/v1/{}", base.0, ticket.sign(state.tickets()))
}

/// How a thumbnail presents itself: shown, under a name that says nothing.
pub(crate) fn thumbnail_as(key: &str) -> DownloadAs {
    let content_type = if key
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "webp")
    {
        "image/webp"
    } else {
        "image/jpeg"
    };
    DownloadAs {
        disposition: Disposition::Inline,
        file_name: "thumbnail".to_owned(),
        content_type: content_type.to_owned(),
    }
}
