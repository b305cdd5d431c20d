import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { api, unwrap, useGate, useTokenSource } from '@/api/client'
import { fakeServer, problem } from '@/testing/fakeServer'
import { useReauthentication } from './reauthentication.store'

const wantsSecondFactor = vi.fn()
let isRecent = false

beforeEach(() => {
  setActivePinia(createPinia())
  isRecent = false
  wantsSecondFactor.mockReset()
  useTokenSource({ current: () => 'token', renew: () => Promise.resolve(null) })
  useGate({ confirmPassword: () => useReauthentication().ask(), wantsSecondFactor })
})

const onlyIfRecent = () => (isRecent ? { status: 204 } : problem(403, 'reauth_required'))
const endSession = (id: string) => unwrap(api.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } }))

it('SEC-AUT-12: asks for the password once, however many calls want it, and repeats each of them', async () => {
  const { asked } = fakeServer({ 'DELETE /api/v1/auth/sessions/a': onlyIfRecent, 'DELETE /api/v1/auth/sessions/b': onlyIfRecent })
  const both = Promise.all([endSession('a'), endSession('b')])
  const dialog = useReauthentication()
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  await vi.waitFor(() => expect(dialog.isAsking).toBe(true))
  isRecent = true
  dialog.settle(true)
  await both
  expect(asked.map(({ path }) => path.slice(-1)).sort()).toEqual(['a', 'a', 'b', 'b'])
  expect(dialog.isAsking).toBe(false)
})

it('rejects the call when the user thinks better of it, and asks anew the next time', async () => {
  const { asked } = fakeServer({ 'DELETE /api/v1/auth/sessions/a': onlyIfRecent })
  const dialog = useReauthentication()
  for (const round of [1, 2]) {
    const call = expect(endSession('a')).rejects.toMatchObject({ status: 403, code: 'reauth_required' })
    await vi.waitFor(() => expect(dialog.isAsking).toBe(true))
    dialog.settle(false)
    await call
    expect(asked).toHaveLength(round)
  }
})

it('sends the body of the repeated call again', async () => {
  const { asked } = fakeServer({ 'POST /api/v1/admin/invites': () => (isRecent ? { status: 201, body: { id: 'i1' } } : problem(403, 'reauth_required')) })
  const call = unwrap(api.POST('/api/v1/admin/invites', { body: { email: 'dario@example.org' } }))
  const dialog = useReauthentication()
  await vi.waitFor(() => expect(dialog.isAsking).toBe(true))
  isRecent = true
  dialog.settle(true)
  await call
  expect(asked.map(({ body }) => body)).toEqual([{ email: 'dario@example.org' }, { email: 'dario@example.org' }])
})

it('takes any other 403 as the answer', async () => {
  fakeServer({ 'GET /api/v1/admin/stats': () => problem(403, 'admin_only') })
  await expect(unwrap(api.GET('/api/v1/admin/stats'))).rejects.toMatchObject({ code: 'admin_only' })
  expect(useReauthentication().isAsking).toBe(false)
  expect(wantsSecondFactor).not.toHaveBeenCalled()
})

it('tells the app when the vault demands a second factor first', async () => {
  fakeServer({ 'GET /api/v1/topics': () => problem(403, 'totp_enrolment_required') })
  await expect(unwrap(api.GET('/api/v1/topics'))).rejects.toMatchObject({ code: 'totp_enrolment_required' })
  expect(wantsSecondFactor).toHaveBeenCalledOnce()
})
