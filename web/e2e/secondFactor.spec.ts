// Setting up the second factor with a real authenticator, signing in with it, and doing without the phone.
import { newPerson } from './support/people'
import { authenticator } from './support/totp'
import { expect, expectAccessible, giveCredentials, signIn, signOut, test } from './support/vault'
import type { Page } from '@playwright/test'

async function setUp(page: Page, password: string) {
  await page.goto('/settings/security')
  await page.getByRole('button', { name: 'Set up second factor' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill(password)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  const picture = dialog.getByAltText(/QR code/)
  await expect(picture).toBeVisible()
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)), 'the QR code is a picture').toBeGreaterThan(0)
  await expectAccessible(page)
  const nextCode = authenticator(await dialog.getByRole('code').innerText())
  await dialog.getByLabel('Code from the app').pressSequentially(await nextCode())
  const listed = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
  await expect(listed).toHaveCount(10)
  const codes = await listed.allInnerTexts()
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled()
  await expectAccessible(page)
  await dialog.getByLabel('I have kept them').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('The second factor is on')).toBeVisible()
  await expect(page.getByText('10 recovery codes left')).toBeVisible()
  return { nextCode, codes }
}

test('SEC-MFA-02, SEC-MFA-04: a code signs one in once, a recovery code too', async ({ page }) => {
  test.setTimeout(180_000)
  const person = await newPerson('Tilda')
  await signIn(page, person)
  const { nextCode, codes } = await setUp(page, person.password)
  await signOut(page)

  await giveCredentials(page, person.email, person.password)
  const field = page.getByLabel('Six-digit code')
  await expect(field).toBeFocused()
  await expect(field).toHaveAttribute('autocomplete', 'one-time-code')
  await expectAccessible(page)
  const code = await nextCode()
  await field.pressSequentially(code)
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  await signOut(page)

  await giveCredentials(page, person.email, person.password)
  await field.pressSequentially(code)
  await expect(page.getByRole('alert')).toContainText('This code is not right, or was used already')
  await expect(field).toHaveValue('')
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await expect(page.getByRole('alert'), 'what was wrong with the code says nothing about the recovery code').toHaveCount(0)
  await page.getByLabel('Recovery code').fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  await page.goto('/settings/security')
  await expect(page.getByText('9 recovery codes left')).toBeVisible()
  await signOut(page)

  await giveCredentials(page, person.email, person.password)
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByRole('alert')).toContainText('This code is not right')
})

test('a second factor that policy demands is set up before anything else', async ({ page }) => {
  const person = await newPerson('Malin')
  // The vault under test demands none; that this person has to have one is all that is made up.
  await page.route('**/api/v1/me', async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), totp_enforced: true } })
  })
  await page.goto('/login')
  await giveCredentials(page, person.email, person.password)
  await expect(page.getByText('First, set up a second factor')).toBeVisible()
  await expect(page).toHaveURL(/\/settings\/security$/)
  await expect(page.getByRole('navigation')).toHaveCount(0)
  await expectAccessible(page)
  await page.goto('/trash')
  await expect(page).toHaveURL(/\/settings\/security$/)

  await page.getByRole('button', { name: 'Set up second factor' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill(person.password)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  const nextCode = authenticator(await dialog.getByRole('code').innerText())
  await dialog.getByLabel('Code from the app').pressSequentially(await nextCode())
  await expect(dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10)
  await dialog.getByLabel('I have kept them').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  await page.goto('/trash')
  await expect(page.getByRole('heading', { level: 1, name: 'Trash' })).toBeVisible()
})
