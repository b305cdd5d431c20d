// Carries the files of the list to the store, three at a time, and puts each in its place when it has come to rest.
import { markRaw, ref } from 'vue'
import { ApiProblem } from '@/api/client'
import { isProblem } from '@/api/problem'
import { RequestSlots } from './requestSlots'
import { runUpload } from './runUpload'
import { abandonUpload } from './uploadCalls'
import type { UploadItem } from './uploadItem'
import type { UploadList } from './uploadList'
import { holdUpload } from './uploadLock'

const filesAtOnce = 3
const requestsAtOnce = 6
/** After these the server has let go of the upload already, or its bytes are of no use. */
const spoiling = ['checksum_mismatch', 'size_mismatch', 'file_unreadable', 'upload_gone', 'duplicate_document']
/** After these it is not ours to carry. */
const foreign = ['carried_elsewhere', 'other_file']

export function carryUploads(list: UploadList) {
  const { groups, put } = list
  const slots = new RequestSlots(requestsAtOnce)
  const running = new Map<string, AbortController>()
  const cancelled = new Set<string>()
  const duplicatesAllowed = new Set<string>()
  /** What this tab has claimed, by the item's key. */
  const held = new Map<string, { documentId: string; letGo: () => void }>()
  /** Grows whenever reserved room was given back. */
  const releasedCount = ref(0)
  let era = 0

  function startWaiting(): void {
    for (const item of groups.waiting) {
      if (running.size >= filesAtOnce) return
      // One that was paused a moment ago may not have come to rest yet.
      if (!running.has(item.key)) void carry(item)
    }
  }

  async function hold(item: UploadItem, documentId: string): Promise<boolean> {
    // Found as interrupted in the moment between its reservation and our knowing of it.
    for (const other of groups.interrupted) if (other.documentId === documentId && other !== item) list.remove(other)
    if (held.get(item.key)?.documentId === documentId) return true
    letGo(item.key)
    const release = await holdUpload(documentId)
    if (release) held.set(item.key, { documentId, letGo: release })
    return release !== null
  }

  function letGo(key: string): void {
    held.get(key)?.letGo()
    held.delete(key)
  }

  async function carry(item: UploadItem): Promise<void> {
    const controller = new AbortController()
    running.set(item.key, controller)
    put(item, item.sha256 || !item.file ? 'sending' : 'hashing')
    try {
      const document = await runUpload(item, {
        allowDuplicate: duplicatesAllowed.has(item.key),
        signal: controller.signal,
        slots,
        hold: (documentId) => hold(item, documentId),
      })
      // Too late to pause or cancel.
      cancelled.delete(item.key)
      finish(item, document.id)
    } catch (error) {
      if (!controller.signal.aborted) explain(item, error)
    } finally {
      running.delete(item.key)
      item.waitsFor = null
      if (cancelled.delete(item.key)) giveUp(item)
      else if (!list.find(item.key)) letGo(item.key)
      startWaiting()
    }
  }

  function finish(item: UploadItem, documentId: string): void {
    Object.assign(item, { documentId, file: null, sentBytes: item.sizeBytes, duplicate: null, problem: null })
    letGo(item.key)
    if (list.find(item.key)) put(item, 'done')
  }

  function explain(item: UploadItem, error: unknown): void {
    if (isProblem(error, 'duplicate_document') && typeof error.extra.existing_id === 'string') {
      item.duplicate = { id: error.extra.existing_id, isTrashed: error.extra.existing_trashed === true }
      put(item, 'duplicate')
    } else if (isProblem(error, 'file_needed')) {
      put(item, 'interrupted')
      letGo(item.key)
    } else {
      item.problem = error instanceof ApiProblem ? markRaw(error) : markRaw(new ApiProblem(0, 'unexpected', ''))
      put(item, 'failed')
    }
    const code = error instanceof ApiProblem ? error.code : ''
    item.startKey = null
    if (spoiling.includes(code)) giveUp(item)
    // What arrived stays there: trying again sends only the rest.
    else if (foreign.includes(code)) letGo(item.key)
  }

  /** Lets the server have the reserved room back. */
  function giveUp(item: UploadItem): void {
    letGo(item.key)
    const { documentId } = item
    Object.assign(item, { documentId: null, startKey: null, sha256: null, hashedBytes: 0, sentBytes: 0 })
    if (documentId) void abandonUpload(documentId).then(() => (releasedCount.value += 1))
  }

  /** Stops carrying; what arrived stays at the store. */
  function stop(item: UploadItem): void {
    running.get(item.key)?.abort()
  }

  function cancel(item: UploadItem): void {
    list.remove(item)
    // A request that reserves room may be under way: what to give back is known once it has come to rest.
    if (running.has(item.key)) cancelled.add(item.key)
    else giveUp(item)
    stop(item)
  }

  /** Another user, or none: nothing of the last one's stays. */
  function reset(): void {
    era += 1
    for (const controller of running.values()) controller.abort()
    for (const key of [...held.keys()]) letGo(key)
    duplicatesAllowed.clear()
    list.clear()
  }

  return { era: () => era, releasedCount, startWaiting, stop, cancel, finish, explain, giveUp, allowDuplicate: (key: string) => duplicatesAllowed.add(key), reset }
}

export type Carrier = ReturnType<typeof carryUploads>
