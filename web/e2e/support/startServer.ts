// Starts the program under test in a fresh data folder, waits until it is healthy, and ends it after the tests.
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aiPort, origin, port, program, setupToken, withoutOurSettings } from './server'

const startTimeoutMs = 90_000
const stopTimeoutMs = 15_000

async function untilHealthy(server: ChildProcess): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}; see web/test-results/server.log`)
    const isUp = await fetch(`${origin}/health`).then((answer) => answer.ok, () => false)
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the server was not healthy within ${startTimeoutMs / 1000} s; see web/test-results/server.log`)
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGTERM')
  const kill = setTimeout(() => server.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(kill)
}

export default async function startServer(): Promise<() => Promise<void>> {
  const binary = program()
  const dataDir = mkdtempSync(join(tmpdir(), 'docuvault-e2e-'))
  // Started by root, the private PostgreSQL runs as another user, who must be able to pass through.
  chmodSync(dataDir, 0o711)
  process.env.DOCUVAULT_E2E_DATA = dataDir
  mkdirSync('test-results', { recursive: true })
  const server = spawn(binary, ['serve'], {
    env: {
      ...withoutOurSettings(process.env),
      DOCUVAULT_ADDR: `127.0.0.1:${port}`,
      DOCUVAULT_PUBLIC_URL: origin,
      DOCUVAULT_DATA_DIR: dataDir,
      DOCUVAULT_SETUP_TOKEN: setupToken,
      DOCUVAULT_AI_ALLOWED_HOSTS: `127.0.0.1:${aiPort}`,
      // All tests come from one address and share a few accounts; the limits themselves have tests of their own.
      DOCUVAULT_TRIES_PER_ACCOUNT: '500',
      DOCUVAULT_TRIES_PER_NETWORK: '5000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream('test-results/server.log')
  server.stdout.pipe(log)
  server.stderr.pipe(log, { end: false })
  const end = async () => {
    await stop(server)
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await untilHealthy(server)
  } catch (error) {
    await end()
    throw error
  }
  return end
}
