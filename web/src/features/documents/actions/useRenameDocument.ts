// Giving a document another title. An empty title or an unchanged one is no change.
import type { Document } from '@/api/types'
import { useChangeDocument } from './useChangeDocument'

export function useRenameDocument() {
  const change = useChangeDocument()

  /** True when there was something to save. */
  function rename(document: Pick<Document, 'id' | 'title'>, title: string): boolean {
    const wanted = title.trim()
    if (!wanted || wanted === document.title) return false
    change.mutate({ id: document.id, changes: { title: wanted } })
    return true
  }

  return { rename, isPending: change.isPending }
}
