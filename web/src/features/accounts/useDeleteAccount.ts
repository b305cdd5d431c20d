// Erasing one's own account with everything in it.
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import type { Body } from '@/api/types'
import { tellOtherTabs, useSessionStore } from '@/features/auth'

export function useDeleteAccount() {
  const session = useSessionStore()
  return useMutation({
    mutationFn: (proof: Body<'/api/v1/me', 'delete'>) => unwrap(api.DELETE('/api/v1/me', { body: proof })),
    onSuccess: () => {
      tellOtherTabs({ kind: 'ended', why: 'erasing' })
      session.forget('erasing')
    },
  })
}
