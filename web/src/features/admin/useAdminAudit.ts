// What happened with the accounts of the vault, newest first, narrowed to a user or an action.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 50

export interface AuditFilters {
  userId: string
  action: string
}

export function useAdminAudit(filters: MaybeRefOrGetter<AuditFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => queryKeys.adminAudit(toValue(filters))),
    queryFn: ({ pageParam, signal }) => {
      const { userId, action } = toValue(filters)
      return unwrap(
        api.GET('/api/v1/admin/audit', {
          params: { query: { limit: pageSize, cursor: pageParam, ...(userId && { user_id: userId }), ...(action && { action }) } },
          signal,
        }),
      )
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const entries = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, entries }
}
