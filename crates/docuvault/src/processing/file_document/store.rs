//! What filing needs to know of a document, and what it writes.

use docuvault_filing::TopicProposal;

use super::{Filed, PaperText};
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// Surer than this, a date, correspondent or title found is taken over.
const TAKE_OVER: f32 = 0.5;
/// Of a longer document the beginning is filed by.
const MAX_PAPER_CHARS: i32 = 400_000;

/// What is stored of a document that was read; `None` when it was not read yet, is being read, or is gone.
pub async fn stored_paper(tx: &mut UserTx, id: DocumentId) -> Result<Option<PaperText>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        PaperText,
        r#"SELECT d.filename, d.language, d.stated_sender AS sender, d.stated_title,
                  coalesce((SELECT left(string_agg(p.text, E'\f' ORDER BY p.number), $3) FROM document_pages p WHERE p.document_id = d.id), '') AS "text!"
             FROM documents d WHERE d.id = $1 AND d.user_id = $2 AND d.state = 'ready'"#,
        id.0,
        user,
        MAX_PAPER_CHARS
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Locks a document that can be filed anew; false when it went away or is being read.
pub async fn lock_ready(tx: &mut UserTx, id: DocumentId) -> Result<bool, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT id FROM documents WHERE id = $1 AND user_id = $2 AND state = 'ready' FOR UPDATE",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .is_some())
}

/// Takes over what filing found. What the user said stays.
pub async fn take_over(tx: &mut UserTx, id: DocumentId, filed: &Filed) -> Result<(), Problem> {
    let user = tx.user().0;
    let filing = &filed.filing;
    let facts = &filing.facts;
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
        "UPDATE documents SET filed_by = $6, filing_notice = $7,
            document_date = CASE WHEN document_date_source = 'user' THEN document_date ELSE $3 END,
            document_date_source = CASE WHEN document_date_source = 'user' THEN 'user' WHEN $3::date IS NULL THEN NULL ELSE $8 END,
            correspondent = CASE WHEN correspondent_source = 'user' THEN correspondent ELSE $4 END,
            correspondent_source = CASE WHEN correspondent_source = 'user' THEN 'user' WHEN $4::text IS NULL THEN NULL ELSE $9 END,
            title = CASE WHEN title_source = 'user' OR $5::text IS NULL THEN title ELSE $5 END,
            title_source = CASE WHEN title_source = 'user' OR $5::text IS NULL THEN title_source ELSE $10 END,
            amount_hundredths = $11, amount_currency = $12, iban = $13, invoice_number = $14,
            version = version + 1, updated_at = now()
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        date,
        correspondent,
        title,
        filed.by,
        filed.notice,
        filed.date_by,
        filed.correspondent_by,
        filed.title_by,
        facts.amount.map(|amount| amount.hundredths),
        facts.amount.map(|amount| amount.currency),
        facts.iban.as_deref(),
        facts.invoice_number.as_deref(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Applies the topics that filing is sure of, from `apply_threshold` on, and keeps the others as proposals. Where the user has decided
/// already, all are proposals.
pub async fn apply_topics(
    tx: &mut UserTx,
    id: DocumentId,
    proposals: &[TopicProposal],
    apply_threshold: f32,
) -> Result<(), Problem> {
    let user = tx.user().0;
    let decided = sqlx::query_scalar!(r#"SELECT topics_decided_at IS NOT NULL AS "decided!" FROM documents WHERE id = $1 AND user_id = $2"#, id.0, user)
        .fetch_one(tx.conn())
        .await?;
    if !decided {
        sqlx::query!("DELETE FROM document_topics WHERE document_id = $1 AND user_id = $2 AND source <> 'user'", id.0, user).execute(tx.conn()).await?;
    }
    sqlx::query!("DELETE FROM topic_suggestions WHERE document_id = $1 AND user_id = $2 AND state = 'proposed'", id.0, user).execute(tx.conn()).await?;
    for proposal in proposals {
        if !decided && proposal.confidence >= apply_threshold {
            give_topic(tx, id, proposal).await?;
        } else {
            propose_topic(tx, id, proposal).await?;
        }
    }
    Ok(())
}

/// The topic may have been deleted since: then the row simply is not written. What the user rejected stays away.
async fn give_topic(
    tx: &mut UserTx,
    id: DocumentId,
    proposal: &TopicProposal,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO document_topics (document_id, topic_id, user_id, source, confidence, reasons)
         SELECT $1, t.id, $2, $6, $4, $5 FROM topics t WHERE t.id = $3 AND t.user_id = $2
            AND NOT EXISTS (SELECT FROM topic_suggestions s WHERE s.document_id = $1 AND s.topic_id = t.id AND s.state = 'rejected') ON CONFLICT DO NOTHING",
        id.0,
        user,
        proposal.topic,
        proposal.confidence.clamp(0.0, 1.0),
        &proposal.reasons,
        if proposal.provider == "device" { "device" } else { "ai" }
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn propose_topic(
    tx: &mut UserTx,
    id: DocumentId,
    proposal: &TopicProposal,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO topic_suggestions (document_id, topic_id, user_id, state, confidence, reasons, provider)
         SELECT $1, t.id, $2, 'proposed', $4, $5, $6 FROM topics t WHERE t.id = $3 AND t.user_id = $2
            AND NOT EXISTS (SELECT FROM document_topics dt WHERE dt.document_id = $1 AND dt.topic_id = t.id) ON CONFLICT DO NOTHING",
        id.0,
        user,
        proposal.topic,
        proposal.confidence.clamp(0.0, 1.0),
        &proposal.reasons,
        proposal.provider
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
