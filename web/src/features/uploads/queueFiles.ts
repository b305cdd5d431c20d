// What joins the list: files that were picked or dropped, and uploads begun earlier that nobody carries.
import { markRaw } from 'vue'
import { ApiProblem } from '@/api/client'
import type { Carrier } from './carryUploads'
import { fetchInterrupted } from './interruptedUploads'
import { itemOfFile, itemOfInterrupted, likenessOf, type UploadItem } from './uploadItem'
import type { UploadList } from './uploadList'

export function queueFiles(list: UploadList, { startWaiting, era }: Carrier) {
  const { groups, put } = list
  let nextKey = 1
  let search: Promise<void> | null = null
  const newKey = () => `upload-${nextKey++}`

  /** As an upload of its own, whatever was interrupted. */
  function addAnew(file: File): void {
    put(itemOfFile(newKey(), file), 'waiting')
    startWaiting()
  }

  function add(files: Iterable<File>): void {
    const interrupted = new Map([...groups.interrupted].map((item) => [likenessOf(item), item]))
    for (const file of files) {
      const likeness = likenessOf({ filename: file.name, sizeBytes: file.size })
      const item = interrupted.get(likeness)
      if (item && interrupted.delete(likeness)) goOnWith(item, file)
      else put(itemOfFile(newKey(), file), 'waiting')
    }
    startWaiting()
  }

  function goOnWith(item: UploadItem, file: File): void {
    Object.assign(item, { file: markRaw(file), sha256: null, hashedBytes: 0, problem: null })
    put(item, 'waiting')
  }

  /** The reader has picked the file of an interrupted upload, or once more the one that could not be read. */
  function continueWith(key: string, file: File): void {
    const item = list.find(key)
    if (!item) return
    if (item.documentId && file.size !== item.sizeBytes) {
      Object.assign(item, { file: markRaw(file), problem: markRaw(new ApiProblem(0, 'other_file', '')) })
      put(item, 'failed')
      return
    }
    list.remove(item)
    if (!item.documentId) Object.assign(item, { filename: file.name, sizeBytes: file.size })
    goOnWith(item, file)
    startWaiting()
  }

  function findInterrupted(): Promise<void> {
    search ??= refreshInterrupted().finally(() => (search = null))
    return search
  }

  async function refreshInterrupted(): Promise<void> {
    const ours = () => new Set([...list.all()].filter(({ state }) => state !== 'interrupted').map(({ documentId }) => documentId))
    const begunIn = era()
    let found
    try {
      found = await fetchInterrupted(ours())
    } catch {
      // Looked for again the next time the page comes into view.
      return
    }
    if (era() !== begunIn) return
    const known = new Map([...groups.interrupted].map((item) => [item.documentId, item]))
    const oursNow = ours()
    for (const upload of found) {
      if (oursNow.has(upload.documentId)) continue
      const item = known.get(upload.documentId) ?? itemOfInterrupted(newKey(), upload)
      known.delete(upload.documentId)
      item.sentBytes = upload.arrivedBytes
      put(item, upload.isWhole ? 'waiting' : 'interrupted')
    }
    // Completed or discarded elsewhere.
    for (const item of known.values()) list.remove(item)
    startWaiting()
  }

  return { add, addAnew, continueWith, findInterrupted }
}
