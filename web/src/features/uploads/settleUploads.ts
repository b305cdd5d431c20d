// What can be done about uploads that have come to rest: try again, decide about a duplicate, take off the list.
import type { Carrier } from './carryUploads'
import { restoreDuplicate } from './uploadCalls'
import type { UploadList } from './uploadList'

export function settleUploads(list: UploadList, carrier: Carrier, addAnew: (file: File) => void) {
  const { groups, put } = list
  const { startWaiting } = carrier

  function retry(key: string): void {
    const item = list.find(key)
    if (item?.state !== 'failed' && item?.state !== 'duplicate') return
    Object.assign(item, { problem: null, duplicate: null })
    put(item, 'waiting')
    startWaiting()
  }

  function uploadAnyway(key: string): void {
    carrier.allowDuplicate(key)
    retry(key)
  }

  /** Not the file that the interrupted upload was begun with: it goes its own way, and the other goes on waiting for its file. */
  function startAnew(key: string): void {
    const item = list.find(key)
    const file = item?.file
    if (!item || !file) return
    dismiss(key)
    addAnew(file)
  }

  /** The very same file lies in the trash: take that one out instead of sending it again. */
  async function restoreExisting(key: string): Promise<void> {
    const item = list.find(key)
    if (!item?.duplicate) return
    const { id } = item.duplicate
    try {
      await restoreDuplicate(id)
      carrier.finish(item, id)
    } catch (error) {
      carrier.explain(item, error)
    }
  }

  /** Takes a line that needs nobody any more off the list; what of it was reserved is given back. */
  function dismiss(key: string): void {
    const item = list.find(key)
    if (!item || item.state === 'done') return void (item && list.remove(item))
    if (item.problem?.code === 'other_file' && item.documentId) {
      Object.assign(item, { file: null, sha256: null, problem: null, hashedBytes: 0 })
      put(item, 'interrupted')
      return
    }
    list.remove(item)
    if (item.problem?.code !== 'carried_elsewhere') carrier.giveUp(item)
  }

  /** Empties the list of what has come to rest. Interrupted uploads stay: they hold room until somebody decides. */
  function clearSettled(): void {
    for (const item of [...groups.done, ...groups.troubled]) dismiss(item.key)
  }

  return { retry, uploadAnyway, startAnew, restoreExisting, dismiss, clearSettled }
}
