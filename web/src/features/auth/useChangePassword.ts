// Another password for oneself. Every other session ends with it.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { mutationOf, queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

export function useChangePassword() {
  const queries = useQueryClient()
  return useMutation({
    mutationKey: mutationOf('security.password_changed'),
    mutationFn: (change: Body<'/api/v1/auth/password', 'post'>) => unwrap(api.POST('/api/v1/auth/password', { body: change })),
    onSuccess: () => queries.invalidateQueries({ queryKey: queryKeys.sessions }),
  })
}
