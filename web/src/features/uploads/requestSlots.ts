// How many requests may be under way at once, over all files. Who comes first is served first.

export class RequestSlots {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a free slot. The answer gives it back, once. */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new DOMException('aborted', 'AbortError'))
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1)
        reject(new DOMException('aborted', 'AbortError'))
      }
      const grant = () => {
        signal.removeEventListener('abort', onAbort)
        this.#free -= 1
        resolve(this.#giveBackOnce())
      }
      if (this.#free > 0) return grant()
      signal.addEventListener('abort', onAbort)
      this.#waiting.push(grant)
    })
  }

  #giveBackOnce(): () => void {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#free += 1
      this.#waiting.shift()?.()
    }
  }
}
