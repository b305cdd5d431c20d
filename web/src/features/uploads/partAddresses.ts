// Signed addresses of a file's parts. They live for minutes, so they are asked for as needed, some ahead of time.
import type { SignedParts } from '@/api/types'

/** One whose end is this near is not begun with. */
const marginMs = 60_000
const batch = 50

interface Address {
  url: string
  endsAt: number
  gotAt: number
}

export class PartAddresses {
  readonly #known = new Map<number, Address>()
  readonly #sign: (partNumbers: number[]) => Promise<SignedParts>
  #renewal: Promise<void> | null = null

  constructor(sign: (partNumbers: number[]) => Promise<SignedParts>) {
    this.#sign = sign
  }

  take({ parts, expires_at }: Pick<SignedParts, 'parts' | 'expires_at'>): void {
    const gotAt = Date.now()
    for (const { part_number, url } of parts) this.#known.set(part_number, { url, gotAt, endsAt: Date.parse(expires_at) })
  }

  /** The address of a part, fresh if need be; `remaining` are the parts that will be asked for next. */
  async of(partNumber: number, remaining: () => number[]): Promise<string> {
    for (;;) {
      const known = this.#known.get(partNumber)
      if (known && !this.#isEnding(known)) return known.url
      this.#renewal ??= this.#renew([partNumber, ...remaining().filter((other) => other !== partNumber)].slice(0, batch))
      await this.#renewal
    }
  }

  isGood(partNumber: number, url: string): boolean {
    const known = this.#known.get(partNumber)
    return known?.url === url && !this.#isEnding(known)
  }

  /** The store did not take this address; it is not used again. */
  drop(partNumber: number, url: string): void {
    if (this.#known.get(partNumber)?.url === url) this.#known.delete(partNumber)
  }

  #isEnding({ endsAt, gotAt }: Address): boolean {
    const now = Date.now()
    // A new one counts as good whatever this device's clock says: the clock may be wrong.
    return endsAt - now < marginMs && now - gotAt > marginMs
  }

  async #renew(partNumbers: number[]): Promise<void> {
    try {
      this.take(await this.#sign(partNumbers))
    } finally {
      this.#renewal = null
    }
  }
}
