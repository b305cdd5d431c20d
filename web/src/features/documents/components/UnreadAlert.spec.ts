import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { fakeServer, type Asked } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import { documentPasswords } from '../documentPasswords'
import UnreadAlert from './UnreadAlert.vue'

let wrapper: ReturnType<typeof mountInApp>
let asked: Asked[]
beforeEach(() => documentPasswords.clear())
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

function open(document: object) {
  asked = fakeServer({ 'POST /api/v1/documents/d1/reprocess': () => ({ status: 202 }) }).asked
  wrapper = mountInApp(UnreadAlert, { document: someDocument({ id: 'd1', status: 'failed', ...document }) })
}

it('takes the password of an encrypted PDF', async () => {
  open({ content_type: 'application/pdf', processing_error: 'password_needed' })
  expect(wrapper.find('button').attributes('disabled')).toBeDefined()
  await wrapper.find('input').setValue('secret')
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(asked.map((request) => request.body)).toEqual([{ password: 'secret' }])
  expect(documentPasswords.get('d1')).toBe('secret')
})

it('asks again after a wrong one, and says so', () => {
  open({ content_type: 'application/pdf', processing_error: 'password_wrong' })
  expect(wrapper.text()).toContain('not the password')
  expect(wrapper.find('input').exists()).toBe(true)
})

it('does not ask where a password would not help', () => {
  open({ content_type: 'application/zip', processing_error: 'password_needed' })
  expect(wrapper.find('input').exists()).toBe(false)
})
