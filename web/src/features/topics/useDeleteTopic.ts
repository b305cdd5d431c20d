// Deleting a topic. Its documents stay; they only lose the topic.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useDeleteTopic() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/topics/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: queryKeys.topics })
      await queries.invalidateQueries({ queryKey: queryKeys.documentLists })
    },
  })
}
