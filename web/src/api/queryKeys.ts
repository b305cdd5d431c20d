// Every TanStack Query key, so that events and actions invalidate exactly what pages read.

export const queryKeys = {
  setup: ['setup'] as const,
  quota: ['quota'] as const,
  topics: ['topics'] as const,
  /** All document lists, the trash included. */
  documentLists: ['documents', 'list'] as const,
  documentList: (filters: object) => ['documents', 'list', filters] as const,
  document: (id: string) => ['documents', 'one', id] as const,
  documentText: (id: string) => ['documents', 'text', id] as const,
  documentFile: (id: string) => ['documents', 'file', id] as const,
  searches: ['search'] as const,
  search: (filters: object) => ['search', filters] as const,
}
