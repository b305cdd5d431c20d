import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import type { Document } from '@/api/types'
import { someDocument } from '@/testing/documents'
import { runUpload } from './runUpload'
import { abandonUpload, restoreDuplicate } from './uploadCalls'
import type { UploadItem } from './uploadItem'
import { useUploadsStore } from './uploads.store'

vi.mock('./runUpload')
vi.mock('./uploadCalls')

interface Running {
  item: UploadItem
  allowDuplicate: boolean
  signal: AbortSignal
  finish: (document: Document) => void
  fail: (error: unknown) => void
}
let running: Running[] = []

beforeEach(() => {
  setActivePinia(createPinia())
  running = []
  vi.mocked(abandonUpload).mockReset()
  vi.mocked(restoreDuplicate).mockReset()
  vi.mocked(runUpload).mockImplementation((item, allowDuplicate, signal) => {
    item.state = 'sending'
    return new Promise((finish, fail) => running.push({ item, allowDuplicate, signal, finish, fail }))
  })
})

const files = (count: number) => Array.from({ length: count }, (_, index) => new File(['x'], `${index}.pdf`))

it('carries three files at a time and takes the next as one arrives', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(5))
  expect(running).toHaveLength(3)
  running[0]?.finish(someDocument())
  await flushPromises()
  expect(running).toHaveLength(4)
  expect(uploads.doneCount).toBe(1)
  expect(uploads.isBusy).toBe(true)
})

it('cancels: stops, gives the room back, and leaves the list', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const [only] = running
  if (!only) throw new Error('nothing runs')
  only.item.documentId = 'd9'
  uploads.cancel(only.item.key)
  only.fail(new DOMException('aborted', 'AbortError'))
  await flushPromises()
  expect(only.signal.aborted).toBe(true)
  expect(abandonUpload).toHaveBeenCalledWith('d9')
  expect(uploads.items).toEqual([])
})

it('offers the existing document for a duplicate, or sends it anyway', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  running[0]?.fail(new ApiProblem(409, 'duplicate_document', '', [], { existing_id: 'old', existing_trashed: true }))
  await flushPromises()
  const [item] = uploads.items
  expect(item).toMatchObject({ state: 'duplicate', duplicate: { id: 'old', isTrashed: true } })
  uploads.uploadAnyway(item?.key ?? '')
  expect(running[1]).toMatchObject({ allowDuplicate: true })
})

it('restores a duplicate from the trash', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  running[0]?.fail(new ApiProblem(409, 'duplicate_document', '', [], { existing_id: 'old', existing_trashed: true }))
  await flushPromises()
  vi.mocked(restoreDuplicate).mockResolvedValue(someDocument({ id: 'old' }))
  await uploads.restoreExisting(uploads.items[0]?.key ?? '')
  expect(uploads.items[0]).toMatchObject({ state: 'done', documentId: 'old' })
})

it('keeps what failed, says why, and tries again from the start', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const [only] = running
  if (only) only.item.documentId = 'd9'
  only?.fail(new ApiProblem(413, 'quota_exceeded', ''))
  await flushPromises()
  expect(uploads.items[0]).toMatchObject({ state: 'failed', problem: { code: 'quota_exceeded' } })
  expect(abandonUpload).toHaveBeenCalledWith('d9')
  uploads.retry(uploads.items[0]?.key ?? '')
  expect(running).toHaveLength(2)
  expect(uploads.items[0]).toMatchObject({ state: 'sending', problem: null, documentId: null })
})
