import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { waitForNetwork } from './backOff'

let isOnline = true
beforeEach(() => {
  vi.useFakeTimers()
  isOnline = true
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => isOnline)
})
afterEach(() => vi.useRealTimers())

function watched(promise: Promise<void>) {
  const seen = { isOver: false }
  void promise.then(() => (seen.isOver = true))
  return seen
}

it('waits as long as asked while there is a network', async () => {
  const wait = watched(waitForNetwork(2000))
  await vi.advanceTimersByTimeAsync(1999)
  expect(wait.isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(wait.isOver).toBe(true)
})

it('waits for the network where there is none, and ends as soon as it is back', async () => {
  isOnline = false
  const wait = watched(waitForNetwork(100))
  await vi.advanceTimersByTimeAsync(20_000)
  expect(wait.isOver).toBe(false)
  window.dispatchEvent(new Event('online'))
  await vi.advanceTimersByTimeAsync(0)
  expect(wait.isOver).toBe(true)
})

it('ends when called off', async () => {
  const controller = new AbortController()
  const waiting = waitForNetwork(1000, controller.signal)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await expect(waitForNetwork(1000, controller.signal)).rejects.toMatchObject({ name: 'AbortError' })
})
