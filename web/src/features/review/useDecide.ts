// Saying what is right of what filing proposes, and taking it back. What is on screen changes at once; the server's word follows.
import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, unwrap, unwrapWithEtag } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { Decision } from '@/api/types'
import { useProblemText } from '@/api/useProblemText'
import { useCachedDocuments } from '@/features/documents'

export interface DocumentDecision extends Decision {
  id: string
}

export function useDecide() {
  const queries = useQueryClient()
  const cached = useCachedDocuments()
  const toast = useToast()
  const { t } = useI18n()
  const { problemText } = useProblemText()

  const count = (step: number) => queries.setQueryData<number>(queryKeys.reviewWaiting, (waiting) => (waiting === undefined ? waiting : Math.max(0, waiting + step)))
  const refresh = (id: string) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: queryKeys.suggestions(id) }),
      queries.invalidateQueries({ queryKey: queryKeys.reviewWaiting }),
      queries.invalidateQueries({ queryKey: queryKeys.topics }),
    ])
  const complain = (error: unknown) => void toast.add({ title: problemText(error), color: 'error', icon: 'i-lucide-circle-alert' })

  const decide = useMutation({
    // Taking a decision back waits until it has arrived.
    scope: { id: 'decide-document' },
    mutationFn: ({ id, accept = [], reject = [] }: DocumentDecision) =>
      unwrapWithEtag(api.POST('/api/v1/documents/{id}/suggestions', { params: { path: { id } }, body: { accept, reject } })),
    onMutate: () => void count(-1),
    onSuccess: ({ data, etag }) => void cached.update(data, etag),
    onError: complain,
    onSettled: (_data, _error, { id }) => void refresh(id),
  })

  const takeBack = useMutation({
    scope: { id: 'decide-document' },
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/documents/{id}/suggestions', { params: { path: { id } } })),
    onMutate: () => void count(1),
    onSuccess: () => toast.add({ title: t('review.takenBack'), icon: 'i-lucide-undo-2' }),
    onError: complain,
    onSettled: (_data, _error, id) => void Promise.all([refresh(id), queries.invalidateQueries({ queryKey: queryKeys.document(id) })]),
  })

  return { decide, takeBack }
}
