// One document appears in several lists at once. These keep all of them in step without reading every page again.
import { useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { queryKeys } from '@/api/queryKeys'
import type { Document, DocumentPage, SearchPage } from '@/api/types'

export interface DocumentWithEtag {
  data: Document
  etag: string | null
}

type Pages<T> = InfiniteData<T> | undefined

/** The same pages with one document replaced; the very same object when it is not in them. */
export function replaceInPages(pages: Pages<DocumentPage>, document: Document): Pages<DocumentPage> {
  if (!pages?.pages.some((page) => page.items.some((item) => item.id === document.id))) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === document.id ? document : item)),
    })),
  }
}

/** The same pages without some documents. */
export function removeFromPages(pages: Pages<DocumentPage>, ids: ReadonlySet<string>): Pages<DocumentPage> {
  return pages && { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((item) => !ids.has(item.id)) })) }
}

export function useCachedDocuments() {
  const queries = useQueryClient()

  /** Puts a newer document everywhere it is shown; true when some list had it. */
  function update(document: Document, etag?: string | null): boolean {
    let isListed = false
    for (const [key, pages] of queries.getQueriesData<InfiniteData<DocumentPage>>({ queryKey: queryKeys.documentLists })) {
      const next = replaceInPages(pages, document)
      if (next === pages) continue
      isListed = true
      queries.setQueryData(key, next)
    }
    queries.setQueriesData<InfiniteData<SearchPage>>({ queryKey: queryKeys.searches }, (pages) =>
      pages && {
        ...pages,
        pages: pages.pages.map((page) => ({
          ...page,
          items: page.items.map((hit) => (hit.document.id === document.id ? { ...hit, document } : hit)),
        })),
      },
    )
    if (etag !== undefined) {
      queries.setQueryData<DocumentWithEtag>(queryKeys.document(document.id), { data: document, etag })
    }
    return isListed
  }

  function remove(ids: readonly string[]): void {
    const gone = new Set(ids)
    queries.setQueriesData<InfiniteData<DocumentPage>>({ queryKey: queryKeys.documentLists }, (pages) => removeFromPages(pages, gone))
  }

  /** Lists whose members or order may have changed are read again, those on screen at once. */
  async function refreshLists(): Promise<void> {
    await Promise.all([
      queries.invalidateQueries({ queryKey: queryKeys.documentLists }),
      queries.invalidateQueries({ queryKey: queryKeys.searches }),
      queries.invalidateQueries({ queryKey: queryKeys.topics }),
      queries.invalidateQueries({ queryKey: queryKeys.quota }),
      queries.invalidateQueries({ queryKey: queryKeys.review }),
    ])
  }

  return { update, remove, refreshLists }
}
