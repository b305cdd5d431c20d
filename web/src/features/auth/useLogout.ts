// Signing out, here and in every other tab of this browser.
import { useMutation } from '@tanstack/vue-query'
import { ApiProblem, api, unwrap } from '@/api/client'
import { tellOtherTabs } from './renewSession'
import { useSessionStore } from './session.store'

export function useLogout() {
  const session = useSessionStore()
  return useMutation({
    mutationFn: async () => {
      try {
        await unwrap(api.POST('/api/v1/auth/logout'))
      } catch (error) {
        // A session the server no longer knows is as good as signed out.
        if (!(error instanceof ApiProblem && error.status === 401)) throw error
      }
    },
    onMutate: () => {
      session.isLeaving = true
    },
    onSuccess: () => {
      tellOtherTabs({ kind: 'ended' })
      session.forget()
    },
    onSettled: () => {
      session.isLeaving = false
    },
  })
}
