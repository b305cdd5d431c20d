// The strength of the password being typed, as a hint. The worker is started at the first character and ended with the form.
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Score } from './ratePassword'
import workerUrl from './ratePassword.worker.ts?worker&url'
import { startWorker } from './startWorker'

export type Strength = 'short' | 'weak' | 'fair' | 'good' | 'strong'
/** What the server asks for at least. */
export const shortestPassword = 8

const words: Record<Score, Strength> = { 0: 'weak', 1: 'weak', 2: 'fair', 3: 'good', 4: 'strong' }

export function strengthOf(password: string, score: Score): Strength {
  return [...password].length < shortestPassword ? 'short' : words[score]
}

const delayMs = 250

/** Null while there is nothing to say yet. */
export function usePasswordStrength(password: () => string, knownWords: () => string[]): Ref<Strength | null> {
  const strength = ref<Strength | null>(null)
  let worker: Worker | null = null
  let newest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function open(): Worker | null {
    if (worker || typeof Worker === 'undefined') return worker
    worker = startWorker(workerUrl)
    worker.onmessage = (event: MessageEvent<{ id: number; score: Score }>) => {
      if (event.data.id === newest) strength.value = strengthOf(password(), event.data.score)
    }
    return worker
  }

  watch(
    password,
    (typed) => {
      clearTimeout(timer)
      newest += 1
      if ([...typed].length < shortestPassword) {
        strength.value = typed ? 'short' : null
        if (typed) open()
        return
      }
      const id = newest
      timer = setTimeout(() => open()?.postMessage({ id, password: password(), knownWords: knownWords() }), delayMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    worker?.terminate()
  })
  return strength
}
