import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { FilingRun } from '@/api/types'
import { fakeServer, problem } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import RunSection from './RunSection.vue'

const toasts = vi.hoisted(() => [] as string[])
vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: ({ title }: { title: string }) => toasts.push(title) }) }))

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  toasts.length = 0
  vi.unstubAllGlobals()
})

const run = (part: Partial<FilingRun> = {}): FilingRun => ({ id: 'r1', kind: 'refile', state: 'running', total: 400, done: 96, failed: 4, created_at: '2026-11-20T10:00:00Z', finished_at: null, ...part })
const path = '/api/v1/me/filing/runs'

async function open(runs: FilingRun[], replies: Parameters<typeof fakeServer>[0] = {}) {
  const server = fakeServer({
    [`GET ${path}`]: () => ({ status: 200, body: { items: runs, next_cursor: null } }),
    [`POST ${path}`]: () => ({ status: 201, body: run() }),
    [`PATCH ${path}/r1`]: () => ({ status: 200, body: run() }),
    [`DELETE ${path}/r1`]: () => ({ status: 204 }),
    ...replies,
  })
  wrapper = mountInApp(RunSection)
  await flushPromises()
  await flushPromises()
  return server
}
async function click(name: string) {
  const all = [...document.querySelectorAll<HTMLElement>('button')].filter((one) => one.textContent?.trim() === name || one.getAttribute('aria-label') === name)
  all.at(-1)?.click()
  await flushPromises()
  await flushPromises()
}
const sent = (asked: Awaited<ReturnType<typeof open>>['asked']) => asked.filter(({ method }) => method !== 'GET').map(({ method, body }) => [method, body])

it('starts what one chooses, and tells of the last time', async () => {
  const { asked } = await open([run({ state: 'finished', done: 400, finished_at: '2026-11-20T11:00:00Z' })])
  expect(wrapper.text()).toContain('400 documents.')
  await click('Read all documents again')
  expect(sent(asked)).toEqual([['POST', { kind: 'reprocess' }]])
})

it('shows how far it is; pauses and goes on', async () => {
  const { asked } = await open([run()])
  expect(wrapper.find('[role=progressbar]').attributes('aria-valuenow')).toBe('25')
  expect(wrapper.text()).toContain('100 of 400 documents · 4 failed')
  expect(wrapper.text()).not.toContain('Start')
  await click('Pause')
  wrapper.unmount()
  const again = await open([run({ state: 'paused' })])
  await click('Go on')
  expect([...sent(asked), ...sent(again.asked)]).toEqual([['PATCH', { paused: true }], ['PATCH', { paused: false }]])
})

it('asks before it calls off', async () => {
  const { asked } = await open([run()])
  await click('Call off')
  expect(sent(asked)).toEqual([])
  await click('Call off')
  expect(sent(asked)).toEqual([['DELETE', null]])
})

it('says so when another window was faster', async () => {
  await open([], { [`POST ${path}`]: () => problem(409, 'run_in_progress') })
  await click('File all documents again')
  expect(toasts).toEqual(['Something is being done again already. Wait for it, or call it off.'])
})
