// The queue's state, and giving a job that failed for good another go.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useAdminJobs() {
  return useQuery({ queryKey: queryKeys.adminJobs, queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/jobs', { signal })), refetchInterval: 15_000 })
}

export function useRetryJob() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: number) => unwrap(api.POST('/api/v1/admin/jobs/{id}/retry', { params: { path: { id } } })),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: queryKeys.adminJobs })
      await queries.invalidateQueries({ queryKey: queryKeys.adminStats })
    },
  })
}
