import { afterEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { fakeServer, problem } from '@/testing/fakeServer'
import { fetchInterrupted } from './interruptedUploads'

afterEach(() => vi.unstubAllGlobals())

const open = (id: string, size_bytes = 30) => someDocument({ id, filename: `${id}.pdf`, size_bytes, status: 'uploading' })
const parts = (count: number) => Array.from({ length: count }, (_, index) => ({ part_number: index + 1, size_bytes: 10, etag: 'e' }))
const upload = (part: object) => ({ status: 200, body: { id: 'u', strategy: 'multipart', state: 'waiting', size_bytes: 30, multipart: { part_size_bytes: 10, part_count: 3 }, parts: [], ...part } })

it('tells how much of each is there, and leaves out what a tab carries', async () => {
  vi.stubGlobal('navigator', { locks: { query: async () => ({ held: [{ name: 'docuvault-upload-held' }] }) } })
  const { asked } = fakeServer({
    'GET /api/v1/documents': () => ({ status: 200, body: { items: ['half', 'whole', 'arrived', 'gone', 'unknown', 'held', 'ours'].map((id) => open(id)), next_cursor: null } }),
    'GET /api/v1/documents/half/upload': () => upload({ parts: parts(2) }),
    'GET /api/v1/documents/whole/upload': () => upload({ parts: parts(3) }),
    'GET /api/v1/documents/arrived/upload': () => upload({ strategy: 'single', state: 'received', multipart: null }),
    'GET /api/v1/documents/gone/upload': () => problem(404, 'not_found'),
    'GET /api/v1/documents/unknown/upload': () => problem(503, 'storage_unavailable'),
  })
  expect(await fetchInterrupted(new Set(['ours']))).toMatchObject([
    { documentId: 'half', arrivedBytes: 20, isWhole: false },
    { documentId: 'whole', arrivedBytes: 30, isWhole: true },
    { documentId: 'arrived', arrivedBytes: 30, isWhole: true },
    { documentId: 'unknown', arrivedBytes: 0, isWhole: false },
  ])
  expect(asked).toHaveLength(6)
})

it('shows all of them where the browser has no locks', async () => {
  vi.stubGlobal('navigator', {})
  fakeServer({
    'GET /api/v1/documents': () => ({ status: 200, body: { items: [open('half')], next_cursor: null } }),
    'GET /api/v1/documents/half/upload': () => upload({ parts: parts(1) }),
  })
  expect(await fetchInterrupted(new Set())).toHaveLength(1)
})
