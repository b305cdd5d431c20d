// How fast bytes have moved over the last seconds, and how long the rest will take.

const windowMs = 8000
/** Before that, a rate says more about buffers than about the line. */
const settledMs = 2000

export class TransferRate {
  #movedBytes = 0
  #samples: { at: number; movedBytes: number }[] = []

  /** Bytes that are sent again after a failure count again: the line has carried them. */
  add(bytes: number): void {
    if (bytes > 0) this.#movedBytes += bytes
  }

  /** Bytes a second; 0 while it is too early to tell. To be asked a few times a second. */
  measure(now: number): number {
    this.#samples.push({ at: now, movedBytes: this.#movedBytes })
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) >= windowMs) this.#samples.shift()
    const [first] = this.#samples
    if (!first || now - first.at < settledMs) return 0
    return ((this.#movedBytes - first.movedBytes) * 1000) / (now - first.at)
  }
}

export interface TimeLeft {
  unit: 'seconds' | 'minutes' | 'hours' | 'days'
  count: number
}

/** Rounded to what one can plan with; null when nothing moves. */
export function timeLeft(bytes: number, bytesPerSecond: number): TimeLeft | null {
  if (bytes <= 0 || bytesPerSecond < 1) return null
  const seconds = bytes / bytesPerSecond
  if (seconds < 50) return { unit: 'seconds', count: Math.max(5, Math.ceil(seconds / 5) * 5) }
  if (seconds < 90 * 60) return { unit: 'minutes', count: Math.max(1, Math.round(seconds / 60)) }
  if (seconds < 36 * 3600) return { unit: 'hours', count: Math.round(seconds / 3600) }
  return { unit: 'days', count: Math.round(seconds / 86_400) }
}
