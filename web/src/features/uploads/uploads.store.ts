// The upload queue. A store, because it outlives the page one started it from. Three files travel at a time.
import { defineStore } from 'pinia'
import { computed, markRaw, ref, type Ref } from 'vue'
import { ApiProblem } from '@/api/client'
import { isProblem } from '@/api/problem'
import { runUpload } from './runUpload'
import { abandonUpload, restoreDuplicate } from './uploadCalls'
import { isActive, isSettled, type UploadItem } from './uploadItem'

const atOnce = 3

export const useUploadsStore = defineStore('uploads', () => {
  const items = ref<UploadItem[]>([]) as Ref<UploadItem[]>
  const controllers = new Map<string, AbortController>()
  const duplicatesAllowed = new Set<string>()
  let nextKey = 1

  const active = computed(() => items.value.filter(isActive))
  const isBusy = computed(() => items.value.some((item) => !isSettled(item)))
  const doneCount = computed(() => items.value.filter((item) => item.state === 'done').length)

  function find(key: string): UploadItem | undefined {
    return items.value.find((item) => item.key === key)
  }

  function startWaiting(): void {
    for (const item of items.value) {
      if (active.value.length >= atOnce) return
      if (item.state === 'waiting') void carry(item)
    }
  }

  async function carry(item: UploadItem): Promise<void> {
    const controller = new AbortController()
    controllers.set(item.key, controller)
    try {
      const document = await runUpload(item, duplicatesAllowed.has(item.key), controller.signal)
      item.documentId = document.id
      item.state = 'done'
    } catch (error) {
      // A cancelled upload has already left the list.
      if (!controller.signal.aborted) explain(item, error)
    } finally {
      if (controllers.get(item.key) === controller) controllers.delete(item.key)
      startWaiting()
    }
  }

  function explain(item: UploadItem, error: unknown): void {
    if (isProblem(error, 'duplicate_document') && typeof error.extra.existing_id === 'string') {
      item.duplicate = { id: error.extra.existing_id, isTrashed: error.extra.existing_trashed === true }
      item.state = 'duplicate'
      return
    }
    item.problem = error instanceof ApiProblem ? markRaw(error) : markRaw(new ApiProblem(0, 'unexpected', ''))
    item.state = 'failed'
    // The room it had reserved goes back at once; trying again reserves anew.
    if (item.documentId) void abandonUpload(item.documentId)
  }

  function add(files: Iterable<File>): void {
    for (const file of files) {
      items.value.push({
        key: `upload-${nextKey++}`,
        file: markRaw(file),
        state: 'waiting',
        hashedBytes: 0,
        sentBytes: 0,
        bytesPerSecond: 0,
        isOffline: false,
        documentId: null,
        problem: null,
        duplicate: null,
      })
    }
    startWaiting()
  }

  function remove(key: string): void {
    items.value = items.value.filter((item) => item.key !== key)
  }

  function cancel(key: string): void {
    const item = find(key)
    if (!item || isSettled(item)) return
    controllers.get(key)?.abort()
    if (item.documentId) void abandonUpload(item.documentId)
    remove(key)
    startWaiting()
  }

  function cancelAll(): void {
    for (const item of items.value.filter((entry) => !isSettled(entry)).reverse()) cancel(item.key)
  }

  function retry(key: string): void {
    const item = find(key)
    if (item?.state !== 'failed' && item?.state !== 'duplicate') return
    Object.assign(item, { state: 'waiting', problem: null, duplicate: null, documentId: null, sentBytes: 0, hashedBytes: 0, bytesPerSecond: 0 })
    startWaiting()
  }

  function uploadAnyway(key: string): void {
    duplicatesAllowed.add(key)
    retry(key)
  }

  /** The very same file lies in the trash: take that one out instead of sending it again. */
  async function restoreExisting(key: string): Promise<void> {
    const item = find(key)
    if (!item?.duplicate) return
    const { id } = item.duplicate
    try {
      await restoreDuplicate(id)
      Object.assign(item, { state: 'done', documentId: id, duplicate: null })
    } catch (error) {
      explain(item, error)
    }
  }

  function clearSettled(): void {
    items.value = items.value.filter((item) => !isSettled(item))
  }

  function reset(): void {
    for (const controller of controllers.values()) controller.abort()
    controllers.clear()
    items.value = []
  }

  return { items, isBusy, doneCount, add, cancel, cancelAll, retry, uploadAnyway, restoreExisting, remove, clearSettled, reset }
})
