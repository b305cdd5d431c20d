// A load balancer as one puts before a vault: round robin over the processes that say they are ready, streams in both directions, and
// another try where nothing can have happened twice. Like nginx it passes a request on to the next process when connecting failed, and
// when the answer did not begin, unless the method is one that changes something with every repetition.
import { createServer, request as askUpstream, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ProgramProcess } from './programProcess'

const checkEveryMs = 250
const checkTimeoutMs = 1000
/** Bodies up to this size are read whole before they are passed on, so that they can be sent again. */
const bufferedBytes = 1024 * 1024
const owedToKillMs = 3000

interface Upstream {
  process: ProgramProcess
  isUp: boolean
}

/** A request whose sender got no answer of the vault's. */
interface Failure {
  what: string
  process: string
  why: string
  /** The process had just been killed: no balancer can help that. */
  isOwedToKill: boolean
}

const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])
const passedOn = (headers: IncomingMessage['headers']) => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))

export class RoundRobinProxy {
  readonly figures = { requests: 0, triedAgain: 0, answered503: 0, cutStreams: 0 }
  readonly failures: Failure[] = []
  private readonly upstreams: Upstream[]
  private readonly server: Server
  private next = 0
  private readonly checks: NodeJS.Timeout

  constructor(processes: ProgramProcess[]) {
    this.upstreams = processes.map((process) => ({ process, isUp: false }))
    this.server = createServer((incoming, outgoing) => void this.handle(incoming, outgoing))
    // An upload may take its time.
    this.server.requestTimeout = 0
    this.checks = setInterval(() => this.upstreams.forEach((upstream) => void this.check(upstream)), checkEveryMs)
  }

  async listen(port: number): Promise<void> {
    await Promise.all(this.upstreams.map((upstream) => this.check(upstream)))
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    clearInterval(this.checks)
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async check(upstream: Upstream): Promise<void> {
    const url = `http://127.0.0.1:${upstream.process.port}/health/ready`
    upstream.isUp = await fetch(url, { signal: AbortSignal.timeout(checkTimeoutMs), headers: { Connection: 'close' } }).then((answer) => answer.ok, () => false)
  }

  /** The processes to try for this path, the next in turn first. */
  private candidates(path: string): Upstream[] {
    const role = path.startsWith('/gateway/') ? 'gateway' : 'api'
    const able = this.upstreams.filter(({ process }) => process.role === role)
    const ready = able.filter(({ isUp }) => isUp)
    // While none is known to be ready, asking is still better than refusing.
    const choice = ready.length > 0 ? ready : able
    const first = this.next++ % choice.length
    return [...choice.slice(first), ...choice.slice(0, first)]
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.figures.requests += 1
    const path = (incoming.url ?? '/').split('?')[0] ?? '/'
    const body = await smallBody(incoming)
    const isSafeToRepeat = body !== null && !['POST', 'PATCH'].includes(incoming.method ?? '')
    // A single gateway that is being restarted is waited for, as a second one would be asked.
    const deadline = Date.now() + 8000
    for (;;) {
      for (const upstream of this.candidates(path)) {
        const failed = await this.pass(incoming, outgoing, body, upstream)
        if (failed === null) return
        if (failed.connected && !isSafeToRepeat) return this.fail(incoming, outgoing, upstream, path, failed.why)
        upstream.isUp = false
        this.figures.triedAgain += 1
        if (Date.now() > deadline) return this.fail(incoming, outgoing, upstream, path, failed.why)
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  private fail(incoming: IncomingMessage, outgoing: ServerResponse, { process }: Upstream, path: string, why: string): void {
    this.failures.push({ what: `${incoming.method} ${path}`, process: process.name, why, isOwedToKill: Date.now() - process.killedAt < owedToKillMs })
    outgoing.writeHead(502, { 'Content-Type': 'text/plain' }).end('Bad gateway')
  }

  /** Null once the answer has begun, or its reader has gone. */
  private pass(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer | null, { process }: Upstream): Promise<{ connected: boolean; why: string } | null> {
    return new Promise((resolve) => {
      let connected = false
      const upstream = askUpstream({
        host: '127.0.0.1',
        port: process.port,
        method: incoming.method,
        path: incoming.url,
        agent: false,
        headers: { ...passedOn(incoming.headers), 'x-forwarded-for': incoming.socket.remoteAddress ?? '', connection: 'close' },
      })
      upstream.on('socket', (socket) =>
        socket.once('connect', () => {
          connected = true
          if (body) upstream.end(body)
          else incoming.pipe(upstream)
        }),
      )
      upstream.on('error', (error) => resolve({ connected, why: error.message }))
      upstream.on('response', (answer) => {
        if (answer.statusCode === 503) this.figures.answered503 += 1
        outgoing.writeHead(answer.statusCode ?? 502, passedOn(answer.headers))
        outgoing.flushHeaders()
        answer.on('error', () => outgoing.destroy())
        answer.on('aborted', () => {
          this.figures.cutStreams += 1
          outgoing.destroy()
        })
        answer.pipe(outgoing)
        resolve(null)
      })
      outgoing.on('close', () => {
        upstream.destroy()
        resolve(null)
      })
    })
  }
}

/** The whole body where it is small; null: to be passed on as it comes. */
async function smallBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const length = Number(incoming.headers['content-length'] ?? 0)
  if (incoming.headers['transfer-encoding'] || length > bufferedBytes) return null
  const parts: Buffer[] = []
  try {
    for await (const part of incoming) parts.push(part as Buffer)
  } catch {
    // Its sender has gone.
  }
  return Buffer.concat(parts)
}
