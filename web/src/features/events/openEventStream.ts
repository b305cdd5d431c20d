// Keeps a server-sent event stream open. EventSource cannot send our token, so this reads a fetch stream. The server ends
// the stream together with the access token; opening it again renews that token.
import { sendAuthenticated } from '@/api/client'
import { backOffMs, wait } from '@/shared/backOff'
import { createEventParser, type ServerEvent } from './eventParser'

interface Listener {
  /** `isAgain`: events may have been missed since the last stream ended. */
  onOpen: (isAgain: boolean) => void
  onEvent: (event: ServerEvent) => void
}

async function readStream(body: ReadableStream<Uint8Array>, onEvent: Listener['onEvent']): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const parse = createEventParser()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (const event of parse(decoder.decode(part.value, { stream: true }))) onEvent(event)
  }
}

/** Runs until `signal` aborts or the session is over. */
export async function openEventStream(listener: Listener, signal: AbortSignal): Promise<void> {
  let failures = 0
  for (let isAgain = false; !signal.aborted; ) {
    try {
      const response = await sendAuthenticated(
        new Request(new URL('/api/v1/events', location.origin), { headers: { Accept: 'text/event-stream' }, signal, cache: 'no-store' }),
      )
      if (response.status === 401) return
      if (!response.ok || !response.body) throw new Error(`events answered ${response.status}`)
      failures = 0
      listener.onOpen(isAgain)
      isAgain = true
      await readStream(response.body, listener.onEvent)
    } catch {
      failures += 1
    }
    if (signal.aborted) return
    await wait(backOffMs(failures), signal).catch(() => undefined)
  }
}
