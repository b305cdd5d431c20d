// Where the program under test listens, and the secrets it was started with. Chosen once per run and handed to the test
// processes by the environment.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

/** A port nobody uses right now. The configuration is read synchronously, hence the child process. */
export function freePort(): string {
  const program = "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim()
}

process.env.DOCUVAULT_E2E_PORT ??= freePort()
process.env.DOCUVAULT_E2E_AI_PORT ??= freePort()
process.env.DOCUVAULT_E2E_TOKEN ??= randomBytes(16).toString('hex')

export const port = Number(process.env.DOCUVAULT_E2E_PORT)
/** Where a provider may be, for the tests that have one. */
export const aiPort = Number(process.env.DOCUVAULT_E2E_AI_PORT)
export const setupToken = process.env.DOCUVAULT_E2E_TOKEN
export const origin = `http://127.0.0.1:${port}`

/** Many processes behind a load balancer, some of them always being restarted (see scaledStack.ts), instead of one. */
export const isScaled = process.env.DOCUVAULT_E2E_STACK === 'scaled'

/** Where else the pages may send and fetch bytes: the object store, where there is one. */
export function storeOrigin(): string | null {
  return process.env.DOCUVAULT_E2E_STORE_ORIGIN || null
}

/** The program refuses settings it does not know, such as the tests' own. */
export function withoutOurSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DOCUVAULT_E2E_')))
}

/** The built docuvault program. */
export function program(): string {
  const binary = process.env.DOCUVAULT_E2E_BINARY
  if (!binary) throw new Error('set DOCUVAULT_E2E_BINARY to the built docuvault program')
  return binary
}

/** The program's data folder, known once it was started. */
export function dataDir(): string {
  const folder = process.env.DOCUVAULT_E2E_DATA
  if (!folder) throw new Error('the server was not started by these tests')
  return folder
}

export const account = {
  displayName: 'Anna Keller',
  email: 'anna@example.org',
  password: 'four plain words here',
}
