// A vault as it runs at scale: two processes for the API, a gateway and two workers on one PostgreSQL and one store, behind a load
// balancer, restarted and killed one after the other while the tests run. In the end no request may have failed but for a kill.
//   DOCUVAULT_E2E_STORE=s3|disk   an S3 store (the default), or a folder that all processes share
//   DOCUVAULT_E2E_REAPER=kill|term|off   restarts and kills (the default), restarts only, neither
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProgramProcess } from './programProcess'
import { Reaper } from './reaper'
import { RoundRobinProxy } from './roundRobinProxy'
import { makeDatabase } from './scaledDatabase'
import { aiPort, origin, port, setupToken, withoutOurSettings } from './server'
import { startStore } from './testStore'

const leasesRunOut = "UPDATE jobs SET lease_until = now() - interval '1 second', max_attempts = 1000 WHERE state = 'running'"

function choice(name: string, choices: string[]): string {
  const value = process.env[name] ?? choices[0] ?? ''
  if (!choices.includes(value)) throw new Error(`${name} is one of ${choices.join(', ')}`)
  return value
}

export default async function startScaledStack(): Promise<() => Promise<void>> {
  const [storeKind, reaping] = [choice('DOCUVAULT_E2E_STORE', ['s3', 'disk']), choice('DOCUVAULT_E2E_REAPER', ['kill', 'term', 'off'])]
  const dataDir = mkdtempSync(join(tmpdir(), 'docuvault-e2e-'))
  chmodSync(dataDir, 0o711)
  process.env.DOCUVAULT_E2E_DATA = dataDir
  mkdirSync('test-results', { recursive: true })
  const undo: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const end = async () => {
    const failures: unknown[] = []
    for (const step of undo.reverse()) await Promise.resolve().then(step).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    const env = withoutOurSettings(process.env)
    const database = makeDatabase(env)
    undo.push(database.drop)
    const store = storeKind === 's3' ? await startStore(origin) : null
    if (store) {
      process.env.DOCUVAULT_E2E_STORE_ORIGIN = store.endpoint
      undo.push(store.stop)
    }
    const settings = {
      ...env,
      ...store?.settings,
      DATABASE_URL: database.url,
      DOCUVAULT_PUBLIC_URL: origin,
      DOCUVAULT_DATA_DIR: dataDir,
      DOCUVAULT_SETUP_TOKEN: setupToken,
      DOCUVAULT_AI_ALLOWED_HOSTS: `127.0.0.1:${aiPort}`,
      DOCUVAULT_TRUSTED_PROXIES: '127.0.0.1',
      DOCUVAULT_DRAIN_SECONDS: '2',
      // As with one process: the limits have tests of their own.
      DOCUVAULT_TRIES_PER_ACCOUNT: '500',
      DOCUVAULT_TRIES_PER_NETWORK: '5000',
    }
    const processes = [
      new ProgramProcess('api', 'api-1', settings),
      new ProgramProcess('worker', 'worker-1', settings),
      new ProgramProcess('gateway', 'gateway', settings),
      new ProgramProcess('api', 'api-2', settings),
      new ProgramProcess('worker', 'worker-2', settings),
    ]
    undo.push(() => Promise.all(processes.map((process) => process.terminate())))
    await Promise.all(processes.map((process) => process.start()))
    // Good for as long as nobody restarts them.
    if (reaping === 'off') process.env.DOCUVAULT_E2E_PIDS = JSON.stringify(Object.fromEntries(processes.map(({ name, pid }) => [name, pid])))
    const proxy = new RoundRobinProxy(processes.filter(({ role }) => role !== 'worker'))
    await proxy.listen(port)
    undo.push(() => proxy.close())
    const reaper = new Reaper(processes, reaping === 'kill', () => database.run(leasesRunOut))
    if (reaping !== 'off') reaper.start()
    undo.push(async () => {
      await reaper.stop()
      report(proxy, reaper)
    })
  } catch (error) {
    await end().catch(() => undefined)
    throw error
  }
  return end
}

/** Says what happened, and throws if a request failed that need not have. */
function report(proxy: RoundRobinProxy, reaper: Reaper): void {
  const told = JSON.stringify({ ...reaper.figures, ...proxy.figures, failures: proxy.failures }, null, 2)
  writeFileSync('test-results/scaled-stack.json', told)
  const unexplained = proxy.failures.filter(({ isOwedToKill }) => !isOwedToKill)
  const { restarts, kills } = reaper.figures
  process.stdout.write(
    `\n${proxy.figures.requests} requests, ${restarts} restarts, ${kills} kills: ${proxy.figures.triedAgain} tried again, ` +
      `${proxy.failures.length} failed, ${unexplained.length} of them without a kill (web/test-results/scaled-stack.json)\n`,
  )
  if (unexplained.length > 0) throw new Error(`requests failed although nothing was killed: ${JSON.stringify(unexplained.slice(0, 5))}`)
}
