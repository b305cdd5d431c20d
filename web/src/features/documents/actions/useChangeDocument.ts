// Changing what is written about a document. The change names the version it was made on (If-Match); when someone else
// was faster, nothing is overwritten: the newer document is loaded and the reader told.
import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { ApiProblem, api, unwrapWithEtag } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { DocumentChanges } from '@/api/types'
import { useProblemText } from '@/api/useProblemText'
import { useCachedDocuments, type DocumentWithEtag } from '../cachedDocuments'

export interface DocumentChange {
  id: string
  changes: DocumentChanges
}

export function useChangeDocument() {
  const queries = useQueryClient()
  const cached = useCachedDocuments()
  const toast = useToast()
  const { t } = useI18n()
  const { problemText } = useProblemText()

  return useMutation({
    // Changes to documents wait for each other, so that each names the version the one before it made.
    scope: { id: 'change-document' },
    mutationFn: ({ id, changes }: DocumentChange) => {
      const etag = queries.getQueryData<DocumentWithEtag>(queryKeys.document(id))?.etag
      return unwrapWithEtag(
        api.PATCH('/api/v1/documents/{id}', {
          params: { path: { id } },
          body: changes,
          headers: etag ? { 'If-Match': etag } : {},
        }),
      )
    },
    onSuccess: ({ data, etag }, { changes }) => {
      cached.update(data, etag)
      if (!changes.topic_ids) return
      for (const queryKey of [queryKeys.topics, queryKeys.suggestions(data.id), queryKeys.review]) void queries.invalidateQueries({ queryKey })
    },
    onError: async (error, { id }) => {
      if (error instanceof ApiProblem && error.status === 412) {
        toast.add({ title: t('document.changedElsewhere'), description: t('document.changedElsewhereText'), color: 'warning', icon: 'i-lucide-refresh-cw' })
        await queries.invalidateQueries({ queryKey: queryKeys.document(id) })
        return
      }
      toast.add({ title: problemText(error), color: 'error', icon: 'i-lucide-circle-alert' })
    },
  })
}
