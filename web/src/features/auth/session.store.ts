// Who is signed in. The access token lives here, in memory, and nowhere else; a reload gets a new one by the cookie.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Session, User } from '@/api/types'
import { renewSession, type Farewell } from './renewSession'

export const useSessionStore = defineStore('session', () => {
  const user = ref<User | null>(null)
  const accessToken = ref<string | null>(null)
  const farewell = ref<Farewell | null>(null)
  /** The vault's policy wants a second factor, and this user has none yet. */
  const mustEnrol = ref(false)
  /** That is done, but its recovery codes are still shown, for the only time: nothing may take them away. */
  const isKeepingCodes = ref(false)
  const isSignedIn = computed(() => user.value !== null)
  const isAdmin = computed(() => user.value?.role === 'admin')
  /** The user is signing out: whatever ends the session now needs no explanation. */
  const isLeaving = ref(false)
  let renewing: Promise<string | null> | null = null
  let resuming: Promise<unknown> | null = null

  function accept(session: Session): void {
    accessToken.value = session.access_token
    user.value = session.user
    farewell.value = null
  }

  /** What the profile says of the policy. */
  function demandEnrolment(must: boolean): void {
    if (must || !isKeepingCodes.value) mustEnrol.value = must
  }

  /** The second factor is set up and its codes are kept. */
  function finishEnrolment(): void {
    mustEnrol.value = false
    isKeepingCodes.value = false
  }

  function forget(why: Farewell | null = null): void {
    if (why && !isLeaving.value) farewell.value = why
    accessToken.value = null
    user.value = null
    mustEnrol.value = false
    isKeepingCodes.value = false
  }

  /** One renewal at a time in this tab; renewSession takes care of the other tabs. */
  function renew(stale: string | null): Promise<string | null> {
    if (accessToken.value && accessToken.value !== stale) return Promise.resolve(accessToken.value)
    renewing ??= renewSession(stale)
      .then((session) => {
        if (session) accept(session)
        else forget(isSignedIn.value ? 'ended' : null)
        return session?.access_token ?? null
      })
      .finally(() => (renewing = null))
    return renewing
  }

  /** Picks the session up after a page load, once; tried again when the server could not be reached. */
  async function resume(): Promise<void> {
    resuming ??= renew(null).catch(() => {
      resuming = null
    })
    await resuming
  }

  function change(part: Partial<User>): void {
    if (user.value) user.value = { ...user.value, ...part }
  }

  return { user, accessToken, farewell, demandEnrolment, finishEnrolment, isKeepingCodes, mustEnrol, isLeaving, isSignedIn, isAdmin, accept, forget, change, renew, resume }
})
