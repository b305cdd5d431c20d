// Where one is signed in, and ending that.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { tellOtherTabs } from './renewSession'
import { useSessionStore } from './session.store'

export function useSessions() {
  return useQuery({
    queryKey: queryKeys.sessions,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/auth/sessions', { signal })),
  })
}

export function useEndSession() {
  const queries = useQueryClient()
  const session = useSessionStore()
  const refresh = () => queries.invalidateQueries({ queryKey: queryKeys.sessions })
  const one = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } })),
    onSettled: refresh,
  })
  const others = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/auth/logout-all', { body: { keep_current: true } })),
    onSettled: refresh,
  })
  const all = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/auth/logout-all', { body: {} })),
    onSuccess: () => {
      tellOtherTabs({ kind: 'ended', why: 'everywhere' })
      session.forget('everywhere')
    },
  })
  return { one, others, all }
}
