import { expect, it } from 'vitest'
import type { AiProvider, AiSettings } from '@/api/types'
import { hostOf } from './aiWords'
import { addressOf, changeOf, draftOf, isChanged, keepsKey, needsConsent } from './providerDraft'

const providers: AiProvider[] = [
  { id: 'openai_compatible', needs_api_key: false, default_base_url: null, base_url_editable: true },
  { id: 'anthropic', needs_api_key: true, default_base_url: 'https://api.anthropic.com/v1', base_url_editable: false },
  { id: 'ollama', needs_api_key: false, default_base_url: 'http://127.0.0.1:11434', base_url_editable: true },
]
const onDevice: AiSettings = { provider: 'device', has_api_key: false, auto_classify: false, tokens_this_month: 0 }
const own: AiSettings = { provider: 'openai_compatible', model: 'small', base_url: 'https://ai.example/v1', has_api_key: true, auto_classify: true, tokens_this_month: 0 }

it('asks for consent when documents would go to another host, and only then', () => {
  const draft = draftOf(own)
  expect(needsConsent(draft, own, providers)).toBe(false)
  expect(needsConsent({ ...draft, model: 'large', baseUrl: 'https://ai.example/v2' }, own, providers)).toBe(false)
  expect(needsConsent({ ...draft, baseUrl: 'https://other.example/v1' }, own, providers)).toBe(true)
  expect(needsConsent({ ...draft, provider: 'anthropic', baseUrl: '' }, own, providers)).toBe(true)
  expect(needsConsent({ ...draftOf(onDevice), provider: 'ollama' }, onDevice, providers)).toBe(true)
  expect(needsConsent({ ...draft, provider: 'device' }, own, providers)).toBe(false)
})

it('says that the stored key is forgotten as soon as it would go elsewhere', () => {
  const draft = draftOf(own)
  expect(keepsKey(draft, own, providers)).toBe(true)
  expect(keepsKey({ ...draft, baseUrl: 'https://ai.example/v2' }, own, providers)).toBe(false)
  expect(keepsKey({ ...draft, provider: 'anthropic' }, own, providers)).toBe(false)
})

it('sends a key only when one was typed, and nothing at all of a provider for this machine', () => {
  expect(changeOf(draftOf(own), providers)).toEqual({ provider: 'openai_compatible', auto_classify: true, model: 'small', base_url: 'https://ai.example/v1' })
  expect(changeOf({ ...draftOf(own), apiKey: ' k ', monthlyTokens: '5000' }, providers)).toMatchObject({ api_key: 'k', monthly_token_limit: 5000 })
  const priced = { ...own, input_price: 0.15, output_price: 0 }
  expect(changeOf(draftOf(priced), providers), 'saving forgets no price').toMatchObject({ input_price: 0.15, output_price: 0 })
  expect(changeOf({ ...draftOf(priced), inputPrice: '' }, providers)).not.toHaveProperty('input_price')
  expect(changeOf({ ...draftOf(own), provider: 'anthropic' }, providers)).not.toHaveProperty('base_url')
  expect(changeOf({ ...draftOf(own), provider: 'device', apiKey: 'k' }, providers)).toEqual({ provider: 'device', auto_classify: false })
})

it('knows what was changed', () => {
  expect(isChanged(draftOf(own), own, providers)).toBe(false)
  expect(isChanged(draftOf(onDevice), onDevice, providers)).toBe(false)
  for (const part of [{ apiKey: 'k' }, { model: 'large' }, { autoClassify: false }, { monthlyTokens: '1' }, { inputPrice: '1' }, { outputPrice: '1' }, { provider: 'device' }]) expect(isChanged({ ...draftOf(own), ...part }, own, providers), JSON.stringify(part)).toBe(true)
})

it('names the place an address leads to', () => {
  expect(hostOf(addressOf({ provider: 'ollama', baseUrl: '' }, providers))).toBe('127.0.0.1:11434')
  expect(hostOf(addressOf({ provider: 'anthropic', baseUrl: 'https://evil.example' }, providers))).toBe('api.anthropic.com')
  expect([hostOf('not an address'), hostOf(null)]).toEqual(['', ''])
})
