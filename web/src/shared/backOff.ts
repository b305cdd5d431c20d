// Waiting times between retries: doubling, capped, with jitter so that many tabs do not return at once.

export function backOffMs(attempt: number, random: () => number = Math.random, capMs = 30_000): number {
  const ceiling = Math.min(capMs, 500 * 2 ** attempt)
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}

/** Anything from not at all up to the cap: what spreads many requests of many tabs best. */
export function fullJitterMs(attempt: number, random: () => number = Math.random, capMs = 30_000): number {
  return Math.round(random() * Math.min(capMs, 1000 * 2 ** attempt))
}

const aborted = () => new DOMException('aborted', 'AbortError')

function waitFor(ms: number, signal: AbortSignal | undefined, wakesOnline: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted())
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (wakesOnline) globalThis.removeEventListener('online', onWake)
      settle()
    }
    const onAbort = () => finish(() => reject(aborted()))
    const onWake = () => finish(resolve)
    const timer = setTimeout(onWake, ms)
    signal?.addEventListener('abort', onAbort)
    if (wakesOnline) globalThis.addEventListener('online', onWake)
  })
}

export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return waitFor(ms, signal, false)
}

/** A browser without a network is asked again this often all the same: it may be mistaken. */
const offlinePollMs = 30_000

/** Waits, but no longer than until the network is back; without one it does not try in vain. */
export function waitForNetwork(ms: number, signal?: AbortSignal): Promise<void> {
  return waitFor(navigator.onLine === false ? Math.max(ms, offlinePollMs) : ms, signal, true)
}
