// Creating the first account with the setup token that the server printed at its start.
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import type { Body } from '@/api/types'
import { useSignIn } from '@/features/auth'

export type FirstAccount = Body<'/api/v1/setup', 'post'>

export function useCreateFirstAccount() {
  const signIn = useSignIn()
  return useMutation({
    mutationFn: (account: FirstAccount) => unwrap(api.POST('/api/v1/setup', { body: account })),
    onSuccess: signIn,
  })
}
