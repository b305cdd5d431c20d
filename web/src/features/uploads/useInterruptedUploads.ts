// Looks for uploads that nobody carries: when the app opens, when one comes back to it, and when the network does.
import { onBeforeUnmount, onMounted } from 'vue'
import { useUploadsStore } from './uploads.store'

const notMoreOftenMs = 60_000

export function useInterruptedUploads(): void {
  const uploads = useUploadsStore()
  let lookedAt = 0

  function look(): void {
    if (document.visibilityState === 'hidden' || Date.now() - lookedAt < notMoreOftenMs) return
    lookedAt = Date.now()
    void uploads.findInterrupted()
  }

  onMounted(() => {
    look()
    document.addEventListener('visibilitychange', look)
    window.addEventListener('online', look)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', look)
    window.removeEventListener('online', look)
  })
}
