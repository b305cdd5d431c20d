// What an administrator can do with an account. None of it shows a document or chooses a password.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

const of = (id: string) => ({ params: { path: { id } } })

export function useChangeUser() {
  const queries = useQueryClient()
  const options = { onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.admin }) }

  const make = useMutation({
    mutationFn: (user: Body<'/api/v1/admin/users', 'post'>) => unwrap(api.POST('/api/v1/admin/users', { body: user })),
    ...options,
  })
  const change = useMutation({
    mutationFn: ({ id, changes }: { id: string; changes: Body<'/api/v1/admin/users/{id}', 'patch'> }) =>
      unwrap(api.PATCH('/api/v1/admin/users/{id}', { ...of(id), body: changes })),
    ...options,
  })
  const endSessions = useMutation({ mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/admin/users/{id}/sessions', of(id))), ...options })
  const resetTotp = useMutation({ mutationFn: (id: string) => unwrap(api.POST('/api/v1/admin/users/{id}/reset-totp', of(id))), ...options })
  const makeResetLink = useMutation({ mutationFn: (id: string) => unwrap(api.POST('/api/v1/admin/users/{id}/password-reset-link', of(id))), ...options })
  const erase = useMutation({ mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/admin/users/{id}', of(id))), ...options })
  return { make, change, endSessions, resetTotp, makeResetLink, erase }
}
