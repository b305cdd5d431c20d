// Adding a topic.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

export function useCreateTopic() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (topic: Body<'/api/v1/topics', 'post'>) => unwrap(api.POST('/api/v1/topics', { body: topic })),
    onSuccess: () => queries.invalidateQueries({ queryKey: queryKeys.topics }),
  })
}
