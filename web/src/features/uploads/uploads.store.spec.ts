import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import type { Document } from '@/api/types'
import { someDocument } from '@/testing/documents'
import { fetchInterrupted } from './interruptedUploads'
import { runUpload, type Carriage } from './runUpload'
import { abandonUpload, restoreDuplicate } from './uploadCalls'
import type { InterruptedUpload, UploadItem } from './uploadItem'
import { useUploadsStore } from './uploads.store'

vi.mock('./runUpload')
vi.mock('./uploadCalls')
vi.mock('./interruptedUploads')

interface Running {
  item: UploadItem
  carriage: Carriage
  finish: (document: Document) => void
  fail: (error: unknown) => void
}
let running: Running[] = []

beforeEach(() => {
  setActivePinia(createPinia())
  running = []
  vi.mocked(abandonUpload).mockReset().mockResolvedValue(undefined)
  vi.mocked(restoreDuplicate).mockReset()
  vi.mocked(fetchInterrupted).mockReset().mockResolvedValue([])
  vi.mocked(runUpload).mockReset().mockImplementation((item, carriage) => {
    item.state = 'sending'
    return new Promise((finish, fail) => {
      running.push({ item, carriage, finish, fail })
      carriage.signal.addEventListener('abort', () => fail(new DOMException('aborted', 'AbortError')))
    })
  })
})
afterEach(() => vi.unstubAllGlobals())

const files = (count: number) => Array.from({ length: count }, (_, index) => new File(['x'], `${index}.pdf`))
const first = (uploads: ReturnType<typeof useUploadsStore>): UploadItem => {
  const [item] = uploads.first(1)
  if (!item) throw new Error('the list is empty')
  return item
}
const interrupted = (part: Partial<InterruptedUpload> = {}): InterruptedUpload => ({ documentId: 'd7', filename: 'long.pdf', sizeBytes: 5, arrivedBytes: 2, isWhole: false, ...part })

it('carries three files at a time and takes the next as one arrives', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(5))
  expect(running).toHaveLength(3)
  running[0]?.finish(someDocument())
  await flushPromises()
  expect(running).toHaveLength(4)
  expect(uploads).toMatchObject({ doneCount: 1, pendingCount: 4, isBusy: true })
})

it('cancels in the middle: stops, gives the room back, and leaves the list', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { item, carriage } = running[0] as Running
  item.documentId = 'd9'
  uploads.cancel(item.key)
  await flushPromises()
  expect(carriage.signal.aborted).toBe(true)
  expect(abandonUpload).toHaveBeenCalledExactlyOnceWith('d9')
  expect(uploads).toMatchObject({ count: 0, releasedCount: 1 })
})

it('gives back room whose reservation was answered only after the cancelling', async () => {
  const uploads = useUploadsStore()
  vi.mocked(runUpload).mockImplementation(async (item, { signal }) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    item.documentId = 'late'
    signal.throwIfAborted()
    return someDocument()
  })
  uploads.add(files(1))
  uploads.cancel(first(uploads).key)
  await vi.waitFor(() => expect(abandonUpload).toHaveBeenCalledWith('late'))
})

it('pauses without giving anything back, and goes on', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { item } = running[0] as Running
  item.documentId = 'd9'
  uploads.pause(item.key)
  await flushPromises()
  expect(item).toMatchObject({ state: 'paused', documentId: 'd9' })
  expect(uploads.isBusy).toBe(true)
  expect(abandonUpload).not.toHaveBeenCalled()
  uploads.resume(item.key)
  expect(running).toHaveLength(2)
  running[1]?.finish(someDocument({ id: 'd9' }))
  await flushPromises()
  expect(uploads.doneCount).toBe(1)
})

it('pauses all, the waiting too, and goes on with all', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(8))
  uploads.pauseAll()
  await flushPromises()
  expect(uploads).toMatchObject({ pausedCount: 8, movingCount: 0 })
  expect(running).toHaveLength(3)
  uploads.resumeAll()
  await flushPromises()
  expect(uploads).toMatchObject({ pausedCount: 0, movingCount: 3 })
})

it('does not carry a file twice when going on before it has come to rest', async () => {
  const uploads = useUploadsStore()
  let letRest: () => void = () => undefined
  vi.mocked(runUpload).mockImplementationOnce(
    () =>
      new Promise((_, fail) => {
        letRest = () => fail(new DOMException('aborted', 'AbortError'))
      }),
  )
  uploads.add(files(1))
  const { key } = first(uploads)
  uploads.pause(key)
  uploads.resume(key)
  expect(runUpload).toHaveBeenCalledTimes(1)
  letRest()
  await flushPromises()
  expect(runUpload).toHaveBeenCalledTimes(2)
})

it('offers the existing document for a duplicate, or sends it anyway', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  running[0]?.fail(new ApiProblem(409, 'duplicate_document', '', [], { existing_id: 'old', existing_trashed: true }))
  await flushPromises()
  expect(first(uploads)).toMatchObject({ state: 'duplicate', duplicate: { id: 'old', isTrashed: true } })
  uploads.uploadAnyway(first(uploads).key)
  expect(running[1]).toMatchObject({ carriage: { allowDuplicate: true } })
})

it('restores a duplicate from the trash', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  running[0]?.fail(new ApiProblem(409, 'duplicate_document', '', [], { existing_id: 'old', existing_trashed: true }))
  await flushPromises()
  vi.mocked(restoreDuplicate).mockResolvedValue(someDocument({ id: 'old' }))
  await uploads.restoreExisting(first(uploads).key)
  expect(first(uploads)).toMatchObject({ state: 'done', documentId: 'old' })
})

it('keeps what arrived of a failed upload for another try, until it is dismissed', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { item, fail } = running[0] as Running
  item.documentId = 'd9'
  fail(new ApiProblem(403, 'part_refused', ''))
  await flushPromises()
  expect(item).toMatchObject({ state: 'failed', problem: { code: 'part_refused' }, documentId: 'd9' })
  expect(abandonUpload).not.toHaveBeenCalled()
  uploads.retry(item.key)
  expect(running[1]?.item).toMatchObject({ problem: null, documentId: 'd9' })
  running[1]?.fail(new ApiProblem(403, 'part_refused', ''))
  await flushPromises()
  uploads.dismiss(item.key)
  expect(abandonUpload).toHaveBeenCalledExactlyOnceWith('d9')
  expect(uploads.count).toBe(0)
})

it.each(['checksum_mismatch', 'file_unreadable'])('begins anew after %s', async (code) => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { item, fail } = running[0] as Running
  Object.assign(item, { documentId: 'd9', sha256: 'abc' })
  fail(new ApiProblem(422, code, ''))
  await flushPromises()
  expect(item).toMatchObject({ state: 'failed', documentId: null, sha256: null, sentBytes: 0 })
})

it('shows interrupted uploads and goes on with the file that fits, by name and size', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([interrupted()])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  expect(first(uploads)).toMatchObject({ state: 'interrupted', filename: 'long.pdf', sentBytes: 2 })
  expect(uploads.isBusy).toBe(false)
  uploads.add([new File(['12345'], 'other.pdf'), new File(['12345'], 'long.pdf')])
  expect(uploads).toMatchObject({ interruptedCount: 0, count: 2 })
  expect(running.map(({ item }) => [item.filename, item.documentId])).toEqual([['long.pdf', 'd7'], ['other.pdf', null]].reverse())
})

it('says that it is another file, and lets it go its own way', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([interrupted()])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  uploads.add([new File(['12345'], 'long.pdf')])
  running[0]?.fail(new ApiProblem(0, 'other_file', ''))
  await flushPromises()
  expect(first(uploads)).toMatchObject({ state: 'failed', problem: { code: 'other_file' } })
  uploads.startAnew(first(uploads).key)
  expect(running[1]?.item.documentId).toBeNull()
  expect(uploads.interruptedCount).toBe(1)
  expect(abandonUpload).not.toHaveBeenCalled()
})

it('does not even hash a picked file of another size', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([interrupted()])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  const { key } = first(uploads)
  uploads.continueWith(key, new File(['far too long'], 'long.pdf'))
  expect(first(uploads)).toMatchObject({ state: 'failed', problem: { code: 'other_file' } })
  expect(running).toEqual([])
  uploads.continueWith(key, new File(['12345'], 'renamed.pdf'))
  expect(running[0]?.item).toMatchObject({ documentId: 'd7', problem: null })
})

it('discards an interrupted upload', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([interrupted()])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  uploads.dismiss(first(uploads).key)
  expect(abandonUpload).toHaveBeenCalledExactlyOnceWith('d7')
  expect(uploads.count).toBe(0)
})

it('completes by itself what is there as a whole', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([interrupted({ isWhole: true })])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  expect(running[0]?.item).toMatchObject({ documentId: 'd7', file: null })
})

it('forgets interrupted uploads that were finished elsewhere, and its own', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValueOnce([interrupted(), interrupted({ documentId: 'ours', filename: '0.pdf', sizeBytes: 1 })])
  const uploads = useUploadsStore()
  await uploads.findInterrupted()
  expect(uploads.interruptedCount).toBe(2)
  vi.mocked(fetchInterrupted).mockResolvedValueOnce([])
  await uploads.findInterrupted()
  expect(uploads.count).toBe(0)
})

it('shows the next user nothing that was looked for in the name of the last', async () => {
  let answer: (found: InterruptedUpload[]) => void = () => undefined
  vi.mocked(fetchInterrupted).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
  const uploads = useUploadsStore()
  const search = uploads.findInterrupted()
  uploads.reset()
  answer([interrupted()])
  await search
  expect(uploads.count).toBe(0)
})

it('claims what it carries, and lets go when it is through', async () => {
  const lent = new Set<string>()
  vi.stubGlobal('navigator', {
    locks: {
      request: async (name: string, _: object, use: (lock: object | null) => Promise<void>) => {
        if (lent.has(name)) return use(null)
        lent.add(name)
        await use({})
        lent.delete(name)
      },
    },
  })
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { carriage, item, finish } = running[0] as Running
  expect(await carriage.hold('d9')).toBe(true)
  expect([...lent]).toEqual(['docuvault-upload-d9'])
  uploads.pause(item.key)
  await flushPromises()
  expect(lent.size).toBe(1)
  uploads.resume(item.key)
  expect(await running[1]?.carriage.hold('d9')).toBe(true)
  finish(someDocument())
  running[1]?.finish(someDocument({ id: 'd9' }))
  await flushPromises()
  expect(lent.size).toBe(0)
  lent.add('docuvault-upload-d8')
  uploads.add(files(1))
  expect(await running[2]?.carriage.hold('d8')).toBe(false)
})

it('never ends the upload of another tab', async () => {
  const uploads = useUploadsStore()
  uploads.add(files(1))
  const { item, fail } = running[0] as Running
  item.documentId = 'd9'
  fail(new ApiProblem(0, 'carried_elsewhere', ''))
  await flushPromises()
  uploads.clearSettled()
  expect(uploads.count).toBe(0)
  expect(abandonUpload).not.toHaveBeenCalled()
})

// About 0.1 s where nothing else runs; the bound is for machines that are busy.
it('takes a thousand files, one after the other, in no time', { timeout: 20_000 }, async () => {
  vi.mocked(runUpload).mockImplementation(async (item) => {
    item.state = 'sending'
    return someDocument({ id: item.key })
  })
  const uploads = useUploadsStore()
  const begun = performance.now()
  uploads.add(files(1000))
  await vi.waitFor(() => expect(uploads.doneCount).toBe(1000), { timeout: 15_000 })
  expect(performance.now() - begun).toBeLessThan(5000)
  expect(uploads).toMatchObject({ pendingCount: 0, totalBytes: 1000, sentBytes: 1000 })
  expect(uploads.first(60)).toHaveLength(60)
})
