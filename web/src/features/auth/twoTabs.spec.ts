import { beforeEach, expect, it, vi } from 'vitest'
import type { Session } from '@/api/types'
import { fakeServer, problem } from '@/testing/fakeServer'

const messageMs = 10

/** What all tabs of one browser share: locks held one at a time, and messages, which arrive later than a lock is handed on. */
function fakeBrowser() {
  const channels: { onmessage: ((event: { data: unknown }) => void) | null }[] = []
  class FakeChannel {
    onmessage: ((event: { data: unknown }) => void) | null = null
    constructor() {
      channels.push(this)
    }
    postMessage(data: unknown): void {
      const copy = structuredClone(data)
      setTimeout(() => channels.filter((other) => other !== this).forEach((other) => other.onmessage?.({ data: copy })), messageMs)
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  const locks = {
    request: <T>(_name: string, work: () => Promise<T>): Promise<T> => {
      const turn = last.catch(() => undefined).then(work)
      last = turn
      return turn
    },
  }
  vi.stubGlobal('BroadcastChannel', FakeChannel)
  vi.stubGlobal('navigator', { ...navigator, locks })
}

/** A server whose refresh cookie works once, as the real one's: a second use of it is theft and ends everything. */
function rotatingServer() {
  let cookie = 0
  let sent = 0
  const server = fakeServer({
    'POST /api/v1/auth/refresh': async () => {
      const used = sent
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (used !== cookie) return problem(401, 'refresh_reused')
      cookie += 1
      sent = cookie
      return { status: 200, body: session(`token${cookie}`) }
    },
  })
  return server
}

const session = (token: string): Session => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: 600,
  user: { id: 'u1', email: 'anna@example.org', display_name: 'Anna', role: 'user', totp_enabled: false },
})

/** A tab has its own copy of every module. */
async function openTab() {
  vi.resetModules()
  const { createPinia } = await import('pinia')
  const { joinOtherTabs, useSessionStore } = await import('./index')
  const store = useSessionStore(createPinia())
  joinOtherTabs(store.accept, store.forget)
  return store
}

beforeEach(fakeBrowser)

it('SEC-SES-17: two tabs waking together make one refresh, and none is signed out, again and again', { timeout: 30_000 }, async () => {
  const { asked } = rotatingServer()
  const [one, two] = [await openTab(), await openTab()]
  await one.renew(null)
  for (let round = 1; round <= 30; round += 1) {
    const before = asked.length
    await vi.waitFor(() => expect(two.accessToken, 'both tabs know the same token').toBe(one.accessToken), { interval: 2 })
    const stale = one.accessToken
    const tokens = await Promise.all([one.renew(stale), two.renew(stale)])
    expect(tokens[0], `round ${round}`).toBe(tokens[1])
    expect(tokens[0]).not.toBe(stale)
    expect(asked.length - before, `refreshes of round ${round}`).toBe(1)
    expect([one.isSignedIn, two.isSignedIn]).toEqual([true, true])
  }
})

it('tells every tab why the session is over', async () => {
  rotatingServer()
  const [one, two] = [await openTab(), await openTab()]
  await one.renew(null)
  await vi.waitFor(() => expect(two.isSignedIn).toBe(true))
  const { tellOtherTabs } = await import('./index')
  // Sent by the tab opened last, which is two; one hears it.
  tellOtherTabs({ kind: 'ended', why: 'ended' })
  await vi.waitFor(() => expect(one.isSignedIn).toBe(false))
  expect(one.farewell).toBe('ended')
})
