// Invitations: what there is, a new one, and taking one back.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

const pageSize = 50

export function useInvites() {
  const query = useInfiniteQuery({
    queryKey: queryKeys.adminInvites,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/admin/invites', { params: { query: { limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const invites = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, invites }
}

export function useChangeInvites() {
  const queries = useQueryClient()
  const onSettled = () => queries.invalidateQueries({ queryKey: queryKeys.adminInvites })
  const make = useMutation({
    mutationFn: (invite: Body<'/api/v1/admin/invites', 'post'>) => unwrap(api.POST('/api/v1/admin/invites', { body: invite })),
    onSettled,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/admin/invites/{id}', { params: { path: { id } } })),
    onSettled,
  })
  return { make, revoke }
}
