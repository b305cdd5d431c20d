// The store: what it holds, what the last check of it found, and checking it now.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

const pageSize = 50
const whileRunningMs = 2000
const otherwiseMs = 60_000

export const findingKinds = ['missing', 'damaged', 'wrong_size', 'orphan'] as const
export type FindingKind = (typeof findingKinds)[number]

export function useAdminStorage() {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: queryKeys.adminStorage,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/storage', { signal })),
    refetchInterval: ({ state }) => (state.data?.is_running ? whileRunningMs : otherwiseMs),
  })
  // What a check found is there once it is over.
  watch(
    () => query.data.value?.last_run?.finished_at,
    (_, before) => before !== undefined && void queries.invalidateQueries({ queryKey: [...queryKeys.adminStorage, 'findings'] }),
  )
  return query
}

export function useStorageFindings(kind: MaybeRefOrGetter<FindingKind | ''>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => queryKeys.adminFindings(toValue(kind))),
    queryFn: ({ pageParam, signal }) => {
      const only = toValue(kind)
      return unwrap(api.GET('/api/v1/admin/storage/findings', { params: { query: { limit: pageSize, cursor: pageParam, ...(only && { kind: only }) } }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const findings = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, findings }
}

export function useCheckStorage() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/admin/storage/reconcile')),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.adminStorage, exact: true }),
  })
}
