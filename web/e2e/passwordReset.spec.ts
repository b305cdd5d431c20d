// Getting back in after forgetting the password, by a mailed link.
import { mailedLink } from './support/mail'
import { newPerson } from './support/people'
import { expect, expectAccessible, giveCredentials, signIn, test } from './support/vault'

test('SEC-AUT-10: a mailed link gives a new password once, and ends every session', async ({ page, openDevice }) => {
  const person = await newPerson('Greta')
  const other = await openDevice()
  await signIn(other, person)

  await page.goto('/login')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Forgot your password?' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByRole('button', { name: 'Send link' }).click()
  await expect(page.getByText('a link was made')).toBeVisible()

  const link = await mailedLink(person.email, '/reset-password')
  await page.goto(link)
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a new password' })).toBeVisible()
  expect(new URL(page.url()).hash).toBe('')
  await page.getByLabel('New password').fill('saddle comet porridge 5')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save password' }).click()
  await expect(page.getByText('Your password is saved')).toBeVisible()
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()

  await giveCredentials(page, person.email, person.password)
  await expect(page.getByRole('alert')).toContainText('E-mail or password is wrong')
  await giveCredentials(page, person.email, 'saddle comet porridge 5')
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()

  const late = await openDevice()
  await late.goto(link)
  await late.getByLabel('New password').fill('another comet porridge 6')
  await late.getByRole('button', { name: 'Save password' }).click()
  await expect(late.getByText('This link does not work any more')).toBeVisible()
})

test('SEC-AUT-06: an unknown address is answered in the same words', async ({ page }) => {
  await page.goto('/forgot-password')
  await page.getByLabel('E-mail').fill('nobody@example.org')
  await page.getByRole('button', { name: 'Send link' }).click()
  await expect(page.getByText('If nobody@example.org belongs to an account here, a link was made.')).toBeVisible()
})
