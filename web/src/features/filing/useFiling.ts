// How sure filing must be, and the languages in which scans are read.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { FilingChange } from '@/api/types'

export function useFilingSettings() {
  return useQuery({
    queryKey: queryKeys.filing,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/filing', { signal })),
  })
}

export function useChangeFiling() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: FilingChange) => unwrap(api.PUT('/api/v1/me/filing', { body })),
    onSuccess: (settings) => {
      queries.setQueryData(queryKeys.filing, settings)
      // The inbox follows the threshold at once.
      void queries.invalidateQueries({ queryKey: queryKeys.review })
    },
  })
}
