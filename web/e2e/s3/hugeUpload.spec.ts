// What the parts are for: a file larger than any memory, past API and gateway, over a lost network and a closed page.
// `make e2e-huge` runs it, for ten minutes or so: DOCUVAULT_E2E_HUGE_BYTES is the size, and a scaled stack stands still around it.
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import type { TestInfo } from '@playwright/test'
import { newPerson } from '../support/people'
import { expect, signIn, test } from '../support/vault'
import { choose, noStore, takenBytes, tray, watchParts } from './largeFile'

const hugeBytes = Number(process.env.DOCUVAULT_E2E_HUGE_BYTES ?? 0)
const mebibyte = 1024 * 1024
const memoryMayGrowMib = 20
/** What /health, the database's answers and the log may come to meanwhile; of a file of gigabytes it is nothing. */
const otherBytes = 64 * mebibyte

test.skip(() => noStore || hugeBytes === 0 || !process.env.DOCUVAULT_E2E_PIDS, 'it takes long and runs apart: make e2e-huge')

function hugeFile(testInfo: TestInfo): string {
  const path = testInfo.outputPath('Archive of the company.bin')
  const [file, chunk] = [openSync(path, 'w'), randomBytes(mebibyte)]
  for (let at = 0; at < hugeBytes; at += mebibyte) {
    chunk.writeDoubleLE(at)
    writeSync(file, chunk, 0, Math.min(mebibyte, hugeBytes - at))
  }
  closeSync(file)
  return path
}

/** From now on the greatest resident memory is counted anew: what starting and a password's hash once took would hide what follows. */
const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5')

/** Greatest resident memory since then, and bytes read and written in all, sockets included. */
function figures(pid: number): { peakMib: number; bytes: number } {
  const field = (file: string, name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1])
  return { peakMib: field('status', 'VmHWM') / 1024, bytes: field('io', 'rchar') + field('io', 'wchar') }
}

test('gigabytes pass by the API, and go on after a lost network and a reload', async ({ page, context }, testInfo) => {
  test.setTimeout(30 * 60_000)
  const pids = JSON.parse(process.env.DOCUVAULT_E2E_PIDS ?? '{}') as Record<string, number>
  const names = ['api-1', 'api-2', 'gateway']
  const looked = () => names.map((name) => ({ name, ...figures(pids[name] ?? 0) }))
  const person = await newPerson('Hugo')
  await signIn(page, person)
  page.on('dialog', (dialog) => void dialog.accept())
  const path = hugeFile(testInfo)
  for (const name of names) forgetPeak(pids[name] ?? 0)
  const before = looked()
  const parts = watchParts(page)
  await choose(page, path)
  const arrived = (count: number) => expect(() => expect(parts.arrived.length).toBeGreaterThan(count)).toPass({ timeout: 10 * 60_000, intervals: [200] })

  await arrived(20)
  await context.setOffline(true)
  await expect(tray(page)).toContainText('Connection lost')
  const beforeLoss = [...parts.arrived]
  await context.setOffline(false)
  await arrived(beforeLoss.length + 20)

  const beforeReload = [...parts.arrived]
  await page.reload()
  await expect(tray(page)).toContainText('1 upload was interrupted')
  const begunBefore = parts.begun.length
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), tray(page).getByRole('button', { name: 'Choose the file to go on' }).click()])
  await chooser.setFiles(path)
  await expect(tray(page)).toContainText('1 file uploaded', { timeout: 25 * 60_000 })

  const after = looked()
  rmSync(path)
  const begunTwice = beforeLoss.filter((part) => parts.begun.filter((begun) => begun === part).length > 1)
  const sentAgain = parts.begun.slice(begunBefore).filter((part) => beforeReload.includes(part))
  const grown = after.map((now, index) => ({
    name: now.name,
    memoryMib: Math.round(10 * (now.peakMib - (before[index]?.peakMib ?? 0))) / 10,
    bytes: now.bytes - (before[index]?.bytes ?? 0),
  }))
  process.stdout.write(`${hugeBytes} bytes in ${new Set(parts.begun).size} parts, ${parts.begun.length} sent; ${JSON.stringify(grown)}\n`)
  expect(begunTwice).toEqual([])
  expect(sentAgain).toEqual([])
  expect(await takenBytes(person)).toBe(hugeBytes)
  for (const { name, memoryMib, bytes } of grown) {
    expect(memoryMib, `memory of ${name}`).toBeLessThan(memoryMayGrowMib)
    expect(bytes, `bytes through ${name}`).toBeLessThan(otherBytes)
  }
})
