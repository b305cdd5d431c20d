// Sends a file's bytes to its signed address. XMLHttpRequest, because fetch does not tell how much has been sent.
import { networkProblem, readProblem } from '@/api/problem'

export interface PutTarget {
  method: string
  url: string
  headers: Record<string, string>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function putFile(file: Blob, target: PutTarget, signal: AbortSignal, onProgress: (sentBytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    signal.addEventListener('abort', abort)
    request.open(target.method, target.url)
    for (const [name, value] of Object.entries(target.headers)) {
      // The browser sets the length itself and refuses to have it set.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(readProblem(request.status, parsed(request.responseText), request.getResponseHeader('Retry-After')))
    }
    request.onerror = () => reject(networkProblem())
    request.ontimeout = () => reject(networkProblem())
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'))
    request.onloadend = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) reject(new DOMException('aborted', 'AbortError'))
    else request.send(file)
  })
}

