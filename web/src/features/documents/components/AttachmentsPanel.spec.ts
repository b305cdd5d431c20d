import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import AttachmentsPanel from './AttachmentsPanel.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const path = '/api/v1/documents/m1/attachments'
const mail = { id: 'm1', content_type: 'message/rfc822' }

async function open(document: object, answer: object = { items: [], problem: null }) {
  const { asked } = fakeServer({ [`GET ${path}`]: () => ({ status: 200, body: answer }), [`POST ${path}`]: () => ({ status: 202 }) })
  wrapper = mountInApp(AttachmentsPanel, { document: someDocument(document) })
  await flushPromises()
  await flushPromises()
  return asked
}

it('has what is attached to a message kept, and shows what is', async () => {
  const asked = await open(mail, { items: [someDocument({ id: 'd2', title: 'Payslip' })], problem: 'quota_exceeded' })
  expect(wrapper.find('li a').text()).toBe('Payslip')
  expect(wrapper.text()).toContain('storage is full')
  await wrapper.find('button').trigger('click')
  await flushPromises()
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

it('leads from what was attached to its message', async () => {
  const asked = await open({ content_type: 'application/pdf', attached_to: 'm1' })
  expect(wrapper.find('a').attributes('href')).toContain('m1')
  expect(wrapper.find('button').exists()).toBe(false)
  expect(asked).toEqual([])
})
