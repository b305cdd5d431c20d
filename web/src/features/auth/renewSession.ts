// Gets a new access token by the refresh cookie. All tabs share that cookie and each use rotates it, so tabs take turns
// under one lock, and a tab that waited takes the token its neighbour has just been given.
import { ApiProblem, api, unwrap } from '@/api/client'
import type { Session } from '@/api/types'
import { backOffMs, wait } from '@/shared/backOff'

const lockName = 'docuvault.refresh'
const channelName = 'docuvault.session'
/** A neighbour's token younger than this is taken over instead of rotating the cookie again. */
const freshMs = 60_000

/** Why one is at the sign-in page, told there. */
export type Farewell = 'ended' | 'erasing' | 'passwordChosen' | 'everywhere'

type Message = { kind: 'renewed'; session: Session } | { kind: 'ended'; why?: Farewell }

let newest: { session: Session; at: number } | null = null
let channel: BroadcastChannel | null = null

/** Listens to the other tabs; `onEnded` runs when one of them signs out. */
export function joinOtherTabs(onRenewed: (session: Session) => void, onEnded: (why: Farewell | null) => void): void {
  if (typeof BroadcastChannel === 'undefined') return
  channel = new BroadcastChannel(channelName)
  channel.onmessage = (event: MessageEvent<Message>) => {
    if (event.data.kind === 'renewed') {
      newest = { session: event.data.session, at: Date.now() }
      onRenewed(event.data.session)
    } else {
      newest = null
      onEnded(event.data.why ?? null)
    }
  }
}

export function tellOtherTabs(message: Message): void {
  newest = null
  channel?.postMessage(message)
}

/** Long enough for the other tabs to hear of a new session before one of them gets its turn. */
const hearingMs = 100

/** Runs the work while no other tab does. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // Browsers offer locks in secure contexts only; over plain http in a home network the server's grace has to do.
  const locks = navigator.locks as LockManager | undefined
  if (!locks) return work()
  return new Promise((resolve, reject) => {
    const turn = locks.request(lockName, async () => {
      await work().then(resolve, reject)
      // Locks travel faster than messages: handed on at once, the next tab would use the cookie again.
      await wait(hearingMs)
    })
    turn.catch(reject)
  })
}

const mostAttempts = 3

/**
 * Uses the cookie. A process of the vault may be restarted just then: asked again within the server's grace, the same successor comes
 * back, and without that whoever opens a page in that moment would stand before the sign-in form.
 */
async function useCookie(): Promise<Session> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await unwrap(api.POST('/api/v1/auth/refresh'))
    } catch (error) {
      const isPassing = error instanceof ApiProblem && (error.status === 0 || error.status >= 502)
      if (!isPassing || attempt === mostAttempts) throw error
      await wait(backOffMs(attempt))
    }
  }
}

/** A session newer than the stale token, or null when the cookie is not good any more. Network trouble throws. */
export function renewSession(stale: string | null, now: () => number = Date.now): Promise<Session | null> {
  return inTurn(async () => {
    if (newest && newest.session.access_token !== stale && now() - newest.at < freshMs) return newest.session
    try {
      const session = await useCookie()
      tellOtherTabs({ kind: 'renewed', session })
      return session
    } catch (error) {
      if (error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429) return null
      throw error
    }
  })
}
