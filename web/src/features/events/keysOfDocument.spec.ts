import { expect, it } from 'vitest'
import { queryKeys } from '@/api/queryKeys'
import { someDocument } from '@/testing/documents'
import { keysOfDocument } from './keysOfDocument'

it('renews what belongs to a document and what is shown beside the one it was made of', () => {
  const alone = keysOfDocument(someDocument({ id: 'd' }))
  expect(alone).toEqual([queryKeys.documentText('d'), queryKeys.suggestions('d'), queryKeys.similar('d'), queryKeys.attachments('d'), queryKeys.searchableCopy('d')])
  const inner = keysOfDocument(someDocument({ id: 'd', attached_to: 'm' }))
  expect(inner).toEqual(expect.arrayContaining([queryKeys.attachments('d'), queryKeys.attachments('m')]))
  const copy = keysOfDocument(someDocument({ id: 'd', searchable_copy_of: 's' }))
  expect(copy).toEqual(expect.arrayContaining([queryKeys.searchableCopy('d'), queryKeys.searchableCopy('s')]))
})
