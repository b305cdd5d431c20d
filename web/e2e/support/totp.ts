// An authenticator app: time-based one-time passwords as RFC 6238 defines them (SHA-1, six digits, thirty seconds).
import { createHmac } from 'node:crypto'

const stepMs = 30_000
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Buffer {
  const bits = [...text.replace(/[\s=]/g, '').toUpperCase()].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

export function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** A code works once, so each call waits for one of a later step than the last. */
export function authenticator(secret: string) {
  let last = 0
  return async function nextCode(): Promise<string> {
    // The server takes the step after the present one, too, which saves half of the waiting.
    while (Math.floor(Date.now() / stepMs) + 1 <= last) await new Promise((resolve) => setTimeout(resolve, 250))
    last = Math.max(Math.floor(Date.now() / stepMs), last + 1)
    return codeOfStep(secret, last)
  }
}
