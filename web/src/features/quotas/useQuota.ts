// The signed-in user's storage: used, reserved by running uploads, and the limit, in bytes.
import { useQuery } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useQuota() {
  return useQuery({ queryKey: queryKeys.quota, queryFn: () => unwrap(api.GET('/api/v1/me/quota')) })
}
