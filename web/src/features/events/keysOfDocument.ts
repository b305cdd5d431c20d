// What is to be asked for again when a document is ready: what belongs to it, and what is shown beside the one it was made of.
import { queryKeys } from '@/api/queryKeys'
import type { Document } from '@/api/types'

export function keysOfDocument({ id, attached_to, searchable_copy_of }: Pick<Document, 'id' | 'attached_to' | 'searchable_copy_of'>): (readonly unknown[])[] {
  const isGiven = (other: string | null | undefined): other is string => !!other
  return [
    queryKeys.documentText(id),
    queryKeys.suggestions(id),
    queryKeys.similar(id),
    // A message may itself be attached to one.
    ...[id, attached_to].filter(isGiven).map(queryKeys.attachments),
    ...[id, searchable_copy_of].filter(isGiven).map(queryKeys.searchableCopy),
  ]
}
