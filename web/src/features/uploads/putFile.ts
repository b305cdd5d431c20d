// Sends bytes to their signed address. XMLHttpRequest, because fetch does not tell how much has been sent.
import { networkProblem, readProblem } from '@/api/problem'

export interface PutTarget {
  method: string
  url: string
  headers: Record<string, string>
}

/** A connection can die without anyone being told, as when a laptop sleeps: so long nothing may move. */
const stalledMs = 60_000
/** Once all bytes are handed over, the store may take its time to write them. */
const answerMs = 300_000

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A header by its name, null where the store does not show it to us. (Asking for a hidden one by name would log an error.) */
function header(request: XMLHttpRequest, name: string): string | null {
  for (const line of request.getAllResponseHeaders().split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim()
  }
  return null
}

/** Resolves with the store's ETag, or null where it is not shown. */
export function putFile(bytes: Blob, target: PutTarget, signal: AbortSignal, onProgress: (sentBytes: number) => void): Promise<string | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new DOMException('aborted', 'AbortError'))
    const request = new XMLHttpRequest()
    let isStalled = false
    let watch: ReturnType<typeof setTimeout> | undefined
    const expectSomethingWithin = (ms: number) => {
      clearTimeout(watch)
      watch = setTimeout(() => {
        isStalled = true
        request.abort()
      }, ms)
    }
    const abort = () => request.abort()
    signal.addEventListener('abort', abort)
    request.open(target.method, target.url)
    for (const [name, value] of Object.entries(target.headers)) {
      // The browser sets the length itself and refuses to have it set.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => {
      expectSomethingWithin(stalledMs)
      onProgress(event.loaded)
    }
    request.upload.onload = () => expectSomethingWithin(answerMs)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(header(request, 'etag'))
      else reject(readProblem(request.status, parsed(request.responseText), header(request, 'retry-after')))
    }
    request.onerror = () => reject(networkProblem())
    request.onabort = () => reject(isStalled ? networkProblem() : new DOMException('aborted', 'AbortError'))
    request.onloadend = () => {
      clearTimeout(watch)
      signal.removeEventListener('abort', abort)
    }
    expectSomethingWithin(stalledMs)
    request.send(bytes)
  })
}

/** Whether the browser can still read the file; one that was changed or moved since it was picked looks like a lost network. */
export async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}
