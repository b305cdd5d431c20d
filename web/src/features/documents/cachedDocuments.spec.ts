import type { InfiniteData } from '@tanstack/vue-query'
import { expect, it } from 'vitest'
import { queryKeys } from '@/api/queryKeys'
import type { DocumentPage } from '@/api/types'
import { someDocument } from '@/testing/documents'
import { withApp } from '@/testing/withApp'
import { useCachedDocuments } from './cachedDocuments'

function twoPages(): InfiniteData<DocumentPage> {
  return {
    pages: [
      { items: [someDocument({ id: 'a' }), someDocument({ id: 'b' })], next_cursor: 'x' },
      { items: [someDocument({ id: 'c' })], next_cursor: null },
    ],
    pageParams: [undefined, 'x'],
  }
}

it('puts a newer document into every list that shows it', () => {
  const { result: cached, queries } = withApp(useCachedDocuments)
  const keys = [queryKeys.documentList({ sort: 'title' }), queryKeys.documentList({ sort: '-created_at' })]
  for (const key of keys) queries.setQueryData(key, twoPages())
  expect(cached.update(someDocument({ id: 'c', title: 'New title' }), '"2"')).toBe(true)
  for (const key of keys) expect(queries.getQueryData<InfiniteData<DocumentPage>>(key)?.pages[1]?.items[0]?.title).toBe('New title')
  expect(queries.getQueryData(queryKeys.document('c'))).toMatchObject({ etag: '"2"' })
})

it('says when no list shows it, so that lists are read again', () => {
  const { result: cached, queries } = withApp(useCachedDocuments)
  queries.setQueryData(queryKeys.documentList({}), twoPages())
  expect(cached.update(someDocument({ id: 'new' }))).toBe(false)
})

it('takes documents out of lists', () => {
  const { result: cached, queries } = withApp(useCachedDocuments)
  queries.setQueryData(queryKeys.documentList({}), twoPages())
  cached.remove(['a', 'c'])
  expect(queries.getQueryData<InfiniteData<DocumentPage>>(queryKeys.documentList({}))?.pages.map((page) => page.items.map(({ id }) => id))).toEqual([['b'], []])
})
