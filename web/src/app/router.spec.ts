import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { useSessionStore } from '@/features/auth'
import { fakeServer, problem } from '@/testing/fakeServer'
import { router } from './router'

const signIn = (role: 'admin' | 'user') =>
  useSessionStore().accept({
    access_token: 't',
    token_type: 'Bearer',
    expires_in: 600,
    user: { id: 'u1', email: 'anna@example.org', display_name: 'Anna', role, totp_enabled: false },
  })

beforeEach(() => {
  setActivePinia(createPinia())
  fakeServer({ 'POST /api/v1/auth/refresh': () => problem(401, 'refresh_invalid'), 'GET /api/v1/setup': () => ({ status: 200, body: { needs_setup: false } }) })
})

it('takes the token out of a link\'s address before anything else', async () => {
  await router.push('/reset-password#token=secret-of-the-link')
  expect(router.currentRoute.value.fullPath).toBe('/reset-password')
  expect(JSON.stringify([history.state, location.href, { ...sessionStorage }])).not.toContain('secret-of-the-link')
})

it('remembers where a visitor wanted to go', async () => {
  await router.push('/settings/tokens')
  expect(router.currentRoute.value.fullPath).toBe('/login?next=/settings/tokens')
})

it('shows the administration to administrators only', async () => {
  signIn('user')
  await router.push('/admin/users')
  expect(router.currentRoute.value.name).toBe('not-found')
  signIn('admin')
  await router.push('/trash')
  await router.push('/admin/users')
  expect(router.currentRoute.value.name).toBe('admin-users')
})

it('lets whoever must set up a second factor go nowhere else', async () => {
  signIn('user')
  useSessionStore().mustEnrol = true
  for (const path of ['/', '/settings/profile', '/notifications', '/login']) {
    await router.push(path)
    expect(router.currentRoute.value.name, path).toBe('settings-security')
  }
})
