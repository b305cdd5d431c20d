import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StorageReport } from '@/api/types'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import StoragePage from './StoragePage.vue'

vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: vi.fn() }) }))

const run = {
  started_at: '2026-11-20T10:00:00Z', finished_at: '2026-11-20T10:01:05Z', objects: 1200, bytes: 5_000_000, orphans: 2, orphan_bytes: 3000,
  missing: 1, wrong_size: 0, damaged: 0, unfinished_uploads: 4, removed: 0, error: null,
}
const report: StorageReport = {
  kind: 's3', documents: 1199, bytes: 4_997_000, last_run: run, is_running: false,
  checked: { documents_verified: 1000, documents_unverified: 199, oldest_verified_at: null },
}
const finding = (id: number, kind: string) => ({
  id, kind, object_key: `u/d/${kind}.pdf`, size_bytes: 1500, first_seen_at: '2026-11-20T10:00:00Z', last_seen_at: '2026-11-20T10:00:00Z',
  removal_due_at: kind === 'orphan' ? '2026-11-27T10:00:00Z' : null,
})

let wrapper: ReturnType<typeof mountInApp>
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] }))
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await vi.advanceTimersByTimeAsync(10)
    await flushPromises()
  }
}

async function open(storage: () => StorageReport = () => report, items = [finding(1, 'missing'), finding(2, 'orphan')]) {
  const server = fakeServer({
    'GET /api/v1/admin/storage': () => ({ status: 200, body: storage() }),
    'GET /api/v1/admin/storage/findings': () => ({ status: 200, body: { items, next_cursor: null } }),
    'POST /api/v1/admin/storage/reconcile': () => ({ status: 202 }),
  })
  wrapper = mountInApp(StoragePage)
  await settle()
  return server
}

it('shows the store, the last check, and what does not fit with what it means', async () => {
  await open()
  for (const words of ['S3 object store', '1,199', '1,200 (5 MB)', '2 (3 kB)', 'took 1:05', 'u/d/missing.pdf', 'Its owner has been told', 'removed after']) expect(wrapper.text()).toContain(words)
})

it('says so when nothing was found, or never looked for', async () => {
  await open(() => ({ ...report, last_run: null }), [])
  expect(wrapper.text()).toContain('Not checked yet')
  expect(wrapper.text()).toContain('No findings')
})

it('checks now, and looks again until it is over', async () => {
  let now = report
  const { asked } = await open(() => now)
  await wrapper.findAll('button').find((button) => button.text() === 'Check now')?.trigger('click')
  await settle()
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
  expect(wrapper.text()).toContain('Being checked')
  now = { ...report, is_running: true, last_run: { ...run, started_at: '2026-11-25T10:00:00Z', finished_at: null } }
  await vi.advanceTimersByTimeAsync(2100)
  await settle()
  expect(wrapper.text()).toContain('Being checked')
  now = { ...report, last_run: { ...run, started_at: '2026-11-25T10:00:00Z', finished_at: '2026-11-25T10:00:09Z', missing: 0 } }
  await vi.advanceTimersByTimeAsync(2100)
  await settle()
  expect(wrapper.text()).toContain('Check now')
  expect(wrapper.text()).toContain('took 0:09')
})
