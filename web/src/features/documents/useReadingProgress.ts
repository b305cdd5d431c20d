// How far the reading of a document is. Events write it; a page that was opened later starts with the next one.
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { queryKeys } from '@/api/queryKeys'

export interface ReadingProgress {
  page: number
  pages: number
}

export function readProgress(data: Record<string, unknown>): ReadingProgress | null {
  const { page, pages } = data
  return typeof page === 'number' && typeof pages === 'number' && pages > 0 && page >= 0 ? { page: Math.min(page, pages), pages } : null
}

export function useReadingProgress(id: MaybeRefOrGetter<string>) {
  const { data } = useQuery<ReadingProgress | null>({
    queryKey: computed(() => queryKeys.documentProgress(toValue(id))),
    queryFn: () => null,
    enabled: false,
    initialData: null,
  })
  return data
}
