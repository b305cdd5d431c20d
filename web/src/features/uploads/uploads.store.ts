// The uploads of this tab. A store, because they outlive the page one started them from.
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { carryUploads } from './carryUploads'
import { queueFiles } from './queueFiles'
import { settleUploads } from './settleUploads'
import { steerUploads } from './steerUploads'
import { useUploadList } from './uploadList'

export const useUploadsStore = defineStore('uploads', () => {
  const list = useUploadList()
  const carrier = carryUploads(list)
  const { add, addAnew, continueWith, findInterrupted } = queueFiles(list, carrier)
  const pendingCount = computed(() => list.movingCount.value + list.waitingCount.value + list.pausedCount.value)

  return {
    first: list.first,
    count: list.count,
    movingCount: list.movingCount,
    pausedCount: list.pausedCount,
    troubledCount: list.troubledCount,
    interruptedCount: list.interruptedCount,
    doneCount: list.doneCount,
    totalBytes: list.totalBytes,
    sentBytes: list.sentBytes,
    bytesPerSecond: list.bytesPerSecond,
    pendingCount,
    isBusy: computed(() => pendingCount.value > 0),
    releasedCount: carrier.releasedCount,
    add,
    continueWith,
    findInterrupted,
    ...steerUploads(list, carrier),
    ...settleUploads(list, carrier, addAnew),
    reset: carrier.reset,
  }
})
