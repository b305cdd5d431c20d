// Quotas are given in gigabytes, decimal as everywhere in the app.

const gigabyte = 1_000_000_000

export function toGigabytes(bytes: number): number {
  return Math.round((bytes / gigabyte) * 100) / 100
}

/** Null for what is no sensible size: negative, not a number, or beyond what a number holds exactly. */
export function fromGigabytes(gigabytes: number | string): number | null {
  const value = typeof gigabytes === 'number' ? gigabytes : Number(gigabytes.trim().replace(',', '.') || Number.NaN)
  const bytes = Math.round(value * gigabyte)
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null
}
