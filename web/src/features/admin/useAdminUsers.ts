// The users of the vault, found by name or address, in pages.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 50

export function useAdminUsers(words: MaybeRefOrGetter<string>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => queryKeys.adminUserList(toValue(words).trim())),
    queryFn: ({ pageParam, signal }) => {
      const q = toValue(words).trim()
      return unwrap(api.GET('/api/v1/admin/users', { params: { query: { limit: pageSize, cursor: pageParam, ...(q && { q }) } }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const users = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, users }
}
