import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { ReviewItem } from '@/api/types'
import { someDocument, someSuggestion } from '@/testing/documents'
import { fakeServer, problem } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import ReviewPage from './ReviewPage.vue'

interface Toast {
  title: string
  description?: string
  actions?: { onClick: () => void }[]
}
const toasts = vi.hoisted(() => [] as Toast[])
vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: (toast: Toast) => toasts.push(toast) }) }))

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  toasts.length = 0
  vi.unstubAllGlobals()
})

// In the order of arrival, as the server's ids are.
const item = (id: string, ...suggestions: ReviewItem['suggestions']): ReviewItem => ({ document: someDocument({ id, title: `Paper ${id}` }), suggestions })
const three = () => [item('d3', someSuggestion('t1', { confidence: 0.64, reasons: ['Netzentgelt', 'kWh'] }), someSuggestion('t2', { confidence: 0.31 })), item('d2', someSuggestion('t2')), item('d1', someSuggestion('t1'))]

async function open(items = three(), replies: Parameters<typeof fakeServer>[0] = {}) {
  const decided = Object.fromEntries(items.map(({ document }) => [`POST /api/v1/documents/${document.id}/suggestions`, () => ({ status: 200, body: document, headers: { ETag: '"2"' } })]))
  const undone = Object.fromEntries(items.map(({ document }) => [`DELETE /api/v1/documents/${document.id}/suggestions`, () => ({ status: 202 })]))
  const texts = Object.fromEntries(items.map(({ document }) => [`GET /api/v1/documents/${document.id}/text`, () => ({ status: 200, body: { pages: [{ number: 1, source: 'text', text: `Beginning of ${document.id}` }] } })]))
  const server = fakeServer({
    'GET /api/v1/review': () => ({ status: 200, body: { items, next_cursor: null, waiting: items.length } }),
    'GET /api/v1/topics': () => ({ status: 200, body: { items: [{ id: 't9', name: 'Car', color: 'red', documents: 3 }], next_cursor: null } }),
    ...decided,
    ...undone,
    ...texts,
    ...replies,
  })
  wrapper = mountInApp(ReviewPage)
  await flushPromises()
  await flushPromises()
  return server
}

const shown = () => wrapper.findAll('li[data-document]').map((card) => card.attributes('data-document'))
const current = () => wrapper.find('li[aria-current]').attributes('data-document')
async function press(...keys: string[]) {
  for (const key of keys) {
    ;(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await flushPromises()
  }
}
const sent = (asked: Awaited<ReturnType<typeof open>>['asked']) => asked.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path.split('/')[4], body])

it('shows what is proposed, how sure it is, and the words that decided', async () => {
  await open()
  for (const words of ['3 documents wait', 'Paper d3', 'Topic t1', 'Likely', '64 %', 'Netzentgelt', 'Beginning of d3']) expect(wrapper.text()).toContain(words)
  expect(wrapper.text()).not.toContain('Beginning of d2')
})

it('accepts with the keyboard what is ticked, and goes on to the next', async () => {
  const { asked } = await open()
  expect(current()).toBe('d3')
  await press('2', 'Enter')
  expect(shown()).toEqual(['d2', 'd1'])
  expect(current()).toBe('d2')
  expect(document.activeElement?.getAttribute('data-document')).toBe('d2')
  await press('j', 'a')
  expect(sent(asked)).toEqual([
    ['POST', 'd3', { accept: ['t1', 't2'], reject: [] }],
    ['POST', 'd1', { accept: ['t1'], reject: [] }],
  ])
  expect(toasts.map(({ title }) => title)).toEqual(['Filed under Topic t1, Topic t2', 'Filed under Topic t1'])
})

it('rejects all that is proposed, and takes it back', async () => {
  const { asked } = await open()
  await press('x')
  expect(shown()).toEqual(['d2', 'd1'])
  await press('u')
  expect(shown()).toEqual(['d3', 'd2', 'd1'])
  expect(current()).toBe('d3')
  expect(sent(asked)).toEqual([
    ['POST', 'd3', { accept: [], reject: ['t1', 't2'] }],
    ['DELETE', 'd3', null],
  ])
  await press('u')
  expect(sent(asked)).toHaveLength(2)
})

it('takes back the decision whose message it is, not just the last', async () => {
  const { asked } = await open()
  await press('a', 'a')
  toasts[0]?.actions?.[0]?.onClick()
  await flushPromises()
  expect(shown()).toEqual(['d3', 'd1'])
  expect(sent(asked).at(-1)).toEqual(['DELETE', 'd3', null])
})

it('puts a document back when the server refuses', async () => {
  await open(three(), { 'POST /api/v1/documents/d3/suggestions': () => problem(503, 'database_unavailable') })
  await press('a')
  expect(shown()).toEqual(['d3', 'd2', 'd1'])
  expect(toasts.map(({ title }) => title)).toEqual(['The server is busy just now. Nothing is lost; try again shortly.'])
})

it('leaves out a document that is gone', async () => {
  await open(three(), { 'POST /api/v1/documents/d3/suggestions': () => problem(404, 'not_found') })
  await press('a')
  expect(shown()).toEqual(['d2', 'd1'])
})

it('works by pointer: untick, then leave it as it is', async () => {
  const { asked } = await open([item('d1', someSuggestion('t1'))])
  await wrapper.find('input[type=checkbox]').trigger('change')
  const button = wrapper.findAll('button').find((one) => one.text().includes('Leave as it is'))
  await button?.trigger('click')
  await flushPromises()
  expect(sent(asked)).toEqual([['POST', 'd1', { accept: [], reject: [] }]])
  expect(wrapper.text()).toContain('Nothing to review')
  expect(wrapper.find('[role=status]').text()).toBe('All done.')
})

it('says calmly that there is nothing to do', async () => {
  await open([])
  expect(wrapper.text()).toContain('When filing is not sure about a document, it asks you here.')
})
