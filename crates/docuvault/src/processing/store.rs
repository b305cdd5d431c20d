//! What reading writes.

use docuvault_extract::{Note, PageText, Reading, TextSource};

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
    search,
};

/// Longest text of one row: longer pages (a text file has only one) are kept in several.
const MAX_PAGE_CHARS: usize = 60_000;

/// What is needed to read a document.
pub struct Source {
    pub object_key: String,
    pub filename: String,
    pub size_bytes: i64,
    /// `None`: nobody has said.
    pub sha256: Option<Vec<u8>>,
}

/// Marks a document as being read; `None` when there is nothing (more) to read.
pub async fn begin_reading(tx: &mut UserTx, id: DocumentId) -> Result<Option<Source>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Source,
        "UPDATE documents SET state = 'processing', version = version + 1, updated_at = now()
          WHERE id = $1 AND user_id = $2 AND state IN ('stored', 'processing') RETURNING object_key, filename, size_bytes, sha256",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Locks a document that is being read; false when it was erased meanwhile.
pub async fn lock_reading(tx: &mut UserTx, id: DocumentId) -> Result<bool, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!("SELECT id FROM documents WHERE id = $1 AND user_id = $2 AND state = 'processing' FOR UPDATE", id.0, user)
        .fetch_optional(tx.conn())
        .await?
        .is_some())
}

pub async fn replace_pages(
    tx: &mut UserTx,
    id: DocumentId,
    pages: &[PageText],
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM document_pages WHERE document_id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    insert_pages(tx, id, pages).await
}

/// Keeps pages of a document that is still being read for the first time. What was read before stays until all is read anew.
pub async fn keep_early_pages(
    tx: &mut UserTx,
    id: DocumentId,
    pages: &[PageText],
) -> Result<(), Problem> {
    if pages.is_empty() || !lock_reading(tx, id).await? {
        return Ok(());
    }
    insert_pages(tx, id, pages).await
}

/// A page that is there already stays as it is.
async fn insert_pages(tx: &mut UserTx, id: DocumentId, pages: &[PageText]) -> Result<(), Problem> {
    let user = tx.user().0;
    let rows = page_rows(pages);
    let numbers: Vec<i32> = rows.iter().map(|row| row.number).collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.text).collect();
    let sources: Vec<&str> = rows.iter().map(|row| row.source).collect();
    let confidences: Vec<Option<f32>> = rows.iter().map(|row| row.confidence).collect();
    sqlx::query!(
        "INSERT INTO document_pages (document_id, user_id, number, text, source, ocr_confidence, tsv)
         SELECT $1, $2, number, text, source, confidence, to_tsvector('docuvault', translate(text, $6, $7))
           FROM unnest($3::int[], $4::text[], $5::text[], $8::real[]) AS page (number, text, source, confidence)
         ON CONFLICT (document_id, number) DO NOTHING",
        id.0,
        user,
        &numbers,
        &texts as &[&str],
        &sources as &[&str],
        search::JOINING_SIGNS,
        search::BLANKS,
        &confidences as &[Option<f32>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What is stored in one row.
#[derive(Debug, PartialEq)]
struct PageRow<'a> {
    number: i32,
    text: &'a str,
    source: &'static str,
    /// How sure the OCR program is of its words, 0 to 100.
    confidence: Option<f32>,
}

/// Numbers are the pages' own, unless one had to be cut up.
fn page_rows(pages: &[PageText]) -> Vec<PageRow<'_>> {
    let cut = pages.iter().any(|page| page.text.len() > MAX_PAGE_CHARS);
    let mut rows = Vec::with_capacity(pages.len());
    for page in pages {
        let source = match page.source {
            TextSource::Text => "text",
            TextSource::Ocr => "ocr",
        };
        for piece in pieces(&page.text) {
            let number = if cut {
                rows.len() as i32 + 1
            } else {
                i32::try_from(page.number).unwrap_or(i32::MAX)
            };
            rows.push(PageRow {
                number,
                text: piece,
                source,
                confidence: page.confidence.map(|percent| f32::from(percent).min(100.0)),
            });
        }
    }
    rows
}

/// Cuts at white space where there is some.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while text.len() > MAX_PAGE_CHARS {
        let limit = text.floor_char_boundary(MAX_PAGE_CHARS);
        let at = text[..limit]
            .rfind(char::is_whitespace)
            .filter(|&at| at > 0)
            .unwrap_or(limit);
        pieces.push(&text[..at]);
        text = &text[at..];
    }
    pieces.push(text);
    pieces
}

/// Takes over what was read.
pub async fn finish_reading(
    tx: &mut UserTx,
    id: DocumentId,
    reading: &Reading,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        // Learning passes over a document that is being read, so what the user decided meanwhile counts as decided now.
        "UPDATE documents SET state = 'ready', content_type = $3, page_count = $4, language = $5, ocr_missing = $6, processing_error = NULL,
            stated_title = $7, stated_sender = $8, taught_at = CASE WHEN taught_at IS NOT NULL THEN clock_timestamp() END,
            version = version + 1, updated_at = now()
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        reading.content_type,
        i32::try_from(reading.page_count).unwrap_or(i32::MAX),
        reading.language,
        reading.notes.contains(&Note::OcrMissing),
        reading.properties.title,
        reading.properties.sender,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The key the thumbnail is to have: the one written down before, else `wanted`. `None` when the document is being erased.
pub async fn thumbnail_key(
    tx: &mut UserTx,
    id: DocumentId,
    wanted: &str,
) -> Result<Option<String>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"UPDATE documents SET thumbnail_key = coalesce(thumbnail_key, $3) WHERE id = $1 AND user_id = $2 AND state = 'processing' RETURNING thumbnail_key AS "key!""#,
        id.0,
        user,
        wanted
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The thumbnail is there. False when the document is being erased or gone.
pub async fn note_thumbnail(tx: &mut UserTx, id: DocumentId) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!("UPDATE documents SET thumbnail_at = now() WHERE id = $1 AND user_id = $2 AND state <> 'purging'", id.0, user)
        .execute(tx.conn())
        .await?
        .rows_affected();
    Ok(rows == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32, text: &str) -> PageText {
        PageText {
            number,
            text: text.to_owned(),
            source: TextSource::Text,
            confidence: None,
        }
    }

    #[test]
    fn pages_keep_their_numbers_unless_one_is_cut_up() {
        let pages = [page(1, "a"), page(3, "b")];
        let rows = page_rows(&pages);
        let shown: Vec<_> = rows.iter().map(|row| (row.number, row.text)).collect();
        assert_eq!(shown, [(1, "a"), (3, "b")]);
        let long = "wörter ".repeat(20_000);
        let pages = [page(1, &long)];
        let rows = page_rows(&pages);
        assert_eq!(
            rows.iter().map(|row| row.number).collect::<Vec<_>>(),
            (1..=rows.len() as i32).collect::<Vec<_>>()
        );
        assert_eq!(rows.iter().map(|row| row.text).collect::<String>(), long);
        assert!(rows.iter().all(|row| row.text.len() <= MAX_PAGE_CHARS));
    }
}
