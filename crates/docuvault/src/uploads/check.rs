//! The rules for a file that is to be uploaded.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    http::{Problem, problem::FieldError},
};

const MAX_FILENAME_CHARS: usize = 255;
const MAX_TITLE_CHARS: usize = 300;

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Without any folders.
    #[schema(min_length = 1, max_length = 255)]
    pub filename: String,
    /// Exactly as many bytes as will be sent.
    #[schema(minimum = 1)]
    pub size_bytes: i64,
    /// What the sender takes it for; what it is, is found by looking at it.
    pub content_type: String,
    /// Hexadecimal. Sent along, it finds duplicates before a byte is sent, and damage after.
    pub sha256: Option<String>,
    pub folder_id: Option<Uuid>,
    /// Made from the file name when left out.
    pub title: Option<String>,
    pub backend_id: Option<Uuid>,
}

/// A file that may be uploaded.
pub(super) struct CheckedFile {
    pub filename: String,
    pub title: String,
    pub size_bytes: i64,
    pub content_type: String,
    pub sha256: Option<[u8; 32]>,
    pub folder_id: Option<Uuid>,
}

/// All that is wrong with it, at once.
pub(super) fn check(state: &AppState, body: NewDocument) -> Result<CheckedFile, Problem> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: &str| {
        errors.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            detail: detail.to_owned(),
        });
    };
    let filename = body.filename.trim();
    if filename.is_empty() || filename.chars().count() > MAX_FILENAME_CHARS {
        refuse(
            "filename",
            "invalid_length",
            "A file name has 1 to 255 characters.",
        );
    } else if filename.chars().any(char::is_control)
        || filename.contains('/')
        || matches!(filename, "." | "..")
    {
        refuse(
            "filename",
            "invalid_filename",
            "A file name has no slashes and no control characters.",
        );
    }
    if body.size_bytes == 0 {
        refuse("size_bytes", "empty_file", "The file is empty.");
    } else if body.size_bytes < 0 {
        refuse(
            "size_bytes",
            "out_of_range",
            "A size is a positive number of bytes.",
        );
    }
    let sha256 = body.sha256.as_deref().map(parse_sha256);
    if matches!(sha256, Some(None)) {
        refuse(
            "sha256",
            "invalid",
            "A SHA-256 digest has 64 hexadecimal digits.",
        );
    }
    if body.content_type.len() > 200
        || !body
            .content_type
            .bytes()
            .all(|byte| (0x20..0x7f).contains(&byte))
    {
        refuse(
            "content_type",
            "invalid",
            "A content type such as application/pdf.",
        );
    }
    if body.backend_id.is_some() {
        refuse(
            "backend_id",
            "not_found",
            "There is no such storage backend.",
        );
    }
    let title = body
        .title
        .as_deref()
        .map_or_else(|| title_of(filename), |title| title.trim().to_owned());
    if title.is_empty()
        || title.chars().count() > MAX_TITLE_CHARS
        || title.chars().any(char::is_control)
    {
        refuse(
            "title",
            "invalid_length",
            "A title has 1 to 300 characters.",
        );
    }
    if !errors.is_empty() {
        return Err(Problem::invalid_fields(errors));
    }
    if body.size_bytes > state.config().limits.max_file_bytes {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "file_too_large",
            "The file is larger than this vault takes.",
        )
        .with("max_bytes", state.config().limits.max_file_bytes));
    }
    Ok(CheckedFile {
        filename: filename.to_owned(),
        title,
        size_bytes: body.size_bytes,
        content_type: if body.content_type.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            body.content_type
        },
        sha256: sha256.flatten(),
        folder_id: body.folder_id,
    })
}

fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

/// A name by which a file may be uploaded, made of one that somebody else gave it.
pub fn name_for(given: &str, otherwise: &str) -> String {
    let plain = given
        .replace(['/', '\\'], "_")
        .replace(char::is_control, " ");
    let mut name: String = plain.trim().chars().take(MAX_FILENAME_CHARS).collect();
    name.truncate(name.trim_end().len());
    if matches!(name.as_str(), "" | "." | "..") {
        otherwise.to_owned()
    } else {
        name
    }
}

/// A file name as a title: without its extension, unless nothing else would be left.
pub(super) fn title_of(filename: &str) -> String {
    match filename.rsplit_once('.') {
        Some((stem, _)) if !stem.trim().is_empty() => stem.trim().to_owned(),
        _ => filename.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_come_from_names() {
        assert_eq!(title_of("Rechnung März.pdf"), "Rechnung März");
        assert_eq!(title_of(".env"), ".env");
        assert_eq!(title_of("archive.tar.gz"), "archive.tar");
    }

    #[test]
    fn names_that_others_gave_are_made_to_fit() {
        assert_eq!(name_for("Invoice 7.pdf", "x"), "Invoice 7.pdf");
        assert_eq!(name_for("../../etc/passwd", "x"), ".._.._etc_passwd");
        assert_eq!(name_for("a\r\nb\0c.pdf", "x"), "a  b c.pdf");
        assert_eq!(name_for(" .. ", "attachment"), "attachment");
        assert_eq!(name_for(&"ä".repeat(400), "x").chars().count(), 255);
    }

    #[test]
    fn digests_are_sixty_four_hexadecimal_digits() {
        assert_eq!(parse_sha256(&"0f".repeat(32)), Some([15; 32]));
        for bad in [
            String::new(),
            "0f".repeat(31),
            "0g".repeat(32),
            "é".repeat(32),
        ] {
            assert_eq!(parse_sha256(&bad), None);
        }
    }
}
