import { afterEach, expect, it } from 'vitest'
import { someDocument } from '@/testing/documents'
import { mountInApp } from '@/testing/mountInApp'
import StatusBadge from './components/StatusBadge.vue'
import StorageProblemAlert from './components/StorageProblemAlert.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => wrapper.unmount())

it.each([
  ['missing', 'The file is missing from the store', 'File missing'],
  ['damaged', 'The file in the store is damaged', 'File damaged'],
])('says that a file is %s, on its page and in lists', (problem, banner, mark) => {
  wrapper = mountInApp(StorageProblemAlert, { problem })
  expect(wrapper.text()).toContain(banner)
  expect(wrapper.text()).toContain('upload it again')
  wrapper.unmount()
  wrapper = mountInApp(StatusBadge, { document: someDocument({ storage_problem: problem, status: 'ready' }) })
  expect(wrapper.text()).toBe(mark)
})

it('says nothing of a file that is whole', () => {
  wrapper = mountInApp(StorageProblemAlert, { problem: null })
  expect(wrapper.text()).toBe('')
  wrapper.unmount()
  wrapper = mountInApp(StatusBadge, { document: someDocument({ storage_problem: null }) })
  expect(wrapper.text()).toBe('')
})

it('has words for a file whose reading showed that it is not what was uploaded', () => {
  wrapper = mountInApp(StatusBadge, { document: someDocument({ status: 'failed', processing_error: 'checksum_mismatch', storage_problem: 'damaged' }) })
  expect(wrapper.text()).toBe('File damaged')
})
