// What an upload asks of the server, in the order it asks.
import { api, unwrap } from '@/api/client'
import type { Document, StartedUpload } from '@/api/types'

export interface NewFile {
  filename: string
  sizeBytes: number
  contentType: string
  sha256: string
}

export function startUpload(file: NewFile, allowDuplicate: boolean, signal: AbortSignal): Promise<StartedUpload> {
  return unwrap(
    api.POST('/api/v1/documents', {
      params: { query: allowDuplicate ? { allow_duplicate: true } : {} },
      body: { filename: file.filename, size_bytes: file.sizeBytes, content_type: file.contentType, sha256: file.sha256 },
      signal,
    }),
  )
}

export function completeUpload(documentId: string, signal: AbortSignal): Promise<Document> {
  return unwrap(api.POST('/api/v1/documents/{id}/complete', { params: { path: { id: documentId } }, body: {}, signal }))
}

/** Gives the reserved room back. Whatever goes wrong here, the server's own sweep does it later. */
export async function abandonUpload(documentId: string): Promise<void> {
  try {
    await unwrap(api.DELETE('/api/v1/documents/{id}/upload', { params: { path: { id: documentId } } }))
  } catch {
    // Nothing a reader could do about it.
  }
}

export function restoreDuplicate(documentId: string): Promise<Document> {
  return unwrap(api.POST('/api/v1/documents/{id}/restore', { params: { path: { id: documentId } } }))
}
