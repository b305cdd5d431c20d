// News that reach one while one works.
import { call, logIn, newPerson } from './support/people'
import { expect, expectAccessible, signIn, test } from './support/vault'

test('SEC-SES-03: the reuse of a copied session is told on another device at once', async ({ page }) => {
  const person = await newPerson('Rasmus')
  const isStreaming = page.waitForResponse((response) => response.url().endsWith('/api/v1/events'))
  await signIn(page, person)
  await isStreaming

  // A thief copies the cookie; both use it, so one of them comes with one that was used long ago.
  const stolen = (await logIn(person)).cookie
  const once = await call('POST', '/auth/refresh', { cookie: stolen })
  const twice = await call('POST', '/auth/refresh', { cookie: once.cookie })
  expect([once.status, twice.status]).toEqual([200, 200])
  const theft = await call('POST', '/auth/refresh', { cookie: stolen })
  expect(theft).toMatchObject({ status: 401, body: { code: 'refresh_reused' } })

  await expect(page.getByText('A session of yours may have been copied', { exact: true }).first()).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'may have been copied' }).or(page.locator('[aria-live="assertive"]').filter({ hasText: 'may have been copied' })).first()).toBeAttached()
  await expectAccessible(page)
  await page.getByRole('button', { name: /^Notifications, \d+ unread/ }).click()
  const list = page.getByRole('region', { name: 'Notifications', exact: true })
  await expect(list).toContainText('A session of yours may have been copied')
  await expectAccessible(page)
  await list.getByRole('button', { name: 'Mark all as read' }).click()
  await expect(page.getByRole('button', { name: 'Notifications, none unread' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Notifications, none unread' })).toBeVisible()
})

test('of what one wants to hear is remembered; what concerns safety cannot be switched off in the app', async ({ page }) => {
  const person = await newPerson('Ines')
  await signIn(page, person)
  await page.goto('/settings/notifications')
  const mail = page.getByRole('switch', { name: 'A document could not be read, by mail' })
  const before = await mail.isChecked()
  const saved = page.waitForResponse((response) => response.request().method() === 'PUT' && response.ok())
  await mail.click()
  await saved
  await page.reload()
  await expect(mail).toBeChecked({ checked: !before })
  await expect(page.getByRole('switch', { name: 'New sign-in, in the app' })).toHaveCount(0)
})
