// The SHA-256 of a file as hexadecimal text, computed in a worker.
import { ApiProblem } from '@/api/client'
import { startWorker } from '@/shared/startWorker'
import workerUrl from './hashFile.worker.ts?worker&url'

type Message = { hashedBytes: number } | { sha256: string } | { failed: true }

export function hashFile(file: File, signal: AbortSignal, onProgress: (hashedBytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(workerUrl)
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', abort)
      worker.terminate()
      settle()
    }
    const abort = () => finish(() => reject(new DOMException('aborted', 'AbortError')))
    // Most often the file was moved, changed or locked after it was picked.
    const unreadable = () => finish(() => reject(new ApiProblem(0, 'file_unreadable', '')))
    signal.addEventListener('abort', abort)
    worker.onerror = unreadable
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('hashedBytes' in data) onProgress(data.hashedBytes)
      else if ('sha256' in data) finish(() => resolve(data.sha256))
      else unreadable()
    }
    worker.postMessage(file)
  })
}
