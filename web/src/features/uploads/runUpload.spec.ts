import { expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import { networkProblem } from '@/api/problem'
import { someDocument } from '@/testing/documents'
import { runUpload, type UploadSteps } from './runUpload'
import type { UploadItem } from './uploadItem'

function someItem(file = new File(['hello'], 'a.txt', { type: 'text/plain' })): UploadItem {
  return { key: 'k', file, state: 'waiting', hashedBytes: 0, sentBytes: 0, bytesPerSecond: 0, isOffline: false, documentId: null, problem: null, duplicate: null }
}

function someSteps(part: Partial<UploadSteps> = {}): UploadSteps {
  let started = 0
  return {
    hash: vi.fn(async () => 'abc'),
    start: vi.fn(async () => {
      const id = `d${++started}`
      const single = { method: 'PUT', url: `/gateway/${id}`, headers: {} }
      return { document: someDocument({ id }), upload: { id: 'u', strategy: 'single', expires_at: '', single } } as never
    }),
    put: vi.fn(async () => undefined),
    complete: vi.fn(async (id: string) => someDocument({ id, status: 'processing' })),
    abandon: vi.fn(async () => undefined),
    wait: vi.fn(async () => undefined),
    ...part,
  }
}

const go = (item: UploadItem, steps: UploadSteps) => runUpload(item, false, new AbortController().signal, steps)

it('hashes, reserves, sends and completes', async () => {
  const steps = someSteps()
  const document = await go(someItem(), steps)
  expect(document.id).toBe('d1')
  expect(steps.start).toHaveBeenCalledWith({ filename: 'a.txt', sizeBytes: 5, contentType: 'text/plain', sha256: 'abc' }, false, expect.anything())
  expect(steps.abandon).not.toHaveBeenCalled()
})

it('refuses an empty file without asking the server', async () => {
  const steps = someSteps()
  await expect(go(someItem(new File([], 'empty')), steps)).rejects.toMatchObject({ code: 'empty_file' })
  expect(steps.start).not.toHaveBeenCalled()
})

it('waits out a lost network, and as long as the server says', async () => {
  const put = vi.fn().mockRejectedValueOnce(networkProblem()).mockRejectedValueOnce(new ApiProblem(503, 'storage_unavailable', '', [], {}, 7)).mockResolvedValue(undefined)
  const steps = someSteps({ put })
  const item = someItem()
  await go(item, steps)
  expect(put).toHaveBeenCalledTimes(3)
  expect(vi.mocked(steps.wait).mock.calls[1]?.[0]).toBe(7000)
  expect(item.isOffline).toBe(false)
})

it('gives up on a network that stays away', async () => {
  const steps = someSteps({ put: vi.fn().mockRejectedValue(networkProblem()) })
  await expect(go(someItem(), steps)).rejects.toMatchObject({ code: 'network' })
})

it('completes when the bytes had arrived although the answer was lost', async () => {
  const put = vi.fn().mockRejectedValueOnce(networkProblem()).mockRejectedValueOnce(new ApiProblem(409, 'already_uploaded', ''))
  const steps = someSteps({ put })
  expect((await go(someItem(), steps)).id).toBe('d1')
})

it('starts again, once, when the address ran out before the bytes arrived', async () => {
  const put = vi.fn().mockRejectedValueOnce(new ApiProblem(403, 'ticket_expired', '')).mockResolvedValue(undefined)
  const complete = vi.fn().mockRejectedValueOnce(new ApiProblem(409, 'upload_incomplete', '')).mockResolvedValue(someDocument({ id: 'd2' }))
  const steps = someSteps({ put, complete })
  expect((await go(someItem(), steps)).id).toBe('d2')
  expect(steps.abandon).toHaveBeenCalledExactlyOnceWith('d1')
})

it.each([
  [409, 'duplicate_document'],
  [413, 'quota_exceeded'],
])('does not repeat a definite no: %i %s', async (status, code) => {
  const start = vi.fn().mockRejectedValue(new ApiProblem(status, code, ''))
  const steps = someSteps({ start })
  await expect(go(someItem(), steps)).rejects.toMatchObject({ code })
  expect(start).toHaveBeenCalledTimes(1)
})
