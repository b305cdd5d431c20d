// The documents that were attached to a message, and having them made.
import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useAttachments(id: MaybeRefOrGetter<string>, isMessage: MaybeRefOrGetter<boolean>) {
  const queries = useQueryClient()
  const toast = useToast()
  const { t } = useI18n()
  const { data } = useQuery({
    queryKey: computed(() => queryKeys.attachments(toValue(id))),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/documents/{id}/attachments', { params: { path: { id: toValue(id) } }, signal })),
    enabled: computed(() => toValue(isMessage)),
  })
  const keep = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/documents/{id}/attachments', { params: { path: { id: toValue(id) } } })),
    onSuccess: () => {
      toast.add({ title: t('attachments.coming'), description: t('attachments.comingText'), icon: 'i-lucide-paperclip' })
      return queries.invalidateQueries({ queryKey: queryKeys.attachments(toValue(id)) })
    },
  })
  return { items: computed(() => data.value?.items ?? []), problem: computed(() => data.value?.problem ?? ''), keep }
}
