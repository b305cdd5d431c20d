// Searches that one keeps under a name.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useSavedSearches() {
  const { locale } = useI18n()
  const query = useQuery({
    queryKey: queryKeys.savedSearches,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/searches', { signal })),
    staleTime: 60_000,
  })
  const searches = computed(() => [...(query.data.value?.items ?? [])].sort((a, b) => a.name.localeCompare(b.name, locale.value, { sensitivity: 'base' })))
  return { ...query, searches }
}

export function useChangeSavedSearches() {
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: queryKeys.savedSearches })
  const save = useMutation({
    mutationFn: (body: { name: string; query: string }) => unwrap(api.POST('/api/v1/searches', { body })),
    onSuccess,
  })
  const rename = useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) => unwrap(api.PATCH('/api/v1/searches/{id}', { params: { path: { id } }, body: { name } })),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/searches/{id}', { params: { path: { id } } })),
    onSuccess,
  })
  return { save, rename, remove }
}
