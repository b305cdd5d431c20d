// Documents on their way to being read: a long scan page by page, one behind a password, one that is there twice.
import { readFileSync } from 'node:fs'
import { scannedPdf, textPdf } from './support/files'
import { expect, expectAccessible, openVault, test, upload } from './support/vault'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url))

test('a scan of several pages shows how far it is, and is found by words of its last', async ({ page, browser }) => {
  test.setTimeout(240_000)
  await openVault(page)
  const pages = Array.from({ length: 3 }, (_, at) => [
    `Minutes of the rowing club, page ${at + 1}`,
    'The treasurer reports on the boathouse roof, the new oars and the regatta.',
    'The members thank the coxswain and elect a second secretary.',
    at === 2 ? 'The pontoon is to be painted ochre by the lighthouse keeper.' : 'Carried with one abstention.',
  ])
  await upload(page, [await scannedPdf(browser, 'Minutes.pdf', pages)])
  await page.getByRole('link', { name: 'Open Minutes.pdf' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByText(/^Page [12] of 3$/)).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('progressbar', { name: 'Being read' })).toBeVisible()
  // The original can be seen all the while; its text comes by itself.
  await expect(page.locator('[data-page="1"]')).toBeVisible()
  await page.getByRole('button', { name: 'Text', exact: true }).click()
  const text = page.getByRole('region', { name: 'Text of the document' })
  await expect(text).toContainText(/lighthouse/i, { timeout: 200_000 })
  await expect(text.getByText('Recognised from the picture')).toHaveCount(3)
  await page.goto('/search?q="lighthouse keeper"')
  await expect(page.getByRole('article').first().locator('mark').first()).toHaveText(/lighthouse/i)
})

test('an encrypted PDF is read with its password, and shown with it', async ({ page }) => {
  test.slow()
  await openVault(page)
  await upload(page, [{ name: 'Locked.pdf', mimeType: 'application/pdf', buffer: fixture('encrypted.pdf') }])
  await page.getByRole('link', { name: 'Open Locked.pdf' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  const password = details.getByLabel('Password of the document')
  await expect(password).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('This PDF asks for a password')).toBeVisible()
  await expectAccessible(page)

  await password.fill('not it')
  await details.getByRole('button', { name: 'Read it' }).click()
  await expect(details.getByText('That is not the password of this document.')).toBeVisible({ timeout: 60_000 })
  await details.getByLabel('Password of the document').fill('secret')
  await details.getByRole('button', { name: 'Read it' }).click()
  await expect(details.getByText('Could not be read')).toHaveCount(0, { timeout: 60_000 })
  // Typed once, it opens the preview as well.
  await expect(page.locator('[data-page="1"] .textLayer')).toContainText('Harbour Lane Plumbing')
  await page.getByRole('button', { name: 'Text', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Text of the document' })).toContainText('Harbour Lane Plumbing', { timeout: 60_000 })
  // After a reload the browser has forgotten it, the vault has not.
  await page.reload()
  await expect(page.getByText('This PDF asks for a password')).toBeVisible()
  await page.getByLabel('Password of the document').fill('secret')
  await page.getByRole('button', { name: 'Show it' }).click()
  await expect(page.locator('[data-page="1"] .textLayer')).toContainText('Harbour Lane Plumbing')
})

test('what is there twice is said to be, beside the document', async ({ page }) => {
  test.slow()
  await openVault(page)
  const clauses = Array.from({ length: 24 }, (_, at) => `Clause ${at + 1}: mooring ${at * 3} at the Quillhaven jetty is kept in repair by its tenant.`)
  const contract = (last: string) => ['Mooring contract, Quillhaven harbour office', ...clauses, last].join('\n')
  await upload(page, [textPdf('Mooring.pdf', [contract('Signed in spring.')])])
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await upload(page, [textPdf('Mooring again.pdf', [contract('Signed in autumn.')])])
  await page.getByRole('link', { name: 'Open Mooring again.pdf' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const similar = page.getByRole('region', { name: 'Similar documents' })
  await expect(async () => {
    await page.reload()
    await expect(similar.getByText('Almost the same')).toBeVisible({ timeout: 5000 })
  }).toPass({ timeout: 90_000 })
  await expectAccessible(page)
  await similar.getByRole('link').first().click()
  await expect(page.getByRole('region', { name: 'Similar documents' }).getByText('Almost the same')).toBeVisible()
})

test('what an invoice states for its payment stands beside it', async ({ page }) => {
  test.slow()
  await openVault(page)
  await upload(page, [{ name: 'Plumber.pdf', mimeType: 'application/pdf', buffer: fixture('invoice-en.pdf') }])
  await page.getByRole('link', { name: 'Open Plumber.pdf' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const payment = page.getByRole('region', { name: 'Payment' })
  await expect(payment).toContainText('£414.60', { timeout: 60_000 })
  await expect(payment).toContainText('2024-0817')
  await expectAccessible(page)
})

test('attachments of a mail become documents of their own, and a HEIC photograph can be seen', async ({ page }) => {
  test.slow()
  await openVault(page)
  await upload(page, [{ name: 'Papers.eml', mimeType: 'message/rfc822', buffer: fixture('papers-attached.eml') }])
  await page.getByRole('link', { name: 'Open Papers.eml' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const attachments = page.getByRole('region', { name: 'Attachments', exact: true })
  await attachments.getByRole('button', { name: 'Keep as documents' }).click({ timeout: 60_000 })
  await expect(attachments.getByRole('listitem')).toHaveCount(5, { timeout: 60_000 })
  await expectAccessible(page)
  await attachments.getByRole('link', { name: /greenhouse/i }).click()
  await page.getByRole('link', { name: 'Came with a message' }).click()
  await expect(attachments.getByRole('listitem')).toHaveCount(5)

  await upload(page, [{ name: 'Receipt.heic', mimeType: 'image/heic', buffer: fixture('receipt.heic') }])
  await page.getByRole('link', { name: 'Open Receipt.heic' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const picture = page.locator('article').getByRole('img').first()
  await expect(picture).toBeVisible({ timeout: 60_000 })
  await expect.poll(() => picture.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBeGreaterThan(600)
})

test('a scan gets a searchable copy, whose words can be marked where they are seen', async ({ page }) => {
  test.slow()
  await openVault(page)
  await upload(page, [{ name: 'Letter.pdf', mimeType: 'application/pdf', buffer: fixture('scanned-letter.pdf') }])
  await page.getByRole('link', { name: 'Open Letter.pdf' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const region = page.getByRole('region', { name: 'Searchable copy' })
  await region.getByRole('button', { name: 'Make searchable copy' }).click({ timeout: 60_000 })
  await expect(page.locator('[data-page="1"]')).toBeVisible()
  await region.getByRole('link').click({ timeout: 60_000 })
  await expect(page.getByRole('link', { name: 'Made of a scan' })).toBeVisible()
  const word = page.locator('[data-page="1"] .textLayer').getByText('marmalade').first()
  await expect(word).toBeAttached({ timeout: 30_000 })
  const boxes = await Promise.all([page.locator('[data-page="1"]').boundingBox(), word.boundingBox()])
  const [sheet, place] = boxes.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 })
  expect(place?.y).toBeGreaterThan(sheet?.y ?? Infinity)
  expect((place?.x ?? Infinity) + (place?.width ?? 0)).toBeLessThan((sheet?.x ?? 0) + (sheet?.width ?? 0))
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Made of a scan' }).click()
  await expect(region.getByRole('link')).toBeVisible()
  await expect(region.getByRole('button')).toHaveCount(0)
})
