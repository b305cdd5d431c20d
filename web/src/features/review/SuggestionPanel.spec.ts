import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { someDocument, someSuggestion } from '@/testing/documents'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import SuggestionPanel from './SuggestionPanel.vue'

vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: vi.fn() }) }))

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function open(suggestions: object) {
  const server = fakeServer({
    'GET /api/v1/documents/d1/suggestions': () => ({ status: 200, body: suggestions }),
    'POST /api/v1/documents/d1/suggestions': () => ({ status: 200, body: someDocument() }),
    'GET /api/v1/review': () => ({ status: 200, body: { items: [], next_cursor: null, waiting: 0 } }),
  })
  wrapper = mountInApp(SuggestionPanel, { document: someDocument() })
  await flushPromises()
  await flushPromises()
  return server
}

it('tells who filed it, whose word each topic is, and why', async () => {
  await open({
    filed_by: 'anthropic',
    notice: null,
    items: [
      someSuggestion('t1', { state: 'applied', source: 'user', confidence: null, reasons: ['not shown'] }),
      someSuggestion('t2', { state: 'applied', source: 'ai', provider: 'anthropic', reasons: ['Zählerstand'] }),
      someSuggestion('t3', { state: 'applied', source: 'device', confidence: 0.91 }),
      someSuggestion('t4', { state: 'rejected' }),
    ],
  })
  for (const words of ['Filed by Anthropic.', 'You put it on.', 'Put on by Anthropic.', 'Zählerstand', 'Put on by this machine.', '91 %', 'Does not fit']) expect(wrapper.text()).toContain(words)
  expect(wrapper.text()).not.toContain('not shown')
})

it('takes a yes and a no', async () => {
  const { asked } = await open({ filed_by: 'device', notice: null, items: [someSuggestion('t1'), someSuggestion('t2')] })
  await wrapper.find('button[aria-label="Put Topic t1 on the document"]').trigger('click')
  await flushPromises()
  await wrapper.find('button[aria-label="Topic t2 does not fit"]').trigger('click')
  await flushPromises()
  expect(asked.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
    { accept: ['t1'], reject: [] },
    { accept: [], reject: ['t2'] },
  ])
})

it.each([
  ['never_send', 'A rule of yours keeps this document from being sent.'],
  ['wrong_key', 'Check the key in the settings.'],
  ['budget_spent', 'Your limit for this month is used up'],
  ['word_of_a_newer_server', 'Your provider could not file it'],
])('says for %s why the provider did not file it', async (notice, words) => {
  await open({ filed_by: 'device', notice, items: [] })
  expect(wrapper.text()).toContain(words)
})
