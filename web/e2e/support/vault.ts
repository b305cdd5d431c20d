// What every browser test needs: a signed-in page that fails the test on script errors, policy violations and requests to
// other hosts, and a check with axe.
import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Browser, type BrowserContextOptions, type Page } from '@playwright/test'
import { account, isScaled, origin, setupToken, storeOrigin } from './server'

/** Messages that are the browser's way of saying an expected 4xx happened; where processes are killed, also that one was. */
const expectedNoise = isScaled
  ? /Failed to load resource: (?:the server responded with a status of (?:4\d\d|50[234])|net::ERR_)/
  : /Failed to load resource: the server responded with a status of 4\d\d/

function watchFaults(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !expectedNoise.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => {
    const isOurs = [origin, storeOrigin() ?? origin, 'data:', 'blob:'].some((start) => request.url().startsWith(start))
    if (!isOurs) faults.push(`foreign request: ${request.url()}`)
  })
}

/** Another browser, with cookies and storage of its own. */
export type OpenDevice = (options?: BrowserContextOptions) => Promise<Page>

export const test = base.extend<{ page: Page; openDevice: OpenDevice }>({
  page: async ({ page }, use) => {
    const faults: string[] = []
    watchFaults(page, faults)
    await use(page)
    expect(faults).toEqual([])
  },
  openDevice: async ({ browser }: { browser: Browser }, use) => {
    const faults: string[] = []
    const pages: Page[] = []
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options })
      context.on('page', (page) => watchFaults(page, faults))
      const page = await context.newPage()
      pages.push(page)
      return page
    })
    for (const page of pages) await page.context().close()
    expect(faults).toEqual([])
  },
})

export { expect }

/** Opens the vault: makes the first account where there is none yet, signs in otherwise. Ends in the library. */
export async function openVault(page: Page): Promise<void> {
  await page.goto('/')
  const main = page.getByRole('heading', { level: 1 })
  await expect(main).toBeVisible()
  const heading = await main.textContent()
  if (heading === 'Set up your vault') {
    await page.getByLabel('Setup token').fill(setupToken)
    await page.getByLabel('Your name').fill(account.displayName)
    await page.getByLabel('E-mail').fill(account.email)
    await page.getByLabel('Password', { exact: true }).fill(account.password)
    await page.getByRole('button', { name: 'Create account' }).click()
  } else if (heading === 'Sign in') {
    await giveCredentials(page, account.email, account.password)
  }
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
}

/** Fills in the sign-in form and sends it. */
export async function giveCredentials(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signs a person in on a device, without a second factor. Ends in the library. */
export async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.goto('/login')
  await giveCredentials(page, email, password)
  await expect(page.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
}

export interface NamedFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** Uploads by the button and waits until every file has arrived. */
export async function upload(page: Page, files: NamedFile[] | string[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('banner').getByRole('button', { name: 'Upload' }).click()])
  await chooser.setFiles(files as NamedFile[])
  await expect(page.getByRole('region', { name: 'Uploads' })).toContainText(/files? uploaded/)
}

/** No serious or critical accessibility violation on the page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  // A dialog that is still fading in has less contrast than it will have.
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity).map((animation) => animation.finished)),
  )
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // The toast region's invisible guards, which pass the focus on as soon as they get it; axe cannot see that.
    .exclude('[role="region"] > span[aria-hidden="true"]')
    .analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
}
