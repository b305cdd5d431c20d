// One document with the ETag that guards changes to it.
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, unwrap, unwrapWithEtag } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

export function useDocument(id: MaybeRefOrGetter<string>) {
  const query = useQuery({
    queryKey: computed(() => queryKeys.document(toValue(id))),
    queryFn: ({ signal }) => unwrapWithEtag(api.GET('/api/v1/documents/{id}', { params: { path: { id: toValue(id) } }, signal })),
  })
  return { ...query, document: computed(() => query.data.value?.data) }
}

export function useDocumentText(id: MaybeRefOrGetter<string>, enabled: () => boolean) {
  return useQuery({
    queryKey: computed(() => queryKeys.documentText(toValue(id))),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/documents/{id}/text', { params: { path: { id: toValue(id) } }, signal })),
    enabled,
  })
}

/** A short-lived address of the file itself, to be shown inside the page. */
export function useDocumentFile(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => queryKeys.documentFile(toValue(id))),
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/documents/{id}/download', { params: { path: { id: toValue(id) }, query: { disposition: 'inline' } }, signal })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
}
