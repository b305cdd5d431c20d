// Correcting a document's date or correspondent. Empty means: none.
import type { Document } from '@/api/types'
import { useChangeDocument } from './useChangeDocument'

export function useDescribeDocument() {
  const change = useChangeDocument()

  function setDate(document: Pick<Document, 'id' | 'document_date'>, day: string): void {
    const wanted = day || null
    if (wanted === (document.document_date ?? null)) return
    change.mutate({ id: document.id, changes: { document_date: wanted } })
  }

  function setCorrespondent(document: Pick<Document, 'id' | 'correspondent'>, name: string): void {
    const wanted = name.trim() || null
    if (wanted === (document.correspondent ?? null)) return
    change.mutate({ id: document.id, changes: { correspondent: wanted } })
  }

  return { setDate, setCorrespondent }
}
