// Waiting times between retries: doubling, capped, with full jitter so that many tabs do not return at once.

export function backOffMs(attempt: number, random: () => number = Math.random, capMs = 30_000): number {
  const ceiling = Math.min(capMs, 500 * 2 ** attempt)
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}

export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new DOMException('aborted', 'AbortError'))
    })
  })
}
