// The searchable copy of a scan, and having it made.
import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useSearchableCopy(id: MaybeRefOrGetter<string>, mayBeScan: MaybeRefOrGetter<boolean>) {
  const queries = useQueryClient()
  const toast = useToast()
  const { t } = useI18n()
  const { data } = useQuery({
    queryKey: computed(() => queryKeys.searchableCopy(toValue(id))),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/documents/{id}/searchable-copy', { params: { path: { id: toValue(id) } }, signal })),
    enabled: computed(() => toValue(mayBeScan)),
  })
  const make = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/documents/{id}/searchable-copy', { params: { path: { id: toValue(id) } } })),
    onSuccess: () => {
      toast.add({ title: t('searchableCopy.coming'), description: t('searchableCopy.comingText'), icon: 'i-lucide-scan-text' })
      return queries.invalidateQueries({ queryKey: queryKeys.searchableCopy(toValue(id)) })
    },
  })
  return {
    copy: computed(() => data.value?.document ?? null),
    canBeMade: computed(() => data.value?.can_be_made ?? false),
    problem: computed(() => data.value?.problem ?? ''),
    make,
  }
}
