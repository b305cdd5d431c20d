// Who is signed in. The access token lives here, in memory, and nowhere else; a reload gets a new one by the cookie.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Session, User } from '@/api/types'
import { renewSession } from './renewSession'

export const useSessionStore = defineStore('session', () => {
  const user = ref<User | null>(null)
  const accessToken = ref<string | null>(null)
  const isSignedIn = computed(() => user.value !== null)
  let renewing: Promise<string | null> | null = null
  let resuming: Promise<unknown> | null = null

  function accept(session: Session): void {
    accessToken.value = session.access_token
    user.value = session.user
  }

  function forget(): void {
    accessToken.value = null
    user.value = null
  }

  /** One renewal at a time in this tab; renewSession takes care of the other tabs. */
  function renew(stale: string | null): Promise<string | null> {
    if (accessToken.value && accessToken.value !== stale) return Promise.resolve(accessToken.value)
    renewing ??= renewSession(stale)
      .then((session) => {
        if (session) accept(session)
        else forget()
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

  return { user, accessToken, isSignedIn, accept, forget, renew, resume }
})
