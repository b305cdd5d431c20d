// What filing is not sure of waits in the inbox; a correction there makes the next one right.
import { scannedLetter } from './support/files'
import { call, logIn, newPerson } from './support/people'
import { expect, expectAccessible, openVault, signIn, signOut, test, upload } from './support/vault'

const letter = (number: number, line: string) => [
  `Apiary association, letter ${number}`,
  'Honey yield of the beehives, wax foundation, smoker and queen excluder.',
  'The beekeeper counts the bee colonies before winter feeding.',
  line,
]

test('a scan arrives, the inbox proposes, the user corrects, and the next one is right', async ({ page, browser }) => {
  test.setTimeout(180_000)
  await openVault(page)
  await signOut(page)
  const paula = await newPerson('Paula')
  const { token } = await logIn(paula)
  // Paula wants to be asked about nearly everything, and her topic is told from others by its name only.
  await call('PUT', '/me/filing', { token, body: { apply_threshold: 0.9, suggest_threshold: 0.3 } })
  await call('POST', '/topics', { token, body: { name: 'Honey' } })
  await call('POST', '/topics', { token, body: { name: 'Beekeeping club' } })
  await signIn(page, paula)

  await upload(page, [await scannedLetter(browser, 'scan 1.png', letter(1, 'We meet on Saturday.'))])
  const review = page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /^Review/ })
  await expect(review).toHaveAccessibleName(/1 document waits/, { timeout: 90_000 })
  await review.click()
  const cards = page.getByRole('list', { name: 'Review' })
  const card = cards.getByRole('listitem').first()
  await expect(card.getByRole('checkbox', { name: /Honey/ })).toBeVisible()
  await expectAccessible(page)

  // Honey does not fit; the club does. All by the keyboard.
  await card.focus()
  const wrong = card.getByRole('checkbox', { name: /Honey/ })
  if (await wrong.isChecked()) await wrong.uncheck()
  const right = card.getByRole('checkbox', { name: /Beekeeping club/ })
  if (await right.count()) await right.check()
  else {
    await page.keyboard.press('c')
    await page.getByRole('combobox', { name: 'Topics' }).fill('Beekeeping club')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('combobox', { name: 'Topics' })).toHaveCount(0)
  }
  await expect(card.getByRole('checkbox', { name: /Beekeeping club/ })).toBeChecked()
  await card.focus()
  await page.keyboard.press('a')
  await expect(page.getByText('Nothing to review')).toBeVisible()
  await expect(page.getByText('Filed under Beekeeping club').first()).toBeVisible()

  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Library' }).click()
  await upload(page, [await scannedLetter(browser, 'scan 2.png', letter(2, 'The smoker is repaired.'))])
  await page.getByRole('link', { name: 'Open scan 2.png' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const why = page.getByRole('region', { name: 'Why these topics' })
  await expect(why).toContainText('Beekeeping club', { timeout: 90_000 })
  const { body } = await call('GET', '/documents?sort=-created_at&limit=1', { token })
  const [newest] = body.items as { id: string }[]
  const { body: suggested } = await call('GET', `/documents/${newest?.id}/suggestions`, { token })
  const [first] = suggested.items as { topic: { name: string } }[]
  expect(first?.topic.name, 'the taught topic leads').toBe('Beekeeping club')
})
