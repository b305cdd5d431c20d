// The very first visit: a new vault gets its first account. Runs before all others.
import { account } from './support/server'
import { expect, expectAccessible, openVault, test } from './support/vault'

test('a refused setup token says so, the right one opens the vault', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Set up your vault' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('Setup token').fill('not-the-token')
  await page.getByLabel('Your name').fill(account.displayName)
  await page.getByLabel('E-mail').fill(account.email)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('alert')).toContainText('not the setup token')
  await openVault(page)
  await expect(page.getByText('Your vault is empty')).toBeVisible()
  await expectAccessible(page)
})
