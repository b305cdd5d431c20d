import { expect, it } from 'vitest'
import { timeLeft, TransferRate } from './transferRate'

it('says nothing at first, then the rate of the last seconds only', () => {
  const rate = new TransferRate()
  expect(rate.measure(0)).toBe(0)
  for (let second = 1; second <= 10; second += 1) {
    rate.add(1000)
    rate.measure(second * 1000)
  }
  for (let second = 11; second <= 20; second += 1) {
    rate.add(5000)
    rate.measure(second * 1000)
  }
  expect(rate.measure(20_000)).toBeCloseTo(5000)
})

it('falls to nothing on a line that stands still, and does not run backwards', () => {
  const rate = new TransferRate()
  rate.add(9000)
  rate.add(-4000)
  for (let second = 0; second <= 20; second += 1) rate.measure(second * 1000)
  expect(rate.measure(21_000)).toBe(0)
})

it.each([
  [0, 100, null],
  [1000, 0, null],
  [1000, 100, { unit: 'seconds', count: 10 }],
  [18_000, 100, { unit: 'minutes', count: 3 }],
  [2_000_000, 100, { unit: 'hours', count: 6 }],
  [100_000_000, 100, { unit: 'days', count: 12 }],
])('rounds the rest of %i bytes at %i a second', (bytes, rate, expected) => {
  expect(timeLeft(bytes, rate)).toEqual(expected)
})
