// Tokens for scripts: what there is, a new one, and taking one back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { mutationOf, queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

export function useApiTokens() {
  return useQuery({
    queryKey: queryKeys.apiTokens,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/auth/tokens', { signal })),
  })
}

export function useChangeApiTokens() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: queryKeys.apiTokens })
  const make = useMutation({
    mutationKey: mutationOf('security.api_token_made'),
    mutationFn: (token: Body<'/api/v1/auth/tokens', 'post'>) => unwrap(api.POST('/api/v1/auth/tokens', { body: token })),
    onSuccess: refresh,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/auth/tokens/{id}', { params: { path: { id } } })),
    onSettled: refresh,
  })
  return { make, revoke }
}
