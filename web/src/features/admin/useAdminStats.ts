// The vault in numbers.
import { useQuery } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useAdminStats() {
  return useQuery({ queryKey: queryKeys.adminStats, queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/stats', { signal })), refetchInterval: 60_000 })
}
