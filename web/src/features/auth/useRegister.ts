// Signing up, freely or by an invitation.
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'
import { useSignIn } from './useSignIn'

export type Registration = Body<'/api/v1/auth/register', 'post'>

export function useRegister() {
  const signIn = useSignIn()
  return useMutation({
    mutationFn: (registration: Registration) => unwrap(api.POST('/api/v1/auth/register', { body: registration })),
    onSuccess: signIn,
  })
}

/** What an invitation offers; a problem when it is used up or too old. The token stays out of the query's key. */
export function useInvite(token: Ref<string | null>) {
  return useQuery({
    queryKey: queryKeys.invite,
    queryFn: () => unwrap(api.POST('/api/v1/auth/invite', { body: { invite_token: token.value ?? '' } })),
    enabled: computed(() => token.value !== null),
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  })
}
