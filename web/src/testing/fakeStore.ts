// An object store and the server in front of it, as an upload sees them: parts, addresses that run out, and faults on demand.
import { vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import { networkProblem } from '@/api/problem'
import type { OpenUpload } from '@/api/types'
import { someDocument } from './documents'

export interface FakePut {
  partNumber: number
  url: string
  bytes: Blob
}

interface Options {
  partSizeBytes?: number
  /** Parts at or below one part go in a single request. */
  sizeBytes: number
  sha256?: string | null
  /** A store whose CORS rules hide the ETag. */
  hidesEtag?: boolean
}

const partOf = (url: string) => Number(new URL(url).searchParams.get('part') ?? 0)

export function fakeStore({ partSizeBytes = 10, sizeBytes, sha256 = 'abc', hidesEtag = false }: Options) {
  const count = Math.ceil(sizeBytes / partSizeBytes)
  const isMultipart = sizeBytes > partSizeBytes
  let signed = 0
  const store = {
    puts: [] as FakePut[],
    /** What is stored, by part number; 0 is a whole file. */
    stored: new Map<number, string>(),
    documentId: null as string | null,
    documentsMade: 0,
    isComplete: false,
    /** The last PUTs are under way at once. */
    inFlight: 0,
    mostInFlight: 0,
    urlLifeMs: 900_000,
    sizeOf: (number: number) => Math.min(partSizeBytes, sizeBytes - (number - 1) * partSizeBytes),
    /** Called before a PUT takes effect; throws what the store answers. */
    onPut: (() => undefined) as (put: FakePut) => void | Promise<void>,
    completedWith: [] as unknown[],
  }
  const expiresAt = () => new Date(Date.now() + store.urlLifeMs).toISOString()
  const address = (number: number) => ({ part_number: number, size_bytes: store.sizeOf(number), url: `https://store.test/o?part=${number}&sig=${++signed}` })
  const single = () => ({ method: 'PUT', url: `https://store.test/o?sig=${++signed}`, headers: {} })

  function known(id: string): void {
    if (id !== store.documentId) throw new ApiProblem(404, 'not_found', '')
  }

  const steps = {
    hash: vi.fn(async () => 'abc'),
    start: vi.fn(async () => {
      store.documentId = `d${++store.documentsMade}`
      store.stored.clear()
      const parts = Array.from({ length: count }, (_, index) => address(index + 1))
      const plan = isMultipart ? { strategy: 'multipart' as const, multipart: { part_size_bytes: partSizeBytes, parts } } : { strategy: 'single' as const, single: single() }
      return { document: someDocument({ id: store.documentId, status: 'uploading' }), upload: { id: 'u', expires_at: expiresAt(), ...plan } }
    }),
    show: vi.fn(async (id: string): Promise<OpenUpload> => {
      known(id)
      const parts = [...store.stored].filter(([number]) => number > 0).map(([part_number, etag]) => ({ part_number, etag, size_bytes: store.sizeOf(part_number) }))
      const state = store.isComplete ? 'completed' : store.stored.has(0) ? 'received' : 'waiting'
      const plan = isMultipart ? { strategy: 'multipart' as const, multipart: { part_size_bytes: partSizeBytes, part_count: count } } : { strategy: 'single' as const, single: single() }
      return { id: 'u', state, size_bytes: sizeBytes, sha256, expires_at: expiresAt(), parts, ...plan }
    }),
    sign: vi.fn(async (id: string, numbers: number[]) => {
      known(id)
      return { expires_at: expiresAt(), part_size_bytes: partSizeBytes, parts: numbers.map(address) }
    }),
    put: vi.fn(async (bytes: Blob, { url }: { url: string }, signal: AbortSignal, onProgress: (sent: number) => void) => {
      const put = { partNumber: partOf(url), url, bytes }
      store.puts.push(put)
      store.inFlight += 1
      store.mostInFlight = Math.max(store.mostInFlight, store.inFlight)
      try {
        onProgress(Math.ceil(bytes.size / 2))
        await Promise.race([
          Promise.resolve(store.onPut(put)),
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))),
        ])
        signal.throwIfAborted()
        const etag = `"e${put.partNumber}"`
        store.stored.set(put.partNumber, etag)
        return hidesEtag ? null : etag
      } finally {
        store.inFlight -= 1
      }
    }),
    isReadable: vi.fn(async () => true),
    complete: vi.fn(async (id: string, parts: unknown) => {
      known(id)
      store.completedWith.push(parts)
      const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !store.stored.has(number))
      if (isMultipart ? missing.length > 0 : !store.stored.has(0)) throw new ApiProblem(409, 'upload_incomplete', '', [], { missing_parts: missing })
      store.isComplete = true
      return someDocument({ id, status: 'processing' })
    }),
    wait: vi.fn(async (_ms: number, signal: AbortSignal) => signal.throwIfAborted()),
  }
  return Object.assign(store, { steps, refuse: (status: number, code = 'unexpected', seconds: number | null = null) => new ApiProblem(status, code, '', [], {}, seconds), networkProblem })
}
