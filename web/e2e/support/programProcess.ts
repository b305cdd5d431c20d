// One process of the program, in one of its roles, to be told to stop, killed and started again.
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, createWriteStream, type WriteStream } from 'node:fs'
import { freePort, program } from './server'

const startTimeoutMs = 60_000
const stopTimeoutMs = 45_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export class ProgramProcess {
  readonly port = Number(freePort())
  readonly managementPort = Number(freePort())
  /** When it was last killed, not told to stop; 0: never. */
  killedAt = 0
  private child: ChildProcess | null = null
  private readonly log: WriteStream
  private readonly logFile: string

  constructor(
    readonly role: 'api' | 'gateway' | 'worker',
    readonly name: string,
    private readonly settings: NodeJS.ProcessEnv,
  ) {
    this.logFile = `test-results/${name}.log`
    this.log = createWriteStream(this.logFile)
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    const child = spawn(program(), [this.role], {
      env: {
        ...this.settings,
        DOCUVAULT_ADDR: `127.0.0.1:${this.port}`,
        DOCUVAULT_MANAGEMENT_ADDR: `127.0.0.1:${this.managementPort}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    child.stdout.pipe(this.log, { end: false })
    child.stderr.pipe(this.log, { end: false })
    const deadline = Date.now() + startTimeoutMs
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`the ${this.name} ended with ${child.exitCode}; see web/${this.logFile}`)
      if (Date.now() > deadline) throw new Error(`the ${this.name} does not get ready; see web/${this.logFile}`)
      await pause(50)
    }
  }

  /** Of the operating system; it changes with every start. */
  get pid(): number {
    return this.child?.pid ?? 0
  }

  private async isReady(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.managementPort}/health/ready`).then((answer) => answer.ok, () => false)
  }

  /** Tells it to stop and waits until it has; it must end well. */
  async terminate(): Promise<void> {
    const code = await this.end('SIGTERM')
    if (code !== 0) throw new Error(`the ${this.name} ended with ${code} when told to stop; see web/${this.logFile}`)
  }

  /** As a crash, or a machine that goes away. */
  async kill(): Promise<void> {
    this.killedAt = Date.now()
    await this.end('SIGKILL')
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? 0
    appendFileSync(this.logFile, `--- ${signal} at ${new Date().toISOString()}\n`)
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    const code = await ended
    clearTimeout(late)
    return code
  }
}
