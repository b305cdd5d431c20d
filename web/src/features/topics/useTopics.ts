// All topics of the user, in the order their language sorts names.
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useTopics() {
  const { locale } = useI18n()
  const query = useQuery({
    queryKey: queryKeys.topics,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/topics', { signal })),
    staleTime: 60_000,
  })
  const topics = computed(() =>
    [...(query.data.value?.items ?? [])].sort((a, b) => a.name.localeCompare(b.name, locale.value, { sensitivity: 'base' })),
  )
  const byId = computed(() => new Map(topics.value.map((topic) => [topic.id, topic])))
  return { ...query, topics, byId }
}
