// Pausing, going on and cancelling: one upload, or all of them.
import type { Carrier } from './carryUploads'
import type { UploadList } from './uploadList'

export function steerUploads(list: UploadList, carrier: Carrier) {
  const { groups, put } = list
  const { startWaiting } = carrier

  function pause(key: string): void {
    const item = list.find(key)
    if (!item || !(groups.moving.has(item) || groups.waiting.has(item)) || item.state === 'finishing') return
    put(item, 'paused')
    item.waitsFor = null
    carrier.stop(item)
  }

  function resume(key: string): void {
    const item = list.find(key)
    if (item?.state !== 'paused') return
    put(item, 'waiting')
    startWaiting()
  }

  function pauseAll(): void {
    // Those that wait first, or each pause would start the next.
    for (const item of [...groups.waiting, ...groups.moving]) pause(item.key)
  }

  function resumeAll(): void {
    for (const item of [...groups.paused]) put(item, 'waiting')
    startWaiting()
  }

  function cancel(key: string): void {
    const item = list.find(key)
    if (!item || !(groups.moving.has(item) || groups.waiting.has(item) || groups.paused.has(item))) return
    carrier.cancel(item)
    startWaiting()
  }

  function cancelAll(): void {
    for (const item of [...groups.waiting, ...groups.paused, ...groups.moving]) cancel(item.key)
  }

  return { pause, resume, pauseAll, resumeAll, cancel, cancelAll }
}
