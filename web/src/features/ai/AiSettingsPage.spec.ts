import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { AiSettings } from '@/api/types'
import { fakeServer, problem } from '@/testing/fakeServer'
import { mountInApp } from '@/testing/mountInApp'
import AiSettingsPage from './AiSettingsPage.vue'
import ProviderSection from './ProviderSection.vue'

vi.mock('@nuxt/ui/composables', () => ({ useToast: () => ({ add: vi.fn() }) }))

const providers = {
  items: [
    { id: 'openai_compatible', needs_api_key: false, default_base_url: null, base_url_editable: true },
    { id: 'anthropic', needs_api_key: true, default_base_url: 'https://api.anthropic.com/v1', base_url_editable: false },
  ],
  allowed_private_hosts: ['models.lan:1234'],
}
const own: AiSettings = { provider: 'openai_compatible', model: 'small', base_url: 'https://models.lan:1234/v1', has_api_key: true, auto_classify: true, tokens_this_month: 1234 }

let wrapper: ReturnType<typeof mountInApp>
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function settle() {
  for (let round = 0; round < 4; round += 1) await flushPromises()
}

async function open(settings: AiSettings, replies: Parameters<typeof fakeServer>[0] = {}) {
  const server = fakeServer({
    'GET /api/v1/me/ai': () => ({ status: 200, body: settings }),
    'PUT /api/v1/me/ai': () => ({ status: 200, body: own }),
    'GET /api/v1/me/ai/providers': () => ({ status: 200, body: providers }),
    'GET /api/v1/me/ai/never-send': () => ({ status: 200, body: { items: [{ id: 'r1', kind: 'topic', target_id: 't1', name: 'Health', created_at: '2026-11-20T10:00:00Z' }] } }),
    'DELETE /api/v1/me/ai/never-send/r1': () => ({ status: 204 }),
    'GET /api/v1/me/filing': () => ({ status: 200, body: { apply_threshold: 0.75, suggest_threshold: 0.3, ocr_languages: [], available_ocr_languages: ['deu', 'eng'] } }),
    'GET /api/v1/me/filing/runs': () => ({ status: 200, body: { items: [], next_cursor: null } }),
    'GET /api/v1/topics': () => ({ status: 200, body: { items: [], next_cursor: null } }),
    ...replies,
  })
  wrapper = mountInApp(AiSettingsPage)
  await settle()
  return server
}

const button = (words: string) => [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === words)

it('stays on this machine until one chooses otherwise, in plain words', async () => {
  await open({ provider: 'device', has_api_key: false, auto_classify: false, tokens_this_month: 0 })
  for (const words of ['On this machine (nothing is sent)', 'A server of your own', 'The text of documents goes to api.anthropic.com', 'Nothing was used this month.']) expect(wrapper.text()).toContain(words)
  expect(button('Test')).toBeUndefined()
})

it('never shows a stored key, and says that there is one', async () => {
  await open(own)
  expect(wrapper.text()).toContain('A key is stored.')
  expect(wrapper.text()).toContain('models.lan:1234')
  expect(document.querySelector<HTMLInputElement>('input[type=password]')?.value).toBe('')
})

it('says before anything is sent where it goes and what never does', async () => {
  const { asked } = await open(own)
  const address = wrapper.find<HTMLInputElement>('input[type=url]')
  await address.setValue('https://elsewhere.example/v1')
  await settle()
  expect(wrapper.text()).toContain('The stored key is forgotten')
  await wrapper.findComponent(ProviderSection).find('form').trigger('submit')
  await settle()
  const dialog = document.querySelector('[role=dialog]')?.textContent ?? ''
  for (const words of ['elsewhere.example', 'up to 6,000 characters', 'The file itself', 'ledger']) expect(dialog).toContain(words)
  expect(asked.some(({ method }) => method === 'PUT')).toBe(false)
  button('Agree to send to elsewhere.example')?.click()
  await settle()
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ provider: 'openai_compatible', auto_classify: true, model: 'small', base_url: 'https://elsewhere.example/v1' })
})

it.each([
  ['wrong_key', 'The provider does not accept the key.'],
  ['unreachable', 'Is the address right, and does it run?'],
  ['model_missing', 'The provider does not have this model.'],
  ['address_not_allowed', 'whoever runs the vault has not allowed it'],
  ['of_a_newer_server', 'The provider could not do it.'],
])('tells of a test that ended with %s what to do', async (detail, words) => {
  await open(own, { 'POST /api/v1/me/ai/test': () => ({ status: 200, body: { ok: false, latency_ms: 12, detail } }) })
  button('Test')?.click()
  await settle()
  expect(wrapper.text()).toContain(words)
})

it('offers the models the provider has', async () => {
  const { asked } = await open(own, { 'POST /api/v1/me/ai/models': () => ({ status: 200, body: { items: [{ id: 'small' }, { id: 'large' }] } }) })
  button('Fetch models')?.click()
  await settle()
  expect(asked.find(({ path }) => path.endsWith('/models'))?.body).toEqual({ provider: 'openai_compatible', base_url: 'https://models.lan:1234/v1' })
  expect(wrapper.text()).toContain('2 models found')
  button('large')?.click()
  await settle()
  expect(button('large')?.getAttribute('aria-pressed')).toBe('true')
})

it('shows at the field what the server has against an address', async () => {
  await open(own, { 'PUT /api/v1/me/ai': () => problem(422, 'validation_failed', { errors: [{ field: 'base_url', code: 'address_not_allowed', detail: 'x' }] }) })
  await wrapper.find<HTMLInputElement>('input[type=url]').setValue('https://models.lan:1234/v2')
  await wrapper.findComponent(ProviderSection).find('form').trigger('submit')
  await settle()
  expect(wrapper.text()).toContain('This address is inside the network')
})

it('says that the provider rests, and takes a rule away', async () => {
  const { asked } = await open({ ...own, paused_until: new Date(Date.now() + 600_000).toISOString(), last_problem: 'timeout' })
  expect(wrapper.text()).toContain('Your provider rests until')
  expect(wrapper.text()).toContain('took too long')
  await wrapper.find('button[aria-label="Remove the rule for Health"]').trigger('click')
  await settle()
  expect(asked.some(({ method, path }) => method === 'DELETE' && path.endsWith('/never-send/r1'))).toBe(true)
})
