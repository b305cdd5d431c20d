// What an upload asks of the server, in the order it asks.
import { api, unwrap } from '@/api/client'
import type { Document, OpenUpload, SignedParts, StartedUpload } from '@/api/types'

export interface NewFile {
  filename: string
  sizeBytes: number
  contentType: string
  sha256: string
}

const of = (documentId: string) => ({ params: { path: { id: documentId } } })

/** Cannot be called off: whether room was reserved is known only from the answer. */
export function startUpload(file: NewFile, allowDuplicate: boolean, startKey: string): Promise<StartedUpload> {
  return unwrap(
    api.POST('/api/v1/documents', {
      params: { query: allowDuplicate ? { allow_duplicate: true } : {} },
      body: { filename: file.filename, size_bytes: file.sizeBytes, content_type: file.contentType, sha256: file.sha256 },
      headers: { 'Idempotency-Key': startKey },
    }),
  )
}

export function showUpload(documentId: string, signal?: AbortSignal): Promise<OpenUpload> {
  return unwrap(api.GET('/api/v1/documents/{id}/upload', { ...of(documentId), signal }))
}

export function signParts(documentId: string, partNumbers: number[], signal: AbortSignal): Promise<SignedParts> {
  return unwrap(api.POST('/api/v1/documents/{id}/upload/parts', { ...of(documentId), body: { part_numbers: partNumbers }, signal }))
}

export interface SentPart {
  part_number: number
  etag: string
}

/** Without `parts` what the store holds counts. */
export function completeUpload(documentId: string, parts: SentPart[] | null, signal: AbortSignal): Promise<Document> {
  return unwrap(api.POST('/api/v1/documents/{id}/complete', { ...of(documentId), body: parts ? { parts } : {}, signal }))
}

/** Gives the reserved room back. Whatever goes wrong here, the server's own sweep does it later. */
export async function abandonUpload(documentId: string): Promise<void> {
  try {
    await unwrap(api.DELETE('/api/v1/documents/{id}/upload', of(documentId)))
  } catch {
    // Nothing a reader could do about it.
  }
}

export function restoreDuplicate(documentId: string): Promise<Document> {
  return unwrap(api.POST('/api/v1/documents/{id}/restore', of(documentId)))
}
