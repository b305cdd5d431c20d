// What filing thinks of one document's topics, and filing or reading it once more.
import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { useProblemText } from '@/api/useProblemText'

export function useSuggestions(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => queryKeys.suggestions(toValue(id))),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/documents/{id}/suggestions', { params: { path: { id: toValue(id) } }, signal })),
  })
}

export interface Reading {
  id: string
  /** Null: as the filing settings have it. */
  languages: string[] | null
}

export function useDoAgain() {
  const queries = useQueryClient()
  const toast = useToast()
  const { t } = useI18n()
  const { problemText } = useProblemText()
  const onError = (error: unknown) => void toast.add({ title: problemText(error), color: 'error', icon: 'i-lucide-circle-alert' })

  const file = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/documents/{id}/classify', { params: { path: { id } } })),
    onSuccess: () => toast.add({ title: t('again.filing'), description: t('again.filingText'), icon: 'i-lucide-tags' }),
    onError,
  })
  const read = useMutation({
    mutationFn: ({ id, languages }: Reading) =>
      unwrap(api.POST('/api/v1/documents/{id}/reprocess', { params: { path: { id } }, body: { ocr_languages: languages } })),
    onSuccess: (_answer, { id }) => {
      toast.add({ title: t('again.reading'), description: t('again.readingText'), icon: 'i-lucide-scan-text' })
      return queries.invalidateQueries({ queryKey: queryKeys.document(id) })
    },
  })
  return { file, read }
}
