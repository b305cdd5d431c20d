import { beforeEach, expect, it, vi } from 'vitest'
import { fakeServer, problem } from '@/testing/fakeServer'
import { ApiProblem, api, unwrap, useTokenSource } from './client'

let token: string | null = 'old'
const renew = vi.fn<(stale: string | null) => Promise<string | null>>()

beforeEach(() => {
  token = 'old'
  renew.mockReset()
  useTokenSource({ current: () => token, renew })
})

const onlyFor = (good: string) => (asked: { headers: Headers; body: unknown }) =>
  asked.headers.get('Authorization') === `Bearer ${good}` ? { status: 201, body: { id: 't1', name: 'Taxes', color: 'sky', documents: 0 } } : problem(401, 'unauthenticated')

it('renews the token once after a 401 and sends the same body again', async () => {
  const { asked } = fakeServer({ 'POST /api/v1/topics': onlyFor('new') })
  renew.mockResolvedValue('new')
  const topic = await unwrap(api.POST('/api/v1/topics', { body: { name: 'Taxes' } }))
  expect(topic.name).toBe('Taxes')
  expect(renew).toHaveBeenCalledExactlyOnceWith('old')
  expect(asked.map((entry) => entry.body)).toEqual([{ name: 'Taxes' }, { name: 'Taxes' }])
})

it('gives up after one renewal, so that a broken session cannot loop', async () => {
  const { asked } = fakeServer({ 'GET /api/v1/topics': () => problem(401, 'unauthenticated') })
  renew.mockResolvedValue('new')
  await expect(unwrap(api.GET('/api/v1/topics'))).rejects.toMatchObject({ status: 401 })
  expect(asked).toHaveLength(2)
})

it('takes a refused password as the answer and sends no token with it', async () => {
  const { asked } = fakeServer({ 'POST /api/v1/auth/login': () => problem(401, 'invalid_credentials') })
  await expect(unwrap(api.POST('/api/v1/auth/login', { body: { email: 'a@b.c', password: 'x' } }))).rejects.toMatchObject({ code: 'invalid_credentials' })
  expect(renew).not.toHaveBeenCalled()
  expect(asked[0]?.headers.has('Authorization')).toBe(false)
})

it('turns a lost network and an answer without details into problems too', async () => {
  fakeServer({ 'GET /api/v1/me/quota': () => ({ status: 502 }) })
  await expect(unwrap(api.GET('/api/v1/me/quota'))).rejects.toMatchObject({ status: 502, code: 'unexpected' })
  const lost = unwrap(api.GET('/api/v1/topics'))
  await expect(lost).rejects.toBeInstanceOf(ApiProblem)
  await expect(lost).rejects.toMatchObject({ status: 0, code: 'network' })
})
