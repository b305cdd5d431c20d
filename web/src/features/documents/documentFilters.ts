// What the library shows, kept in the address so that it can be bookmarked and survives going back.
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { DocumentStatus } from '@/api/types'

export const sortOrders = ['-created_at', 'created_at', 'title', '-title', '-document_date', '-size_bytes'] as const
export type SortOrder = (typeof sortOrders)[number]
export const statuses = ['processing', 'ready', 'failed'] as const satisfies readonly DocumentStatus[]

export interface DocumentFilters {
  topicIds: string[]
  contentType: string | null
  status: (typeof statuses)[number] | null
  sort: SortOrder
}

function all(value: LocationQuery[string] | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((entry): entry is string => typeof entry === 'string' && entry !== '')
}

export function filtersFromQuery(query: LocationQuery): DocumentFilters {
  return {
    topicIds: all(query.topic),
    contentType: all(query.type)[0] ?? null,
    status: statuses.find((status) => status === query.status) ?? null,
    sort: sortOrders.find((order) => order === query.sort) ?? '-created_at',
  }
}

export function queryFromFilters(filters: DocumentFilters): LocationQueryRaw {
  return {
    ...(filters.topicIds.length > 0 && { topic: filters.topicIds }),
    ...(filters.contentType && { type: filters.contentType }),
    ...(filters.status && { status: filters.status }),
    ...(filters.sort !== '-created_at' && { sort: filters.sort }),
  }
}

export function isFiltered(filters: DocumentFilters): boolean {
  return filters.topicIds.length > 0 || filters.contentType !== null || filters.status !== null
}
