import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import SearchableCopyPanel from './SearchableCopyPanel.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const path = '/api/v1/documents/s1/searchable-copy'

async function open(document: object, answer: object) {
  const { asked } = fakeServer({ [`GET ${path}`]: () => ({ status: 200, body: answer }), [`POST ${path}`]: () => ({ status: 202 }) })
  wrapper = mountInApp(SearchableCopyPanel, { document: someDocument({ id: 's1', content_type: 'application/pdf', status: 'ready', ...document }) })
  await flushPromises()
  await flushPromises()
  return asked
}

it('has a copy of a scan made, and says why there is none', async () => {
  const asked = await open({}, { document: null, can_be_made: true, problem: 'quota_exceeded' })
  expect(wrapper.text()).toContain('storage is full')
  await wrapper.find('button').trigger('click')
  await flushPromises()
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

it('shows the copy there is, and offers no second one', async () => {
  await open({}, { document: someDocument({ id: 'c1', title: 'Letter' }), can_be_made: true, problem: null })
  expect(wrapper.find('a').text()).toBe('Letter')
  expect(wrapper.find('button').exists()).toBe(false)
})

it('leads from the copy to its scan, and stays away from what is no scan', async () => {
  const asked = await open({ searchable_copy_of: 'original' }, { document: null, can_be_made: false, problem: null })
  expect(wrapper.find('a').attributes('href')).toContain('original')
  expect(wrapper.find('section').exists()).toBe(false)
  expect(asked).toHaveLength(1)
  wrapper.unmount()
  expect(await open({ content_type: 'text/plain' }, {})).toEqual([])
})
