// Repeats what fails for a passing reason, for as long as the tab lives.
import { ApiProblem } from '@/api/client'
import { fullJitterMs } from '@/shared/backOff'

export type WaitsFor = 'network' | 'storage'

const busyStatuses: readonly number[] = [408, 425, 429, 502, 503, 504]

/** What has to come back before it is worth trying again; null when the answer is definite. */
export function passingReason(error: unknown): WaitsFor | null {
  if (!(error instanceof ApiProblem)) return null
  if (error.status === 0) return error.code === 'network' ? 'network' : null
  return busyStatuses.includes(error.status) ? 'storage' : null
}

export function pauseMs(error: unknown, attempt: number): number {
  const seconds = error instanceof ApiProblem ? error.retryAfterSeconds : null
  // A little more than asked for, so that not everybody is back in the same moment.
  return seconds === null ? fullJitterMs(attempt) : seconds * 1000 + fullJitterMs(0)
}

export interface Patience {
  signal: AbortSignal
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  onWait: (reason: WaitsFor | null) => void
}

export async function persist<T>({ signal, wait, onWait }: Patience, act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await act()
      onWait(null)
      return result
    } catch (error) {
      const reason = passingReason(error)
      if (!reason) throw error
      onWait(reason)
      await wait(pauseMs(error, attempt), signal)
    }
  }
}
