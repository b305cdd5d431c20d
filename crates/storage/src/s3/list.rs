//! Listing what is stored, page by page.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusty_s3::Method;

use super::{S3, answers, errors::nonsense, signing::ToSign};
use crate::{InvalidKey, ListPage, ListScope, ListedObject, ObjectKey, StorageError};

/// S3's own limit.
const LONGEST_PAGE: usize = 1000;

impl S3 {
    pub(super) async fn page(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError> {
        let prefix = prefix_of(scope);
        let token = cursor
            .map(|cursor| unwrapped(&prefix, cursor))
            .transpose()?;
        let limit = limit.clamp(1, LONGEST_PAGE);
        let mut what = ToSign::bucket(Method::Get)
            .query("encoding-type", "url")
            .query("list-type", "2")
            .query("max-keys", limit.to_string());
        if !prefix.is_empty() {
            what = what.query("prefix", &prefix);
        }
        if let Some(token) = &token {
            what = what.query("continuation-token", token);
        }
        let answer = self.client.call(&what).await?.success()?;
        let listed = answers::objects(&answer.body)?;
        if listed.objects.len() > limit {
            return Err(nonsense("a longer page than was asked for"));
        }
        if listed.next_token.is_some() && listed.next_token == token {
            return Err(nonsense("the same page for ever"));
        }
        let mut page = ListPage {
            next_cursor: listed.next_token.map(|token| wrapped(&prefix, &token)),
            ..ListPage::default()
        };
        for object in listed.objects {
            match ObjectKey::parse(&object.name) {
                Ok(key) if scope.contains(&key) => page.objects.push(ListedObject {
                    key,
                    size_bytes: object.size_bytes,
                    modified_at: object.modified_at,
                }),
                Ok(_) => return Err(nonsense("objects of another scope")),
                Err(InvalidKey) => page.unrecognised += 1,
            }
        }
        Ok(page)
    }
}

fn prefix_of(scope: ListScope) -> String {
    match scope {
        ListScope::All => String::new(),
        ListScope::User(user_id) => format!("{user_id}/"),
        ListScope::Document {
            user_id,
            document_id,
        } => format!("{user_id}/{document_id}/"),
    }
}

/// A cursor names its scope, so that it is good for no other.
fn wrapped(prefix: &str, token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("s3\n{prefix}\n{token}"))
}

fn unwrapped(prefix: &str, cursor: &str) -> Result<String, InvalidKey> {
    let text = BASE64_URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(InvalidKey)?;
    text.strip_prefix("s3\n")
        .and_then(|text| text.strip_prefix(prefix))
        .and_then(|text| text.strip_prefix('\n'))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .ok_or(InvalidKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_scope_alone() {
        let cursor = wrapped("user/", "token\nwith/anything=");
        assert_eq!(
            unwrapped("user/", &cursor),
            Ok("token\nwith/anything=".to_owned())
        );
        for scope in ["", "user/document/", "other/"] {
            assert_eq!(unwrapped(scope, &cursor), Err(InvalidKey), "{scope}");
        }
        for foreign in ["", "\0", "../../etc", "czM", &wrapped("user/", "")] {
            assert_eq!(unwrapped("user/", foreign), Err(InvalidKey), "{foreign:?}");
        }
    }
}
