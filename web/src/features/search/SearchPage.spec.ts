import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { Interpretation } from '@/api/types'
import { someDocument } from '@/testing/documents'
import { fakeServer, problem } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import SearchPage from './SearchPage.vue'

vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: vi.fn() }) }))

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function settle() {
  for (let round = 0; round < 5; round += 1) await flushPromises()
}

const nothing: Interpretation = { words: [], filters: [], corrections: [] }
async function open(address: string, interpretation: Interpretation = nothing, replies: Parameters<typeof fakeServer>[0] = {}) {
  const server = fakeServer({
    'GET /api/v1/search': () => ({
      status: 200,
      body: {
        items: [{ document: someDocument(), score: 1, snippets: ['the <mark>bill</mark>'] }], next_cursor: null, total: { count: 1200, is_exact: false }, interpretation,
        facets: { topics: [], content_types: [], years: [], correspondents: [{ value: 'Stadtwerke München', count: 14 }] },
      },
    }),
    'GET /api/v1/searches': () => ({ status: 200, body: { items: [{ id: 's1', name: 'Bills', query: 'q=bill&sort=document_date', created_at: '2026-10-10T10:00:00Z' }] } }),
    ...replies,
  })
  wrapper = mountInApp(SearchPage, {}, address)
  await settle()
  return server
}
const address = () => wrapper.vm.$router.currentRoute.value.fullPath
const button = (name: string) => [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === name || one.getAttribute('aria-label') === name)

it('shows what was understood, and lets a filter be taken away', async () => {
  await open('/search?q=bil+topic:tax+year:2025', {
    words: ['bil'],
    filters: [{ field: 'topic', value: 'tax', known: false }, { field: 'year', value: '2025', known: true }],
    corrections: [{ typed: 'bil', used: ['bill', 'bell'] }],
  })
  for (const words of ['Topic: tax', 'no such', 'Year: 2025', 'Nothing was found for “bil”. Shown instead: bill, bell', 'At least 1,200 documents']) expect(wrapper.text()).toContain(words)
  button('Remove the filter Topic: tax')?.click()
  await settle()
  expect(address()).toBe('/search?q=bil+year:2025')
})

it('narrows to a correspondent by a filter in the search, and back', async () => {
  await open('/search?q=bill')
  const facet = () => wrapper.findAll('[aria-pressed]').find((one) => one.text().includes('Stadtwerke München'))
  await facet()?.trigger('click')
  await settle()
  expect(wrapper.vm.$router.currentRoute.value.query.q).toBe('bill from:"Stadtwerke München"')
  expect(facet()?.attributes('aria-pressed')).toBe('true')
  await facet()?.trigger('click')
  await settle()
  expect(wrapper.vm.$router.currentRoute.value.query.q).toBe('bill')
})

it('keeps a search under a name, and says so when the name is taken', async () => {
  let taken = true
  const { asked } = await open('/search?q=bill&year=2025', nothing, { 'POST /api/v1/searches': () => (taken ? problem(409, 'name_taken') : { status: 201, body: { id: 's2', name: 'x', query: 'x', created_at: '2026-10-10T10:00:00Z' } }) })
  button('Save search')?.click()
  await settle()
  const form = () => document.querySelector('#saved-search')
  form()?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
  expect(asked.at(-1)?.body).toEqual({ name: 'bill', query: 'q=bill&year=2025' })
  expect(document.body.textContent).toContain('There is one of this name already.')
  taken = false
  form()?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
  expect(form()).toBeNull()
})

it('knows a search that is kept already', async () => {
  await open('/search?q=bill&sort=document_date')
  expect(button('Saved as Bills')).toBeDefined()
})
