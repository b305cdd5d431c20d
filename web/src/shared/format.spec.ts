import { expect, it } from 'vitest'
import { backOffMs, fullJitterMs } from './backOff'
import { formatBytes } from './formatBytes'
import { formatAge, formatDay } from './formatDate'

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_540_000, '1.5 MB'],
  [999_999, '1 MB'],
  [214_000_000_000, '214 GB'],
])('%i bytes are %s', (bytes, words) => expect(formatBytes(bytes, 'en')).toBe(words))

it('writes sizes the German way', () => expect(formatBytes(1_540_000, 'de')).toBe('1,5 MB'))

it('shows a day as that day, whatever the time zone', () => {
  expect(formatDay('2026-03-01', 'en')).toBe('Mar 1, 2026')
  expect(formatDay('2026-12-31T23:59:59Z', 'de')).toBe('31.12.2026')
})

it('tells ages in words, and dates after a week', () => {
  const now = Date.parse('2026-03-10T12:00:00Z')
  expect(formatAge('2026-03-10T11:57:00Z', 'en', now)).toBe('3 minutes ago')
  expect(formatAge('2026-03-09T11:00:00Z', 'en', now)).toBe('yesterday')
  expect(formatAge('2026-02-01T12:00:00Z', 'en', now)).toBe('Feb 1, 2026')
})

it('waits longer each time, up to a limit, and never not at all', () => {
  expect([0, 1, 2, 3].map((attempt) => backOffMs(attempt, () => 1))).toEqual([500, 1000, 2000, 4000])
  expect(backOffMs(20, () => 1)).toBe(30_000)
  expect(backOffMs(0, () => 0)).toBe(250)
  expect([0, 1, 9].map((attempt) => fullJitterMs(attempt, () => 1))).toEqual([1000, 2000, 30_000])
  expect(fullJitterMs(9, () => 0)).toBe(0)
})
