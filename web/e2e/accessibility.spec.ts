// Every page of accounts and administration, light and dark, wide and on a phone, in both languages.
import { account } from './support/server'
import { expect, expectAccessible, test } from './support/vault'

const open = ['/login', '/sign-up', '/forgot-password', '/reset-password', '/choose-password', '/confirm-email']
const inside = [
  '/settings/profile',
  '/settings/security',
  '/settings/tokens',
  '/settings/notifications',
  '/settings/activity',
  '/notifications',
  '/admin',
  '/admin/users',
  '/admin/invites',
  '/admin/audit',
  '/admin/storage',
  '/admin/jobs',
]
const words = {
  'en-GB': { email: 'E-mail', password: 'Password', signIn: 'Sign in', library: 'Library' },
  'de-DE': { email: 'E-Mail', password: 'Passwort', signIn: 'Anmelden', library: 'Bibliothek' },
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    for (const locale of ['en-GB', 'de-DE'] as const) {
      test(`every new page is accessible: ${colorScheme}, ${width} px, ${locale}`, async ({ openDevice }) => {
        test.setTimeout(180_000)
        const page = await openDevice({ colorScheme, locale, viewport: { width, height: 844 }, reducedMotion: 'reduce' })
        const check = async (path: string) => {
          await page.goto(path)
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
          await expect(page.getByRole('status').filter({ hasNotText: /\S/ }).and(page.locator('[aria-label]'))).toHaveCount(0)
          await expectAccessible(page)
          expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} fits the width`).toBeLessThanOrEqual(width)
        }
        for (const path of open) await check(path)
        const said = words[locale]
        await page.goto('/login')
        await page.getByLabel(said.email).fill(account.email)
        await page.getByLabel(said.password, { exact: true }).fill(account.password)
        await page.getByRole('button', { name: said.signIn }).click()
        await expect(page.getByRole('heading', { level: 1, name: said.library })).toBeVisible()
        for (const path of inside) await check(path)
      })
    }
  }
}
