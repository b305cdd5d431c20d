//! Cursor pages: `?limit=&cursor=` in, `{items, next_cursor}` out. A cursor names the last row seen, so pages stay right while
//! rows are inserted; it is signed, so a forged one is refused (400 `invalid_cursor`) rather than obeyed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use utoipa::ToSchema;

use super::Problem;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;
const TAG_BYTES: usize = 12;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque; `null` on the last page.
    pub next_cursor: Option<String>,
}

/// How many rows a page has: 1 to 200, 50 when not said.
pub fn page_limit(asked: Option<u32>) -> Result<i64, Problem> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(i64::from(limit)),
        _ => Err(Problem::invalid(
            "limit",
            "out_of_range",
            "A page has 1 to 200 rows.",
        )),
    }
}

/// Signs and reads cursors. `purpose` ties a cursor to the list and order it was made for.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    pub fn seal<T: Serialize>(&self, purpose: &str, position: &T) -> Result<String, Problem> {
        let mut bytes = serde_json::to_vec(position).map_err(Problem::internal)?;
        let tag = self.tag(purpose, &bytes)?;
        bytes.extend_from_slice(&tag);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// For a list that was read with one row more than its page has: cuts that row off and answers where the next page begins.
    pub fn after_page<T, P: Serialize>(
        &self,
        purpose: &str,
        rows: &mut Vec<T>,
        limit: i64,
        position: impl Fn(&T) -> P,
    ) -> Result<Option<String>, Problem> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return Ok(None);
        }
        rows.truncate(limit);
        rows.last()
            .map(|last| self.seal(purpose, &position(last)))
            .transpose()
    }

    pub fn open<T: DeserializeOwned>(&self, purpose: &str, cursor: &str) -> Result<T, Problem> {
        let refused =
            || Problem::bad_request("invalid_cursor", "This cursor was not made for this list.");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let (body, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or_else(refused)?;
        let expected = self.tag(purpose, body)?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..], &tag[..])) {
            return Err(refused());
        }
        serde_json::from_slice(body).map_err(|_| refused())
    }

    fn tag(&self, purpose: &str, body: &[u8]) -> Result<[u8; TAG_BYTES], Problem> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(Problem::internal)?;
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(body);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_BYTES]);
        Ok(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_own_list_and_untouched() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.seal("documents:title", &(1, "a")).unwrap();
        assert_eq!(
            key.open::<(i32, String)>("documents:title", &cursor)
                .unwrap(),
            (1, "a".to_owned())
        );
        assert_eq!(
            key.open::<(i32, String)>("documents:size", &cursor)
                .unwrap_err()
                .code,
            "invalid_cursor"
        );
        assert_eq!(
            CursorKey::new([8; 32])
                .open::<(i32, String)>("documents:title", &cursor)
                .unwrap_err()
                .code,
            "invalid_cursor"
        );
        for forged in ["", "x", "!!", &cursor[1..], "eyJhIjoxfQ"] {
            assert_eq!(
                key.open::<(i32, String)>("documents:title", forged)
                    .unwrap_err()
                    .code,
                "invalid_cursor"
            );
        }
    }

    #[test]
    fn limits_are_one_to_two_hundred() {
        assert_eq!(page_limit(None).unwrap(), 50);
        assert_eq!(page_limit(Some(200)).unwrap(), 200);
        assert!(page_limit(Some(0)).is_err());
        assert!(page_limit(Some(201)).is_err());
    }
}
