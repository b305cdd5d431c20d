import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isReadable, putFile } from './putFile'

class FakeRequest {
  static last: FakeRequest
  upload: { onprogress?: (event: { loaded: number }) => void; onload?: () => void } = {}
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  onloadend?: () => void
  status = 0
  responseText = ''
  answered = ''
  sent: unknown
  headers: Record<string, string> = {}
  constructor() {
    FakeRequest.last = this
  }
  open = vi.fn()
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  getAllResponseHeaders() {
    return this.answered
  }
  send(body: unknown) {
    this.sent = body
  }
  abort() {
    this.onabort?.()
    this.onloadend?.()
  }
  answer(status: number, headers = '', text = '') {
    Object.assign(this, { status, answered: headers, responseText: text })
    this.onload?.()
    this.onloadend?.()
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const target = { method: 'PUT', url: 'https://store.test/o', headers: { 'content-length': '5', 'if-none-match': '*' } }
const put = (signal = new AbortController().signal) => putFile(new Blob(['hello']), target, signal, () => undefined)

it('sends the signed headers except the length, which is the browser’s, and answers the ETag', async () => {
  const sending = put()
  FakeRequest.last.answer(200, 'Content-Type: text/plain\r\nETag: "abc"\r\n')
  expect(await sending).toBe('"abc"')
  expect(FakeRequest.last.headers).toEqual({ 'if-none-match': '*' })
})

it('does without an ETag that the store hides', async () => {
  const sending = put()
  FakeRequest.last.answer(200)
  expect(await sending).toBeNull()
})

it('reads the server’s words where it gives any, and how long to wait', async () => {
  const sending = put()
  FakeRequest.last.answer(503, 'retry-after: 9\r\n', '{"code":"storage_unavailable"}')
  await expect(sending).rejects.toMatchObject({ status: 503, code: 'storage_unavailable', retryAfterSeconds: 9 })
})

it('takes a connection on which nothing moves for lost', async () => {
  const sending = put()
  FakeRequest.last.upload.onprogress?.({ loaded: 2 })
  vi.advanceTimersByTime(61_000)
  await expect(sending).rejects.toMatchObject({ code: 'network' })
})

it('gives the store time to write once all bytes are there', async () => {
  const sending = put()
  FakeRequest.last.upload.onload?.()
  vi.advanceTimersByTime(200_000)
  FakeRequest.last.answer(200)
  expect(await sending).toBeNull()
})

it('stops when told to', async () => {
  const controller = new AbortController()
  const sending = put(controller.signal)
  controller.abort()
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' })
})

it('knows a file that cannot be read any more', async () => {
  expect(await isReadable(new Blob(['x']))).toBe(true)
  const moved = { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) } as unknown as Blob
  expect(await isReadable(moved)).toBe(false)
})
