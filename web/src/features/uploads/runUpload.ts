// One upload from file to document:
// 1. hash the file, 2. reserve room and get a signed address, 3. send the bytes there, 4. say that they are complete.
// A lost network is waited out with back-off; completing is idempotent, so it may be repeated. An address that is used up
// or has run out means the answer to our bytes was lost: then step 4 tells whether they arrived, else we start again at 2.
import { ApiProblem } from '@/api/client'
import { isProblem } from '@/api/problem'
import type { Document } from '@/api/types'
import { backOffMs, wait } from '@/shared/backOff'
import { hashFile } from './hashFile'
import { putFile } from './putFile'
import { abandonUpload, completeUpload, startUpload } from './uploadCalls'
import { smoothRate, type UploadItem } from './uploadItem'

export interface UploadSteps {
  hash: typeof hashFile
  start: typeof startUpload
  put: typeof putFile
  complete: typeof completeUpload
  abandon: typeof abandonUpload
  wait: typeof wait
}

export const realSteps: UploadSteps = {
  hash: hashFile,
  start: startUpload,
  put: putFile,
  complete: completeUpload,
  abandon: abandonUpload,
  wait,
}

const mostAttempts = 6

function isPassing(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 429 || error.status >= 502) && error.code !== 'file_unreadable'
}

/** Repeats what fails for a passing reason. */
async function persist<T>(item: UploadItem, steps: UploadSteps, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await act()
      item.isOffline = false
      return result
    } catch (error) {
      if (!isPassing(error) || attempt + 1 >= mostAttempts) throw error
      item.isOffline = error.status === 0
      item.bytesPerSecond = 0
      const seconds = error.retryAfterSeconds
      await steps.wait(seconds === null ? backOffMs(attempt) : seconds * 1000, signal)
    }
  }
}

async function send(item: UploadItem, target: Parameters<typeof putFile>[1], steps: UploadSteps, signal: AbortSignal): Promise<void> {
  item.state = 'sending'
  await persist(item, steps, signal, () => {
    let seenBytes = 0
    let seenAt = performance.now()
    return steps.put(item.file, target, signal, (sentBytes) => {
      const now = performance.now()
      item.bytesPerSecond = smoothRate(item.bytesPerSecond, sentBytes - seenBytes, now - seenAt)
      item.sentBytes = sentBytes
      seenBytes = sentBytes
      seenAt = now
    })
  })
}

/** Carries one file through all steps; the item shows how far it is. Rejects with what stopped it. */
export async function runUpload(item: UploadItem, allowDuplicate: boolean, signal: AbortSignal, steps: UploadSteps = realSteps): Promise<Document> {
  const { file } = item
  if (file.size === 0) throw new ApiProblem(0, 'empty_file', '')
  item.state = 'hashing'
  const sha256 = await steps.hash(file, signal, (hashedBytes) => (item.hashedBytes = hashedBytes))
  const described = { filename: file.name, sizeBytes: file.size, contentType: file.type || 'application/octet-stream', sha256 }

  for (let isFirst = true; ; isFirst = false) {
    const { document, upload } = await persist(item, steps, signal, () => steps.start(described, allowDuplicate, signal))
    item.documentId = document.id
    if (!upload.single) throw new ApiProblem(0, 'unexpected', '')
    try {
      await send(item, upload.single, steps, signal)
    } catch (error) {
      const isUsedUp = error instanceof ApiProblem && [403, 404, 409, 410].includes(error.status)
      if (!isUsedUp) throw error
    }
    item.state = 'finishing'
    try {
      return await persist(item, steps, signal, () => steps.complete(document.id, signal))
    } catch (error) {
      if (!isFirst || !isProblem(error, 'upload_incomplete')) throw error
      await steps.abandon(document.id)
    }
  }
}
