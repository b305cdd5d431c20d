// What this vault allows before one is signed in: whether one may sign up, and whether it sends mail.
import { useQuery } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useAuthOptions() {
  return useQuery({ queryKey: queryKeys.authOptions, queryFn: () => unwrap(api.GET('/api/v1/auth/options')), staleTime: 300_000 })
}
