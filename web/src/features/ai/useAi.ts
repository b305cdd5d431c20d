// Who files one's documents: this machine, or a provider of one's own choice; its models, and trying it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { AiChange, Body } from '@/api/types'

export function useAiSettings() {
  return useQuery({
    queryKey: queryKeys.ai,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/ai', { signal })),
  })
}

export function useAiProviders() {
  return useQuery({
    queryKey: queryKeys.aiProviders,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/ai/providers', { signal })),
    staleTime: Infinity,
  })
}

export function useChangeAi() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: AiChange) => unwrap(api.PUT('/api/v1/me/ai', { body })),
    onSuccess: (settings) => queries.setQueryData(queryKeys.ai, settings),
  })
}

export function useAiModels() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Body<'/api/v1/me/ai/models', 'post'>) => unwrap(api.POST('/api/v1/me/ai/models', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.aiLedger }),
  })
}

export function useTestAi() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/me/ai/test')),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: queryKeys.ai })
      await queries.invalidateQueries({ queryKey: queryKeys.aiLedger })
    },
  })
}
