import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import { someDocument } from '@/testing/documents'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import { fetchInterrupted } from './interruptedUploads'
import { runUpload } from './runUpload'
import { abandonUpload } from './uploadCalls'
import type { UploadItem } from './uploadItem'
import { useUploadsStore } from './uploads.store'
import UploadTray from './UploadTray.vue'

vi.mock('./runUpload')
vi.mock('./uploadCalls')
vi.mock('./interruptedUploads')

let wrapper: ReturnType<typeof mountInApp>
let running: { item: UploadItem; finish: () => void; fail: (error: unknown) => void }[]

beforeEach(() => {
  running = []
  fakeServer({ 'GET /api/v1/me/quota': () => ({ status: 200, body: { used_bytes: 900, reserved_bytes: 50, limit_bytes: 1000, documents: 1 } }) })
  vi.mocked(fetchInterrupted).mockReset().mockResolvedValue([])
  vi.mocked(abandonUpload).mockReset().mockResolvedValue(undefined)
  vi.mocked(runUpload).mockReset().mockImplementation((item, { signal }) => {
    item.state = 'sending'
    return new Promise((resolve, fail) => {
      running.push({ item, finish: () => resolve(someDocument()), fail })
      signal.addEventListener('abort', () => fail(new DOMException('aborted', 'AbortError')))
    })
  })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const text = () => wrapper.text()
const button = (name: string) => {
  const found = wrapper.findAll('button').find((candidate) => (candidate.attributes('aria-label') ?? candidate.text()) === name)
  if (!found) throw new Error(`no button “${name}”`)
  return found
}

async function open(files: File[] = []) {
  wrapper = mountInApp(UploadTray)
  const uploads = useUploadsStore()
  uploads.add(files)
  await flushPromises()
  return uploads
}

const file = (name: string, bytes = 1000) => new File(['x'.repeat(bytes)], name)

it('shows bytes, rate and time left, of each and of all', async () => {
  await open([file('a.pdf', 60_000), file('b.pdf', 60_000)])
  Object.assign(running[0]?.item ?? {}, { sentBytes: 20_000, bytesPerSecond: 500 })
  await flushPromises()
  expect(text()).toContain('20 kB of 60 kB · 500 byte/s · about 1 min left'.replace('500 byte/s', '500 bytes/s'))
  expect(text()).toContain('20 kB of 120 kB')
})

it('pauses and goes on, one and all', async () => {
  const uploads = await open([file('a.pdf'), file('b.pdf')])
  await button('Pause the upload of a.pdf').trigger('click')
  expect(text()).toContain('Paused · 0 bytes of 1 kB')
  await button('Pause all').trigger('click')
  expect(text()).toContain('Paused: 2 files')
  await button('Go on with all').trigger('click')
  await flushPromises()
  expect(uploads.pausedCount).toBe(0)
})

it('says that the connection is lost, or the storage', async () => {
  await open([file('a.pdf')])
  const { item } = running[0] ?? {}
  if (item) item.waitsFor = 'network'
  await flushPromises()
  expect(text()).toContain('Connection lost.')
  if (item) item.waitsFor = 'storage'
  await flushPromises()
  expect(text()).toContain('The storage cannot be reached.')
})

it('says how much room is missing', async () => {
  await open([file('a.pdf', 70)])
  running[0]?.fail(new ApiProblem(413, 'quota_exceeded', ''))
  await flushPromises()
  expect(text()).toContain('20 bytes are missing')
})

it.each([
  ['out_of_space', 'The server’s disk is full.'.replace('’', "'")],
  ['checksum_mismatch', 'The file was damaged on its way.'],
  ['size_mismatch', 'The file changed while it was sent.'],
  ['part_refused', 'The storage did not accept the file.'],
])('has words for %s, and offers another try', async (code, words) => {
  await open([file('a.pdf')])
  running[0]?.fail(new ApiProblem(500, code, 'untranslated'))
  await flushPromises()
  expect(text()).toContain(words)
  await button('Try again').trigger('click')
  expect(running).toHaveLength(2)
})

it('asks for the file again that cannot be read any more', async () => {
  await open([file('a.pdf')])
  running[0]?.fail(new ApiProblem(0, 'file_unreadable', ''))
  await flushPromises()
  expect(button('Choose the file again')).toBeTruthy()
  expect(text()).not.toContain('Try again')
})

it('offers to go on with an interrupted upload, or to discard it', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([{ documentId: 'd7', filename: 'long.pdf', sizeBytes: 40_000, arrivedBytes: 16_000, isWhole: false }])
  await open()
  expect(text()).toContain('1 upload was interrupted')
  expect(text()).toContain('Interrupted · 16 kB of 40 kB')
  expect(button('Choose the file to go on')).toBeTruthy()
  await button('Discard the upload of long.pdf').trigger('click')
  expect(abandonUpload).toHaveBeenCalledWith('d7')
  expect(wrapper.find('section').exists()).toBe(false)
})

it('draws few lines for many files, and counts the rest', async () => {
  await open(Array.from({ length: 1000 }, (_, index) => file(`${index}.pdf`, 1)))
  expect(wrapper.findAll('li')).toHaveLength(61)
  expect(text()).toContain('Uploading 1,000 files'.replace(',', ''))
  expect(text()).toContain('and 940 more')
})

it('warns before one leaves with uploads under way, not with interrupted ones', async () => {
  vi.mocked(fetchInterrupted).mockResolvedValue([{ documentId: 'd7', filename: 'long.pdf', sizeBytes: 40, arrivedBytes: 16, isWhole: false }])
  const uploads = await open()
  const leave = () => {
    const event = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(event)
    return event.defaultPrevented
  }
  expect(leave()).toBe(false)
  uploads.add([file('a.pdf')])
  expect(leave()).toBe(true)
})
