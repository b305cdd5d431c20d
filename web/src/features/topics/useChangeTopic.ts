// Renaming or recolouring a topic. Documents show topic names, so their lists are read again.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

export interface TopicChange {
  id: string
  changes: Body<'/api/v1/topics/{id}', 'patch'>
}

export function useChangeTopic() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, changes }: TopicChange) =>
      unwrap(api.PATCH('/api/v1/topics/{id}', { params: { path: { id } }, body: changes })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: queryKeys.topics })
      await queries.invalidateQueries({ queryKey: queryKeys.documentLists })
    },
  })
}
