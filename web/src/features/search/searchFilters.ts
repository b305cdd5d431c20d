// What is searched for and how it is narrowed, kept in the address.
import type { LocationQuery, LocationQueryRaw } from 'vue-router'

export interface SearchFilters {
  q: string
  topicIds: string[]
  contentType: string | null
  year: number | null
  sort: SearchSort
}

export const searchSorts = ['relevance', '-document_date', 'document_date', '-created_at'] as const
export type SearchSort = (typeof searchSorts)[number]

function all(value: LocationQuery[string] | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((entry): entry is string => typeof entry === 'string' && entry !== '')
}

export function searchFromQuery(query: LocationQuery): SearchFilters {
  const year = Number(all(query.year)[0])
  return {
    q: all(query.q)[0]?.trim() ?? '',
    topicIds: all(query.topic),
    contentType: all(query.type)[0] ?? null,
    year: Number.isInteger(year) && year > 0 && year < 10_000 ? year : null,
    sort: searchSorts.find((sort) => sort === all(query.sort)[0]) ?? 'relevance',
  }
}

export function queryFromSearch(filters: SearchFilters): LocationQueryRaw {
  return {
    ...(filters.q && { q: filters.q }),
    ...(filters.topicIds.length > 0 && { topic: filters.topicIds }),
    ...(filters.contentType && { type: filters.contentType }),
    ...(filters.year && { year: String(filters.year) }),
    ...(filters.sort !== 'relevance' && { sort: filters.sort }),
  }
}

/** A search as the text after the question mark of its address, which is how it is kept. */
export function searchText(filters: SearchFilters): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(queryFromSearch(filters))) for (const one of [value].flat()) text.append(name, String(one))
  return text.toString()
}

export function sameSearch(kept: string, filters: SearchFilters): boolean {
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(kept)) (query[name] ??= []).push(value)
  return searchText(searchFromQuery(query)) === searchText(filters)
}

/** The days a year's documents lie between, as the API's filters want them. */
export function yearRange(year: number): { document_date_after: string; document_date_before: string } {
  const digits = String(year).padStart(4, '0')
  return { document_date_after: `${digits}-01-01`, document_date_before: `${digits}-12-31` }
}
