import { expect, it, vi } from 'vitest'
import { fakeServer } from '@/testing/fakeServer'
import { joinOtherTabs, renewSession, tellOtherTabs } from './renewSession'

const session = (token: string) => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: 600,
  user: { id: 'u1', email: 'anna@example.org', display_name: 'Anna', role: 'user' as const, totp_enabled: false },
})

/** Tabs of one browser, as far as they hear each other. */
class FakeChannel {
  static readonly all: FakeChannel[] = []
  onmessage: ((event: { data: unknown }) => void) | null = null
  constructor() {
    FakeChannel.all.push(this)
  }
  postMessage(data: unknown): void {
    for (const other of FakeChannel.all) if (other !== this) other.onmessage?.({ data })
  }
}

it('takes the token a neighbour has just been given instead of using the cookie again', async () => {
  vi.stubGlobal('BroadcastChannel', FakeChannel)
  const { asked } = fakeServer({ 'POST /api/v1/auth/refresh': () => ({ status: 200, body: session('mine') }) })
  const onRenewed = vi.fn()
  const onEnded = vi.fn()
  joinOtherTabs(onRenewed, onEnded)
  const neighbour = new FakeChannel()

  neighbour.postMessage({ kind: 'renewed', session: session('theirs') })
  expect(onRenewed).toHaveBeenCalledWith(session('theirs'))
  expect(await renewSession('stale')).toEqual(session('theirs'))
  expect(asked).toHaveLength(0)

  expect(await renewSession('theirs'), 'but not once that one is stale too').toEqual(session('mine'))
  expect(asked).toHaveLength(1)

  neighbour.postMessage({ kind: 'ended' })
  expect(onEnded).toHaveBeenCalledOnce()
})

it('does not trust a neighbour\'s token for long', async () => {
  const { asked } = fakeServer({ 'POST /api/v1/auth/refresh': () => ({ status: 200, body: session('mine') }) })
  tellOtherTabs({ kind: 'ended' })
  const neighbour = new FakeChannel()
  neighbour.postMessage({ kind: 'renewed', session: session('theirs') })
  expect(await renewSession('stale', () => Date.now() + 120_000)).toEqual(session('mine'))
  expect(asked).toHaveLength(1)
})

it('tries again when a process of the vault was restarted just then, and gives up in the end', async () => {
  vi.useFakeTimers()
  tellOtherTabs({ kind: 'ended' })
  const down = { status: 502, body: 'Bad gateway' }
  const answers = [down, down, { status: 200, body: session('mine') }]
  const { asked } = fakeServer({ 'POST /api/v1/auth/refresh': () => answers[asked.length - 1] ?? down })
  const renewed = renewSession('old')
  await vi.runAllTimersAsync()
  expect(await renewed).toEqual(session('mine'))
  expect(asked).toHaveLength(3)

  tellOtherTabs({ kind: 'ended' })
  const failed = renewSession('mine').catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  expect(await failed).toMatchObject({ status: 502 })
  expect(asked).toHaveLength(6)
  vi.useRealTimers()
})
