// The ledger: every request that left for a provider, newest first, with this month's totals.
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 50

export function useLedger() {
  const query = useInfiniteQuery({
    queryKey: queryKeys.aiLedger,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/me/ai/ledger', { params: { query: { limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  })
  const entries = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const totals = computed(() => query.data.value?.pages[0]?.totals)
  return { ...query, entries, totals }
}
