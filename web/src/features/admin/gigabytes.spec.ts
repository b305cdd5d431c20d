import { expect, it } from 'vitest'
import { fromGigabytes, toGigabytes } from './gigabytes'

it.each([
  [10, 10_000_000_000],
  ['0,5', 500_000_000],
  ['2.25', 2_250_000_000],
  [0, 0],
])('%s GB are %i bytes', (gigabytes, bytes) => expect(fromGigabytes(gigabytes)).toBe(bytes))

it.each(['', 'ten', -1, '-0.5', Number.NaN, 1e9])('%s is no size', (words) => expect(fromGigabytes(words)).toBeNull())

it('shows what was set', () => {
  for (const gigabytes of [0.01, 0.5, 10, 1234.56]) expect(toGigabytes(fromGigabytes(gigabytes) ?? -1)).toBe(gigabytes)
})
