import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { fakeServer } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import FilingSections from './FilingSections.vue'
import { languageName } from './languageNames'

vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: vi.fn() }) }))

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const settings = { apply_threshold: 0.75, suggest_threshold: 0.3, ocr_languages: ['deu'], available_ocr_languages: ['eng', 'deu', 'fra'] }

async function open(part: object = {}) {
  const server = fakeServer({
    'GET /api/v1/me/filing': () => ({ status: 200, body: { ...settings, ...part } }),
    'GET /api/v1/me/filing/runs': () => ({ status: 200, body: { items: [], next_cursor: null } }),
    'PUT /api/v1/me/filing': ({ body }) => ({ status: 200, body: { ...settings, ...(body as object) } }),
  })
  wrapper = mountInApp(FilingSections)
  await flushPromises()
  await flushPromises()
  return server
}
const saved = (asked: Awaited<ReturnType<typeof open>>['asked']) => asked.filter(({ method }) => method === 'PUT').map(({ body }) => body)

it('says in words what the thresholds do, and takes one along with the other', async () => {
  const { asked } = await open()
  expect(wrapper.text()).toContain('From 75 % sureness on a topic is put on without asking.')
  expect(wrapper.text()).toContain('Between 30 % and 75 % it asks you.')
  const [apply, suggest] = wrapper.findAll<HTMLInputElement>('input[type=range]')
  expect([apply?.attributes('min'), apply?.attributes('max')]).toEqual(['30', '99'])
  await suggest?.setValue('80')
  expect(apply?.element.value).toBe('80')
  expect(wrapper.text()).toContain('It never asks')
  await suggest?.setValue('40')
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(saved(asked)).toEqual([{ apply_threshold: 0.8, suggest_threshold: 0.4, ocr_languages: ['deu'] }])
})

it('keeps the order in which languages were chosen', async () => {
  const { asked } = await open()
  const pick = (name: string) => wrapper.findAll('[role=group] button').find((one) => one.text() === name)
  await pick('English')?.trigger('click')
  await wrapper.findAll('button').filter((one) => one.text() === 'Save').at(-1)?.trigger('click')
  await flushPromises()
  expect(saved(asked)).toEqual([{ apply_threshold: 0.75, suggest_threshold: 0.3, ocr_languages: ['deu', 'eng'] }])
})

it('says so when there is no text recognition', async () => {
  await open({ available_ocr_languages: [], ocr_languages: [] })
  expect(wrapper.text()).toContain('no text recognition installed')
})

it('names languages as readers call them', () => {
  expect(languageName('deu', 'en')).toBe('German')
  expect(languageName('chi_sim', 'en')).toBe('Simplified Chinese')
  expect(languageName('fra', 'de')).toBe('Französisch')
  expect(languageName('???', 'en')).toBe('???')
})
