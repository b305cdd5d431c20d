// How long something made now shall work, as a few sensible choices.

const day = 86_400_000
export type Days = '7' | '30' | '90' | '365' | 'never'

/** The moment that many days from now, or null for never. */
export function expiryAfter(days: Days, now = Date.now()): string | null {
  return days === 'never' ? null : new Date(now + Number(days) * day).toISOString()
}
