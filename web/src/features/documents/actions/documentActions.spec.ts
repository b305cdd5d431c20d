import { useToast } from '@nuxt/ui/composables'
import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { queryKeys } from '@/api/queryKeys'
import { someDocument } from '@/testing/documents'
import { fakeServer, problem } from '@/testing/fakeServer'
import { withApp } from '@/testing/withApp'
import { forEachDocument } from './forEachDocument'
import { useDescribeDocument } from './useDescribeDocument'
import { useFileDocument } from './useFileDocument'
import { useRenameDocument } from './useRenameDocument'
import { useTrashDocuments } from './useTrashDocuments'

const path = '/api/v1/documents/d1'
let toasts: ReturnType<typeof useToast>
const titles = () => toasts.toasts.value.map((toast) => toast.title)

beforeEach(() => {
  toasts = withApp(useToast).result
  toasts.clear()
})

describe('renaming', () => {
  it('names the version it was made on and keeps the answer', async () => {
    const { asked } = fakeServer({ [`PATCH ${path}`]: () => ({ status: 200, body: someDocument({ title: 'Gas bill' }), headers: { ETag: '"8"' } }) })
    const { result, queries } = withApp(useRenameDocument)
    queries.setQueryData(queryKeys.document('d1'), { data: someDocument(), etag: '"7"' })
    expect(result.rename(someDocument(), '  Gas bill ')).toBe(true)
    await flushPromises()
    expect(asked[0]?.body).toEqual({ title: 'Gas bill' })
    expect(asked[0]?.headers.get('If-Match')).toBe('"7"')
    expect(queries.getQueryData(queryKeys.document('d1'))).toMatchObject({ data: { title: 'Gas bill' }, etag: '"8"' })
  })

  it.each(['', '   ', 'Electricity bill', ' Electricity bill '])('takes %j as no change', (title) => {
    const { asked } = fakeServer({})
    const { result } = withApp(useRenameDocument)
    expect(result.rename(someDocument(), title)).toBe(false)
    expect(asked).toHaveLength(0)
  })

  it('says so when someone else was faster, and overwrites nothing', async () => {
    fakeServer({ [`PATCH ${path}`]: () => problem(412, 'precondition_failed') })
    const { result, queries } = withApp(useRenameDocument)
    queries.setQueryData(queryKeys.document('d1'), { data: someDocument(), etag: '"7"' })
    result.rename(someDocument(), 'Gas bill')
    await flushPromises()
    expect(titles()).toEqual(['Changed in the meantime'])
    expect(queries.getQueryState(queryKeys.document('d1'))?.isInvalidated).toBe(true)
    expect(queries.getQueryData(queryKeys.document('d1'))).toMatchObject({ data: { title: 'Electricity bill' } })
  })
})

it('clears a date with null, which is not the same as leaving it out', async () => {
  const { asked } = fakeServer({ [`PATCH ${path}`]: () => ({ status: 200, body: someDocument() }) })
  const { result } = withApp(useDescribeDocument)
  result.setDate(someDocument({ document_date: '2026-01-01' }), '')
  result.setCorrespondent(someDocument(), '  ')
  await flushPromises()
  expect(asked.map((entry) => entry.body)).toEqual([{ document_date: null }])
})

it('takes a topic off and can put it back', async () => {
  const topics = [
    { id: 't1', name: 'Taxes', color: 'sky', source: 'user' },
    { id: 't2', name: 'Bank', color: 'red', source: 'user' },
  ]
  const { asked } = fakeServer({ [`PATCH ${path}`]: () => ({ status: 200, body: someDocument() }) })
  const { result } = withApp(useFileDocument)
  result.removeTopic(someDocument({ topics }), 't1')
  await flushPromises()
  const [toast] = toasts.toasts.value
  expect(toast?.title).toBe('Topic “Taxes” removed')
  const undo = toast?.actions?.[0]?.onClick as ((event: MouseEvent) => void) | undefined
  undo?.(new MouseEvent('click'))
  await flushPromises()
  expect(asked.map((entry) => entry.body)).toEqual([{ topic_ids: ['t2'] }, { topic_ids: ['t1', 't2'] }])
})

it('trashes what it can and names what it could not', async () => {
  fakeServer({ 'DELETE /api/v1/documents/a': () => ({ status: 204 }), 'DELETE /api/v1/documents/b': () => problem(404, 'not_found') })
  const { result } = withApp(useTrashDocuments)
  result.mutate(['a', 'b'])
  await flushPromises()
  expect(titles()).toEqual(['It does not exist any more.', 'Moved to the trash'])
})

it('works through many documents a few at a time', async () => {
  let running = 0
  let most = 0
  const outcome = await forEachDocument(
    Array.from({ length: 30 }, (_, index) => `d${index}`),
    async () => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running -= 1
    },
  )
  expect(outcome.done).toHaveLength(30)
  expect(most).toBe(4)
})
