// What waits for a word of the user's: the inbox page by page, and how many there are for the badge.
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 30
/** The server counts no further. */
const mostCounted = 1000

export function useReviewList() {
  const query = useInfiniteQuery({
    queryKey: queryKeys.reviewList,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/review', { params: { query: { limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const items = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, items }
}

export function useReviewWaiting() {
  const query = useQuery({
    queryKey: queryKeys.reviewWaiting,
    queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/review', { params: { query: { limit: 1 } }, signal }))).waiting,
    staleTime: 30_000,
  })
  const waiting = computed(() => query.data.value ?? 0)
  const isMore = computed(() => waiting.value >= mostCounted)
  return { waiting, isMore }
}
