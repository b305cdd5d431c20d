// Reading an encrypted document with its password, which the server keeps sealed.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { documentPasswords } from '../documentPasswords'

export interface Unlocking {
  id: string
  password: string
}

export function useUnlockDocument() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, password }: Unlocking) =>
      unwrap(api.POST('/api/v1/documents/{id}/reprocess', { params: { path: { id } }, body: { password } })),
    onSuccess: (_answer, { id, password }) => {
      documentPasswords.set(id, password)
      return queries.invalidateQueries({ queryKey: queryKeys.document(id) })
    },
  })
}
