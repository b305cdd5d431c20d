// Saving the original file. The server hands out a short-lived address; the browser fetches it from there.
import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { useProblemText } from '@/api/useProblemText'

export function useDownloadDocument() {
  const toast = useToast()
  const { problemText } = useProblemText()
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(api.GET('/api/v1/documents/{id}/download', { params: { path: { id }, query: { disposition: 'attachment' } } })),
    onSuccess: ({ url, filename }) => {
      const link = document.createElement('a')
      link.href = url
      link.download = filename
      link.rel = 'noopener'
      link.click()
    },
    onError: (error) => toast.add({ title: problemText(error), color: 'error', icon: 'i-lucide-circle-alert' }),
  })
}
