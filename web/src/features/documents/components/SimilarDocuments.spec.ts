import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import SimilarDocuments from './SimilarDocuments.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function open(items: object[]) {
  fakeServer({ 'GET /api/v1/documents/d1/similar': () => ({ status: 200, body: { items } }) })
  wrapper = mountInApp(SimilarDocuments, { id: 'd1' })
  await flushPromises()
  await flushPromises()
}

it('lists what is alike and says what may be there twice', async () => {
  await open([
    { document: someDocument({ id: 'd2', title: 'Contract, once more' }), likeness: 1, almost_the_same: true },
    { document: someDocument({ id: 'd3', title: 'A letter about it' }), likeness: 0.3, almost_the_same: false },
  ])
  expect(wrapper.findAll('li').map((line) => [line.text().includes('Almost the same'), line.find('a').text()])).toEqual([
    [true, 'Contract, once more'],
    [false, 'A letter about it'],
  ])
  expect(wrapper.text()).toContain('Is this here twice?')
})

it('says nothing of twice where there are only similar ones', async () => {
  await open([{ document: someDocument({ id: 'd3' }), likeness: 0.3, almost_the_same: false }])
  expect(wrapper.text()).not.toContain('twice')
})

it('shows nothing where nothing is alike', async () => {
  await open([])
  expect(wrapper.text()).toBe('')
})
