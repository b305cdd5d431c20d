// How server data is kept: fresh for half a minute unless an event says otherwise, retried only where that can help.
import { QueryClient } from '@tanstack/vue-query'
import { ApiProblem } from '@/api/client'

function worthRetrying(failures: number, error: unknown): boolean {
  if (failures >= 2) return false
  return !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, retry: worthRetrying, refetchOnWindowFocus: true },
    // What was sent or answered may be a password or a link that is shown once: forgotten with the form.
    mutations: { retry: false, gcTime: 0 },
  },
})
