// Filters typed into a search, such as `topic:"car insurance"`: finding, adding and taking them away without touching the words around.
import type { Interpretation } from '@/api/types'

export type Filter = Interpretation['filters'][number]
export type FilterField = Filter['field']

/** Their names in English and German, as the server knows them. */
const names: Record<FilterField, string[]> = {
  topic: ['topic', 'thema'],
  from: ['from', 'correspondent', 'von', 'absender'],
  type: ['type', 'typ', 'art'],
  lang: ['lang', 'language', 'sprache'],
  before: ['before', 'vor'],
  after: ['after', 'since', 'nach', 'seit', 'ab'],
  year: ['year', 'jahr'],
  has: ['has', 'hat'],
  is: ['is', 'ist'],
}
const typed = /(^|\s)([\p{L}]+):("[^"]*"?|\S+)/gu
const plain = (value: string) => value.replaceAll('"', '').trim().toLocaleLowerCase()

function fieldNamed(name: string): FilterField | undefined {
  const lower = name.toLocaleLowerCase()
  return (Object.keys(names) as FilterField[]).find((field) => names[field].includes(lower))
}

export function hasFilter(q: string, field: FilterField, value: string): boolean {
  return [...q.matchAll(typed)].some(([, , name, given]) => fieldNamed(name ?? '') === field && plain(given ?? '') === plain(value))
}

/** The search without this filter, by whatever name it was typed. */
export function withoutFilter(q: string, { field, value }: Pick<Filter, 'field' | 'value'>): string {
  const rest = q.replace(typed, (whole, _space: string, name: string, given: string) => (fieldNamed(name) === field && plain(given) === plain(value) ? ' ' : whole))
  return rest === q ? q : rest.replace(/\s+/g, ' ').trim()
}

/** The search with this filter, in quotes where its value needs them. */
export function withFilter(q: string, field: FilterField, value: string): string {
  const bare = value.replaceAll('"', ' ').replace(/\s+/g, ' ').trim()
  return `${q} ${field}:${/\s/.test(bare) ? `"${bare}"` : bare}`.trim()
}
