// Where one is signed in: seeing it, ending it, and keeping it in several tabs.
import { call, logIn, newPerson } from './support/people'
import { expect, expectAccessible, signIn, test } from './support/vault'
import type { Page } from '@playwright/test'

test('SEC-SES-12, SEC-SES-14: another device is thrown out within a second of ending its session', async ({ page, openDevice }) => {
  const person = await newPerson('Stine')
  await signIn(page, person)
  const other = await openDevice({ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1' })
  const isStreaming = other.waitForResponse((response) => response.url().endsWith('/api/v1/events'))
  await signIn(other, person)
  await isStreaming

  await page.goto('/settings/security')
  const sessions = page.getByRole('list', { name: 'Where you are signed in' })
  await expect(sessions.getByRole('listitem')).toHaveCount(2)
  await expect(sessions.getByRole('listitem').first()).toContainText('This device')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'End the session of Safari on iPhone' }).click()
  await expect(page.getByText('Safari on iPhone is signed out', { exact: true })).toBeVisible()
  await expect(other.getByText('This session was ended.')).toBeVisible({ timeout: 1000 })
  await expect(sessions.getByRole('listitem')).toHaveCount(1)
  await other.reload()
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
})

test('SEC-SES-13: a new password ends every other session', async ({ page, openDevice }) => {
  const person = await newPerson('Pia')
  await signIn(page, person)
  const other = await openDevice()
  await signIn(other, person)
  await page.goto('/settings/security')
  await page.getByLabel('Your password').fill(person.password)
  await page.getByLabel('New password').fill('granite teapot meadow 4')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Password changed', { exact: true })).toBeVisible()
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
})

test('SEC-SES-08: no storage holds a token, whatever was opened', async ({ page }) => {
  const person = await newPerson('Nora')
  const answers: string[] = []
  page.on('response', async (response) => {
    if (/\/auth\/(?:login|refresh)$/.test(response.url())) answers.push(await response.text().catch(() => ''))
  })
  await signIn(page, person)
  for (const path of ['/settings/security', '/settings/tokens', '/notifications', '/']) await page.goto(path)
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  const tokens = answers.map((text) => /"access_token":\s*"([^"]+)"/.exec(text)?.[1]).filter((token) => token !== undefined)
  expect(tokens.length).toBeGreaterThan(1)
  const stored = await page.evaluate(async () =>
    JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      location.href,
      history.state,
      (await indexedDB.databases()).map(({ name }) => name),
      await caches.keys(),
    ]),
  )
  for (const token of tokens) expect(stored).not.toContain(token)
})

test('SEC-SES-17: two tabs waking together make one refresh, and none is signed out', async ({ page, context }) => {
  const person = await newPerson('Wim')
  await signIn(page, person)
  const second = await context.newPage()
  const isStreaming = second.waitForResponse((response) => response.url().endsWith('/api/v1/events'))
  await second.goto('/')
  await isStreaming
  await expect(second.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  let refreshes = 0
  context.on('request', (request) => {
    if (request.url().endsWith('/api/v1/auth/refresh')) refreshes += 1
  })
  // A slow network, so that both are under way at once.
  await context.route('**/api/v1/auth/refresh', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    await route.continue()
  })
  const script = await logIn(person)
  const tabs = [page, second]
  const asleep = new Set<Page>()
  let wakeBoth: () => void = () => undefined
  let bothAwake = Promise.resolve()
  for (const tab of tabs) {
    await tab.route('**/api/v1/topics', async (route) => {
      if (!asleep.delete(tab)) return route.continue()
      // Both hear in the same moment that their token is too old.
      if (asleep.size === 0) wakeBoth()
      await bothAwake
      // The page may have given the request up in favour of a newer one.
      await route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ status: 401, code: 'unauthenticated', title: '', detail: '' }) }).catch(() => undefined)
    })
  }
  const rounds = 10
  for (let round = 1; round <= rounds; round += 1) {
    // Access tokens made within one second are the same, and a tab would take the new one for the old.
    await page.waitForTimeout(1100)
    bothAwake = new Promise((resolve) => (wakeBoth = resolve))
    tabs.forEach((tab) => asleep.add(tab))
    const answered = tabs.map((tab) => tab.waitForResponse((response) => response.url().endsWith('/api/v1/topics') && response.status() === 200))
    // News of a topic reaches both tabs at the same moment; both find their token refused.
    await call('POST', '/topics', { token: script.token, body: { name: `Round ${round}` } })
    await Promise.all(answered)
  }
  // Counted in the end: a request that a newer one has overtaken may still be renewing when its round is over.
  await page.waitForTimeout(1000)
  expect(refreshes).toBeGreaterThan(0)
  expect(refreshes, 'one refresh a round, not one a tab').toBeLessThanOrEqual(rounds)
  for (const tab of tabs) await expect(tab.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
})
