// The signed-in user's own account.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'
import { useSessionStore } from '@/features/auth'

export function useProfile() {
  const session = useSessionStore()
  return useQuery({
    queryKey: queryKeys.me,
    queryFn: () => unwrap(api.GET('/api/v1/me')),
    enabled: computed(() => session.isSignedIn),
  })
}

export function useChangeProfile() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (changes: Body<'/api/v1/me', 'patch'>) => unwrap(api.PATCH('/api/v1/me', { body: changes })),
    onSuccess: (profile) => queries.setQueryData(queryKeys.me, profile),
  })
}
