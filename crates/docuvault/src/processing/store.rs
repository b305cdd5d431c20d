//! What reading and filing write.

use docuvault_extract::{Note, PageText, Reading, TextSource};
use docuvault_filing::{APPLY_THRESHOLD, Filing, TopicProposal};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
    search,
};

/// Longest text of one row: longer pages (a text file has only one) are kept in several.
const MAX_PAGE_CHARS: usize = 60_000;
/// Surer than this, a date, correspondent or title found is taken over.
const TAKE_OVER: f32 = 0.5;

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
    let rows = page_rows(pages);
    let numbers: Vec<i32> = rows.iter().map(|row| row.0).collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.1).collect();
    let sources: Vec<&str> = rows.iter().map(|row| row.2).collect();
    sqlx::query!(
        "INSERT INTO document_pages (document_id, user_id, number, text, source, tsv)
         SELECT $1, $2, number, text, source, to_tsvector('docuvault', translate(text, $6, $7)) FROM unnest($3::int[], $4::text[], $5::text[]) AS page (number, text, source)",
        id.0,
        user,
        &numbers,
        &texts as &[&str],
        &sources as &[&str],
        search::JOINING_SIGNS,
        search::BLANKS,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Number, text and source of each row. Numbers are the pages' own, unless one had to be cut up.
fn page_rows(pages: &[PageText]) -> Vec<(i32, &str, &'static str)> {
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
            rows.push((number, piece, source));
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

/// Takes over what was read and found. What the user said stays.
pub async fn finish_reading(
    tx: &mut UserTx,
    id: DocumentId,
    reading: &Reading,
    filing: &Filing,
) -> Result<(), Problem> {
    let user = tx.user().0;
    let date = filing
        .date
        .as_ref()
        .filter(|found| found.confidence >= TAKE_OVER)
        .map(|found| found.value);
    let correspondent = filing
        .correspondent
        .as_ref()
        .filter(|found| found.confidence >= TAKE_OVER)
        .map(|found| found.value.as_str());
    let title = Some(filing.title.value.trim())
        .filter(|title| !title.is_empty() && filing.title.confidence >= TAKE_OVER);
    sqlx::query!(
        "UPDATE documents SET state = 'ready', content_type = $3, page_count = $4, language = $5, ocr_missing = $6, processing_error = NULL,
            document_date = CASE WHEN document_date_source = 'user' THEN document_date ELSE $7 END,
            document_date_source = CASE WHEN document_date_source = 'user' THEN 'user' WHEN $7::date IS NULL THEN NULL ELSE 'device' END,
            correspondent = CASE WHEN correspondent_source = 'user' THEN correspondent ELSE $8 END,
            correspondent_source = CASE WHEN correspondent_source = 'user' THEN 'user' WHEN $8::text IS NULL THEN NULL ELSE 'device' END,
            title = CASE WHEN title_source = 'user' OR $9::text IS NULL THEN title ELSE $9 END,
            title_source = CASE WHEN title_source = 'user' OR $9::text IS NULL THEN title_source ELSE 'device' END,
            version = version + 1, updated_at = now()
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        reading.content_type,
        i32::try_from(reading.page_count).unwrap_or(i32::MAX),
        reading.language,
        reading.notes.contains(&Note::OcrMissing),
        date,
        correspondent,
        title,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Applies the topics filing is sure of and keeps the others as proposals, unless the user has decided already.
pub async fn apply_topics(
    tx: &mut UserTx,
    id: DocumentId,
    proposals: &[TopicProposal],
) -> Result<(), Problem> {
    let user = tx.user().0;
    let decided = sqlx::query_scalar!(r#"SELECT topics_decided_at IS NOT NULL AS "decided!" FROM documents WHERE id = $1 AND user_id = $2"#, id.0, user)
        .fetch_one(tx.conn())
        .await?;
    if decided {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM document_topics WHERE document_id = $1 AND user_id = $2 AND source = 'device'",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("DELETE FROM topic_suggestions WHERE document_id = $1 AND user_id = $2 AND state = 'proposed'", id.0, user).execute(tx.conn()).await?;
    for proposal in proposals {
        // The topic may have been deleted since: then the row simply is not written.
        if proposal.confidence >= APPLY_THRESHOLD {
            sqlx::query!(
                "INSERT INTO document_topics (document_id, topic_id, user_id, source, confidence, reasons)
                 SELECT $1, t.id, $2, 'device', $4, $5 FROM topics t WHERE t.id = $3 AND t.user_id = $2 ON CONFLICT DO NOTHING",
                id.0,
                user,
                proposal.topic,
                proposal.confidence.clamp(0.0, 1.0),
                &proposal.reasons
            )
            .execute(tx.conn())
            .await?;
        } else {
            sqlx::query!(
                "INSERT INTO topic_suggestions (document_id, topic_id, user_id, state, confidence, reasons, provider)
                 SELECT $1, t.id, $2, 'proposed', $4, $5, $6 FROM topics t WHERE t.id = $3 AND t.user_id = $2 ON CONFLICT DO NOTHING",
                id.0,
                user,
                proposal.topic,
                proposal.confidence.clamp(0.0, 1.0),
                &proposal.reasons,
                proposal.provider
            )
            .execute(tx.conn())
            .await?;
        }
    }
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

pub struct KeptMemory {
    pub memory: Vec<u8>,
    pub trained_at: OffsetDateTime,
    pub revision: i32,
}

pub async fn memory(tx: &mut UserTx) -> Result<Option<KeptMemory>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        KeptMemory,
        "SELECT memory, trained_at, revision FROM filing_memories WHERE user_id = $1",
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Keeps a memory that goes on from the one of `revision`; does nothing when another was kept meanwhile.
pub async fn save_memory(
    tx: &mut UserTx,
    memory: &[u8],
    examples: i32,
    trained_at: OffsetDateTime,
    revision: Option<i32>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO filing_memories (user_id, memory, examples, trained_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET memory = excluded.memory, examples = filing_memories.examples + excluded.examples, trained_at = excluded.trained_at,
             revision = filing_memories.revision + 1
          WHERE filing_memories.revision = $5",
        user,
        memory,
        examples,
        trained_at,
        revision
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The memory's bytes, locked so that learning going on elsewhere cannot bring back what is being forgotten.
pub async fn lock_memory(tx: &mut UserTx) -> Result<Option<Vec<u8>>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT memory FROM filing_memories WHERE user_id = $1 FOR UPDATE",
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Keeps a memory from which something was taken.
pub async fn replace_memory(tx: &mut UserTx, memory: &[u8]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE filing_memories SET memory = $2, revision = revision + 1 WHERE user_id = $1",
        user,
        memory
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A document on whose topics or correspondent the user has decided.
pub struct Lesson {
    pub document: Uuid,
    pub decided_at: OffsetDateTime,
    pub filename: String,
    pub language: Option<String>,
    pub correspondent: Option<String>,
    pub text: String,
    pub topics: Vec<Uuid>,
    pub rejected: Vec<Uuid>,
}

/// Decisions since `known_until`, the oldest first.
pub async fn lessons_since(
    tx: &mut UserTx,
    known_until: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Lesson>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Lesson,
        r#"SELECT d.id AS document, d.taught_at AS "decided_at!", d.filename, d.language,
                  CASE WHEN d.correspondent_source = 'user' THEN d.correspondent END AS correspondent,
                  coalesce((SELECT left(string_agg(p.text, E'\f' ORDER BY p.number), 100000) FROM document_pages p WHERE p.document_id = d.id), '') AS "text!",
                  ARRAY (SELECT dt.topic_id FROM document_topics dt WHERE dt.document_id = d.id AND dt.source = 'user') AS "topics!",
                  ARRAY (SELECT s.topic_id FROM topic_suggestions s WHERE s.document_id = d.id AND s.state = 'rejected') AS "rejected!"
             FROM documents d
            WHERE d.user_id = $1 AND d.taught_at IS NOT NULL AND ($2::timestamptz IS NULL OR d.taught_at > $2) AND d.state IN ('ready', 'failed')
            ORDER BY d.taught_at LIMIT $3"#,
        user,
        known_until,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
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
        assert_eq!(page_rows(&pages), [(1, "a", "text"), (3, "b", "text")]);
        let long = "wörter ".repeat(20_000);
        let pages = [page(1, &long)];
        let rows = page_rows(&pages);
        assert_eq!(
            rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            (1..=rows.len() as i32).collect::<Vec<_>>()
        );
        assert_eq!(rows.iter().map(|row| row.1).collect::<String>(), long);
        assert!(rows.iter().all(|row| row.1.len() <= MAX_PAGE_CHARS));
    }
}
