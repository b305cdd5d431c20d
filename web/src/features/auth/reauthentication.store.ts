// Asks for the password again when the server wants it recent. However many calls need it at once, it is asked once.
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useReauthentication = defineStore('reauthentication', () => {
  const isAsking = ref(false)
  let pending: { promise: Promise<boolean>; settle: (confirmed: boolean) => void } | null = null

  /** True once the server has accepted the password, false when the user thought better of it. */
  function ask(): Promise<boolean> {
    if (pending) return pending.promise
    let settle: (confirmed: boolean) => void = () => undefined
    const promise = new Promise<boolean>((resolve) => (settle = resolve))
    pending = { promise, settle }
    isAsking.value = true
    return promise
  }

  function settle(confirmed: boolean): void {
    isAsking.value = false
    pending?.settle(confirmed)
    pending = null
  }

  return { isAsking, ask, settle }
})
