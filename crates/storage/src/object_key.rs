//! The only name an object can have: three ids and a harmless extension, never a word of the user's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::InvalidKey;

/// Longest extension kept, without its dot.
const MAX_EXTENSION_LENGTH: usize = 8;

/// `{user_id}/{document_id}/{object_id}{.ext}`, for example `0192…/0193…/9f1c….pdf`.
///
/// The ids are lower-case hyphenated UUIDs and the extension is `[a-z0-9]{1,8}` or absent, so a key is safe as a
/// path, in a URL, in an S3 signature and on every cloud drive. Ordered as its text is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ObjectKey {
    user_id: Uuid,
    document_id: Uuid,
    object_id: Uuid,
    extension: String,
}

impl ObjectKey {
    /// `extension` may carry a leading dot and capitals; anything that then is not `[a-z0-9]{1,8}` is left out.
    pub fn new(user_id: Uuid, document_id: Uuid, object_id: Uuid, extension: &str) -> Self {
        let extension = extension
            .strip_prefix('.')
            .unwrap_or(extension)
            .to_ascii_lowercase();
        let extension = if is_extension(&extension) {
            extension
        } else {
            String::new()
        };
        Self {
            user_id,
            document_id,
            object_id,
            extension,
        }
    }

    /// Accepts exactly what [`fmt::Display`] writes, and nothing else.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let mut segments = text.split('/');
        let (Some(user), Some(document), Some(name), None) = (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) else {
            return Err(InvalidKey);
        };
        let (object, extension) = name.split_once('.').unwrap_or((name, ""));
        let id = |text: &str| Uuid::try_parse(text).map_err(|_| InvalidKey);
        let key = Self::new(id(user)?, id(document)?, id(object)?, extension);
        // One spelling per key: other UUID notations, capitals, a bare dot or odd extensions do not survive this.
        if key.to_string() == text {
            Ok(key)
        } else {
            Err(InvalidKey)
        }
    }

    /// Whose object this is.
    pub fn user_id(&self) -> Uuid {
        self.user_id
    }

    /// The document the object belongs to.
    pub fn document_id(&self) -> Uuid {
        self.document_id
    }

    /// The object itself: a document can have several (versions, thumbnails).
    pub fn object_id(&self) -> Uuid {
        self.object_id
    }

    /// `pdf`, or empty.
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// The last segment: `{object_id}{.ext}`.
    pub fn file_name(&self) -> String {
        let dot = if self.extension.is_empty() { "" } else { "." };
        format!("{}{dot}{}", self.object_id, self.extension)
    }
}

fn is_extension(text: &str) -> bool {
    (1..=MAX_EXTENSION_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}/{}/{}",
            self.user_id,
            self.document_id,
            self.file_name()
        )
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ObjectKey({self})")
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        Self::parse(&text)
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "6f0f2d3c-3d0f-4c7a-9a52-0a4c1f6c9e11";

    #[test]
    fn extension_is_kept_only_when_harmless() {
        let extension = |given| {
            ObjectKey::new(Uuid::nil(), Uuid::nil(), Uuid::nil(), given)
                .extension()
                .to_owned()
        };
        assert_eq!(extension("pdf"), "pdf");
        assert_eq!(extension(".JPEG"), "jpeg");
        assert_eq!(extension("7z"), "7z");
        for odd in [
            "",
            ".",
            "tar.gz",
            "p/df",
            "../x",
            "pdf\0",
            "ninechars",
            "é",
            "p df",
            "%2e",
        ] {
            assert_eq!(extension(odd), "", "{odd:?}");
        }
    }

    #[test]
    fn parse_accepts_one_spelling_only() {
        let good = format!("{ID}/{ID}/{ID}.pdf");
        assert_eq!(ObjectKey::parse(&good).unwrap().to_string(), good);
        assert!(ObjectKey::parse(&format!("{ID}/{ID}/{ID}")).is_ok());
        let upper = ID.to_uppercase();
        let simple = ID.replace('-', "");
        for bad in [
            String::new(),
            format!("/{good}"),
            format!("{good}/"),
            format!("{ID}/{ID}"),
            format!("{ID}/{ID}/{ID}/{ID}"),
            format!("{ID}//{ID}"),
            format!("{ID}/../{ID}"),
            format!("{ID}/{ID}/{ID}."),
            format!("{ID}/{ID}/{ID}.PDF"),
            format!("{ID}/{ID}/{ID}.pdf.exe"),
            format!("{ID}/{ID}/{ID}..pdf"),
            format!("{ID}/{ID}/{ID}.pdf\0"),
            format!("{ID}/{ID}/{ID}.pdf "),
            format!("{ID}\\{ID}\\{ID}.pdf"),
            format!("{upper}/{ID}/{ID}.pdf"),
            format!("{simple}/{ID}/{ID}.pdf"),
            format!("{{{ID}}}/{ID}/{ID}.pdf"),
        ] {
            assert_eq!(ObjectKey::parse(&bad), Err(InvalidKey), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_its_text(user: u128, document: u128, object: u128, extension in ".{0,12}") {
            let id = Uuid::from_u128;
            let key = ObjectKey::new(id(user), id(document), id(object), &extension);
            let text = key.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-/.".contains(&b)));
            prop_assert_eq!(ObjectKey::parse(&text).unwrap(), key);
        }

        #[test]
        fn arbitrary_text_is_refused_or_identical(text in "[0-9a-f/.{}-]{0,130}") {
            if let Ok(key) = ObjectKey::parse(&text) {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
