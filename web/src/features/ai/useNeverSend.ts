// Rules about what is never sent to a provider: topics, folders and single documents.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { NewNeverSendRule } from '@/api/types'

export function useNeverSendRules() {
  const query = useQuery({
    queryKey: queryKeys.neverSend,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/ai/never-send', { signal })),
  })
  const rules = computed(() => query.data.value?.items ?? [])
  return { ...query, rules }
}

export function useChangeNeverSend() {
  const queries = useQueryClient()
  const onSettled = () => queries.invalidateQueries({ queryKey: queryKeys.neverSend })
  const add = useMutation({
    mutationFn: (body: NewNeverSendRule) => unwrap(api.POST('/api/v1/me/ai/never-send', { body })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/me/ai/never-send/{id}', { params: { path: { id } } })),
    onSettled,
  })
  return { add, remove }
}
