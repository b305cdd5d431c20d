// Documents that try to run something in the browser, and the policy that would stop them if a viewer did not.
import { scriptingPdf } from './support/files'
import { origin } from './support/server'
import { expect, openVault, test, upload } from './support/vault'

test('SEC-WEB-04: a PDF with script in it is shown and runs nothing', async ({ page }) => {
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await openVault(page)
  await upload(page, [scriptingPdf('Spiked.pdf', 'Shown all the same, word kranichflug', "alert('ran');globalThis.ran=true")])
  await page.goto('/search?q=kranichflug')
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('article').first()).toBeVisible({ timeout: 2000 })
  }).toPass({ timeout: 45_000 })
  await page.getByRole('article').first().getByRole('link').first().click()
  await expect(page.locator('[data-page="1"] .textLayer')).toContainText('kranichflug')
  await page.locator('[data-page="1"]').click()
  expect(dialogs).toEqual([])
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
})

test('SEC-WEB-01: the page takes neither inline script, nor text as script, nor a frame around it', async ({ browser }) => {
  // A page of its own: here the browser's complaints are what is wanted.
  const page = await browser.newPage()
  const answer = await page.goto(origin)
  const policy = answer?.headers()['content-security-policy'] ?? ''
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"]) {
    expect(policy).toContain(part)
  }
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/)
  // What the browser really does. Errors are expected here, so they are caught in the page.
  const outcome = await page.evaluate(async () => {
    // Not in the turn in which the test drives the browser, for which the browser makes exceptions.
    await new Promise((resolve) => setTimeout(resolve, 0))
    const violated: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective))
    const tries = [
      () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.ran=1">'),
      () => new Function('globalThis.ran=1')(),
      () => {
        const script = document.createElement('script')
        script.text = 'globalThis.ran=1'
        document.body.append(script)
      },
      () => new Worker('/theme.js'),
    ]
    const refused = tries.map((attempt) => {
      try {
        attempt()
        return false
      } catch {
        return true
      }
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { refused, ran: 'ran' in globalThis, violated: violated.length > 0 }
  })
  expect(outcome).toEqual({ refused: [true, true, true, true], ran: false, violated: true })
  await page.close()
})
