// A file of many parts on its way to an object store, and a gate that holds some of the parts back until a test has looked.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page, Request, TestInfo } from '@playwright/test'
import { call, logIn, type Person } from '../support/people'
import { expect } from '../support/vault'

/** Set by whatever started the store; without one these tests have nothing to try. */
export const storeOrigin = process.env.DOCUVAULT_E2E_STORE_ORIGIN ?? ''
export const noStore = storeOrigin === ''

export const largeBytes = 40 * 1024 * 1024

/** Of bytes that no other test sends. */
export function newFile(testInfo: TestInfo, name: string, bytes = largeBytes): string {
  const path = testInfo.outputPath(name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, randomBytes(bytes))
  return path
}

const partOf = (request: Request) => Number(new URL(request.url()).searchParams.get('partNumber'))
const isPart = (request: Request) => request.method() === 'PUT' && request.url().startsWith(storeOrigin) && partOf(request) > 0

/** The numbers of the parts that the page begins to send from now on. */
export function watchParts(page: Page): { begun: number[]; arrived: number[] } {
  const seen = { begun: [] as number[], arrived: [] as number[] }
  page.on('request', (request) => isPart(request) && seen.begun.push(partOf(request)))
  page.on('requestfinished', (request) => void (isPart(request) && request.response().then((response) => response?.ok() && seen.arrived.push(partOf(request)))))
  return seen
}

/** Lets the first two parts through and holds the others back until the gate is opened. */
export async function holdParts(page: Page): Promise<() => Promise<void>> {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const pattern = `${storeOrigin}/**`
  await page.route(pattern, async (route) => {
    if (isPart(route.request()) && partOf(route.request()) > 2) await opened
    // One whose page is gone, or that was called off meanwhile, goes nowhere.
    await route.continue().catch(() => undefined)
  })
  return async () => {
    open()
    await page.unroute(pattern)
  }
}

export const tray = (page: Page) => page.getByRole('region', { name: 'Uploads' })

export async function choose(page: Page, path: string | string[]): Promise<void> {
  // As long as somebody listens the dialogue is caught; to begin only now may come too late, after a reload above all.
  page.on('filechooser', () => undefined)
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('banner').getByRole('button', { name: 'Upload' }).click()])
  await chooser.setFiles(path)
}

/** Begins with a large file and waits until its first two parts are there and the others are held back. */
export async function beginLarge(page: Page, path: string): Promise<{ parts: ReturnType<typeof watchParts>; openGate: () => Promise<void> }> {
  const parts = watchParts(page)
  const openGate = await holdParts(page)
  await choose(page, path)
  await expect(() => expect(parts.arrived.toSorted()).toEqual([1, 2])).toPass()
  return { parts, openGate }
}

export async function takenBytes(person: Person): Promise<number> {
  const { token } = await logIn(person)
  const { body } = await call('GET', '/me/quota', { token })
  return Number(body.used_bytes) + Number(body.reserved_bytes)
}
