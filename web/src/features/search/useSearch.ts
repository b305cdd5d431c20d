// Search results, page by page, with the facets they can be narrowed by.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { type SearchFilters, yearRange } from './searchFilters'

export function useSearch(filters: () => SearchFilters) {
  const query = useInfiniteQuery({
    queryKey: computed(() => queryKeys.search(filters())),
    queryFn: ({ pageParam, signal }) => {
      const { q, topicIds, contentType, year, sort } = filters()
      return unwrap(
        api.GET('/api/v1/search', {
          params: {
            query: {
              q,
              limit: 30,
              cursor: pageParam,
              ...(topicIds.length > 0 && { topic_id: topicIds }),
              ...(contentType && { content_type: contentType }),
              ...(year && yearRange(year)),
              ...(sort !== 'relevance' && { sort }),
            },
          },
          signal,
        }),
      )
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: () => filters().q !== '',
  })
  const hits = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const facets = computed(() => query.data.value?.pages[0]?.facets)
  const total = computed(() => query.data.value?.pages[0]?.total)
  const interpretation = computed(() => query.data.value?.pages[0]?.interpretation)
  return { ...query, hits, facets, total, interpretation }
}
