// Pages of documents, fetched as one scrolls.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { DocumentFilters } from './documentFilters'

const pageSize = 100

export interface ListRequest extends DocumentFilters {
  trashed: boolean
}

export function useDocumentList(request: MaybeRefOrGetter<ListRequest>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => queryKeys.documentList(toValue(request))),
    queryFn: ({ pageParam, signal }) => {
      const { topicIds, contentType, status, sort, trashed } = toValue(request)
      return unwrap(
        api.GET('/api/v1/documents', {
          params: {
            query: {
              limit: pageSize,
              cursor: pageParam,
              sort,
              ...(topicIds.length > 0 && { topic_id: topicIds }),
              ...(contentType && { content_type: contentType }),
              ...(status && { status }),
              ...(trashed && { trashed }),
            },
          },
          signal,
        }),
      )
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const documents = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, documents }
}
