// Uploads that were begun but never completed, by this browser or another: the server is asked, nothing is kept here.
import { ApiProblem, api, unwrap } from '@/api/client'
import type { Document } from '@/api/types'
import { showUpload } from './uploadCalls'
import type { InterruptedUpload } from './uploadItem'
import { heldUploads } from './uploadLock'

/** At most so many are shown; who has more finishes some first. */
const mostShown = 100
const askedAtOnce = 4

async function describe({ id, filename, size_bytes }: Document): Promise<InterruptedUpload | null> {
  const upload = { documentId: id, filename, sizeBytes: size_bytes, arrivedBytes: 0, isWhole: false }
  try {
    const { state, multipart, parts } = await showUpload(id)
    upload.arrivedBytes = state === 'waiting' ? parts.reduce((sum, part) => sum + part.size_bytes, 0) : size_bytes
    upload.isWhole = state !== 'waiting' || (multipart != null && parts.length === multipart.part_count)
    return upload
  } catch (error) {
    // Gone meanwhile. With the store away it is shown all the same, only without how much is there.
    return error instanceof ApiProblem && error.status === 404 ? null : upload
  }
}

/** Left out are those that a tab carries; `ours` are this one's. */
export async function fetchInterrupted(ours: ReadonlySet<string | null>): Promise<InterruptedUpload[]> {
  const { items } = await unwrap(api.GET('/api/v1/documents', { params: { query: { status: 'uploading', limit: mostShown } } }))
  const held = await heldUploads(items.map(({ id }) => id))
  const orphaned = items.filter(({ id }) => !held.has(id) && !ours.has(id))
  const found: InterruptedUpload[] = []
  for (let index = 0; index < orphaned.length; index += askedAtOnce) {
    for (const upload of await Promise.all(orphaned.slice(index, index + askedAtOnce).map(describe))) if (upload) found.push(upload)
  }
  return found
}
