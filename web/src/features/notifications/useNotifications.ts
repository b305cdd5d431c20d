// The notifications, newest first, with the number of unread ones; and marking them as read.
import { useInfiniteQuery, useMutation, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Answer } from '@/api/types'

type Page = Answer<'/api/v1/notifications', 'get'>
type Pages = InfiniteData<Page, string | undefined>
const pageSize = 30

export function useNotifications() {
  const query = useInfiniteQuery({
    queryKey: queryKeys.notificationList,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/notifications', { params: { query: { limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const notifications = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const unread = computed(() => query.data.value?.pages[0]?.unread ?? 0)
  return { ...query, notifications, unread }
}

/** Marks in the cache, so the bell is right at once; the server's word follows. */
export function markRead(pages: Pages | undefined, id: string | null, now: string): Pages | undefined {
  if (!pages) return pages
  const isMeant = (entry: Page['items'][number]) => !entry.read_at && (id === null || entry.id === id)
  const marked = pages.pages.flatMap((page) => page.items).filter(isMeant).length
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      unread: id === null ? 0 : Math.max(0, page.unread - marked),
      items: page.items.map((entry) => (isMeant(entry) ? { ...entry, read_at: now } : entry)),
    })),
  }
}

export function useReadNotifications() {
  const queries = useQueryClient()
  const key = queryKeys.notificationList
  return useMutation({
    /** One notification, or all of them with null. */
    mutationFn: (id: string | null) =>
      id === null ? unwrap(api.POST('/api/v1/notifications/read-all')) : unwrap(api.POST('/api/v1/notifications/{id}/read', { params: { path: { id } } })),
    onMutate: async (id) => {
      await queries.cancelQueries({ queryKey: key })
      queries.setQueryData<Pages>(key, (pages) => markRead(pages, id, new Date().toISOString()))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  })
}
