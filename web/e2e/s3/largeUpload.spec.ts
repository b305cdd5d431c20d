// Large files go to the object store in parts, straight from the browser, and outlive whatever happens on the way.
import { newPerson } from '../support/people'
import { origin } from '../support/server'
import { expect, expectAccessible, signIn, test } from '../support/vault'
import { beginLarge, choose, largeBytes, newFile, noStore, storeOrigin, takenBytes, tray, watchParts } from './largeFile'

test.skip(() => noStore, 'there is no object store')
test.slow()

test('a large file goes in parts, each once, past the API', async ({ page }, testInfo) => {
  const person = await newPerson('Mona')
  await signIn(page, person)
  const parts = watchParts(page)
  let apiBytes = 0
  page.on('request', (request) => (apiBytes += request.url().startsWith(origin) ? (request.postDataBuffer()?.length ?? 0) : 0))
  await choose(page, newFile(testInfo, 'Scans of a year.bin'))
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
  const count = parts.begun.length
  expect(count).toBeGreaterThan(1)
  expect(parts.begun.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
  expect(apiBytes).toBeLessThan(20_000)
  expect(await takenBytes(person)).toBe(largeBytes)
})

test('a lost network is waited out, and finished parts are not sent again', async ({ page, context }, testInfo) => {
  await signIn(page, await newPerson('Nils'))
  const { parts, openGate } = await beginLarge(page, newFile(testInfo, 'On the train.bin'))
  await context.setOffline(true)
  await openGate()
  await expect(tray(page)).toContainText('Connection lost')
  await expectAccessible(page)
  await context.setOffline(false)
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
  expect(parts.begun.filter((part) => part <= 2)).toHaveLength(2)
})

test('after a reload the same file goes on where it stopped', async ({ page }, testInfo) => {
  await signIn(page, await newPerson('Rita'))
  page.on('dialog', (dialog) => void dialog.accept())
  const path = newFile(testInfo, 'Closed lid.bin')
  const { parts, openGate } = await beginLarge(page, path)
  await page.reload()
  await openGate()
  await expect(tray(page)).toContainText('1 upload was interrupted')
  await expect(tray(page)).toContainText(/Interrupted · [\d.]+ MB of 41.9 MB/)
  await expectAccessible(page)

  const [wrong] = await Promise.all([page.waitForEvent('filechooser'), tray(page).getByRole('button', { name: 'Choose the file to go on' }).click()])
  await wrong.setFiles(newFile(testInfo, 'another/Closed lid.bin'))
  await expect(tray(page)).toContainText('its contents differ')
  await tray(page).getByRole('button', { name: /^Dismiss/ }).click()

  parts.begun.length = 0
  const [right] = await Promise.all([page.waitForEvent('filechooser'), tray(page).getByRole('button', { name: 'Choose the file to go on' }).click()])
  await right.setFiles(path)
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
  expect(parts.begun.length).toBeGreaterThan(0)
  expect(parts.begun.filter((part) => part <= 2)).toEqual([])
})

test('another device goes on with what this one began, by the same file', async ({ page, openDevice }, testInfo) => {
  const person = await newPerson('Lena')
  await signIn(page, person)
  const path = newFile(testInfo, 'Begun at home.bin')
  await beginLarge(page, path)
  await page.goto('about:blank', { waitUntil: 'commit' }).catch(() => undefined)
  const device = await openDevice()
  await signIn(device, person)
  await expect(tray(device)).toContainText('1 upload was interrupted')
  const parts = watchParts(device)
  // By the ordinary way: it is recognised by its name and size.
  await choose(device, path)
  await expect(tray(device)).toContainText('1 file uploaded', { timeout: 60_000 })
  expect(parts.begun.filter((part) => part <= 2)).toEqual([])
})

test('a second tab does not show what the first one carries', async ({ page, context }, testInfo) => {
  await signIn(page, await newPerson('Tom'))
  const { openGate } = await beginLarge(page, newFile(testInfo, 'Two tabs.bin'))
  const second = await context.newPage()
  await second.goto('/')
  await expect(second.getByRole('heading', { level: 1, name: 'Library' })).toBeVisible()
  await second.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined)
  await expect(tray(second)).toHaveCount(0)
  await second.close()
  await openGate()
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
})

test('an upload is paused and goes on', async ({ page }, testInfo) => {
  await signIn(page, await newPerson('Paul'))
  const { parts, openGate } = await beginLarge(page, newFile(testInfo, 'Pausing.bin'))
  await tray(page).getByRole('button', { name: 'Pause the upload of Pausing.bin' }).click()
  await expect(tray(page)).toContainText('Paused')
  await openGate()
  const before = parts.begun.length
  await page.waitForTimeout(1500)
  expect(parts.begun).toHaveLength(before)
  await expectAccessible(page)
  await tray(page).getByRole('button', { name: 'Go on with the upload of Pausing.bin' }).click()
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
  expect(parts.begun.filter((part) => part <= 2)).toHaveLength(2)
})

test('cancelling in the middle gives the room back', async ({ page }, testInfo) => {
  const person = await newPerson('Vera')
  await signIn(page, person)
  const { openGate } = await beginLarge(page, newFile(testInfo, 'Not after all.bin'))
  expect(await takenBytes(person)).toBe(largeBytes)
  await tray(page).getByRole('button', { name: 'Cancel the upload of Not after all.bin' }).click()
  await openGate()
  await expect(tray(page)).toHaveCount(0)
  await expect(async () => expect(await takenBytes(person)).toBe(0)).toPass()
})

test('the store may be away for a while', async ({ page }, testInfo) => {
  await signIn(page, await newPerson('Otto'))
  const pattern = `${storeOrigin}/**`
  await page.route(pattern, (route) => (route.request().method() === 'PUT' ? route.fulfill({ status: 503, headers: { 'Access-Control-Allow-Origin': '*' } }) : route.continue()))
  await choose(page, newFile(testInfo, 'Store away.bin'))
  await expect(tray(page)).toContainText('The storage cannot be reached')
  await page.unroute(pattern)
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 60_000 })
})
