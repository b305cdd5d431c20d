//! Listing objects, a page at a time.

use rusty_s3::Method;

use super::{
    S3, answers,
    http::{QUICK, text},
    refusal,
    signing::ToSign,
};
use crate::{InvalidKey, ListPage, ListScope, ListedObject, ObjectKey, StorageError};

/// As many as stores answer at once.
const MAX_PAGE: usize = 1000;
/// A cursor is this and the last name of the page before it, so that it is good for as long as one likes.
const CURSOR_MARK: &str = "after:";

impl S3 {
    pub(super) async fn page(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError> {
        let after = match cursor {
            Some(cursor) => Some(cursor.strip_prefix(CURSOR_MARK).ok_or(InvalidKey)?),
            None => None,
        };
        let mut list = ToSign::bucket(Method::Get)
            .query("list-type", "2")
            .query("max-keys", limit.clamp(1, MAX_PAGE).to_string())
            .query("prefix", prefix(scope));
        if let Some(after) = after {
            list = list.query("start-after", after);
        }
        let request = self.http.get(self.signer.own(&list));
        let answer = refusal::check(self.http.send(request, QUICK).await?).await?;
        let listed = answers::objects(&text(answer).await?)?;

        let mut page = ListPage::default();
        if !listed.is_last
            && let Some(last) = listed.entries.last()
        {
            if after.is_some_and(|after| last.name.as_str() <= after) {
                return Err(StorageError::unavailable("a listing that goes in circles"));
            }
            page.next_cursor = Some(format!("{CURSOR_MARK}{}", last.name));
        }
        for entry in listed.entries {
            match ObjectKey::parse(&entry.name) {
                Ok(key) => page.objects.push(ListedObject {
                    key,
                    size_bytes: entry.size_bytes,
                    modified_at: entry.modified_at,
                }),
                Err(InvalidKey) => page.unrecognised += 1,
            }
        }
        Ok(page)
    }
}

fn prefix(scope: ListScope) -> String {
    match scope {
        ListScope::All => String::new(),
        ListScope::User(user_id) => format!("{user_id}/"),
        ListScope::Document {
            user_id,
            document_id,
        } => format!("{user_id}/{document_id}/"),
    }
}
