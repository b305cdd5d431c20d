// Putting documents in order: titles, topics, the trash, and filing that learns from a correction.
import { textPdf } from './support/files'
import { expect, expectAccessible, openVault, test, upload } from './support/vault'
import type { Page } from '@playwright/test'

/** Uploads one file and opens its page once it has been read. */
async function uploadAndOpen(page: Page, file: ReturnType<typeof textPdf>): Promise<void> {
  await upload(page, [file])
  await page.getByRole('link', { name: `Open ${file.name}` }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByText('Being read')).toHaveCount(0, { timeout: 45_000 })
}

const beekeeping = (number: number) =>
  textPdf(`Letter ${number}.pdf`, [`Apiary association, letter ${number}\nHoney yield of the beehives, wax foundation, smoker and queen excluder.\nThe beekeeper counts the bee colonies before winter feeding.`])

test('a corrected topic is given to the next similar document', async ({ page }) => {
  test.slow()
  await openVault(page)
  await uploadAndOpen(page, beekeeping(1))
  await page.getByRole('button', { name: 'Add topic' }).click()
  await page.getByRole('combobox', { name: 'Topics' }).fill('Beekeeping')
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  const topics = page.getByRole('list', { name: 'Topics', exact: true })
  await expect(topics).toContainText('Beekeeping')
  await page.goBack()

  await uploadAndOpen(page, beekeeping(2))
  await expect(topics).toContainText('Beekeeping')
})

test('a title is changed in place; a topic taken off comes back by undo', async ({ page }) => {
  await openVault(page)
  await uploadAndOpen(page, textPdf('Untidy name 77.pdf', ['A plain page about nothing in particular']))
  const title = page.getByLabel('Title')
  await title.fill('Tidy name')
  await title.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tidy name')
  await page.getByRole('button', { name: 'Add topic' }).click()
  await page.getByRole('combobox', { name: 'Topics' }).fill('Odds and ends')
  await page.keyboard.press('Enter')
  const topics = page.getByRole('list', { name: 'Topics', exact: true })
  await topics.getByRole('button', { name: 'Remove topic Odds and ends' }).click()
  await expect(topics).not.toContainText('Odds and ends')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(topics).toContainText('Odds and ends')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tidy name')
  await expect(topics).toContainText('Odds and ends')
})

test('a document goes to the trash, comes back, and can be deleted for good', async ({ page }) => {
  await openVault(page)
  await uploadAndOpen(page, textPdf('Short lived.pdf', ['Soon gone']))
  await page.getByRole('button', { name: 'Move to trash' }).click()
  await expect(page.getByText('Moved to the trash', { exact: true })).toBeVisible()
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Trash' }).click()
  const row = page.getByRole('gridcell').first()
  await row.click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect(page.getByText('The trash is empty')).toBeVisible()

  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Library' }).click()
  const cell = page.getByRole('gridcell').first()
  await cell.focus()
  // A page that is left takes what it has not sent with it.
  const isTrashed = page.waitForResponse((response) => response.request().method() === 'DELETE' && response.ok())
  await page.keyboard.press('Delete')
  await isTrashed
  await page.goto('/trash')
  await page.getByRole('gridcell').first().click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('cannot be undone')
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await expect(page.getByText('The trash is empty')).toBeVisible()
})

test('every page is accessible in the dark and at phone width', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 390, height: 844 })
  await openVault(page)
  for (const [path, heading] of [['/', 'Library'], ['/topics', 'Topics'], ['/trash', 'Trash'], ['/search?q=page', '“page”']] as const) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} fits the width`).toBeLessThanOrEqual(390)
  }
})
