// Deleting documents of the trash for good, bytes included.
import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { useProblemText } from '@/api/useProblemText'
import { useCachedDocuments } from '../cachedDocuments'
import { forEachDocument } from './forEachDocument'

export function useDeleteForever() {
  const cached = useCachedDocuments()
  const toast = useToast()
  const { t } = useI18n()
  const { problemText } = useProblemText()
  return useMutation({
    mutationFn: (ids: string[]) =>
      forEachDocument(ids, (id) => unwrap(api.DELETE('/api/v1/documents/{id}/permanently', { params: { path: { id } } }))),
    onSuccess: async ({ done, firstError }) => {
      if (firstError) toast.add({ title: problemText(firstError), color: 'error', icon: 'i-lucide-circle-alert' })
      if (done.length > 0) toast.add({ title: t('trash.deleted', done.length), icon: 'i-lucide-check' })
      cached.remove(done)
      await cached.refreshLists()
    },
  })
}
