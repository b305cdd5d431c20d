// One's own audit trail, newest first, in pages.
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 50

export function useMyAudit() {
  const query = useInfiniteQuery({
    queryKey: queryKeys.myAudit,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/me/audit', { params: { query: { limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  })
  const entries = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, entries }
}
