import { afterEach, expect, it, vi } from 'vitest'
import { someDocument } from '@/testing/documents'
import { mountInApp } from '@/testing/mountInApp'
import PaymentFacts from './PaymentFacts.vue'

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

it('shows what is to be paid, and copies it as banks take it', async () => {
  const writeText = vi.fn().mockResolvedValue(undefined)
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
  const payment = { amount: { value: '1234.50', currency: 'EUR' }, iban: 'DE89370400440532013000', invoice_number: 'RE-17' }
  wrapper = mountInApp(PaymentFacts, { document: someDocument({ payment }) })
  expect(wrapper.findAll('dd').map((fact) => fact.text())).toEqual(['€1,234.50', 'DE89 3704 0044 0532 0130 00', 'RE-17'])
  for (const button of wrapper.findAll('button')) await button.trigger('click')
  expect(writeText.mock.calls).toEqual([['1234.50'], ['DE89370400440532013000'], ['RE-17']])
})

it('shows nothing where nothing is stated', () => {
  wrapper = mountInApp(PaymentFacts, { document: someDocument() })
  expect(wrapper.text()).toBe('')
})
