// A document and its suggestions as the server sends them, with what a test cares about.
import type { Document, Suggestion } from '@/api/types'

export function someDocument(part: Partial<Document> = {}): Document {
  return {
    id: 'd1',
    title: 'Electricity bill',
    filename: 'scan.pdf',
    content_type: 'application/pdf',
    size_bytes: 1000,
    sha256: null,
    status: 'ready',
    topics: [],
    document_date: null,
    correspondent: null,
    language: null,
    page_count: 1,
    summary: null,
    payment: { amount: null, iban: null, invoice_number: null },
    owner: { id: 'u1', display_name: 'Anna' },
    permission: 'owner',
    created_at: '2026-03-01T10:00:00Z',
    updated_at: '2026-03-01T10:00:00Z',
    trashed_at: null,
    thumbnail_url: null,
    processing_error: null,
    ocr_missing: false,
    ...part,
  } as Document
}

export function someSuggestion(topicId: string, part: Partial<Suggestion> = {}): Suggestion {
  return { topic: { id: topicId, name: `Topic ${topicId}`, color: 'sky' }, state: 'proposed', source: 'device', provider: null, confidence: 0.6, reasons: ['invoice'], ...part }
}
