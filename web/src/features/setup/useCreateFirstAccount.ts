// Creating the first account with the setup token that the server printed at its start.
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import type { Body } from '@/api/types'
import { tellOtherTabs, useSessionStore } from '@/features/auth'

export type FirstAccount = Body<'/api/v1/setup', 'post'>

export function useCreateFirstAccount() {
  const session = useSessionStore()
  return useMutation({
    mutationFn: (account: FirstAccount) => unwrap(api.POST('/api/v1/setup', { body: account })),
    onSuccess: (answer) => {
      session.accept(answer)
      tellOtherTabs({ kind: 'renewed', session: answer })
    },
  })
}
