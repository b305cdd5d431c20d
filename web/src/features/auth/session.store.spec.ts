import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { fakeServer, problem } from '@/testing/fakeServer'
import { useSessionStore } from './session.store'

const answer = (token: string) => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: 600,
  user: { id: 'u1', email: 'anna@example.org', display_name: 'Anna', role: 'user' as const, totp_enabled: false },
})

beforeEach(() => setActivePinia(createPinia()))

it('asks for one new token however many requests need it', async () => {
  let count = 0
  const { asked } = fakeServer({ 'POST /api/v1/auth/refresh': () => ({ status: 200, body: answer(`token${++count}`) }) })
  const session = useSessionStore()
  session.accept(answer('stale'))
  expect(await Promise.all([session.renew('stale'), session.renew('stale'), session.renew('stale')])).toEqual(['token1', 'token1', 'token1'])
  expect(await session.renew('stale'), 'a late one takes the token that is there').toBe('token1')
  expect(asked).toHaveLength(1)
})

it('ends the session when the cookie is refused', async () => {
  fakeServer({ 'POST /api/v1/auth/refresh': () => problem(401, 'refresh_reused') })
  const session = useSessionStore()
  session.accept(answer('stale'))
  expect(await session.renew('stale')).toBeNull()
  expect(session.isSignedIn).toBe(false)
  expect(session.accessToken).toBeNull()
  expect(session.farewell, 'and the sign-in page says so').toBe('ended')
  session.accept(answer('again'))
  expect(session.farewell).toBeNull()
})

it('says nothing to a visitor without a session, nor to one who is signing out', async () => {
  fakeServer({ 'POST /api/v1/auth/refresh': () => problem(401, 'refresh_invalid') })
  const session = useSessionStore()
  await session.resume()
  expect(session.farewell).toBeNull()
  session.accept(answer('mine'))
  session.isLeaving = true
  session.forget('ended')
  expect(session.isSignedIn).toBe(false)
  expect(session.farewell).toBeNull()
})

it('stays signed in when the server cannot be reached', async () => {
  fakeServer({ 'POST /api/v1/auth/refresh': () => problem(503, 'database_unavailable') })
  const session = useSessionStore()
  session.accept(answer('stale'))
  await expect(session.renew('stale')).rejects.toMatchObject({ status: 503 })
  expect(session.isSignedIn).toBe(true)
})

it('SEC-SES-08: keeps the token out of every storage', async () => {
  const session = useSessionStore()
  session.accept(answer('secret-token'))
  const stored = JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
  expect(stored).not.toContain('secret-token')
})

it('resumes once per page load, and knows when that session has ended since', async () => {
  const { asked } = fakeServer({ 'POST /api/v1/auth/refresh': () => ({ status: 200, body: answer('fresh') }) })
  const session = useSessionStore()
  await Promise.all([session.resume(), session.resume()])
  expect(session.isSignedIn).toBe(true)
  session.forget()
  await session.resume()
  expect(session.isSignedIn).toBe(false)
  expect(asked).toHaveLength(1)
})

it('tries again to resume when the server could not be reached at first', async () => {
  let isUp = false
  fakeServer({ 'POST /api/v1/auth/refresh': () => (isUp ? { status: 200, body: answer('fresh') } : { status: 502 }) })
  const session = useSessionStore()
  await session.resume()
  expect(session.isSignedIn).toBe(false)
  isUp = true
  await session.resume()
  expect(session.isSignedIn).toBe(true)
})

it('keeps to setting up the second factor until its recovery codes are kept, whatever the profile says meanwhile', () => {
  const session = useSessionStore()
  session.accept(answer('token'))
  session.demandEnrolment(true)
  session.isKeepingCodes = true
  session.demandEnrolment(false)
  expect(session.mustEnrol).toBe(true)
  session.finishEnrolment()
  expect(session.mustEnrol).toBe(false)
  session.demandEnrolment(true)
  session.demandEnrolment(false)
  expect(session.mustEnrol, 'done in another tab').toBe(false)
})
