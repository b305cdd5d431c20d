// The main job: drop a document in, see it become ready, find it by its words.
import { scannedLetter, textPdf } from './support/files'
import { expect, expectAccessible, openVault, test, upload } from './support/vault'

test('a PDF is found by a word of its third page and read in the browser', async ({ page }) => {
  await openVault(page)
  await upload(page, [textPdf('Roof repair.pdf', ['Offer for the roof\nDear Ms Keller', 'Terms of payment', 'The scaffolding stands at the gable, keyword zirkonbrot'])])
  // No reload: the event stream brings the news.
  await expect(page.getByRole('gridcell', { name: /Roof repair|Offer for the roof/ })).toBeVisible()
  await expect(page.getByRole('gridcell', { name: /Reading/ })).toHaveCount(0, { timeout: 45_000 })

  await page.keyboard.press('/')
  await page.keyboard.type('zirkonbrot')
  const hit = page.getByRole('article').first()
  await expect(hit.locator('mark')).toHaveText('zirkonbrot')
  await expectAccessible(page)
  await hit.getByRole('link').first().click()
  const preview = page.locator('[data-page="3"]')
  await preview.scrollIntoViewIfNeeded()
  await expect(preview.locator('.textLayer')).toContainText('zirkonbrot')
  await page.getByRole('button', { name: 'Text', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Text of the document' })).toContainText('zirkonbrot')
  await expectAccessible(page)
})

test('a scanned page is found by a recognised word', async ({ page, browser }) => {
  test.slow()
  await openVault(page)
  await upload(page, [await scannedLetter(browser, 'scan_0001.png', ['Dear neighbours,', 'the summer party takes place', 'next to the greenhouse.'])])
  await page.goto('/search?q=greenhouse')
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('article').first().locator('mark').first()).toHaveText(/greenhouse/i, { timeout: 2000 })
  }).toPass({ timeout: 60_000 })
})

test('the same file again is noticed, and what cannot be taken is explained', async ({ page }) => {
  await openVault(page)
  const same = textPdf('Twice.pdf', ['This one comes twice, word quittenmus'])
  await upload(page, [same])
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('u')])
  await chooser.setFiles([same, { name: 'nothing.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) }])
  const tray = page.getByRole('region', { name: 'Uploads' })
  await expect(tray).toContainText('already in your vault')
  await expect(tray).toContainText('This file is empty')
  await expectAccessible(page)
  await tray.getByRole('link', { name: 'Open it' }).click()
  await expect(page).toHaveURL(/\/documents\//)
})

test('files dropped anywhere on the page are taken', async ({ page }) => {
  await openVault(page)
  const file = textPdf('Dropped.pdf', ['Dropped onto the page'])
  const transfer = await page.evaluateHandle((bytes) => {
    const data = new DataTransfer()
    data.items.add(new File([new Uint8Array(bytes)], 'Dropped.pdf', { type: 'application/pdf' }))
    return data
  }, [...file.buffer])
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
  await expect(page.getByText('Drop to add to your vault')).toBeVisible()
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  await expect(page.getByRole('region', { name: 'Uploads' })).toContainText('1 file uploaded')
})
