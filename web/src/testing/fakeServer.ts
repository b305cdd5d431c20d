// Stands in for fetch: answers by method and path, and remembers what was asked.
import { vi } from 'vitest'

export interface Asked {
  method: string
  path: string
  headers: Headers
  body: unknown
}

type Reply = { status: number; body?: unknown; headers?: Record<string, string> }
type Replies = Record<string, (asked: Asked) => Reply | Promise<Reply>>

export function fakeServer(replies: Replies) {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.text()
    const url = new URL(request.url)
    const entry: Asked = { method: request.method, path: url.pathname, headers: request.headers, body: text ? JSON.parse(text) : null }
    asked.push(entry)
    const reply = replies[`${entry.method} ${entry.path}`]
    if (!reply) throw new TypeError(`nothing answers ${entry.method} ${entry.path}`)
    const { status, body, headers } = await reply(entry)
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers },
    })
  })
  return { asked }
}

export const problem = (status: number, code: string, extra: object = {}): Reply => ({ status, body: { status, code, title: code, detail: code, ...extra } })
