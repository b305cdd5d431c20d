import { effectScope } from 'vue'
import { afterEach, expect, it, vi } from 'vitest'
import { formatDuration } from './formatDuration'
import { useCountdown } from './useCountdown'

afterEach(() => vi.useRealTimers())

it('runs down by the clock, also when the tab slept', () => {
  vi.useFakeTimers()
  const scope = effectScope()
  const { secondsLeft, start } = scope.run(() => useCountdown()) as ReturnType<typeof useCountdown>
  start(90)
  expect(secondsLeft.value).toBe(90)
  vi.advanceTimersByTime(10_000)
  expect(secondsLeft.value).toBe(80)
  vi.setSystemTime(Date.now() + 75_000)
  vi.advanceTimersByTime(1000)
  expect(secondsLeft.value).toBe(4)
  vi.advanceTimersByTime(10_000)
  expect(secondsLeft.value).toBe(0)
  scope.stop()
})

it('writes a wait as minutes and seconds', () => {
  expect([5, 60, 125, 3600].map(formatDuration)).toEqual(['0:05', '1:00', '2:05', '60:00'])
})
