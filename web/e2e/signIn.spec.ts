// Getting in, staying in, getting out; and where the token is not.
import { account } from './support/server'
import { expect, expectAccessible, openVault, test } from './support/vault'

test('a reload keeps one signed in, and no storage holds a token', async ({ page }) => {
  await openVault(page)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  const stored = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name),
    cookies: document.cookie,
  }))
  // The router remembers how far its pages were scrolled, and nothing else is kept for the session.
  expect(Object.keys(stored.session).filter((key) => key !== 'vue-router:scroll')).toEqual([])
  expect(stored.databases).toEqual([])
  expect(stored.cookies).toBe('')
  expect(Object.keys(stored.local).filter((key) => !/^docuvault\.(?:theme|locale|layout|shortcuts)$/.test(key))).toEqual([])
})

test('signing out ends it, in the other tab too; a wrong password is refused', async ({ page, context }) => {
  await openVault(page)
  const other = await context.newPage()
  await other.goto('/topics')
  await expect(other.getByRole('heading', { level: 1, name: 'Topics' })).toBeVisible()
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await other.close()

  await expectAccessible(page)
  await page.getByLabel('E-mail').fill(account.email)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('E-mail or password is wrong')
  await expect(page.getByLabel('Password', { exact: true }), 'the field to correct').toBeFocused()
  await openVault(page)
})

test('an address asked for before signing in is shown after it', async ({ page }) => {
  await page.goto('/trash')
  await page.getByLabel('E-mail').fill(account.email)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Trash' })).toBeVisible()
})
