import { expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import { fakeStore } from '@/testing/fakeStore'
import { RequestSlots } from './requestSlots'
import { runUpload, type Carriage, type UploadSteps } from './runUpload'
import { itemOfFile, itemOfInterrupted, type UploadItem } from './uploadItem'

const fileOf = (bytes: number) => new File(['x'.repeat(bytes)], 'a.txt', { type: 'text/plain' })

function go(item: UploadItem, steps: object, part: Partial<Carriage> = {}) {
  return runUpload(item, { allowDuplicate: false, signal: new AbortController().signal, slots: new RequestSlots(6), hold: async () => true, ...part }, steps as UploadSteps)
}

const numbersOf = (puts: { partNumber: number }[]) => puts.map(({ partNumber }) => partNumber).sort((a, b) => a - b)

it('hashes, reserves, sends a small file in one request, and completes', async () => {
  const store = fakeStore({ sizeBytes: 5 })
  const document = await go(itemOfFile('k', fileOf(5)), store.steps)
  expect(document.id).toBe('d1')
  expect(store.steps.start).toHaveBeenCalledWith({ filename: 'a.txt', sizeBytes: 5, contentType: 'text/plain', sha256: 'abc' }, false, expect.stringMatching(/^[\da-f]{32}$/))
  expect(store.completedWith).toEqual([null])
})

it('refuses an empty file without asking the server', async () => {
  const { steps } = fakeStore({ sizeBytes: 0 })
  await expect(go(itemOfFile('k', new File([], 'empty')), steps)).rejects.toMatchObject({ code: 'empty_file' })
  expect(steps.start).not.toHaveBeenCalled()
})

it('sends a large file in parts, four at once, and names them all', async () => {
  const store = fakeStore({ sizeBytes: 95 })
  const item = itemOfFile('k', fileOf(95))
  store.onPut = () => new Promise((resolve) => setTimeout(resolve, 5))
  await go(item, store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(store.mostInFlight).toBe(4)
  expect(store.puts.find(({ partNumber }) => partNumber === 10)?.bytes.size).toBe(5)
  expect(store.puts.every(({ bytes }) => bytes.type === '')).toBe(true)
  expect(store.completedWith[0]).toEqual(Array.from({ length: 10 }, (_, index) => ({ part_number: index + 1, etag: `"e${index + 1}"` })))
  expect(item.sentBytes).toBe(95)
})

it('takes parts that arrive out of order', async () => {
  const store = fakeStore({ sizeBytes: 40 })
  store.onPut = ({ partNumber }) => new Promise((resolve) => setTimeout(resolve, (5 - partNumber) * 5))
  await go(itemOfFile('k', fileOf(40)), store.steps)
  expect([...store.stored.keys()]).toEqual([4, 3, 2, 1])
  expect(store.isComplete).toBe(true)
})

it('goes on without ETags that the store hides', async () => {
  const store = fakeStore({ sizeBytes: 30, hidesEtag: true })
  await go(itemOfFile('k', fileOf(30)), store.steps)
  expect(store.completedWith).toEqual([null])
})

it('repeats one part only, as long after as the store says', async () => {
  const store = fakeStore({ sizeBytes: 40 })
  const faults = [store.networkProblem(), store.refuse(503, 'unexpected', 7)]
  store.onPut = ({ partNumber }) => {
    const fault = partNumber === 2 && faults.shift()
    if (fault) throw fault
  }
  const item = itemOfFile('k', fileOf(40))
  await go(item, store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 2, 2, 3, 4])
  const [, second] = store.steps.wait.mock.calls.map(([ms]) => ms)
  expect(second).toBeGreaterThanOrEqual(7000)
  expect(item.waitsFor).toBeNull()
})

it('outlasts a network that is away for long, and says what it waits for', async () => {
  const store = fakeStore({ sizeBytes: 20 })
  let failures = 200
  const item = itemOfFile('k', fileOf(20))
  const seen = new Set<unknown>()
  store.steps.wait.mockImplementation(async () => void seen.add(item.waitsFor))
  store.onPut = () => {
    if (failures-- > 0) throw failures > 100 ? store.networkProblem() : store.refuse(503)
  }
  await go(item, store.steps)
  expect([...seen]).toEqual(['network', 'storage'])
})

it('tells a file that cannot be read any more from a lost network', async () => {
  const store = fakeStore({ sizeBytes: 20 })
  store.onPut = () => {
    throw store.networkProblem()
  }
  store.steps.isReadable.mockResolvedValue(false)
  await expect(go(itemOfFile('k', fileOf(20)), store.steps)).rejects.toMatchObject({ code: 'file_unreadable' })
})

it.each([403, 400])('asks for fresh addresses when the store answers %i', async (status) => {
  const store = fakeStore({ sizeBytes: 40 })
  store.onPut = ({ url }) => {
    // All addresses of the start are refused.
    if (Number(new URL(url).searchParams.get('sig')) <= 4) throw store.refuse(status)
  }
  await go(itemOfFile('k', fileOf(40)), store.steps)
  expect(store.isComplete).toBe(true)
  expect(store.steps.sign.mock.calls.length).toBeLessThanOrEqual(4)
  expect(store.steps.wait).not.toHaveBeenCalled()
})

it('asks for fresh addresses before the old ones run out', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const store = fakeStore({ sizeBytes: 100 })
  store.onPut = () => void vi.advanceTimersByTime(180_000)
  await go(itemOfFile('k', fileOf(100)), store.steps)
  vi.useRealTimers()
  // 15 minutes long each, at 3 minutes a part: no PUT ever sees an old one.
  expect(store.steps.sign).toHaveBeenCalled()
  expect(store.puts).toHaveLength(10)
})

it('does not ask again and again on a device whose clock is wrong', async () => {
  const store = fakeStore({ sizeBytes: 100 })
  store.urlLifeMs = -3_600_000
  await go(itemOfFile('k', fileOf(100)), store.steps)
  expect(store.steps.sign).not.toHaveBeenCalled()
})

it('gives up on a store that keeps refusing fresh addresses', async () => {
  const store = fakeStore({ sizeBytes: 20 })
  store.onPut = () => {
    throw store.refuse(403)
  }
  await expect(go(itemOfFile('k', fileOf(20)), store.steps)).rejects.toMatchObject({ code: 'part_refused' })
  expect(store.puts.length).toBeLessThanOrEqual(8)
})

it.each([
  [413, 'part_refused'],
  [507, 'out_of_space'],
])('gives up on a definite %i after a few tries', async (status, code) => {
  const store = fakeStore({ sizeBytes: 20 })
  store.onPut = () => {
    throw store.refuse(status)
  }
  await expect(go(itemOfFile('k', fileOf(20)), store.steps)).rejects.toMatchObject({ code })
})

it('asks what is there when the store has forgotten the upload', async () => {
  const store = fakeStore({ sizeBytes: 40 })
  let isForgotten = false
  store.onPut = ({ partNumber }) => {
    if (partNumber !== 4 || isForgotten) return
    isForgotten = true
    store.stored.clear()
    throw store.refuse(404)
  }
  await go(itemOfFile('k', fileOf(40)), store.steps)
  expect(store.isComplete).toBe(true)
  expect(store.steps.show).toHaveBeenCalled()
})

it('stops when told to, and later sends only what is missing', async () => {
  const store = fakeStore({ sizeBytes: 100 })
  const controller = new AbortController()
  const item = itemOfFile('k', fileOf(100))
  store.onPut = ({ partNumber }) => {
    if (partNumber === 6) controller.abort()
  }
  await expect(go(item, store.steps, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
  const there = [...store.stored.keys()]
  expect(there.length).toBeGreaterThanOrEqual(2)
  store.onPut = () => undefined
  expect(item).toMatchObject({ documentId: 'd1', sentBytes: there.length * 10 })
  store.puts.length = 0
  await go(item, store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((number) => !there.includes(number)))
  expect(store.steps.hash).toHaveBeenCalledTimes(1)
  expect(store.steps.start).toHaveBeenCalledTimes(1)
})

it('reserves once although the answer was lost', async () => {
  const store = fakeStore({ sizeBytes: 20 })
  store.steps.start.mockRejectedValueOnce(store.networkProblem())
  await go(itemOfFile('k', fileOf(20)), store.steps)
  const [first, second] = store.steps.start.mock.calls as unknown as [unknown, boolean, string][]
  expect(first?.[2]).toBe(second?.[2])
})

it('resumes an interrupted upload with the file picked again', async () => {
  const store = fakeStore({ sizeBytes: 50 })
  store.documentId = 'd7'
  store.stored.set(1, '"e1"').set(4, '"e4"')
  const item = itemOfInterrupted('k', { documentId: 'd7', filename: 'a.txt', sizeBytes: 50, arrivedBytes: 20, isWhole: false })
  item.file = fileOf(50)
  expect((await go(item, store.steps)).id).toBe('d7')
  expect(numbersOf(store.puts)).toEqual([2, 3, 5])
  expect(store.steps.start).not.toHaveBeenCalled()
})

it('sends nothing when another file was picked', async () => {
  const store = fakeStore({ sizeBytes: 50, sha256: 'that of another' })
  store.documentId = 'd7'
  const item = itemOfInterrupted('k', { documentId: 'd7', filename: 'a.txt', sizeBytes: 50, arrivedBytes: 0, isWhole: false })
  item.file = fileOf(50)
  await expect(go(item, store.steps)).rejects.toMatchObject({ code: 'other_file' })
  expect(store.puts).toEqual([])
})

it('trusts no part of an upload that did not say what it sends', async () => {
  const store = fakeStore({ sizeBytes: 30, sha256: null })
  store.documentId = 'd7'
  store.stored.set(1, '"of who knows what"')
  const item = itemOfInterrupted('k', { documentId: 'd7', filename: 'a.txt', sizeBytes: 30, arrivedBytes: 10, isWhole: false })
  item.file = fileOf(30)
  await go(item, store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 3])
})

it('completes without the file when all bytes are there', async () => {
  const store = fakeStore({ sizeBytes: 20 })
  store.documentId = 'd7'
  store.stored.set(1, '"e1"').set(2, '"e2"')
  const item = itemOfInterrupted('k', { documentId: 'd7', filename: 'a.txt', sizeBytes: 20, arrivedBytes: 20, isWhole: true })
  await go(item, store.steps)
  expect(store.isComplete).toBe(true)
  expect(store.puts).toEqual([])
})

it('starts from the beginning when the upload was given up meanwhile', async () => {
  const store = fakeStore({ sizeBytes: 30 })
  const item = itemOfFile('k', fileOf(30))
  item.documentId = 'gone'
  expect((await go(item, store.steps)).id).toBe('d1')
})

it('leaves an upload alone that another tab carries', async () => {
  const store = fakeStore({ sizeBytes: 30 })
  await expect(go(itemOfFile('k', fileOf(30)), store.steps, { hold: async () => false })).rejects.toMatchObject({ code: 'carried_elsewhere' })
  expect(store.puts).toEqual([])
})

it('sends again what the server misses', async () => {
  const store = fakeStore({ sizeBytes: 40 })
  let hasLost = false
  store.onPut = async ({ partNumber }) => {
    if (partNumber !== 4 || hasLost) return
    await new Promise((resolve) => setTimeout(resolve, 5))
    hasLost = store.stored.delete(2)
  }
  await go(itemOfFile('k', fileOf(40)), store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 2, 3, 4])
})

it('sends a part again whose stored ETag is another, and then takes the store at its word', async () => {
  const store = fakeStore({ sizeBytes: 30 })
  const mismatch = new ApiProblem(422, 'validation_failed', '', [{ field: 'parts', code: 'etag_mismatch', detail: '' }])
  store.steps.complete.mockImplementationOnce(async () => {
    store.stored.set(2, '"somebody else\'s"')
    throw mismatch
  })
  await go(itemOfFile('k', fileOf(30)), store.steps)
  expect(numbersOf(store.puts)).toEqual([1, 2, 2, 3])
  store.isComplete = false
  store.steps.complete.mockRejectedValueOnce(mismatch).mockRejectedValueOnce(mismatch)
  await go(itemOfFile('k', fileOf(30)), store.steps)
  expect(store.completedWith.at(-1)).toBeNull()
})

it('completes a single upload when the bytes had arrived although the answer was lost', async () => {
  const store = fakeStore({ sizeBytes: 5 })
  const faults = [store.networkProblem(), store.refuse(412)]
  store.onPut = () => {
    store.stored.set(0, '"e0"')
    throw faults.shift()
  }
  expect((await go(itemOfFile('k', fileOf(5)), store.steps)).id).toBe('d1')
  expect(store.puts).toHaveLength(2)
})

it('gets a fresh address for a single upload whose address ran out', async () => {
  const store = fakeStore({ sizeBytes: 5 })
  store.onPut = () => {
    store.onPut = () => undefined
    throw store.refuse(403, 'ticket_expired')
  }
  expect((await go(itemOfFile('k', fileOf(5)), store.steps)).id).toBe('d1')
  expect(new Set(store.puts.map(({ url }) => url)).size).toBe(2)
  expect(store.steps.start).toHaveBeenCalledTimes(1)
})

it.each([
  [409, 'duplicate_document'],
  [413, 'quota_exceeded'],
])('does not repeat a definite no: %i %s', async (status, code) => {
  const store = fakeStore({ sizeBytes: 5 })
  store.steps.start.mockRejectedValue(new ApiProblem(status, code, ''))
  await expect(go(itemOfFile('k', fileOf(5)), store.steps)).rejects.toMatchObject({ code })
  expect(store.steps.start).toHaveBeenCalledTimes(1)
})

it('keeps to six requests over all files', async () => {
  const slots = new RequestSlots(6)
  const stores = [1, 2, 3].map(() => fakeStore({ sizeBytes: 80 }))
  let inFlight = 0
  let most = 0
  for (const store of stores) {
    store.onPut = async () => {
      most = Math.max(most, ++inFlight)
      await new Promise((resolve) => setTimeout(resolve, 3))
      inFlight -= 1
    }
  }
  await Promise.all(stores.map((store, index) => go(itemOfFile(String(index), fileOf(80)), store.steps, { slots })))
  expect(most).toBe(6)
})
