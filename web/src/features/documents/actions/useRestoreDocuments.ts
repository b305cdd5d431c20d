// Taking documents out of the trash.
import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { useProblemText } from '@/api/useProblemText'
import { useCachedDocuments } from '../cachedDocuments'
import { forEachDocument } from './forEachDocument'

export function useRestoreDocuments() {
  const cached = useCachedDocuments()
  const toast = useToast()
  const { problemText } = useProblemText()
  return useMutation({
    mutationFn: (ids: string[]) => forEachDocument(ids, (id) => unwrap(api.POST('/api/v1/documents/{id}/restore', { params: { path: { id } } }))),
    onSettled: async (outcome) => {
      if (outcome?.firstError) toast.add({ title: problemText(outcome.firstError), color: 'error', icon: 'i-lucide-circle-alert' })
      await cached.refreshLists()
    },
  })
}
