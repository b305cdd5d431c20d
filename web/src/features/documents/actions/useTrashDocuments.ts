// Moving documents to the trash, with a way back for as long as the message stands.
import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { useProblemText } from '@/api/useProblemText'
import { useCachedDocuments } from '../cachedDocuments'
import { forEachDocument } from './forEachDocument'
import { useRestoreDocuments } from './useRestoreDocuments'

export function useTrashDocuments() {
  const cached = useCachedDocuments()
  const restore = useRestoreDocuments()
  const toast = useToast()
  const { t } = useI18n()
  const { problemText } = useProblemText()

  return useMutation({
    mutationFn: (ids: string[]) => forEachDocument(ids, (id) => unwrap(api.DELETE('/api/v1/documents/{id}', { params: { path: { id } } }))),
    onSuccess: async ({ done, firstError }) => {
      if (firstError) toast.add({ title: problemText(firstError), color: 'error', icon: 'i-lucide-circle-alert' })
      if (done.length > 0) {
        cached.remove(done)
        toast.add({
          title: t('trash.moved', done.length),
          icon: 'i-lucide-trash-2',
          actions: [{ label: t('action.undo'), color: 'primary', variant: 'outline', onClick: () => restore.mutate(done) }],
        })
      }
      await cached.refreshLists()
    },
  })
}
