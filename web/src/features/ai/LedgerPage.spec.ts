import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { LedgerEntry } from '@/api/types'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import LedgerPage from './LedgerPage.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const entry = (id: string, part: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id, sent_at: '2026-11-20T10:00:00Z', purpose: 'classify', provider: 'anthropic', host: 'api.anthropic.com', model: 'small', document: { id: 'd1', title: 'Gas bill' },
  status: 'answered', problem: null, sent_bytes: 4200, received_bytes: 300, input_tokens: 1100, output_tokens: 80, cost_micros: 1500, ...part,
})

async function open(items: LedgerEntry[]) {
  fakeServer({ 'GET /api/v1/me/ai/ledger': () => ({ status: 200, body: { items, next_cursor: null, totals: { month_requests: 3, month_sent_bytes: 12_000, month_tokens: 3400 } } }) })
  wrapper = mountInApp(LedgerPage)
  await flushPromises()
  await flushPromises()
}

it('tells of every request what left, where to, and how it ended', async () => {
  await open([entry('1'), entry('2', { status: 'failed', problem: 'timeout', document: null, purpose: 'test', cost_micros: null }), entry('3', { status: 'of_a_newer_server', purpose: 'of_a_newer_server' })])
  for (const words of ['3,400', '12 kB', 'Gas bill', 'api.anthropic.com', 'Anthropic · small', '4.2 kB', '1,180 tokens · cost 0.0015', 'Answered', 'Failed', 'took too long']) expect(wrapper.text()).toContain(words)
  expect(wrapper.findAll('tbody tr')).toHaveLength(3)
})

it('says so when nothing was ever sent', async () => {
  await open([])
  expect(wrapper.text()).toContain('Nothing was ever sent')
})
